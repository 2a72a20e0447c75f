/*
 * An allocator that fails now and then, within the code under test only. Link with the wraps of
 * malloc, calloc and realloc that the Makefile names; one thread.
 */
#ifndef TESTS_FAKE_FAKE_MEMORY_H
#define TESTS_FAKE_FAKE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Once in so many calls while fallible; 0: never. */
void fake_memory_let_fail(uint64_t seed, uint32_t one_in);

/* What is called from now on belongs to the code under test, or not. Returns how it was before. */
bool fake_memory_set_fallible(bool is_fallible);

/* How often it has failed since fake_memory_let_fail(). */
uint32_t fake_memory_failure_count(void);

#endif
