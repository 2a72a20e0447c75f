/*
 * What a session ticket carries beyond wolfSSL's own state, and its encryption: AES-256-GCM under a
 * key made for this one ticket, bound to where the session was made. Any thread; no state.
 */
#ifndef TLS_SESSION_TICKET_H
#define TLS_SESSION_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/ticket_keys.h"

#define SESSION_TICKET_IV_SIZE       16
#define SESSION_TICKET_MAC_SIZE      32
#define SESSION_TICKET_BINDING_SIZE  32
#define SESSION_TICKET_IDENTITY_SIZE 32
/* Bytes that sealing adds to the plaintext. */
#define SESSION_TICKET_EXTRA_SIZE (SESSION_TICKET_IDENTITY_SIZE + 8)

struct session_ticket_content {
    uint8_t identity[SESSION_TICKET_IDENTITY_SIZE]; /* of the client; zeros: it showed none */
    int64_t authenticated_seconds; /* since 1970: when the client last proved that it has its key */
};

/* As wolfSSL lays a ticket out: all but body in the clear. */
struct session_ticket_parts {
    uint8_t *key_name; /* TICKET_KEY_NAME_SIZE */
    uint8_t *iv;       /* SESSION_TICKET_IV_SIZE */
    uint8_t *mac;      /* SESSION_TICKET_MAC_SIZE */
    uint8_t *body;
    size_t length_bytes;
};

/*
 * Encrypts the body's length_bytes, with content behind them (SESSION_TICKET_EXTRA_SIZE more of
 * room), and sets the other parts. binding (SESSION_TICKET_BINDING_SIZE) must be the same to open
 * it. False: no key, no random bytes, or no memory; the body is then worthless.
 */
bool session_ticket_seal(const struct ticket_keys *keys, const uint8_t *binding,
                         const struct session_ticket_content *content,
                         struct session_ticket_parts *parts);

/*
 * The reverse: length_bytes is that of the ciphertext and becomes that of what was wolfSSL's.
 * *ret_is_newest_key: false when its key is not the one that encrypts now. False: not ours,
 * changed, bound to something else, or its key is gone.
 */
bool session_ticket_open(const struct ticket_keys *keys, const uint8_t *binding,
                         struct session_ticket_parts *parts,
                         struct session_ticket_content *ret_content, bool *ret_is_newest_key);

#endif
