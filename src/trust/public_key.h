/*
 * A SubjectPublicKeyInfo (RFC 5280 4.1.2.7), read but not yet used. Views into the certificate. Any
 * thread.
 */
#ifndef TRUST_PUBLIC_KEY_H
#define TRUST_PUBLIC_KEY_H

#include "base/bytes.h"
#include "digest_kind.h"

enum public_key_kind {
    PUBLIC_KEY_UNSUPPORTED, /* well-formed, but no signature of it can be checked here */
    PUBLIC_KEY_RSA,
    PUBLIC_KEY_RSA_PSS, /* id-RSASSA-PSS: never signs PKCS#1 v1.5 (RFC 4055 1.2) */
    PUBLIC_KEY_P256,
    PUBLIC_KEY_P384,
    PUBLIC_KEY_P521,
    PUBLIC_KEY_ED25519,
};

struct public_key {
    enum public_key_kind kind;
    uint32_t bits;         /* of the RSA modulus or the curve; 0: unsupported */
    struct bytes whole;    /* the SubjectPublicKeyInfo */
    struct bytes content;  /* of its BIT STRING, what hashes of keys are over (RFC 6960 4.1.1) */
    struct bytes modulus;  /* RSA, without leading zero */
    struct bytes exponent; /* RSA, without leading zero */
    struct bytes point;    /* uncompressed, 0x04 first; of Ed25519 the 32 bytes */
    /* RSA-PSS keys may be bound to one digest and a smallest salt (RFC 4055 3.1). */
    enum digest_kind pss_digest; /* DIGEST_NONE: unbound */
    uint32_t pss_salt_length_min;
};

/* Reads one; a malformed one fails the reader. */
void public_key_take(struct bytes_reader *reader, struct public_key *ret_key);

/* Whether it is strong enough to be trusted: RSA of 2048 to 4096 bits, the NIST curves, Ed25519. */
bool public_key_is_strong(const struct public_key *key);

#endif
