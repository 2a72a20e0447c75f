/* What a reload cannot change. Any thread; from the table of settings. */
#ifndef CONFIG_CONFIG_RESTARTS_H
#define CONFIG_CONFIG_RESTARTS_H

#include "config/config.h"
#include "config/diagnostics.h"

/* A warning for each setting of [gateway] that differs between the configuration in use and latter
 * and takes effect after a restart only. */
void config_restarts_note(const struct config *in_use, const struct config *latter,
                          struct diagnostics *diagnostics);

#endif
