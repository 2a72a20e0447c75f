/* When operations begin: at once, or at even times that a stall does not move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "load/pace.h"

#define SECOND UINT64_C(1000000000)

static struct pace open_loop(uint64_t rate, uint64_t lane, uint64_t lane_count)
{
    return (struct pace){.start_ns = 5 * SECOND,
                         .end_ns = 6 * SECOND,
                         .rate = rate,
                         .lane = lane,
                         .lane_count = lane_count,
                         .most = UINT64_MAX};
}

static void a_closed_loop_begins_at_once_until_the_end(void **state)
{
    struct pace pace = {.end_ns = 100, .lane_count = 1, .most = 3};
    uint64_t intended_ns;
    (void)state;
    assert_true(pace_take(&pace, 7, &intended_ns));
    assert_int_equal(intended_ns, 7);
    assert_false(pace_take(&pace, 100, &intended_ns));
    assert_true(pace_take(&pace, 99, &intended_ns));
    assert_true(pace_take(&pace, 99, &intended_ns));
    assert_false(pace_take(&pace, 99, &intended_ns));
    assert_int_equal(pace_next_ns(&pace, 99), UINT64_MAX);
    assert_int_equal(pace_behind(&pace, 99), 0);
    pace_give_back(&pace);
    assert_true(pace_take(&pace, 99, &intended_ns));
    assert_false(pace_take(&pace, 99, &intended_ns));
    pace.most = UINT64_MAX;
    pace_give_back(&pace);
    assert_int_equal(pace.most, UINT64_MAX);
}

static void an_open_loop_keeps_its_times_through_a_stall(void **state)
{
    struct pace pace = open_loop(1000, 0, 1);
    uint64_t intended_ns = 0;
    (void)state;
    assert_true(pace_take(&pace, 5 * SECOND, &intended_ns));
    assert_int_equal(intended_ns, 5 * SECOND);
    assert_false(pace_take(&pace, 5 * SECOND + 999999, &intended_ns));
    /* Half a second later all that were due begin, each with its own time. */
    for (uint64_t i = 1; i <= 500; i++) {
        assert_true(pace_take(&pace, 5 * SECOND + SECOND / 2, &intended_ns));
        assert_int_equal(intended_ns, 5 * SECOND + i * 1000000);
    }
    assert_false(pace_take(&pace, 5 * SECOND + SECOND / 2, &intended_ns));
}

static void lanes_share_the_rate_evenly(void **state)
{
    uint64_t taken = 0;
    (void)state;
    for (uint64_t lane = 0; lane < 3; lane++) {
        struct pace pace = open_loop(100, lane, 3);
        uint64_t intended_ns;
        while (pace_take(&pace, 100 * SECOND, &intended_ns)) {
            assert_int_equal((intended_ns - 5 * SECOND) % 10000000, 0);
            assert_in_range(intended_ns, 5 * SECOND, 6 * SECOND - 1);
            taken++;
        }
    }
    assert_int_equal(taken, 100);
}

static void an_odd_rate_does_not_drift(void **state)
{
    struct pace pace = open_loop(7, 0, 1);
    uint64_t intended_ns = 0;
    (void)state;
    pace.end_ns = UINT64_MAX;
    for (int i = 0; i < 7 * 3600; i++) {
        assert_true(pace_take(&pace, UINT64_MAX - 1, &intended_ns));
    }
    assert_true(pace_take(&pace, UINT64_MAX - 1, &intended_ns));
    assert_int_equal(intended_ns, (5 + 3600) * SECOND);
}

static void what_should_have_begun_is_counted(void **state)
{
    struct pace pace = open_loop(1000, 0, 1);
    uint64_t intended_ns;
    (void)state;
    assert_int_equal(pace_behind(&pace, 4 * SECOND), 0);
    assert_int_equal(pace_behind(&pace, 5 * SECOND), 0);
    assert_int_equal(pace_behind(&pace, 5 * SECOND + 1), 1);
    assert_int_equal(pace_behind(&pace, 5 * SECOND + SECOND / 10), 100);
    assert_true(pace_take(&pace, 5 * SECOND + SECOND / 10, &intended_ns));
    assert_int_equal(pace_behind(&pace, 5 * SECOND + SECOND / 10), 99);
    assert_int_equal(pace_behind(&pace, 99 * SECOND), 999);
    pace.most = 10;
    assert_int_equal(pace_behind(&pace, 99 * SECOND), 9);
}

static void none_begins_from_the_end_on(void **state)
{
    struct pace pace = open_loop(1, 0, 1);
    uint64_t intended_ns;
    (void)state;
    assert_true(pace_take(&pace, 9 * SECOND, &intended_ns));
    assert_false(pace_take(&pace, 9 * SECOND, &intended_ns));
    assert_int_equal(pace_next_ns(&pace, 9 * SECOND), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_loop_begins_at_once_until_the_end),
        cmocka_unit_test(an_open_loop_keeps_its_times_through_a_stall),
        cmocka_unit_test(lanes_share_the_rate_evenly),
        cmocka_unit_test(an_odd_rate_does_not_drift),
        cmocka_unit_test(what_should_have_begun_is_counted),
        cmocka_unit_test(none_begins_from_the_end_on),
    };
    return cmocka_run_group_tests_name("load/pace", tests, NULL, NULL);
}
