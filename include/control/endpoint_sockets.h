/*
 * The listening sockets of all workers: opened by the control thread before any worker is started
 * and any privilege is given up, then handed to the workers.
 *
 * An address that the service manager passed sockets for (inherited_sockets.h) is never opened
 * anew, nor is one that the former generation has.
 */
#ifndef CONTROL_ENDPOINT_SOCKETS_H
#define CONTROL_ENDPOINT_SOCKETS_H

#include <stdint.h>

#include "base/result.h"
#include "config/diagnostics.h"
#include "net/inherited_sockets.h"
#include "proxy/generation.h"

struct endpoint_sockets {
    int *descriptors; /* of worker after worker, each with one an endpoint; -1: given away, or there
                         already */
    size_t endpoint_count;
    uint32_t worker_count;
    bool are_shared; /* fewer were passed for some address than there are workers */
};

struct endpoint_wish {
    const struct generation *generation;
    const struct generation *former; /* whose addresses have sockets already; NULL: none */
    uint32_t worker_count;
    const struct inherited_sockets *inherited;
    struct diagnostics *diagnostics; /* what goes wrong is said there */
};

/*
 * Fails, after saying everything, with the first error of listen_socket_open(); also when the
 * service manager passed sockets that no listener uses, or more for an address than workers could
 * accept from: their clients would wait forever.
 */
struct result endpoint_sockets_open(struct endpoint_sockets *sockets,
                                    const struct endpoint_wish *wish);

/* One an endpoint, for worker_start(); they stay this object's. */
const int *endpoint_sockets_of(const struct endpoint_sockets *sockets, uint32_t worker);

/* From now on they are the worker's. */
void endpoint_sockets_give(struct endpoint_sockets *sockets, uint32_t worker);

/* Closes those that were not given away. Opened, failed to open, or zeroed. */
void endpoint_sockets_close(struct endpoint_sockets *sockets);

#endif
