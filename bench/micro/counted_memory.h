/*
 * The allocator of a micro benchmark: it counts, and puts what is allocated while the arena is open
 * where it can be protected. Linked with -Wl,--wrap= for malloc, calloc, aligned_alloc and free
 * (Makefile). One include a program.
 */
#ifndef BENCH_MICRO_COUNTED_MEMORY_H
#define BENCH_MICRO_COUNTED_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/check.h"

#define ARENA_SIZE ((size_t)256 << 20)

/* The allocator: __real_ is the linked one. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

static uint8_t *arena;
static size_t arena_used;
static bool is_arena_open; /* only while one thread runs */
static _Atomic uint64_t allocation_count;

static void *take_from_arena(size_t size)
{
    void *memory = arena + arena_used;
    CHECK(size <= ARENA_SIZE - arena_used);
    arena_used += (size + 63) / 64 * 64;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return is_arena_open ? take_from_arena(size) : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return is_arena_open ? take_from_arena(count * size) : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return is_arena_open ? take_from_arena(size) : __real_aligned_alloc(alignment, size);
}

void __wrap_free(void *memory)
{
    uintptr_t offset = (uintptr_t)memory - (uintptr_t)arena;
    if (arena == NULL || offset >= ARENA_SIZE) {
        __real_free(memory);
    }
}

static inline void open_arena(void)
{
    arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(arena != MAP_FAILED);
    is_arena_open = true;
}

#endif
