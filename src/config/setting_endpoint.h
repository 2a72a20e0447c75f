/*
 * Parsers of settings that say where something is. Called by setting_store.c with the memory of one
 * value, on the thread that loads; what they refuse they report themselves, and store nothing.
 * ERROR_BAD_CONFIG, ERROR_OUT_OF_MEMORY.
 */
#ifndef CONFIG_SETTING_ENDPOINT_H
#define CONFIG_SETTING_ENDPOINT_H

#include "setting_site.h"

/* field: struct config_address, struct config_text (lower case), struct config_server, struct
 * config_text. */
struct result setting_endpoint_parse_address(const struct setting_site *site, void *field);
struct result setting_endpoint_parse_host_name(const struct setting_site *site, void *field);
struct result setting_endpoint_parse_server(const struct setting_site *site, void *field);
struct result setting_endpoint_parse_http_url(const struct setting_site *site, void *field);

#endif
