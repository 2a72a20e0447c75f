/*
 * One listening socket of one worker. Owned by the worker.
 */
#ifndef WORKER_ACCEPTOR_H
#define WORKER_ACCEPTOR_H

#include "net/ring.h"
#include "net/timer_wheel.h"
#include "proxy/proxy.h"

struct acceptor {
    struct list place; /* among the worker's */
    struct operation accept;
    struct timer retry; /* after the kernel had no descriptor or memory left */
    struct ring *ring;
    struct timer_wheel *wheel;
    struct proxy *proxy;
    const struct endpoint *endpoint;
    uint32_t room_at_failure; /* of the proxy, when there was no descriptor left to accept with */
    int descriptor;           /* -1: closed */
    bool is_open;             /* wants clients */
    bool is_shared;           /* other workers accept from the same socket; set before it opens */
    bool takes_many;          /* the accept under way is a multishot one */
    bool is_paused;           /* the proxy is full */
    bool is_shut; /* never will again; closed as soon as the kernel has handed the accept back */
};

/* Any thread: one for a listening socket, which is the acceptor's from now on. NULL: no memory. */
struct acceptor *acceptor_create(int descriptor, const struct endpoint *endpoint);

/* Accepts NULL. Closed, or never opened. */
void acceptor_destroy(struct acceptor *acceptor);

/* Begins to take clients, unless it is shut. ring, wheel and proxy are set. */
void acceptor_open(struct acceptor *acceptor);

/* Stops or goes on taking clients, as the proxy has room; closes what is shut. Once a turn. */
void acceptor_review(struct acceptor *acceptor);

/* Takes no more but those already in the kernel's queue, so that none of them is reset. */
void acceptor_shut(struct acceptor *acceptor);

bool acceptor_is_closed(const struct acceptor *acceptor);

/* Harmless when closed. */
void acceptor_close(struct acceptor *acceptor);

#endif
