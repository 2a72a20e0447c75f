/* Rows for sections: enough, too few, none at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/top_layout.h"

static size_t rows_of[TOP_LAYOUT_SECTIONS_MAX];

static void share(const struct top_layout_wish *wishes, size_t count, size_t rows)
{
    memset(rows_of, 0xFF, sizeof(rows_of));
    top_layout_share(wishes, count, rows, rows_of);
}

static void where_there_is_room_everybody_gets_the_most(void **state)
{
    static const struct top_layout_wish wishes[] = {{2, 5}, {2, 3}, {2, 2}};
    (void)state;
    share(wishes, 3, 100);
    assert_int_equal(rows_of[0], 5);
    assert_int_equal(rows_of[1], 3);
    assert_int_equal(rows_of[2], 2);
}

static void what_is_left_is_dealt_in_turn(void **state)
{
    static const struct top_layout_wish wishes[] = {{2, 9}, {2, 3}, {2, 9}};
    (void)state;
    share(wishes, 3, 3 * 2 + 2 + 4); /* two gaps, four rows to deal */
    assert_int_equal(rows_of[0], 4);
    assert_int_equal(rows_of[1], 3);
    assert_int_equal(rows_of[2], 3);
}

static void who_comes_later_gets_nothing_when_there_is_too_little(void **state)
{
    static const struct top_layout_wish wishes[] = {{2, 2}, {3, 3}, {2, 2}};
    (void)state;
    share(wishes, 3, 5); /* 2, a gap, and 2 left: too few for the second, enough for the third */
    assert_int_equal(rows_of[0], 2);
    assert_int_equal(rows_of[1], 0);
    assert_int_equal(rows_of[2], 2);
}

static void without_rows_nobody_gets_any(void **state)
{
    static const struct top_layout_wish wishes[] = {{2, 2}, {2, 9}};
    (void)state;
    share(wishes, 2, 0);
    assert_int_equal(rows_of[0], 0);
    assert_int_equal(rows_of[1], 0);
    share(wishes, 2, 1);
    assert_int_equal(rows_of[0], 0);
    share(wishes, 0, 10);
}

static void never_are_there_more_rows_than_given(void **state)
{
    static const struct top_layout_wish wishes[] = {{2, 7}, {1, 4}, {3, 3}, {2, 40}};
    (void)state;
    for (size_t rows = 0; rows < 80; rows++) {
        size_t taken = 0;
        size_t shown = 0;
        share(wishes, 4, rows);
        for (size_t i = 0; i < 4; i++) {
            assert_true(rows_of[i] == 0 || rows_of[i] >= wishes[i].least);
            assert_true(rows_of[i] <= wishes[i].most);
            taken += rows_of[i];
            shown += rows_of[i] > 0;
        }
        assert_true(taken + (shown > 0 ? shown - 1 : 0) <= rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_room_everybody_gets_the_most),
        cmocka_unit_test(what_is_left_is_dealt_in_turn),
        cmocka_unit_test(who_comes_later_gets_nothing_when_there_is_too_little),
        cmocka_unit_test(without_rows_nobody_gets_any),
        cmocka_unit_test(never_are_there_more_rows_than_given),
    };
    return cmocka_run_group_tests_name("cli/top_layout", tests, NULL, NULL);
}
