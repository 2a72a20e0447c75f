/*
 * All that one loaded configuration means: the configuration itself, what each profile trusts, the
 * server certificates, the addresses of the backends. Immutable; built by the control thread, read
 * by every worker.
 */
#ifndef PROXY_GENERATION_H
#define PROXY_GENERATION_H

#include <sys/socket.h>

#include "config/config.h"
#include "tls/ticket_seed.h"

struct trust_policy;
struct tls_credential;

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
    char text[64]; /* 127.0.0.1:8080, [::1]:8080: for the log */
};

struct backend_addresses {
    struct backend_address *items;
    size_t count; /* never 0 */
};

struct generation {
    struct config *config;
    struct trust_policy **trust_policies;     /* one an SSL profile, in its order */
    struct tls_credential ***tls_credentials; /* one an SSL certificate, of each listener */
    struct backend_addresses *backends;       /* one a backend */
    struct endpoint *endpoints;
    size_t endpoint_count;
    struct ticket_key ticket_keys[TICKET_KEY_COUNT_MAX]; /* from a file; none: they rotate */
    uint32_t ticket_key_count;
};

#endif
