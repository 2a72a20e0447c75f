/*
 * Blocks of memory chained together, handed out from the front of the newest. Nothing is freed one
 * by one, so a configuration that failed half-way needs no unwinding.
 */
#include <stdalign.h>
#include <stdlib.h>

#include "arena.h"

#define BLOCK_BYTES 16384

struct block {
    struct block *next;
    size_t used_bytes;
    size_t size_bytes;
    alignas(max_align_t) char memory[];
};

struct arena {
    struct block *newest;
};

struct arena *arena_create(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct block *block = arena->newest;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

static struct block *add_block(struct arena *arena, size_t needed_bytes)
{
    size_t size_bytes = needed_bytes > BLOCK_BYTES ? needed_bytes : BLOCK_BYTES;
    struct block *block = calloc(1, sizeof(*block) + size_bytes);
    if (block == NULL) {
        return NULL;
    }
    block->size_bytes = size_bytes;
    block->next = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_allocate(struct arena *arena, size_t count, size_t size_bytes)
{
    size_t wanted = 0;
    size_t mask = alignof(max_align_t) - 1;
    if (__builtin_mul_overflow(count, size_bytes, &wanted) || wanted > SIZE_MAX / 2) {
        return NULL;
    }
    wanted = (wanted + mask) & ~mask;
    struct block *block = arena->newest;
    if (block == NULL || block->size_bytes - block->used_bytes < wanted) {
        block = add_block(arena, wanted);
    }
    if (block == NULL) {
        return NULL;
    }
    void *memory = block->memory + block->used_bytes;
    block->used_bytes += wanted;
    return memory;
}

char *arena_copy(struct arena *arena, struct bytes text)
{
    char *copy = arena_allocate(arena, text.length + 1, 1);
    if (copy != NULL && text.length > 0) {
        memcpy(copy, text.at, text.length);
    }
    return copy;
}
