/* Room for passing threads: made at once, and again without harm. What is given back is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jemalloc/jemalloc.h>

#include "../live_threads.h"
#include "base/allocator_arenas.h"

#pragma weak mallctl

/* In pieces, as what the allocator keeps for later is; larger ones it may give back by itself. */
#define PIECE_BYTES 4096
#define PIECE_COUNT 2048

static void no_thread_stays(void **state)
{
    (void)state;
    allocator_arenas_reserve(); /* with the first thread a sanitizer makes one of its own */
    size_t before = live_threads_count();
    for (unsigned turn = 0; turn < 3; turn++) {
        allocator_arenas_reserve();
        assert_int_equal(live_threads_count(), before);
    }
}

static size_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
    assert_int_equal(fclose(file), 0);
    return pages * 4096;
}

static void use_and_free(void)
{
    void *pieces[PIECE_COUNT];
    for (size_t i = 0; i < PIECE_COUNT; i++) {
        pieces[i] = malloc(PIECE_BYTES);
        assert_non_null(pieces[i]);
        memset(pieces[i], 1, PIECE_BYTES);
    }
    for (size_t i = 0; i < PIECE_COUNT; i++) {
        free(pieces[i]);
    }
}

static void what_is_freed_is_given_back_at_once(void **state)
{
    (void)state;
    use_and_free();
    size_t before = resident_bytes();
    allocator_arenas_give_back_old(); /* it is not old */
    allocator_arenas_give_back();
    if (mallctl != NULL) {
        assert_true(resident_bytes() + PIECE_COUNT / 2 * PIECE_BYTES < before);
    }
    allocator_arenas_give_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_stays),
        cmocka_unit_test(what_is_freed_is_given_back_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
