/*
 * Bytes on their way, in memory that is lent only while there are any. Owned by one thread.
 *
 * An idle connection holds no buffer. The pool keeps a bounded number of blocks of a few sizes; a
 * block that outgrows the largest is plain heap memory.
 */
#ifndef NET_BUFFER_H
#define NET_BUFFER_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"

#define BUFFER_CLASS_COUNT 3

struct buffer_pool {
    struct buffer_block *free_blocks[BUFFER_CLASS_COUNT];
    uint32_t free_counts[BUFFER_CLASS_COUNT];
    uint64_t lent_count;
    uint64_t lent_bytes;
};

/* Zeroed: empty, holding no memory. */
struct buffer {
    uint8_t *memory;
    uint32_t capacity_bytes;
    uint32_t start; /* of what is there */
    uint32_t end;
};

void buffer_pool_init(struct buffer_pool *pool);

/* All buffers must have been released. */
void buffer_pool_deinit(struct buffer_pool *pool);

/*
 * Memory of at least size_bytes, at most 1 GiB, aligned for any object; *ret_capacity_bytes says
 * how much, and goes back with it. NULL: out of memory.
 */
uint8_t *buffer_pool_lend(struct buffer_pool *pool, size_t size_bytes,
                          uint32_t *ret_capacity_bytes);
void buffer_pool_return(struct buffer_pool *pool, uint8_t *memory, uint32_t capacity_bytes);

static inline uint32_t buffer_length(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

static inline bool buffer_is_empty(const struct buffer *buffer)
{
    return buffer->end == buffer->start;
}

static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
    return bytes_from(buffer->memory + buffer->start, buffer_length(buffer));
}

/*
 * Room for length_bytes more behind what is there, which may move. ERROR_OUT_OF_MEMORY, or
 * ERROR_LIMIT_REACHED past 1 GiB; the buffer is then as it was.
 */
struct result buffer_reserve(struct buffer_pool *pool, struct buffer *buffer, size_t length_bytes);

/* Where the room begins that buffer_reserve() made. */
static inline uint8_t *buffer_room(struct buffer *buffer)
{
    return buffer->memory + buffer->end;
}

/* What was written into the room is there. */
static inline void buffer_fill(struct buffer *buffer, size_t length_bytes)
{
    buffer->end += (uint32_t)length_bytes;
}

struct result buffer_append(struct buffer_pool *pool, struct buffer *buffer, struct bytes bytes);

/* Drops the first length_bytes; the memory goes back when nothing is left. */
void buffer_drop(struct buffer_pool *pool, struct buffer *buffer, size_t length_bytes);

/* Gives the memory back; harmless on an empty buffer. */
void buffer_release(struct buffer_pool *pool, struct buffer *buffer);

#endif
