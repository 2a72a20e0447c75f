/*
 * What a verdict is about: the chain that was presented and the policy that judged it. The key of
 * the trust cache, and what a session ticket carries. Any thread; a plain value.
 */
#ifndef TRUST_TRUST_KEY_H
#define TRUST_TRUST_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "trust/identity.h"
#include "trust/trust_policy.h"

struct trust_key {
    uint8_t chain_digest[IDENTITY_DIGEST_SIZE]; /* identity.chain_digest */
    uint8_t policy_id[TRUST_POLICY_ID_SIZE];
};

_Static_assert(sizeof(struct trust_key) == 64, "read and compared as eight words, without padding");

static inline bool trust_key_equal(const struct trust_key *a, const struct trust_key *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * Of a presented chain, the leaf first, without making an identity of it: the same digest as
 * identity_create() takes. policy_id has TRUST_POLICY_ID_SIZE bytes. ERROR_TLS_LIBRARY.
 */
struct result trust_key_from_chain(const struct bytes *chain, size_t count,
                                   const uint8_t *policy_id, struct trust_key *ret_key);

/* The digests as they are: from an identity, from a ticket. */
struct trust_key trust_key_from_digests(const uint8_t *chain_digest, const uint8_t *policy_id);

/* All of the key mixed under a secret: whoever does not know the secret cannot choose the hash. */
uint64_t trust_key_hash(const struct trust_key *key, const uint64_t secret[2]);

#endif
