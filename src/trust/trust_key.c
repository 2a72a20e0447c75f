/*
 * Keys of the trust cache and their keyed hash. Called by workers.
 *
 * A digest looks random, but its owner may try certificates until the digest suits: without a
 * secret a client could aim thousands of chains at one bucket and push a chosen victim out. The
 * hash is SipHash-1-3 (one round a word, three at the end), a keyed function made for hash tables,
 * over the eight words of the key. It costs some 20 ns.
 */
#include "trust/trust_key.h"

#include "x509_digest.h"

#define KEY_WORD_COUNT    (sizeof(struct trust_key) / sizeof(uint64_t))
#define FINAL_ROUND_COUNT 3

struct siphash {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t word, unsigned count)
{
    return word << count | word >> (64 - count);
}

static void siphash_round(struct siphash *state)
{
    uint64_t *v = state->v;
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void siphash_add(struct siphash *state, uint64_t word)
{
    state->v[3] ^= word;
    siphash_round(state);
    state->v[0] ^= word;
}

uint64_t trust_key_hash(const struct trust_key *key, const uint64_t secret[2])
{
    struct siphash state = {{secret[0] ^ 0x736F6D6570736575U, secret[1] ^ 0x646F72616E646F6DU,
                             secret[0] ^ 0x6C7967656E657261U, secret[1] ^ 0x7465646279746573U}};
    uint64_t words[KEY_WORD_COUNT];
    memcpy(words, key, sizeof(words));
    for (size_t i = 0; i < KEY_WORD_COUNT; i++) {
        siphash_add(&state, words[i]);
    }
    siphash_add(&state, (uint64_t)sizeof(words) << 56); /* the length, as the function ends */
    state.v[2] ^= 0xFF;
    for (size_t i = 0; i < FINAL_ROUND_COUNT; i++) {
        siphash_round(&state);
    }
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
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
