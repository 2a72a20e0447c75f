/*
 * What `sallyport config dump`, `config reference` and `manual` print: the effective configuration,
 * and all settings there are. Any thread; from the same table that the parser uses.
 */
#ifndef CONFIG_CONFIG_REPORT_H
#define CONFIG_CONFIG_REPORT_H

#include <stdbool.h>
#include <stdio.h>

struct config;

/*
 * Prints the configuration as an INI file that loads to the same again: included files in their
 * places, paths absolute, defaults marked `; default`, what follows from other settings as
 * comments. As JSON with json.
 */
void config_dump(const struct config *config, FILE *output, bool json);

/* Prints every setting with its values, default, bounds and when a change takes effect. */
void config_reference(FILE *output, bool json);

/* Prints the manual page sallyport.conf(5). source is the program with its version. */
void config_manual(FILE *output, const char *source);

#endif
