/* The headers that tell a backend who the client is, and that no client may send. */
#ifndef CONFIG_IDENTITY_HEADERS_H
#define CONFIG_IDENTITY_HEADERS_H

#include "setting_site.h"

/*
 * Makes the gateway's list whole: the known headers, those of identity_header, and those that a
 * rewrite fills with the identity; each once, whatever its case. Fails only with
 * ERROR_OUT_OF_MEMORY.
 */
struct result identity_headers_complete(const struct loading *loading);

#endif
