/*
 * The OCSP responses of the gateway's own certificates, as handshakes ask for them. On the worker,
 * within a step.
 */
#ifndef PROXY_STAPLE_H
#define PROXY_STAPLE_H

#include "base/bytes.h"
#include "tls/tls_key_kind.h"

struct site;

/* Whether any certificate of the site may have one. */
bool staple_is_possible(const struct site *site);

/* At a site where that is so; as find_staple of tls_site.h. */
struct bytes staple_find(void *connection, enum tls_key_kind key_kind);

#endif
