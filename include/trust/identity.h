/*
 * What a presented chain says of its holder: a copy of the certificates and every
 * client_certificate value, rendered once. Immutable, one allocation; owned by whoever created it,
 * readable by any thread.
 *
 * No value ever holds a byte that is not printable ASCII (0x20 to 0x7E), whatever the certificate
 * holds, so each may stand in a header field, a log line or a JSON string. A value that the
 * certificate does not have, or that cannot be read (passthrough forwards what strict would
 * refuse), is empty. What is made of the DER alone is always there.
 */
#ifndef TRUST_IDENTITY_H
#define TRUST_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"

#define IDENTITY_DIGEST_SIZE 32

/* More certificates, or more bytes of them together, than this are refused. */
#define IDENTITY_CHAIN_COUNT_MAX 32
#define IDENTITY_CHAIN_SIZE_MAX  (128 * 1024)

struct identity {
    size_t size_bytes; /* of this one allocation */

    struct bytes escaped_pem;        /* PEM, percent-encoded: client_certificate, X-Client-Cert */
    struct bytes base64;             /* DER in base64: X-ARR-ClientCert */
    struct bytes client_cert;        /* :base64: (RFC 9440 2.2) */
    struct bytes client_cert_chain;  /* the rest of the chain (RFC 9440 2.3), empty: only a leaf */
    struct bytes fingerprint;        /* SHA-1 of the DER, lowercase hex */
    struct bytes fingerprint_sha256; /* SHA-256 of the DER, lowercase hex */
    struct bytes subject;            /* RFC 2253, as openssl -nameopt RFC2253 */
    struct bytes issuer;
    struct bytes serial;     /* uppercase hex, whole bytes; a minus sign before a negative one */
    struct bytes start_date; /* Apr 30 15:32:00 2023 GMT */
    struct bytes end_date;
    struct bytes common_name; /* the last CN of the subject; \XX for what is not printable ASCII */
    struct bytes san;         /* DNS:a,URI:b,IP:c,email:d; a comma within a value is \2C */

    /* SHA-256 over the presented chain with its lengths: the trust cache's key together with the
     * policy's id. */
    uint8_t chain_digest[IDENTITY_DIGEST_SIZE];

    size_t chain_count;
    struct bytes chain[]; /* DER copies, the leaf first */
};

/*
 * count from 1 to IDENTITY_CHAIN_COUNT_MAX; the chain is copied. ERROR_BAD_INPUT past the bounds,
 * ERROR_OUT_OF_MEMORY.
 */
struct result identity_create(const struct bytes *chain, size_t count,
                              struct identity **ret_identity);

/* Accepts NULL. */
void identity_destroy(struct identity *identity);

#endif
