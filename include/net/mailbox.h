/*
 * How other threads speak to a worker. Any thread posts; the owner's loop delivers.
 *
 * A letter is a struct inside something of the sender's; the sender leaves it alone until it was
 * delivered. Shared between threads by design; the mailbox must outlive its last sender.
 */
#ifndef NET_MAILBOX_H
#define NET_MAILBOX_H

#include <stdatomic.h>

#include "net/ring.h"

struct letter;
typedef void (*letter_callback)(struct letter *letter);

struct letter {
    struct letter *next;
    letter_callback deliver; /* on the owner's thread; may post and free the letter */
};

struct mailbox {
    struct operation read;
    struct ring *ring;
    _Atomic(struct letter *) newest;
    uint64_t wake_count; /* what the eventfd's read writes into */
    int descriptor;
    bool is_shut;
};

/* No eventfd is to be had: ERROR_LIMIT_REACHED (of descriptors), ERROR_OUT_OF_MEMORY,
 * ERROR_SYSTEM. */
struct result mailbox_open(struct mailbox *mailbox, struct ring *ring);

/* Ends the read; the operation's completion still has to come before mailbox_close(). */
void mailbox_shut(struct mailbox *mailbox);

/* Accepts a zeroed mailbox. */
void mailbox_close(struct mailbox *mailbox);

/* Any thread, never waits. Letters of one sender arrive in their order. */
void mailbox_post(struct mailbox *mailbox, struct letter *letter);

#endif
