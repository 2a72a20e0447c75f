/*
 * Lines on their way from one worker to the log writer. One thread puts, one other thread takes.
 *
 * Bounded memory, no lock, no wait: a line for which there is no room is dropped and counted.
 */
#ifndef BASE_LOG_QUEUE_H
#define BASE_LOG_QUEUE_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "base/result.h"

struct log_queue {
    uint8_t *memory;
    size_t capacity_bytes; /* a power of two */
    /* Written by the taker, alone on its cache line. */
    _Alignas(64) _Atomic size_t taken;
    /* Written by the putter, alone on its cache line. */
    _Alignas(64) _Atomic size_t put;
    _Atomic uint64_t dropped_count;
    size_t taken_seen; /* the putter's last look at taken */
};

/* capacity_bytes must be a power of two. */
struct result log_queue_init(struct log_queue *queue, size_t capacity_bytes);

/* Accepts a zeroed queue. */
void log_queue_deinit(struct log_queue *queue);

/* The putter's: adds a whole line (with its newline) or nothing; false when it was dropped. */
bool log_queue_put(struct log_queue *queue, struct bytes line);

/* The taker's: the longest run of bytes that is there in one piece; empty when there is none. */
struct bytes log_queue_peek(struct log_queue *queue);

/* The taker's: what log_queue_peek() showed, up to length_bytes, is written. */
void log_queue_take(struct log_queue *queue, size_t length_bytes);

uint64_t log_queue_dropped_count(const struct log_queue *queue);

#endif
