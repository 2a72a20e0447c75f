/* What no single setting can tell: whether the settings fit together. */
#ifndef CONFIG_CONFIG_CHECK_H
#define CONFIG_CONFIG_CHECK_H

#include "setting_site.h"

/*
 * Checks an interpreted configuration, and fills in what follows from several settings: the TLS
 * policies and the identity headers. Mistakes are reported; fails only with ERROR_OUT_OF_MEMORY.
 */
struct result config_check(const struct loading *loading);

#endif
