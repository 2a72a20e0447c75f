/*
 * Parses one value by its row and puts it into the configuration. Control thread or sub-command,
 * during one config_load().
 */
#ifndef CONFIG_SETTING_STORE_H
#define CONFIG_SETTING_STORE_H

#include "setting_site.h"

/*
 * Stores into site->section->target.
 * ERROR_BAD_CONFIG: the value was wrong and has been reported; ERROR_OUT_OF_MEMORY.
 */
struct result setting_store(const struct setting_site *site);

#endif
