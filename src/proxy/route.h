/*
 * Which listener a name belongs to, among those that share an address. Any thread; pure functions.
 */
#ifndef PROXY_ROUTE_H
#define PROXY_ROUTE_H

#include "base/bytes.h"
#include "proxy/generation.h"

/*
 * By the TLS server name (RFC 6066 section 3), lower case, empty when the client gave none: the
 * listener with that very name, else with a pattern that matches, else the default one. NULL when
 * there is none: a client is never let in by a listener that it did not ask for.
 */
const struct config_listener *route_by_server_name(const struct endpoint *endpoint,
                                                   struct bytes name);

/*
 * By the host of a request, lower case, without port, on a connection that belongs to own. NULL
 * when it belongs to a listener with another SSL profile: the client was not judged for that one
 * (421, RFC 9110 section 15.5.20). A host that no other listener names is served by own.
 */
const struct config_listener *route_by_host(const struct endpoint *endpoint,
                                            const struct config_listener *own, struct bytes host);

#endif
