/*
 * What one session knows of the OCSP response for its certificate while its handshake lasts. Owned
 * by the session.
 */
#ifndef TLS_TLS_STAPLE_H
#define TLS_TLS_STAPLE_H

#include "tls/tls_site.h"

struct tls_staple {
    /* Of tls_site.h. NULL: the client wants none, or it has been looked for. */
    struct bytes (*find)(void *owner, enum tls_key_kind key_kind);
    void *owner;
    enum tls_key_kind key_kind; /* of the certificate that was chosen */
    struct bytes response;      /* what was found; until wolfSSL's present call has returned */
};

#endif
