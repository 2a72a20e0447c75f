/*
 * The keys that session tickets are encrypted under: the newest encrypts, all decrypt.
 *
 * Each worker has a copy of its own and turns it by the clock, so no key is ever handed from thread
 * to thread: all copies begin with the same seed and step the same one-way chain at the same times.
 * A key that was dropped cannot be computed from what is kept.
 */
#ifndef TLS_TICKET_KEYS_H
#define TLS_TICKET_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "tls/ticket_seed.h"

struct ticket_keys {
    struct ticket_key keys[TICKET_KEY_COUNT_MAX]; /* the newest first */
    uint32_t count;                               /* 0: no tickets */
    uint64_t lifetime_ms;
    uint64_t turn_at_ms; /* monotonic; UINT64_MAX: never */
    uint8_t chain[TICKET_KEY_SECRET_SIZE];
};

/* seed has a secret or fixed keys. ERROR_TLS_LIBRARY. */
struct result ticket_keys_init(struct ticket_keys *keys, const struct ticket_seed *seed);

/*
 * Turns what is due at now_ms (monotonic). Called at least as often as keys may be late. When a key
 * cannot be made all are dropped: no tickets rather than old keys.
 */
void ticket_keys_turn(struct ticket_keys *keys, uint64_t now_ms);

/*
 * After a reload: fixed_count keys from a file; or none, and then those that rotate go on, and
 * others begin with seed, which is a new one. Without memory or hash there are no keys left, and
 * no tickets.
 */
void ticket_keys_refit(struct ticket_keys *keys, const struct ticket_seed *seed,
                       const struct ticket_key *fixed, uint32_t fixed_count);

/* How long a ticket is of use for sure, in seconds, at most seven days (RFC 8446 4.6.1). */
uint32_t ticket_keys_hint_seconds(const struct ticket_keys *keys);

/* Wipes them. */
void ticket_keys_deinit(struct ticket_keys *keys);

#endif
