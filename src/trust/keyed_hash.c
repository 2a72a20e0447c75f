/* SipHash-1-3 over whole words. Called by the tables of the trust and the OCSP cache, on any
 * thread. */
#include "keyed_hash.h"

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

uint64_t keyed_hash_of_words(const uint64_t *words, size_t count, const uint64_t secret[2])
{
    struct siphash state = {{secret[0] ^ 0x736F6D6570736575U, secret[1] ^ 0x646F72616E646F6DU,
                             secret[0] ^ 0x6C7967656E657261U, secret[1] ^ 0x7465646279746573U}};
    for (size_t i = 0; i < count; i++) {
        siphash_add(&state, words[i]);
    }
    /* The length in bytes, as the function ends. */
    siphash_add(&state, (uint64_t)(count * sizeof(*words)) << 56);
    state.v[2] ^= 0xFF;
    for (size_t i = 0; i < FINAL_ROUND_COUNT; i++) {
        siphash_round(&state);
    }
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
