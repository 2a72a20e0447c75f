/*
 * What our own certificates say, as far as it decides whether they can be served. Used by
 * tls_credential.c; control thread. (What clients' certificates say is src/trust's affair.)
 */
#ifndef TLS_SERVER_CERTIFICATE_H
#define TLS_SERVER_CERTIFICATE_H

#include <stdint.h>

#include "base/bytes.h"
#include "tls/tls_key_kind.h"

enum { SERVER_CERTIFICATE_NAME_HASH_SIZE = 20 };

struct server_certificate {
    enum tls_key_kind key_kind;
    bool is_key_supported; /* else key_kind is void */
    unsigned rsa_bits;     /* 0: no RSA key */
    int64_t not_before;    /* seconds since 1970 */
    int64_t not_after;
    uint8_t subject_hash[SERVER_CERTIFICATE_NAME_HASH_SIZE]; /* equal for equal names */
    uint8_t issuer_hash[SERVER_CERTIFICATE_NAME_HASH_SIZE];
};

/* False when der is not an X.509 certificate. */
bool server_certificate_read(struct bytes der, struct server_certificate *ret_certificate);

#endif
