/*
 * A one-way chain of ticket keys. Called by the worker that owns the copy, the seed's functions by
 * the control thread.
 *
 * chain(n + 1) = HMAC(chain(n), "next"), key(n) = HMAC(chain(n), "key"): who reads the memory of
 * the process later learns the keys that are kept and those to come, but none that was dropped.
 */
#include "tls/ticket_keys.h"

#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hmac.h>

#include "base/check.h"
#include "base/random.h"

#define HINT_SECONDS_MAX (7U * 24 * 3600)
/* Steps after which a worker that slept has certainly nothing left to decrypt with. */
#define TURNS_AT_ONCE_MAX 4096

static bool derive(const uint8_t *secret, const char *label, uint8_t *output)
{
    Hmac hmac;
    bool is_done = wc_HmacInit(&hmac, NULL, INVALID_DEVID) == 0;
    if (!is_done) {
        return false;
    }
    is_done = wc_HmacSetKey(&hmac, WC_SHA256, secret, TICKET_KEY_SECRET_SIZE) == 0 &&
              wc_HmacUpdate(&hmac, (const byte *)label, (word32)strlen(label)) == 0 &&
              wc_HmacFinal(&hmac, output) == 0;
    wc_HmacFree(&hmac);
    return is_done;
}

struct result ticket_seed_init(struct ticket_seed *seed, uint64_t lifetime_ms, uint64_t now_ms)
{
    CHECK(lifetime_ms > 0);
    *seed = (struct ticket_seed){.started_ms = now_ms, .lifetime_ms = lifetime_ms};
    return random_fill(seed->secret, sizeof(seed->secret));
}

void ticket_seed_deinit(struct ticket_seed *seed)
{
    explicit_bzero(seed, sizeof(*seed));
}

struct result ticket_key_init(struct ticket_key *key, const uint8_t *secret)
{
    uint8_t name[WC_SHA256_DIGEST_SIZE];
    memcpy(key->secret, secret, sizeof(key->secret));
    if (!derive(secret, "name", name)) {
        explicit_bzero(key, sizeof(*key));
        return result_failure(ERROR_TLS_LIBRARY);
    }
    memcpy(key->name, name, sizeof(key->name));
    key->name[0] |= 0x80; /* wolfSSL takes a name of zeros for none at all */
    return RESULT_OK;
}

/* The chain's next key becomes the newest, the oldest is forgotten. */
static bool step(struct ticket_keys *keys)
{
    uint8_t secret[TICKET_KEY_SECRET_SIZE];
    uint8_t next[TICKET_KEY_SECRET_SIZE];
    bool is_done = derive(keys->chain, "key", secret) && derive(keys->chain, "next", next);
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

struct result ticket_keys_init(struct ticket_keys *keys, const struct ticket_seed *seed)
{
    *keys = (struct ticket_keys){.lifetime_ms = seed->lifetime_ms, .turn_at_ms = UINT64_MAX};
    if (seed->fixed_count > 0) {
        memcpy(keys->keys, seed->fixed, sizeof(keys->keys));
        keys->count = seed->fixed_count;
        return RESULT_OK;
    }
    memcpy(keys->chain, seed->secret, sizeof(keys->chain));
    keys->turn_at_ms = seed->started_ms + seed->lifetime_ms;
    if (!step(keys)) {
        ticket_keys_deinit(keys);
        return result_failure(ERROR_TLS_LIBRARY);
    }
    return RESULT_OK;
}

void ticket_keys_turn(struct ticket_keys *keys, uint64_t now_ms)
{
    for (uint32_t turns = 0; now_ms >= keys->turn_at_ms; turns++) {
        if (turns == TURNS_AT_ONCE_MAX || !step(keys)) {
            ticket_keys_deinit(keys);
            return;
        }
        keys->turn_at_ms += keys->lifetime_ms;
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
