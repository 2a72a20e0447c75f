/*
 * Session tickets as the owner of connections takes part in them: it says who a client is, and
 * whether one who comes back may go on without proving it again.
 *
 * Owned by a worker, used by all of its TLS contexts, alive as long as any session of them.
 */
#ifndef TLS_TLS_TICKETS_H
#define TLS_TLS_TICKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "tls/ticket_keys.h"

#define TLS_TICKETS_IDENTITY_SIZE 32
#define TLS_TICKETS_BINDING_SIZE  32

struct tls_tickets {
    struct ticket_keys keys; /* turned by the worker */
    /*
     * Writes TLS_TICKETS_IDENTITY_SIZE bytes that stand for the client of a full handshake, from
     * the chain that it presented; zeros when it presented none. owner is the session's.
     * False: it cannot be said, and the handshake fails.
     */
    bool (*describe)(void *owner, uint8_t *ret_identity);
    /* Whether the client of that identity may resume here and now; if not it has to make a full
     * handshake. */
    bool (*admit)(void *owner, const uint8_t *identity);
};

#endif
