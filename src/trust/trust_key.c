/*
 * Keys of the trust cache and their keyed hash. Called by workers.
 *
 * A digest looks random, but its owner may try certificates until the digest suits: without a
 * secret a client could aim thousands of chains at one bucket and push a chosen victim out. The
 * hash (keyed_hash.h) goes over the eight words of the key. It costs some 20 ns.
 */
#include "trust/trust_key.h"

#include "keyed_hash.h"
#include "x509_digest.h"

#define KEY_WORD_COUNT (sizeof(struct trust_key) / sizeof(uint64_t))

uint64_t trust_key_hash(const struct trust_key *key, const uint64_t secret[2])
{
    uint64_t words[KEY_WORD_COUNT];
    memcpy(words, key, sizeof(words));
    return keyed_hash_of_words(words, KEY_WORD_COUNT, secret);
}

struct trust_key trust_key_from_digests(const uint8_t *chain_digest, const uint8_t *policy_id)
{
    struct trust_key key;
    memcpy(key.chain_digest, chain_digest, sizeof(key.chain_digest));
    memcpy(key.policy_id, policy_id, sizeof(key.policy_id));
    return key;
}

struct result trust_key_from_chain(const struct bytes *chain, size_t count,
                                   const uint8_t *policy_id, struct trust_key *ret_key)
{
    uint8_t chain_digest[IDENTITY_DIGEST_SIZE];
    if (!x509_digest_of_parts(chain, count, chain_digest)) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    *ret_key = trust_key_from_digests(chain_digest, policy_id);
    return RESULT_OK;
}
