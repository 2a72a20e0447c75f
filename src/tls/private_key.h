/*
 * A private key read from a PEM file, deciphered when it is encrypted. Used by tls_credential.c;
 * control thread.
 */
#ifndef TLS_PRIVATE_KEY_H
#define TLS_PRIVATE_KEY_H

#include "base/bytes.h"
#include "config/config.h"
#include "config/diagnostics.h"

struct private_key {
    uint8_t *der; /* PKCS#8, PKCS#1 or SEC1 */
    size_t length;
    size_t capacity; /* all of it is wiped */
};

/* False with errors in diagnostics at the place of the path that is to blame. */
bool private_key_init(struct private_key *key, const struct config_certificate *files,
                      struct diagnostics *diagnostics);

/* Accepts a zeroed one. */
void private_key_deinit(struct private_key *key);

#endif
