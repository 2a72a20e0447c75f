/*
 * Buffers out of a pool of blocks. Three sizes: a head or a small answer; a TLS record; a full
 * send.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "net/buffer.h"

#define BUFFER_LIMIT_BYTES (1U << 30)

/* A free block holds the link to the next one in its own memory. */
struct buffer_block {
    struct buffer_block *next;
};

static const struct {
    uint32_t size_bytes;
    uint32_t kept_count; /* free ones a pool keeps */
} classes[BUFFER_CLASS_COUNT] = {
    {4096, 256},
    {20480, 64},
    {81920, 32},
};

void buffer_pool_init(struct buffer_pool *pool)
{
    *pool = (struct buffer_pool){0};
}

void buffer_pool_deinit(struct buffer_pool *pool)
{
    CHECK(pool->lent_count == 0);
    for (size_t class = 0; class < BUFFER_CLASS_COUNT; class ++) {
        while (pool->free_blocks[class] != NULL) {
            struct buffer_block *block = pool->free_blocks[class];
            pool->free_blocks[class] = block->next;
            free(block);
        }
    }
    buffer_pool_init(pool);
}

/* The smallest class that holds size_bytes; BUFFER_CLASS_COUNT when none does. */
static size_t class_for(size_t size_bytes)
{
    size_t class = 0;
    while (class < BUFFER_CLASS_COUNT && classes[class].size_bytes < size_bytes) {
        class ++;
    }
    return class;
}

uint8_t *buffer_pool_lend(struct buffer_pool *pool, size_t size_bytes, uint32_t *ret_capacity_bytes)
{
    size_t class = class_for(size_bytes);
    uint32_t capacity_bytes;
    void *memory;
    if (class == BUFFER_CLASS_COUNT) {
        /* Doubling, so that appending to a large buffer stays linear. */
        capacity_bytes = (uint32_t)(size_bytes + size_bytes / 2);
        memory = malloc(capacity_bytes);
    } else if (pool->free_blocks[class] != NULL) {
        capacity_bytes = classes[class].size_bytes;
        memory = pool->free_blocks[class];
        pool->free_blocks[class] = pool->free_blocks[class]->next;
        pool->free_counts[class]--;
    } else {
        capacity_bytes = classes[class].size_bytes;
        memory = malloc(capacity_bytes);
    }
    if (memory == NULL) {
        return NULL;
    }
    pool->lent_count++;
    pool->lent_bytes += capacity_bytes;
    *ret_capacity_bytes = capacity_bytes;
    return memory;
}

void buffer_pool_return(struct buffer_pool *pool, uint8_t *memory, uint32_t capacity_bytes)
{
    size_t class = class_for(capacity_bytes);
    pool->lent_count--;
    pool->lent_bytes -= capacity_bytes;
    if (class == BUFFER_CLASS_COUNT || pool->free_counts[class] == classes[class].kept_count) {
        free(memory);
        return;
    }
    struct buffer_block *block = (struct buffer_block *)(void *)memory;
    block->next = pool->free_blocks[class];
    pool->free_blocks[class] = block;
    pool->free_counts[class]++;
}

struct result buffer_reserve(struct buffer_pool *pool, struct buffer *buffer, size_t length_bytes)
{
    uint32_t length = buffer_length(buffer);
    if (length_bytes > BUFFER_LIMIT_BYTES - length) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    if (buffer->capacity_bytes - buffer->end >= length_bytes) {
        return RESULT_OK;
    }
    if (buffer->capacity_bytes - length >= length_bytes) {
        memmove(buffer->memory, buffer->memory + buffer->start, length);
        buffer->start = 0;
        buffer->end = length;
        return RESULT_OK;
    }
    uint32_t capacity_bytes;
    uint8_t *memory = buffer_pool_lend(pool, length + length_bytes, &capacity_bytes);
    if (memory == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (buffer->memory != NULL) {
        memcpy(memory, buffer->memory + buffer->start, length);
        buffer_pool_return(pool, buffer->memory, buffer->capacity_bytes);
    }
    *buffer = (struct buffer){.memory = memory, .capacity_bytes = capacity_bytes, .end = length};
    return RESULT_OK;
}

struct result buffer_append(struct buffer_pool *pool, struct buffer *buffer, struct bytes bytes)
{
    if (bytes.length == 0) {
        return RESULT_OK;
    }
    TRY(buffer_reserve(pool, buffer, bytes.length));
    memcpy(buffer_room(buffer), bytes.at, bytes.length);
    buffer_fill(buffer, bytes.length);
    return RESULT_OK;
}

void buffer_drop(struct buffer_pool *pool, struct buffer *buffer, size_t length_bytes)
{
    CHECK(length_bytes <= buffer_length(buffer));
    buffer->start += (uint32_t)length_bytes;
    if (buffer_is_empty(buffer)) {
        buffer_release(pool, buffer);
    }
}

void buffer_release(struct buffer_pool *pool, struct buffer *buffer)
{
    if (buffer->memory != NULL) {
        buffer_pool_return(pool, buffer->memory, buffer->capacity_bytes);
    }
    *buffer = (struct buffer){0};
}
