/*
 * What a reload cannot change: the settings of [gateway] that take effect after a restart only, as
 * the gateway was started with them. Owned by the control thread.
 */
#ifndef CONFIG_CONFIG_RESTARTS_H
#define CONFIG_CONFIG_RESTARTS_H

#include "base/result.h"
#include "config/config.h"
#include "config/diagnostics.h"

struct config_restarts;

/* Copies what they are in config, which is not needed any more. ERROR_OUT_OF_MEMORY. */
struct result config_restarts_create(const struct config *config,
                                     struct config_restarts **ret_restarts);

/* Accepts NULL. */
void config_restarts_destroy(struct config_restarts *restarts);

/* A warning for each of them that is another one in latter. */
void config_restarts_note(struct config_restarts *restarts, const struct config *latter,
                          struct diagnostics *diagnostics);

#endif
