/* Points in time: every form that is taken, and what is no time at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/moment.h"

#define NOON 1801396800 /* 2027-01-31 12:00:00 UTC */

static void every_form_is_read_as_utc(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "2027-01-31T12:00:00Z", "2027-01-31T12:00:00",      "2027-01-31 12:00:00",
        "2027-01-31T12:00",     "Jan 31 12:00:00 2027 GMT", "@1801396800",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t seconds = 0;
        assert_true(moment_read(texts[i], &seconds));
        assert_int_equal(seconds, NOON);
    }
}

static void a_day_alone_is_its_midnight(void **state)
{
    (void)state;
    int64_t seconds = 0;
    assert_true(moment_read("2027-01-31", &seconds));
    assert_int_equal(seconds, NOON - 12 * 3600);
    assert_true(moment_read("1970-01-01", &seconds));
    assert_int_equal(seconds, 0);
    assert_true(moment_read("2028-02-29", &seconds));
}

static void what_is_no_time_is_refused_and_nothing_changes(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",           "now",
        "@",          "@-1",
        "@1x",        "@99999999999999999999",
        "2027-02-29", "2027-04-31",
        "2027-13-01", "2027-01-31T24:00:00Z",
        "1969-12-31", "2027-01-31T12:00:00Z and more",
        "2027-01",    "2027-01-31T12:00:00+01:00",
        "1801396800", "Foo 31 12:00:00 2027 GMT",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t seconds = 7;
        assert_false(moment_read(texts[i], &seconds));
        assert_int_equal(seconds, 7);
    }
}

static void what_is_written_can_be_read(void **state)
{
    (void)state;
    static const int64_t moments[] = {0, 5 * 86400, NOON, 2524608000, 253402300799};
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        char memory[MOMENT_SIZE];
        int64_t seconds = -1;
        assert_true(moment_read(moment_write(moments[i], memory), &seconds));
        assert_int_equal(seconds, moments[i]);
    }
}

static void days_are_padded_as_certificates_show_them(void **state)
{
    (void)state;
    char memory[MOMENT_SIZE];
    assert_string_equal(moment_write(5 * 86400, memory), "Jan  6 00:00:00 1970 GMT");
}

static void no_moment_is_too_large_to_be_written(void **state)
{
    (void)state;
    char memory[MOMENT_SIZE];
    assert_true(strlen(moment_write(INT64_MAX, memory)) > 0);
    assert_true(strlen(moment_write(INT64_MIN, memory)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read_as_utc),
        cmocka_unit_test(a_day_alone_is_its_midnight),
        cmocka_unit_test(what_is_no_time_is_refused_and_nothing_changes),
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(days_are_padded_as_certificates_show_them),
        cmocka_unit_test(no_moment_is_too_large_to_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
