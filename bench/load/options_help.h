/* What --help and --manual print, from the tables of options and modes. The main thread's. */
#ifndef LOAD_OPTIONS_HELP_H
#define LOAD_OPTIONS_HELP_H

#include <stdio.h>

void options_help_print(FILE *output);

/* The whole manual page in the macros of man(7); version is the program's. */
void options_help_print_manual(FILE *output, const char *version);

#endif
