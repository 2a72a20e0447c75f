/*
 * A one-way chain of ticket keys. Called by the worker that owns the copy.
 *
 * chain(n + 1) = HMAC(chain(n), "next"), key(n) = HMAC(chain(n), "key"): who reads the memory of
 * the process later learns the keys that are kept and those to come, but none that was dropped.
 */
#include "tls/ticket_keys.h"

#include <string.h>

#include "base/check.h"

#define HINT_SECONDS_MAX (7U * 24 * 3600)
/* Steps after which a worker that slept has certainly nothing left to decrypt with. */
#define TURNS_AT_ONCE_MAX 4096

/* The chain's next key becomes the newest, the oldest is forgotten. */
static bool step(struct ticket_keys *keys)
{
    uint8_t secret[TICKET_KEY_SECRET_SIZE];
    uint8_t next[TICKET_KEY_SECRET_SIZE];
    bool is_done = ticket_key_derive(keys->chain, "key", secret) &&
                   ticket_key_derive(keys->chain, "next", next);
    if (is_done) {
        memmove(keys->keys + 1, keys->keys, sizeof(keys->keys) - sizeof(keys->keys[0]));
        is_done = result_is_ok(ticket_key_init(&keys->keys[0], secret));
        memcpy(keys->chain, next, sizeof(next));
        keys->count += keys->count < TICKET_KEY_COUNT_MAX;
    }
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(next, sizeof(next));
    return is_done;
}

static void fix(struct ticket_keys *keys, const struct ticket_key *fixed, uint32_t fixed_count)
{
    memcpy(keys->keys, fixed, fixed_count * sizeof(*fixed));
    keys->count = fixed_count;
}

struct result ticket_keys_init(struct ticket_keys *keys, const struct ticket_seed *seed)
{
    *keys = (struct ticket_keys){.lifetime_ms = seed->lifetime_ms, .turn_at_ms = UINT64_MAX};
    if (seed->fixed_count > 0) {
        fix(keys, seed->fixed, seed->fixed_count);
        return RESULT_OK;
    }
    CHECK(seed->has_secret); /* a wiped one would be everybody's */
    memcpy(keys->chain, seed->secret, sizeof(keys->chain));
    keys->turn_at_ms = seed->started_ms + seed->lifetime_ms;
    if (!step(keys)) {
        ticket_keys_deinit(keys);
        return result_failure(ERROR_TLS_LIBRARY);
    }
    return RESULT_OK;
}

/* The lifetime stays: the control thread reads it when it makes contexts. */
static void forget(struct ticket_keys *keys)
{
    explicit_bzero(keys->keys, sizeof(keys->keys));
    explicit_bzero(keys->chain, sizeof(keys->chain));
    keys->count = 0;
    keys->turn_at_ms = UINT64_MAX;
}

void ticket_keys_turn(struct ticket_keys *keys, uint64_t now_ms)
{
    for (uint32_t turns = 0; now_ms >= keys->turn_at_ms; turns++) {
        if (turns == TURNS_AT_ONCE_MAX || !step(keys)) {
            forget(keys);
            return;
        }
        keys->turn_at_ms += keys->lifetime_ms;
    }
}

void ticket_keys_refit(struct ticket_keys *keys, const struct ticket_seed *seed,
                       const struct ticket_key *fixed, uint32_t fixed_count)
{
    bool is_rotating = keys->turn_at_ms != UINT64_MAX;
    if (fixed_count > 0) {
        forget(keys);
        fix(keys, fixed, fixed_count);
    } else if (!is_rotating) {
        CHECK(seed->fixed_count == 0);
        forget(keys);
        (void)ticket_keys_init(keys, seed);
    }
}

uint32_t ticket_keys_hint_seconds(const struct ticket_keys *keys)
{
    uint64_t seconds = keys->lifetime_ms / 1000 * (TICKET_KEY_COUNT_MAX - 1);
    return seconds < HINT_SECONDS_MAX ? (uint32_t)seconds : HINT_SECONDS_MAX;
}

void ticket_keys_deinit(struct ticket_keys *keys)
{
    explicit_bzero(keys, sizeof(*keys));
    keys->turn_at_ms = UINT64_MAX;
}
