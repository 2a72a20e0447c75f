/*
 * Parsers of what a health check asks for and expects. Called by setting_store.c with the memory of
 * one value, on the thread that loads; what they refuse they report themselves, and store nothing.
 * ERROR_BAD_CONFIG.
 */
#ifndef CONFIG_SETTING_HEALTH_H
#define CONFIG_SETTING_HEALTH_H

#include "setting_site.h"

/* field: struct config_text, struct config_text, struct config_status_range. */
struct result setting_health_parse_target(const struct setting_site *site, void *field);
struct result setting_health_parse_host(const struct setting_site *site, void *field);
struct result setting_health_parse_statuses(const struct setting_site *site, void *field);

#endif
