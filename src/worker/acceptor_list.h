/*
 * A worker's listening sockets, one an address. Made by the control thread, owned by the worker
 * from then on.
 */
#ifndef WORKER_ACCEPTOR_LIST_H
#define WORKER_ACCEPTOR_LIST_H

#include "acceptor.h"

/* One for each endpoint whose socket is not -1, behind those in the list. The sockets are the
 * list's or, with ERROR_OUT_OF_MEMORY, partly closed.
 * are_shared: other workers may accept from them too. */
struct result acceptor_list_fill(struct list *acceptors, const struct generation *generation,
                                 const int *listen_sockets, bool are_shared);

/* Closes and frees all; nothing is in flight. */
void acceptor_list_empty(struct list *acceptors);

/* What each works with. */
void acceptor_list_equip(struct list *acceptors, struct ring *ring, struct timer_wheel *wheel,
                         struct proxy *proxy);

void acceptor_list_open(struct list *acceptors);
void acceptor_list_shut(struct list *acceptors);

/* Once a turn: as acceptor_review(), and frees those that are closed. */
void acceptor_list_review(struct list *acceptors);

/* Whether one of them is shut and not yet closed. */
bool acceptor_list_is_closing(const struct list *acceptors);

/* Another generation: addresses that stay keep their socket, and the clients in its queue; the
 * others are shut. None is before. */
void acceptor_list_refit(struct list *acceptors, const struct generation *generation);

#endif
