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

/* The taker's: how many bytes may be seen. */
static size_t shown_length(struct log_queue *queue)
{
    size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed); /* our own */
    /* Pairs with the release in log_queue_put. */
    size_t put = atomic_load_explicit(&queue->put, memory_order_acquire);
    /* Pairs with the release in log_queue_fence. In this order: whoever sees a line that was put
     * behind the fence sees the fence. */
    bool is_fenced = atomic_load_explicit(&queue->is_fenced, memory_order_acquire);
    size_t fence = is_fenced ? atomic_load_explicit(&queue->fence, memory_order_relaxed) : put;
    return (fence < put ? fence : put) - taken;
}

struct bytes log_queue_peek(struct log_queue *queue)
{
    size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed); /* our own */
    size_t place = taken & (queue->capacity_bytes - 1);
    size_t until_end = queue->capacity_bytes - place;
    size_t length = shown_length(queue);
    return bytes_from(queue->memory + place, length < until_end ? length : until_end);
}

void log_queue_take(struct log_queue *queue, size_t length_bytes)
{
    size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed); /* our own */
    /* Pairs with the acquire in log_queue_put. */
    atomic_store_explicit(&queue->taken, taken + length_bytes, memory_order_release);
}

/* Up to and with the last line end. */
static size_t length_of_whole_lines(const uint8_t *memory, size_t length)
{
    const uint8_t *end = memrchr(memory, '\n', length);
    return end == NULL ? 0 : (size_t)(end - memory) + 1;
}

size_t log_queue_take_lines(struct log_queue *queue, uint8_t *memory, size_t room_bytes)
{
    size_t shown = shown_length(queue);
    size_t length = shown < room_bytes ? shown : room_bytes;
    if (length == 0) {
        return 0;
    }
    /* Since the look before only more can have come. */
    struct bytes first = bytes_slice(log_queue_peek(queue), 0, length);
    memcpy(memory, first.at, first.length);
    memcpy(memory + first.length, queue->memory, length - first.length);
    length = length_of_whole_lines(memory, length);
    log_queue_take(queue, length);
    return length;
}

void log_queue_fence(struct log_queue *queue)
{
    size_t put = atomic_load_explicit(&queue->put, memory_order_relaxed); /* our own */
    atomic_store_explicit(&queue->fence, put, memory_order_relaxed);      /* is_fenced orders */
    /* Pairs with the acquire in log_queue_peek. */
    atomic_store_explicit(&queue->is_fenced, true, memory_order_release);
}

void log_queue_lift_fence(struct log_queue *queue)
{
    /* The putter raises the next fence when it was told that this one is lifted. */
    atomic_store_explicit(&queue->is_fenced, false, memory_order_relaxed);
}

uint64_t log_queue_dropped_count(const struct log_queue *queue)
{
    return atomic_load_explicit(&queue->dropped_count, memory_order_relaxed); /* a mere figure */
}
