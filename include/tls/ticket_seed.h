/*
 * What the ticket keys of all workers begin with. Made by the control thread, copied by every
 * worker, then forgotten: keys that were dropped must not be found through it.
 */
#ifndef TLS_TICKET_SEED_H
#define TLS_TICKET_SEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "tls/ticket_key.h"

#define TICKET_KEY_COUNT_MAX 3

struct ticket_seed {
    uint8_t secret[TICKET_KEY_SECRET_SIZE];
    bool has_secret;
    uint64_t started_ms; /* monotonic */
    /* Keys that come from a file do not rotate: the file does. The first one encrypts. */
    struct ticket_key fixed[TICKET_KEY_COUNT_MAX];
    uint32_t fixed_count;
    /* Of one key, as long as it is the newest; 1 or more. */
    uint64_t lifetime_ms;
};

/* A random seed for keys that rotate. ERROR_SYSTEM. */
struct result ticket_seed_init(struct ticket_seed *seed, uint64_t lifetime_ms, uint64_t now_ms);

/* Wipes what keys are made of; the lifetime stays. */
void ticket_seed_forget(struct ticket_seed *seed);

/* Wipes it. */
void ticket_seed_deinit(struct ticket_seed *seed);

#endif
