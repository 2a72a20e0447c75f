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
    size_t taken_seen;      /* the putter's last look at taken */
    _Atomic size_t fence;   /* of put; what is behind it is not shown. Valid with: */
    _Atomic bool is_fenced; /* raised by the putter, lowered by the taker */
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

/*
 * The taker's: the same as peek and take for a taker who wants whole lines. Copies as many of the
 * lines that are there as room_bytes, which is more than a line has, will hold; they are taken.
 */
size_t log_queue_take_lines(struct log_queue *queue, uint8_t *memory, size_t room_bytes);

/*
 * The putter's: what is put from now on stays hidden until the taker lifts the fence. So that each
 * line goes where lines went when it was put. Not before the former fence was lifted.
 */
void log_queue_fence(struct log_queue *queue);

/* The taker's. */
void log_queue_lift_fence(struct log_queue *queue);

uint64_t log_queue_dropped_count(const struct log_queue *queue);

#endif
