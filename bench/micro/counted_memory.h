/*
 * The allocator of a micro benchmark: it counts what a thread allocates, and puts what is allocated
 * while an arena is open where it can be made read-only. Linked with -Wl,--wrap= for malloc,
 * calloc, realloc, aligned_alloc and free (Makefile).
 *
 * Arenas are opened and closed while one thread runs; counting is any thread's. What lies in an
 * arena is never freed.
 */
#ifndef BENCH_MICRO_COUNTED_MEMORY_H
#define BENCH_MICRO_COUNTED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One for what is shared, and one for each of so many threads. */
#define COUNTED_MEMORY_ARENA_COUNT 17

/* How often this thread has allocated. */
uint64_t counted_memory_count(void);

/* What is allocated from now on lies in the arena (below COUNTED_MEMORY_ARENA_COUNT). */
void counted_memory_open(size_t arena);
void counted_memory_close(void);

/* A write to the arena ends the program, or is allowed again. */
void counted_memory_protect(size_t arena, bool is_read_only);

/* The same with all static variables of the program, those of linked archives included. */
void counted_memory_protect_static(bool is_read_only);

#endif
