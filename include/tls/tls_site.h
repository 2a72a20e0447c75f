/*
 * What a TLS context has to know of the place that it serves, beyond certificates and policy.
 *
 * A plain value, copied; what it points to lives as long as any session of the context.
 */
#ifndef TLS_TLS_SITE_H
#define TLS_TLS_SITE_H

#include "base/bytes.h"
#include "tls/tls_key_kind.h"
#include "tls/tls_tickets.h"

/* OpenSSL's clients take no CertificateStatus of more than 16,384 bytes. */
#define TLS_SITE_STAPLE_SIZE_MAX 16000

/* Zeroed: no tickets, no names, no staples. */
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
    /*
     * The OCSP response (DER) to staple to the certificate with a key of this kind now, for a
     * client that has asked; empty: none, as for one of more than TLS_SITE_STAPLE_SIZE_MAX bytes.
     * owner is the session's; what it gets stays until the present tls_session_handshake() has
     * returned. Not to call into the session. NULL: nothing is stapled.
     */
    struct bytes (*find_staple)(void *owner, enum tls_key_kind key_kind);
};

#endif
