/*
 * Names of backend servers to addresses. For the control thread: getaddrinfo() blocks.
 */
#ifndef CONTROL_BACKEND_RESOLVER_H
#define CONTROL_BACKEND_RESOLVER_H

#include "config/diagnostics.h"
#include "proxy/generation.h"

/*
 * All addresses of all servers of backend, in their order. A name that has none is an error at its
 * place: ERROR_NAME_UNRESOLVED. *ret_addresses is to be freed by backend_resolver_free() in any
 * case.
 */
struct result backend_resolver_resolve(const struct config_backend *backend,
                                       struct diagnostics *diagnostics,
                                       struct backend_addresses *ret_addresses);

/* Accepts zeroed addresses. */
void backend_resolver_free(struct backend_addresses *addresses);

#endif
