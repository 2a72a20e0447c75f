/* Dates of HTTP fields, against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "http/http_date.h"

static void expect_date(int64_t seconds, const char *expected)
{
    char memory[HTTP_DATE_BYTES];
    struct bytes date = http_date_write(seconds, memory);
    assert_int_equal(date.length, HTTP_DATE_BYTES);
    assert_memory_equal(date.at, expected, HTTP_DATE_BYTES);
}

static void known_dates_are_written(void **state)
{
    (void)state;
    expect_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
    expect_date(0, "Thu, 01 Jan 1970 00:00:00 GMT");
    expect_date(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
    expect_date(INT64_C(4107542399), "Sun, 28 Feb 2100 23:59:59 GMT");
}

static void dates_out_of_range_are_written_as_the_nearest_end(void **state)
{
    (void)state;
    expect_date(-1, "Thu, 01 Jan 1970 00:00:00 GMT");
    expect_date(INT64_MIN, "Thu, 01 Jan 1970 00:00:00 GMT");
    expect_date(INT64_C(253402300800), "Fri, 31 Dec 9999 23:59:59 GMT");
    expect_date(INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void every_tenth_day_of_a_thousand_years_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t seconds = 12345; seconds < INT64_C(86400) * 365 * 1000;
         seconds += 86400 * 10 + 7) {
        char expected[64];
        struct tm tm;
        time_t time = (time_t)seconds;
        assert_non_null(gmtime_r(&time, &tm));
        assert_int_equal(strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &tm),
                         HTTP_DATE_BYTES);
        expect_date(seconds, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates_are_written),
        cmocka_unit_test(dates_out_of_range_are_written_as_the_nearest_end),
        cmocka_unit_test(every_tenth_day_of_a_thousand_years_agrees_with_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
