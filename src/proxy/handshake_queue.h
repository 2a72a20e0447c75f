/*
 * So much of handshakes a turn, the rest waits for the next: requests of those who are in are
 * served in between, however many knock. Owned by the worker's proxy.
 *
 * What a handshake costs (some 50 to 100 us) is ten times a request's. Who waits has its ciphertext
 * held, and its time limit runs.
 */
#ifndef PROXY_HANDSHAKE_QUEUE_H
#define PROXY_HANDSHAKE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

/* A turn of nothing else costs less than 2 percent of so many steps. */
#define HANDSHAKE_QUEUE_STEPS 4

struct connection;

struct handshake_queue {
    struct list waiting;       /* connections, the oldest first */
    struct connection *called; /* whose turn it is, while handshake_queue_advance() runs */
    uint32_t waiting_count;
    uint32_t left_count; /* steps that may be made in this turn */
};

void handshake_queue_init(struct handshake_queue *queue);

/* Whether the connection, which has something to take, may take it now. Else it is called again
 * when it is its turn. */
bool handshake_queue_admits(struct handshake_queue *queue, struct connection *connection);

/* It does not wait any longer; harmless when it does not. */
void handshake_queue_leave(struct handshake_queue *queue, struct connection *connection);

/* Calls those whose turn it is; at the end of a turn. */
void handshake_queue_advance(struct handshake_queue *queue);

#endif
