/*
 * The client certificates of a run with their keys: one, those of a folder, or new ones of a test
 * CA. Made by the main thread before the threads start, then constant.
 */
#ifndef LOAD_IDENTITY_SET_H
#define LOAD_IDENTITY_SET_H

#include "base/bytes.h"
#include "base/result.h"
#include "plan.h"

#define IDENTITY_SET_MESSAGE_SIZE 512

struct identity {
    struct bytes chain; /* PEM: its own first */
    struct bytes key;   /* PEM, or DER of RFC 5915 */
    bool key_is_der;
};

struct identity_set {
    struct identity *items;
    size_t count; /* 0: no certificate is shown */
};

/* On failure message says why, without a full stop, and nothing needs to be freed. */
struct result identity_set_load(const struct plan *plan, struct identity_set *ret_set,
                                char message[IDENTITY_SET_MESSAGE_SIZE]);

/* Wipes the keys; a zeroed set is fine. */
void identity_set_free(struct identity_set *set);

#endif
