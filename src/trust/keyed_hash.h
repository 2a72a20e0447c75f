/*
 * A hash under a secret, for tables whose keys others may choose: SipHash-1-3 (one round a word,
 * three at the end). Whoever does not know the secret can aim at no bucket. Any thread; plain
 * values.
 */
#ifndef TRUST_KEYED_HASH_H
#define TRUST_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t keyed_hash_of_words(const uint64_t *words, size_t count, const uint64_t secret[2]);

#endif
