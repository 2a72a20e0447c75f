/*
 * What a TLS context has to know of the place that it serves, beyond certificates and policy.
 *
 * A plain value, copied; what it points to lives as long as any session of the context.
 */
#ifndef TLS_TLS_SITE_H
#define TLS_TLS_SITE_H

#include "base/bytes.h"
#include "tls/tls_tickets.h"

/* Zeroed: no tickets, no names. */
struct tls_site {
    const struct tls_tickets *tickets; /* NULL: they are neither given nor taken */
    /* Stands for the listener and what its profile trusts: a ticket is good at the same one only.
     */
    uint8_t binding[TLS_TICKETS_BINDING_SIZE];
    /*
     * The authorities that clients are told of, as TLS carries them: DER names, each with its
     * length in 16 bits before it (RFC 8446 4.2.4); at most 16,000 bytes. Empty: nothing is said.
     */
    struct bytes ca_names;
};

#endif
