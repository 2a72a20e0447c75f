/*
 * Sealing and opening of tickets. Called from wolfSSL's ticket callback (tls_resumption.c), on the
 * worker of the connection.
 *
 * Each ticket has a key of its own, HMAC-SHA-256(secret, 16 random bytes): many machines may share
 * a secret for long and no two of their tickets meet under the same key and nonce.
 */
#include "session_ticket.h"

#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/hmac.h>

#include "base/random.h"

enum {
    TAG_SIZE = 16,
    NONCE_SIZE = 12,
    BOUND_SIZE = TICKET_KEY_NAME_SIZE + SESSION_TICKET_BINDING_SIZE,
    BODY_MAX = 1024, /* more is not ours */
    FILLING = 0xFF,  /* behind the tag; wolfSSL takes zeros for no MAC at all */
};

static const uint8_t nonce[NONCE_SIZE]; /* zeros: the key is used once */

static bool make_key(Aes *aes, const uint8_t *secret, const uint8_t *iv)
{
    uint8_t key[WC_SHA256_DIGEST_SIZE];
    Hmac hmac;
    if (wc_AesInit(aes, NULL, INVALID_DEVID) != 0) {
        return false;
    }
    if (wc_HmacInit(&hmac, NULL, INVALID_DEVID) != 0) {
        wc_AesFree(aes);
        return false;
    }
    bool is_made = wc_HmacSetKey(&hmac, WC_SHA256, secret, TICKET_KEY_SECRET_SIZE) == 0 &&
                   wc_HmacUpdate(&hmac, iv, SESSION_TICKET_IV_SIZE) == 0 &&
                   wc_HmacFinal(&hmac, key) == 0 && wc_AesGcmSetKey(aes, key, sizeof(key)) == 0;
    wc_HmacFree(&hmac);
    explicit_bzero(key, sizeof(key));
    if (!is_made) {
        wc_AesFree(aes);
    }
    return is_made;
}

static void bind(uint8_t bound[BOUND_SIZE], const uint8_t *key_name, const uint8_t *binding)
{
    memcpy(bound, key_name, TICKET_KEY_NAME_SIZE);
    memcpy(bound + TICKET_KEY_NAME_SIZE, binding, SESSION_TICKET_BINDING_SIZE);
}

static void write_content(uint8_t *at, const struct session_ticket_content *content)
{
    memcpy(at, content->identity, sizeof(content->identity));
    for (unsigned i = 0; i < 8; i++) {
        at[SESSION_TICKET_IDENTITY_SIZE + i] =
            (uint8_t)((uint64_t)content->authenticated_seconds >> (56 - 8 * i));
    }
}

static void read_content(const uint8_t *at, struct session_ticket_content *content)
{
    uint64_t seconds = 0;
    memcpy(content->identity, at, sizeof(content->identity));
    for (unsigned i = 0; i < 8; i++) {
        seconds = seconds << 8 | at[SESSION_TICKET_IDENTITY_SIZE + i];
    }
    content->authenticated_seconds = (int64_t)seconds;
}

bool session_ticket_seal(const struct ticket_keys *keys, const uint8_t *binding,
                         const struct session_ticket_content *content,
                         struct session_ticket_parts *parts)
{
    Aes aes;
    uint8_t bound[BOUND_SIZE];
    if (keys->count == 0 || !result_is_ok(random_fill(parts->iv, SESSION_TICKET_IV_SIZE)) ||
        !make_key(&aes, keys->keys[0].secret, parts->iv)) {
        return false;
    }
    memcpy(parts->key_name, keys->keys[0].name, TICKET_KEY_NAME_SIZE);
    bind(bound, parts->key_name, binding);
    write_content(parts->body + parts->length_bytes, content);
    parts->length_bytes += SESSION_TICKET_EXTRA_SIZE;
    memset(parts->mac, FILLING, SESSION_TICKET_MAC_SIZE);
    bool is_sealed =
        wc_AesGcmEncrypt(&aes, parts->body, parts->body, (word32)parts->length_bytes, nonce,
                         NONCE_SIZE, parts->mac, TAG_SIZE, bound, BOUND_SIZE) == 0;
    wc_AesFree(&aes);
    return is_sealed;
}

/* What no tag covers: a ticket has one spelling. */
static bool is_filled(const uint8_t *mac)
{
    for (size_t i = TAG_SIZE; i < SESSION_TICKET_MAC_SIZE; i++) {
        if (mac[i] != FILLING) {
            return false;
        }
    }
    return true;
}

/* NULL: none of that name. Names are no secret. */
static const struct ticket_key *find_key(const struct ticket_keys *keys, const uint8_t *name)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        if (memcmp(keys->keys[i].name, name, TICKET_KEY_NAME_SIZE) == 0) {
            return &keys->keys[i];
        }
    }
    return NULL;
}

bool session_ticket_open(const struct ticket_keys *keys, const uint8_t *binding,
                         struct session_ticket_parts *parts,
                         struct session_ticket_content *ret_content, bool *ret_is_newest_key)
{
    Aes aes;
    uint8_t bound[BOUND_SIZE];
    uint8_t opened[BODY_MAX];
    const struct ticket_key *key = find_key(keys, parts->key_name);
    if (key == NULL || parts->length_bytes <= SESSION_TICKET_EXTRA_SIZE ||
        parts->length_bytes > sizeof(opened) || !is_filled(parts->mac) ||
        !make_key(&aes, key->secret, parts->iv)) {
        return false;
    }
    bind(bound, parts->key_name, binding);
    /* Not in place: after a HelloRetryRequest the same ciphertext is opened once more. */
    bool is_open = wc_AesGcmDecrypt(&aes, opened, parts->body, (word32)parts->length_bytes, nonce,
                                    NONCE_SIZE, parts->mac, TAG_SIZE, bound, BOUND_SIZE) == 0;
    wc_AesFree(&aes);
    if (is_open) {
        parts->length_bytes -= SESSION_TICKET_EXTRA_SIZE;
        read_content(opened + parts->length_bytes, ret_content);
        memcpy(parts->body, opened, parts->length_bytes);
        *ret_is_newest_key = key == &keys->keys[0];
    }
    explicit_bzero(opened, sizeof(opened));
    return is_open;
}
