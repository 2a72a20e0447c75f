/*
 * Keys out of secrets, over wolfCrypt's HMAC. Called by ticket_keys.c and by whoever loads keys.
 */
#include "tls/ticket_key.h"

#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hmac.h>

bool ticket_key_derive(const uint8_t *secret, const char *label, uint8_t *output)
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

struct result ticket_key_init(struct ticket_key *key, const uint8_t *secret)
{
    uint8_t name[WC_SHA256_DIGEST_SIZE];
    memcpy(key->secret, secret, sizeof(key->secret));
    if (!ticket_key_derive(secret, "name", name)) {
        explicit_bzero(key, sizeof(*key));
        return result_failure(ERROR_TLS_LIBRARY);
    }
    memcpy(key->name, name, sizeof(key->name));
    key->name[0] |= 0x80; /* wolfSSL takes a name of zeros for none at all */
    return RESULT_OK;
}
