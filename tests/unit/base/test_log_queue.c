/* Lines from one thread to another, here on one: order, the wrap, and what has no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_queue.h"

#define CAPACITY_BYTES 64

static int make_queue(void **state)
{
    struct log_queue *queue = aligned_alloc(_Alignof(struct log_queue), sizeof(*queue));
    *state = queue;
    return queue != NULL && result_is_ok(log_queue_init(queue, CAPACITY_BYTES)) ? 0 : -1;
}

static int free_queue(void **state)
{
    log_queue_deinit(*state);
    free(*state);
    return 0;
}

/* Takes all that is there into memory; returns its length. */
static size_t drain(struct log_queue *queue, char *memory)
{
    size_t length = 0;
    for (struct bytes seen = log_queue_peek(queue); seen.length > 0; seen = log_queue_peek(queue)) {
        memcpy(memory + length, seen.at, seen.length);
        length += seen.length;
        log_queue_take(queue, seen.length);
    }
    return length;
}

static void lines_come_out_in_order(void **state)
{
    char memory[CAPACITY_BYTES + 1] = {0};
    struct log_queue *queue = *state;
    assert_int_equal(log_queue_peek(queue).length, 0);
    assert_true(log_queue_put(queue, BYTES_OF("one\n")));
    assert_true(log_queue_put(queue, BYTES_OF("two\n")));
    assert_int_equal(drain(queue, memory), 8);
    assert_string_equal(memory, "one\ntwo\n");
    assert_int_equal(log_queue_dropped_count(queue), 0);
}

static void a_line_that_wraps_is_shown_in_two_pieces_and_is_whole(void **state)
{
    char memory[CAPACITY_BYTES + 1] = {0};
    struct log_queue *queue = *state;
    char filling[50];
    memset(filling, 'x', sizeof(filling));
    assert_true(log_queue_put(queue, bytes_from(filling, sizeof(filling))));
    log_queue_take(queue, sizeof(filling));
    assert_true(log_queue_put(queue, BYTES_OF("0123456789abcdefghij")));
    assert_int_equal(log_queue_peek(queue).length, CAPACITY_BYTES - sizeof(filling));
    assert_int_equal(drain(queue, memory), 20);
    assert_string_equal(memory, "0123456789abcdefghij");
}

static void every_place_of_the_wrap_keeps_the_bytes(void **state)
{
    struct log_queue *queue = *state;
    uint8_t next_put = 0;
    uint8_t next_taken = 0;
    for (size_t round = 0; round < 2000; round++) {
        uint8_t line[CAPACITY_BYTES];
        char memory[CAPACITY_BYTES];
        size_t length = 1 + round * 7 % CAPACITY_BYTES;
        for (size_t i = 0; i < length; i++) {
            line[i] = next_put++;
        }
        assert_true(log_queue_put(queue, bytes_from(line, length)));
        assert_int_equal(drain(queue, memory), length);
        for (size_t i = 0; i < length; i++) {
            assert_int_equal((uint8_t)memory[i], next_taken++);
        }
    }
}

static void a_line_for_which_there_is_no_room_is_dropped_whole_and_counted(void **state)
{
    char memory[CAPACITY_BYTES + 1] = {0};
    char line[CAPACITY_BYTES + 1];
    struct log_queue *queue = *state;
    memset(line, 'a', sizeof(line));
    assert_false(log_queue_put(queue, bytes_from(line, CAPACITY_BYTES + 1)));
    assert_true(log_queue_put(queue, bytes_from(line, CAPACITY_BYTES - 1)));
    assert_false(log_queue_put(queue, BYTES_OF("bb")));
    assert_true(log_queue_put(queue, BYTES_OF("c"))); /* full to the byte */
    assert_false(log_queue_put(queue, BYTES_OF("d")));
    assert_int_equal(log_queue_dropped_count(queue), 3);
    assert_int_equal(drain(queue, memory), CAPACITY_BYTES);
    assert_int_equal(memory[CAPACITY_BYTES - 1], 'c');
    assert_true(log_queue_put(queue, BYTES_OF("e")));
    assert_int_equal(drain(queue, memory), 1);
}

static void what_was_shown_may_be_taken_in_parts(void **state)
{
    struct log_queue *queue = *state;
    assert_true(log_queue_put(queue, BYTES_OF("abcdef")));
    log_queue_take(queue, 2);
    assert_true(bytes_equal(log_queue_peek(queue), BYTES_OF("cdef")));
    log_queue_take(queue, 0);
    assert_true(bytes_equal(log_queue_peek(queue), BYTES_OF("cdef")));
    log_queue_take(queue, 4);
    assert_int_equal(log_queue_peek(queue).length, 0);
}

static void a_zeroed_queue_may_be_taken_down(void **state)
{
    struct log_queue queue = {0};
    (void)state;
    log_queue_deinit(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_come_out_in_order, make_queue, free_queue),
        cmocka_unit_test_setup_teardown(a_line_that_wraps_is_shown_in_two_pieces_and_is_whole,
                                        make_queue, free_queue),
        cmocka_unit_test_setup_teardown(every_place_of_the_wrap_keeps_the_bytes, make_queue,
                                        free_queue),
        cmocka_unit_test_setup_teardown(
            a_line_for_which_there_is_no_room_is_dropped_whole_and_counted, make_queue, free_queue),
        cmocka_unit_test_setup_teardown(what_was_shown_may_be_taken_in_parts, make_queue,
                                        free_queue),
        cmocka_unit_test(a_zeroed_queue_may_be_taken_down),
    };
    return cmocka_run_group_tests_name("log_queue", tests, NULL, NULL);
}
