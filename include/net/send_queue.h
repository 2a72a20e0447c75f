/*
 * Bytes that wait to be sent, in blocks that never move: what the kernel has been given stays where
 * it is while more is put behind it. Owned by one thread; the blocks come from a buffer_pool.
 *
 * An empty queue holds no memory. Each further block is as large as what already waits, or is known
 * to come, up to the pool's largest, so a bulk answer goes out in few large sends and a small one
 * takes a small block.
 */
#ifndef NET_SEND_QUEUE_H
#define NET_SEND_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"
#include "net/buffer.h"

struct send_block;

/* Zeroed: empty. */
struct send_queue {
    struct send_block *first;
    struct send_block *last;
    uint32_t length_bytes;
    uint32_t expected_bytes; /* that are about to be put behind */
};

/* So many bytes are about to come, in pieces: they get a block together. Only a hint; 0: unknown.
 */
void send_queue_expect(struct send_queue *queue, size_t length_bytes);

/*
 * Room for length_bytes (1 or more) in one piece behind the queue, which holds until the next call
 * with this queue; send_queue_fill() must follow. NULL: out of memory, or 1 GiB waits.
 */
uint8_t *send_queue_reserve(struct buffer_pool *pool, struct send_queue *queue,
                            size_t length_bytes);

/* The first length_bytes of the room are there now; 0: none, the room is given back. */
void send_queue_fill(struct buffer_pool *pool, struct send_queue *queue, size_t length_bytes);

/*
 * Copies bytes, any number, behind the queue. What fits a block lies in one: filling the rest of
 * the last block first would make a small send of it. ERROR_OUT_OF_MEMORY: a part of them may be
 * there.
 */
struct result send_queue_append(struct buffer_pool *pool, struct send_queue *queue,
                                struct bytes bytes);

/* What the first block holds; it stays where it is until it is dropped. Empty: the queue is. */
struct bytes send_queue_first(const struct send_queue *queue);

/* Drops the first length_bytes, no more than send_queue_first() gave. */
void send_queue_drop(struct buffer_pool *pool, struct send_queue *queue, size_t length_bytes);

/* Gives back everything. */
void send_queue_release(struct buffer_pool *pool, struct send_queue *queue);

/* Gives back all behind the first block, which the kernel may still be reading. */
void send_queue_release_rest(struct buffer_pool *pool, struct send_queue *queue);

#endif
