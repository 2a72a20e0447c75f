/* When the watchdog is fed: only when a look is due, and everybody who is watched has moved. */
#include "../../../src/control/watchdog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LIMIT_MS  4000u
#define PERIOD_MS (LIMIT_MS / WATCHDOG_LOOKS_IN_LIMIT)

static _Atomic uint64_t turns[2];
static struct watchdog watchdog;

static int begin(void **state)
{
    (void)state;
    turns[0] = turns[1] = 1;
    assert_true(result_is_ok(watchdog_init(&watchdog, LIMIT_MS, 2)));
    watchdog_watch(&watchdog, &turns[0]);
    watchdog_watch(&watchdog, &turns[1]);
    return 0;
}

static int end(void **state)
{
    (void)state;
    watchdog_deinit(&watchdog);
    return 0;
}

static void it_is_fed_when_a_look_is_due_and_all_have_moved(void **state)
{
    (void)state;
    assert_true(watchdog_look(&watchdog, 100));
    turns[0]++;
    turns[1]++;
    assert_false(watchdog_look(&watchdog, 100 + PERIOD_MS - 1));
    assert_int_equal(watchdog_wait_ms(&watchdog, 100 + PERIOD_MS - 1), 1);
    assert_true(watchdog_look(&watchdog, 100 + PERIOD_MS));
    assert_int_equal(watchdog_wait_ms(&watchdog, 100 + 5 * PERIOD_MS), 0);
}

static void one_that_stands_still_starves_it_whatever_the_others_do(void **state)
{
    (void)state;
    assert_true(watchdog_look(&watchdog, 0));
    for (uint64_t now_ms = PERIOD_MS; now_ms < 10 * PERIOD_MS; now_ms += PERIOD_MS) {
        turns[0]++;
        assert_false(watchdog_look(&watchdog, now_ms));
    }
    turns[1]++;
    assert_true(watchdog_look(&watchdog, 10 * PERIOD_MS));
}

static void moves_count_from_the_last_feeding_not_from_the_last_look(void **state)
{
    (void)state;
    assert_true(watchdog_look(&watchdog, 0));
    turns[0]++;
    assert_false(watchdog_look(&watchdog, PERIOD_MS));
    turns[1]++;
    assert_true(watchdog_look(&watchdog, 2 * PERIOD_MS));
    assert_false(watchdog_look(&watchdog, 3 * PERIOD_MS));
}

static void one_that_has_ended_is_not_waited_for(void **state)
{
    (void)state;
    turns[1] = WATCHDOG_ENDED;
    for (uint64_t now_ms = 0; now_ms < 5 * PERIOD_MS; now_ms += PERIOD_MS) {
        turns[0]++;
        assert_true(watchdog_look(&watchdog, now_ms));
    }
}

static void without_a_limit_it_wants_nothing(void **state)
{
    struct watchdog none;
    (void)state;
    assert_true(result_is_ok(watchdog_init(&none, 0, 2)));
    watchdog_watch(&none, &turns[0]);
    assert_false(watchdog_look(&none, 1000000));
    assert_int_equal(watchdog_wait_ms(&none, 1000000), UINT32_MAX);
    watchdog_deinit(&none);
}

static void the_shortest_limit_still_has_a_period(void **state)
{
    struct watchdog hasty;
    (void)state;
    assert_true(result_is_ok(watchdog_init(&hasty, 1, 0)));
    assert_true(watchdog_look(&hasty, 5));
    assert_int_equal(watchdog_wait_ms(&hasty, 5), 1);
    watchdog_deinit(&hasty);
}

static void the_limit_is_read_for_our_process_alone(void **state)
{
    (void)state;
    assert_int_equal(watchdog_read_limit_ms("30000000", NULL, 7), 30000);
    assert_int_equal(watchdog_read_limit_ms("30000000", "7", 7), 30000);
    assert_int_equal(watchdog_read_limit_ms("30000000", "8", 7), 0);
    assert_int_equal(watchdog_read_limit_ms(NULL, "7", 7), 0);
}

static void what_is_no_limit_is_none(void **state)
{
    (void)state;
    static const char *const limits[] = {
        "", "0", "999", "-1", "1s", "30000000x", "18446744073709551616", "4294967295001",
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        assert_int_equal(watchdog_read_limit_ms(limits[i], NULL, 7), 0);
    }
    assert_int_equal(watchdog_read_limit_ms("30000000", "seven", 7), 0);
    assert_int_equal(watchdog_read_limit_ms("30000000", "", 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_fed_when_a_look_is_due_and_all_have_moved, begin,
                                        end),
        cmocka_unit_test_setup_teardown(one_that_stands_still_starves_it_whatever_the_others_do,
                                        begin, end),
        cmocka_unit_test_setup_teardown(moves_count_from_the_last_feeding_not_from_the_last_look,
                                        begin, end),
        cmocka_unit_test_setup_teardown(one_that_has_ended_is_not_waited_for, begin, end),
        cmocka_unit_test(without_a_limit_it_wants_nothing),
        cmocka_unit_test(the_shortest_limit_still_has_a_period),
        cmocka_unit_test(the_limit_is_read_for_our_process_alone),
        cmocka_unit_test(what_is_no_limit_is_none),
    };
    return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
