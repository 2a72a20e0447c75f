/*
 * Copies of a client's certificates: wolfSSL's are gone with the message that brought them. Called
 * once a full handshake, by tls_session.c.
 */
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "peer_chain.h"

struct bytes *peer_chain_copy(const WOLFSSL_BUFFER_INFO *certificates, size_t count)
{
    size_t size = count * sizeof(struct bytes);
    for (size_t i = 0; i < count; i++) {
        size += certificates[i].length;
    }
    struct bytes *chain = malloc(size);
    if (chain == NULL) {
        return NULL;
    }
    uint8_t *at = (uint8_t *)(chain + count);
    for (size_t i = 0; i < count; i++) {
        chain[i] = bytes_from(at, certificates[i].length);
        if (certificates[i].length > 0) {
            memcpy(at, certificates[i].buffer, certificates[i].length);
        }
        at += certificates[i].length;
    }
    return chain;
}
