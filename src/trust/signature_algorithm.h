/*
 * An AlgorithmIdentifier of a signature (RFC 3279, 4055, 5758, 8410), read strictly. Any thread; a
 * plain value.
 */
#ifndef TRUST_SIGNATURE_ALGORITHM_H
#define TRUST_SIGNATURE_ALGORITHM_H

#include "base/bytes.h"
#include "digest_kind.h"

enum signature_kind {
    SIGNATURE_UNSUPPORTED, /* well-formed, but never accepted */
    SIGNATURE_RSA_PKCS1,
    SIGNATURE_RSA_PSS,
    SIGNATURE_ECDSA,
    SIGNATURE_ED25519,
};

struct signature_algorithm {
    enum signature_kind kind;
    enum digest_kind digest; /* DIGEST_NONE: Ed25519 hashes by itself */
    uint32_t pss_salt_length;
    struct bytes whole;
};

/* Reads one; a malformed one fails the reader, an unknown one is SIGNATURE_UNSUPPORTED. */
void signature_algorithm_take(struct bytes_reader *reader,
                              struct signature_algorithm *ret_algorithm);

/* A hash's AlgorithmIdentifier, also a CertID's; DIGEST_NONE when it is none of ours. A malformed
 * one fails the reader. */
enum digest_kind signature_algorithm_take_digest(struct bytes_reader *reader);

/*
 * RSASSA-PSS-params (RFC 4055 3.1). False and untouched when they ask for what nobody should use:
 * another mask digest, a digest that is none of ours, a trailer. Malformed ones fail the reader
 * too.
 */
bool signature_algorithm_take_pss(struct bytes_reader *reader, enum digest_kind *ret_digest,
                                  uint32_t *ret_salt_length);

/* SHA-256 or better; what may sign anything but a trust anchor. */
bool signature_algorithm_is_strong(const struct signature_algorithm *algorithm);

#endif
