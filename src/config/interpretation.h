/* From document to configuration, by the schema. Control thread or sub-command, during one
 * config_load(). */
#ifndef CONFIG_INTERPRETATION_H
#define CONFIG_INTERPRETATION_H

#include "setting_site.h"

/*
 * Gives every section its part of the configuration, stores every setting and fills in the
 * defaults. Mistakes are reported and leave their fields empty; fails only with
 * ERROR_OUT_OF_MEMORY.
 */
struct result interpretation_apply(const struct loading *loading);

#endif
