/*
 * A hash under a secret, for tables whose keys others may choose: SipHash-1-3 (one round a word,
 * three at the end). Whoever does not know the secret can aim at no bucket. Any thread; plain
 * values. Inline: each table has a fixed number of words, and it is in the way of every hit.
 */
#ifndef TRUST_KEYED_HASH_H
#define TRUST_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

#define KEYED_HASH_FINAL_ROUND_COUNT 3

struct keyed_hash {
    uint64_t v[4];
};

static inline uint64_t keyed_hash_rotate(uint64_t word, unsigned count)
{
    return word << count | word >> (64 - count);
}

static inline void keyed_hash_round(struct keyed_hash *state)
{
    uint64_t *v = state->v;
    v[0] += v[1];
    v[2] += v[3];
    v[1] = keyed_hash_rotate(v[1], 13) ^ v[0];
    v[3] = keyed_hash_rotate(v[3], 16) ^ v[2];
    v[0] = keyed_hash_rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = keyed_hash_rotate(v[1], 17) ^ v[2];
    v[3] = keyed_hash_rotate(v[3], 21) ^ v[0];
    v[2] = keyed_hash_rotate(v[2], 32);
}

static inline void keyed_hash_add(struct keyed_hash *state, uint64_t word)
{
    state->v[3] ^= word;
    keyed_hash_round(state);
    state->v[0] ^= word;
}

static inline uint64_t keyed_hash_of_words(const uint64_t *words, size_t count,
                                           const uint64_t secret[2])
{
    struct keyed_hash state = {{secret[0] ^ 0x736F6D6570736575U, secret[1] ^ 0x646F72616E646F6DU,
                                secret[0] ^ 0x6C7967656E657261U, secret[1] ^ 0x7465646279746573U}};
    for (size_t i = 0; i < count; i++) {
        keyed_hash_add(&state, words[i]);
    }
    /* The length in bytes, as the function ends. */
    keyed_hash_add(&state, (uint64_t)(count * sizeof(*words)) << 56);
    state.v[2] ^= 0xFF;
    for (size_t i = 0; i < KEYED_HASH_FINAL_ROUND_COUNT; i++) {
        keyed_hash_round(&state);
    }
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}

#endif
