/*
 * All that one loaded configuration means: the configuration itself, what each profile trusts, the
 * server certificates, the addresses of the backends. Immutable but for the count of its users;
 * built by the control thread, read by every worker.
 */
#ifndef PROXY_GENERATION_H
#define PROXY_GENERATION_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "base/list.h"
#include "config/config.h"
#include "tls/ticket_seed.h"
#include "tls/tls_key_kind.h"

struct backend_health;
struct ocsp_question;
struct server_health;
struct trust_policy;
struct tls_credential;

/* What an OCSP responder is asked of a listener's certificates, by the kinds of their keys; NULL:
 * nothing is stapled to that one. */
struct staple_questions {
    struct ocsp_question *items[TLS_KEY_KIND_COUNT];
};

/* An address that is listened on, with the listeners that share it. */
struct endpoint {
    struct config_address address;
    const struct config_listener **listeners; /* in the order of the configuration */
    size_t listener_count;
};

/* One address of a backend's server; a name may have several. */
struct backend_address {
    struct sockaddr_storage socket_address;
    socklen_t length_bytes;
    char text[64];                      /* 127.0.0.1:8080, [::1]:8080: for the log */
    const struct config_server *server; /* whose it is */
    struct server_health *health;       /* NULL: nobody keeps account; it gets requests */
};

struct backend_addresses {
    struct backend_address *items;
    size_t count; /* never 0 */
};

/* Who still needs a generation, a count a worker: raised by whoever prepares it for the worker,
 * lowered by the worker, looked at by the control thread. */
struct generation_users {
    _Atomic uint32_t trust_count; /* policies and certificates */
    _Atomic uint32_t count;       /* all of it */
};

struct generation {
    struct list place; /* the control thread's, among those that are no longer current */
    struct generation_users *users;
    struct config *config;
    struct trust_policy **trust_policies;     /* one an SSL profile, in its order */
    struct tls_credential ***tls_credentials; /* one an SSL certificate, of each listener */
    struct staple_questions *staples;         /* one a listener */
    struct backend_addresses *backends;       /* one a backend */
    struct backend_health *health;            /* what keeps account of them; NULL: nothing does */
    struct endpoint *endpoints;
    size_t endpoint_count;
    struct ticket_key ticket_keys[TICKET_KEY_COUNT_MAX]; /* from a file; none: they rotate */
    uint32_t ticket_key_count;
};

/* The one that listens there, or NULL. */
static inline const struct endpoint *generation_find_endpoint(const struct generation *generation,
                                                              const struct config_address *address)
{
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        if (config_address_equal(&generation->endpoints[i].address, address)) {
            return &generation->endpoints[i];
        }
    }
    return NULL;
}

#endif
