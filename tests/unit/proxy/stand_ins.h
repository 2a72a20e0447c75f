/*
 * The kernel's part for the tests of this folder: the ring, the sockets, the clock and the
 * allocator of tests/fake, compiled into the test's own program. One include a program.
 *
 * The calls of the code under test reach them because a program that includes this is linked with
 * --wrap, as the simulation is (Makefile). The C library and a sanitizer's runtime keep their own.
 */
#ifndef TESTS_UNIT_PROXY_STAND_INS_H
#define TESTS_UNIT_PROXY_STAND_INS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "../../fake/fake_memory.h"

/* Every allocation of the code under test fails while this is set. */
static bool is_memory_short;
static bool is_memory_fallible;

/* So many of the next ones fail. */
static uint32_t memory_short_count;

bool fake_memory_set_fallible(bool is_fallible)
{
    bool before = is_memory_fallible;
    is_memory_fallible = is_fallible;
    return before;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    if (is_memory_fallible && memory_short_count > 0) {
        memory_short_count--;
        return NULL;
    }
    return is_memory_short && is_memory_fallible ? NULL : __real_malloc(size);
}

#include "../../fake/fake_clock.c"
#include "../../fake/fake_net.c"
#include "../../fake/fake_ring.c"

#endif
