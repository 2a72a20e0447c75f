/*
 * A chain of blocks of a buffer pool; a block's head lies in its own memory. Called by streams.
 *
 * Only the last block may be empty, and only between a reserve and its fill.
 */
#include <string.h>

#include "base/check.h"
#include "net/send_queue.h"

#define RESERVE_BYTES_MAX (1U << 30)
#define PIECE_BYTES_MAX   65536

struct send_block {
    struct send_block *next;
    uint32_t capacity_bytes; /* of the whole block, this head included */
    uint32_t start;          /* of what is there, from the block's beginning */
    uint32_t end;
};

static uint8_t *memory_of(struct send_block *block)
{
    return (uint8_t *)block;
}

static uint32_t room_of(const struct send_block *block)
{
    return block == NULL ? 0 : block->capacity_bytes - block->end;
}

static bool is_empty(const struct send_block *block)
{
    return block->start == block->end;
}

static void return_chain(struct buffer_pool *pool, struct send_block *block)
{
    while (block != NULL) {
        struct send_block *next = block->next;
        buffer_pool_return(pool, memory_of(block), block->capacity_bytes);
        block = next;
    }
}

static size_t max(size_t one, size_t other)
{
    return one > other ? one : other;
}

static struct send_block *add_block(struct buffer_pool *pool, struct send_queue *queue,
                                    size_t length_bytes)
{
    size_t room_bytes = max(queue->length_bytes, queue->expected_bytes);
    room_bytes = max(length_bytes, room_bytes < PIECE_BYTES_MAX ? room_bytes : PIECE_BYTES_MAX);
    uint32_t capacity_bytes;
    struct send_block *block = (struct send_block *)(void *)buffer_pool_lend(
        pool, sizeof(*block) + room_bytes, &capacity_bytes);
    if (block == NULL) {
        return NULL;
    }
    *block = (struct send_block){
        .capacity_bytes = capacity_bytes, .start = sizeof(*block), .end = sizeof(*block)};
    if (queue->last == NULL) {
        queue->first = block;
    } else {
        queue->last->next = block;
    }
    queue->last = block;
    return block;
}

/* The last block goes when nothing came of its reserve. */
static void drop_last_if_empty(struct buffer_pool *pool, struct send_queue *queue)
{
    if (!is_empty(queue->last)) {
        return;
    }
    struct send_block *before = queue->first == queue->last ? NULL : queue->first;
    while (before != NULL && before->next != queue->last) {
        before = before->next;
    }
    return_chain(pool, queue->last);
    queue->last = before;
    if (before == NULL) {
        queue->first = NULL;
    } else {
        before->next = NULL;
    }
}

uint8_t *send_queue_reserve(struct buffer_pool *pool, struct send_queue *queue, size_t length_bytes)
{
    CHECK(length_bytes > 0);
    if (length_bytes > RESERVE_BYTES_MAX - queue->length_bytes) {
        return NULL;
    }
    if (queue->last != NULL && room_of(queue->last) < length_bytes) {
        drop_last_if_empty(pool, queue);
    }
    if (room_of(queue->last) < length_bytes && add_block(pool, queue, length_bytes) == NULL) {
        return NULL;
    }
    return memory_of(queue->last) + queue->last->end;
}

void send_queue_expect(struct send_queue *queue, size_t length_bytes)
{
    queue->expected_bytes =
        length_bytes < PIECE_BYTES_MAX ? (uint32_t)length_bytes : PIECE_BYTES_MAX;
}

void send_queue_fill(struct buffer_pool *pool, struct send_queue *queue, size_t length_bytes)
{
    CHECK(length_bytes <= room_of(queue->last));
    queue->last->end += (uint32_t)length_bytes;
    queue->length_bytes += (uint32_t)length_bytes;
    queue->expected_bytes -=
        length_bytes < queue->expected_bytes ? (uint32_t)length_bytes : queue->expected_bytes;
    drop_last_if_empty(pool, queue);
}

struct result send_queue_append(struct buffer_pool *pool, struct send_queue *queue,
                                struct bytes bytes)
{
    while (bytes.length > 0) {
        size_t piece_bytes = bytes.length < PIECE_BYTES_MAX ? bytes.length : PIECE_BYTES_MAX;
        uint8_t *room = send_queue_reserve(pool, queue, piece_bytes);
        if (room == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        struct bytes piece = bytes_slice(bytes, 0, piece_bytes);
        memcpy(room, piece.at, piece.length);
        send_queue_fill(pool, queue, piece.length);
        bytes = bytes_slice(bytes, piece.length, SIZE_MAX);
    }
    return RESULT_OK;
}

struct bytes send_queue_first(const struct send_queue *queue)
{
    struct send_block *block = queue->first;
    return block == NULL ? (struct bytes){0}
                         : bytes_from(memory_of(block) + block->start, block->end - block->start);
}

void send_queue_drop(struct buffer_pool *pool, struct send_queue *queue, size_t length_bytes)
{
    if (length_bytes == 0) {
        return;
    }
    struct send_block *block = queue->first;
    CHECK(block != NULL && length_bytes <= block->end - block->start);
    block->start += (uint32_t)length_bytes;
    queue->length_bytes -= (uint32_t)length_bytes;
    if (is_empty(block)) {
        queue->first = block->next;
        queue->last = queue->first == NULL ? NULL : queue->last;
        buffer_pool_return(pool, memory_of(block), block->capacity_bytes);
    }
}

void send_queue_release(struct buffer_pool *pool, struct send_queue *queue)
{
    return_chain(pool, queue->first);
    *queue = (struct send_queue){0};
}

void send_queue_release_rest(struct buffer_pool *pool, struct send_queue *queue)
{
    struct send_block *first = queue->first;
    if (first == NULL) {
        return;
    }
    return_chain(pool, first->next);
    first->next = NULL;
    *queue = (struct send_queue){
        .first = first, .last = first, .length_bytes = first->end - first->start};
}
