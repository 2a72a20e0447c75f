/* A ring of bytes between two threads. Positions only grow; their remainder is the place. */
#include <stdlib.h>

#include "base/check.h"
#include "base/log_queue.h"

struct result log_queue_init(struct log_queue *queue, size_t capacity_bytes)
{
    CHECK((capacity_bytes & (capacity_bytes - 1)) == 0);
    *queue = (struct log_queue){.capacity_bytes = capacity_bytes};
    queue->memory = malloc(capacity_bytes);
    return queue->memory == NULL ? result_failure(ERROR_OUT_OF_MEMORY) : RESULT_OK;
}

void log_queue_deinit(struct log_queue *queue)
{
    free(queue->memory);
    queue->memory = NULL;
}

static void copy_in(struct log_queue *queue, size_t position, struct bytes line)
{
    size_t place = position & (queue->capacity_bytes - 1);
    size_t until_end = queue->capacity_bytes - place;
    size_t first = line.length < until_end ? line.length : until_end;
    memcpy(queue->memory + place, line.at, first);
    memcpy(queue->memory, line.at + first, line.length - first);
}

bool log_queue_put(struct log_queue *queue, struct bytes line)
{
    size_t put = atomic_load_explicit(&queue->put, memory_order_relaxed); /* our own */
    if (queue->capacity_bytes - (put - queue->taken_seen) < line.length) {
        /* Pairs with the release in log_queue_take: the taker has read what we overwrite. */
        queue->taken_seen = atomic_load_explicit(&queue->taken, memory_order_acquire);
    }
    if (queue->capacity_bytes - (put - queue->taken_seen) < line.length) {
        uint64_t dropped = atomic_load_explicit(&queue->dropped_count, memory_order_relaxed);
        /* One writer: no read-modify-write is needed. Read for the counters only, so relaxed. */
        atomic_store_explicit(&queue->dropped_count, dropped + 1, memory_order_relaxed);
        return false;
    }
    copy_in(queue, put, line);
    /* Pairs with the acquire in log_queue_peek. */
    atomic_store_explicit(&queue->put, put + line.length, memory_order_release);
    return true;
}

struct bytes log_queue_peek(struct log_queue *queue)
{
    size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed); /* our own */
    /* Pairs with the release in log_queue_put. */
    size_t put = atomic_load_explicit(&queue->put, memory_order_acquire);
    size_t place = taken & (queue->capacity_bytes - 1);
    size_t until_end = queue->capacity_bytes - place;
    size_t length = put - taken;
    return bytes_from(queue->memory + place, length < until_end ? length : until_end);
}

void log_queue_take(struct log_queue *queue, size_t length_bytes)
{
    size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed); /* our own */
    /* Pairs with the acquire in log_queue_put. */
    atomic_store_explicit(&queue->taken, taken + length_bytes, memory_order_release);
}

uint64_t log_queue_dropped_count(const struct log_queue *queue)
{
    return atomic_load_explicit(&queue->dropped_count, memory_order_relaxed); /* a mere figure */
}
