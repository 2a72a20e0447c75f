/*
 * One key that session tickets are encrypted under. A plain value; whoever holds it wipes it. Any
 * thread.
 */
#ifndef TLS_TICKET_KEY_H
#define TLS_TICKET_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define TICKET_KEY_NAME_SIZE   16
#define TICKET_KEY_SECRET_SIZE 32

struct ticket_key {
    uint8_t name[TICKET_KEY_NAME_SIZE]; /* goes with the ticket in the clear; never all zero */
    uint8_t secret[TICKET_KEY_SECRET_SIZE];
};

/* A key out of TICKET_KEY_SECRET_SIZE secret bytes; the name follows from them.
 * ERROR_TLS_LIBRARY. */
struct result ticket_key_init(struct ticket_key *key, const uint8_t *secret);

/*
 * output = HMAC-SHA-256(secret, label), TICKET_KEY_SECRET_SIZE bytes both: what can be computed
 * from a secret, and not back. False: no memory.
 */
bool ticket_key_derive(const uint8_t *secret, const char *label, uint8_t *output);

#endif
