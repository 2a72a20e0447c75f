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

static void put_string(struct log_queue *queue, const char *line)
{
    assert_true(log_queue_put(queue, bytes_from_string(line)));
}

static void expect_lines(struct log_queue *queue, size_t room, const char *lines)
{
    uint8_t memory[CAPACITY_BYTES + 1];
    size_t length = log_queue_take_lines(queue, memory, room);
    memory[length] = '\0';
    assert_string_equal((char *)memory, lines);
}

static void whole_lines_are_taken_also_across_the_wrap(void **state)
{
    struct log_queue *queue = *state;
    for (size_t i = 0; i < 5 * CAPACITY_BYTES; i++) {
        put_string(queue, "abc\n");
        put_string(queue, "defg\n");
        expect_lines(queue, CAPACITY_BYTES, "abc\ndefg\n");
        expect_lines(queue, CAPACITY_BYTES, "");
    }
}

static void lines_that_do_not_fit_stay_for_the_next_time(void **state)
{
    struct log_queue *queue = *state;
    put_string(queue, "abc\n");
    put_string(queue, "def\n");
    put_string(queue, "g\n");
    expect_lines(queue, 7, "abc\n");
    expect_lines(queue, 4, "def\n");
    expect_lines(queue, 1, "");
    expect_lines(queue, 2, "g\n");
}

static void what_is_put_behind_a_fence_waits_until_it_is_lifted(void **state)
{
    struct log_queue *queue = *state;
    for (size_t i = 0; i < 3 * CAPACITY_BYTES; i++) {
        put_string(queue, "a\n");
        log_queue_fence(queue);
        put_string(queue, "b\n");
        expect_lines(queue, CAPACITY_BYTES, "a\n");
        expect_lines(queue, CAPACITY_BYTES, "");
        assert_int_equal(log_queue_peek(queue).length, 0);
        log_queue_lift_fence(queue);
        expect_lines(queue, CAPACITY_BYTES, "b\n");
    }
}

static void a_fence_in_an_empty_queue_hides_all_that_comes(void **state)
{
    struct log_queue *queue = *state;
    log_queue_fence(queue);
    expect_lines(queue, CAPACITY_BYTES, "");
    put_string(queue, "a\n");
    expect_lines(queue, CAPACITY_BYTES, "");
    log_queue_lift_fence(queue);
    expect_lines(queue, CAPACITY_BYTES, "a\n");
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
        cmocka_unit_test_setup_teardown(whole_lines_are_taken_also_across_the_wrap, make_queue,
                                        free_queue),
        cmocka_unit_test_setup_teardown(lines_that_do_not_fit_stay_for_the_next_time, make_queue,
                                        free_queue),
        cmocka_unit_test_setup_teardown(what_is_put_behind_a_fence_waits_until_it_is_lifted,
                                        make_queue, free_queue),
        cmocka_unit_test_setup_teardown(a_fence_in_an_empty_queue_hides_all_that_comes, make_queue,
                                        free_queue),
        cmocka_unit_test(a_zeroed_queue_may_be_taken_down),
    };
    return cmocka_run_group_tests_name("log_queue", tests, NULL, NULL);
}
