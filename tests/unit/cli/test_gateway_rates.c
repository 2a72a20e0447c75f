/* Rates and percentiles of an interval: ordinary ones, empty ones, and a gateway that was started
 * anew. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/gateway_rates.h"

static struct gateway_figures former;
static struct gateway_figures latest;
static struct gateway_interval interval;

/* Three bounds, so four buckets: below 1 ms, 2 ms, 4 ms, and longer. */
static int clear(void **state)
{
    (void)state;
    memset(&former, 0, sizeof(former));
    latest = former;
    latest.bound_count = 3;
    latest.bounds_seconds[0] = 0.001;
    latest.bounds_seconds[1] = 0.002;
    latest.bounds_seconds[2] = 0.004;
    return 0;
}

static bool is_near(double number, double wanted)
{
    return fabs(number - wanted) < 1e-9;
}

static void a_rate_is_the_difference_by_the_seconds(void **state)
{
    (void)state;
    assert_true(is_near(gateway_rates_of(10, 40, 2), 15));
    assert_true(is_near(gateway_rates_of(10, 10, 2), 0));
    assert_true(is_near(gateway_rates_of(10, 11, 0.1), 10));
}

static void a_counter_that_went_back_or_no_time_at_all_gives_no_rate(void **state)
{
    (void)state;
    assert_true(is_near(gateway_rates_of(40, 10, 2), 0));
    assert_true(is_near(gateway_rates_of(10, 40, 0), 0));
    assert_true(is_near(gateway_rates_of(10, 40, -1), 0));
    assert_true(is_near(gateway_rates_of(NAN, 40, 1), 0));
}

static void percentiles_are_those_of_the_difference(void **state)
{
    static const double before[] = {1000, 0, 0, 0};
    static const double now[] = {1001, 98, 0, 1};
    (void)state;
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 500), 0.002));
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 990), 0.002));
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 1000), 0.004));
    assert_true(is_near(gateway_rates_quantile(NULL, now, &latest, 500), 0.001));
}

static void one_duration_is_every_percentile(void **state)
{
    static const double before[] = {5, 5, 5, 5};
    static const double now[] = {5, 5, 6, 5};
    (void)state;
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 1), 0.004));
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 500), 0.004));
    assert_true(is_near(gateway_rates_quantile(before, now, &latest, 1000), 0.004));
}

static void without_durations_or_bounds_there_is_no_percentile(void **state)
{
    static const double before[] = {5, 5, 5, 5};
    static const double back[] = {4, 3, 2, 1};
    static const double now[] = {9, 9, 9, 9};
    (void)state;
    assert_true(isnan(gateway_rates_quantile(before, before, &latest, 990)));
    assert_true(isnan(gateway_rates_quantile(before, back, &latest, 990)));
    latest.bound_count = 0;
    assert_true(isnan(gateway_rates_quantile(before, now, &latest, 990)));
}

static void an_interval_has_rates_and_percentiles(void **state)
{
    (void)state;
    former.numbers[GATEWAY_REQUESTS] = 100;
    latest.numbers[GATEWAY_REQUESTS] = 300;
    latest.timings[GATEWAY_REQUEST][1] = 200;
    gateway_rates_measure(&former, &latest, 2, &interval);
    assert_true(is_near(interval.seconds, 2));
    assert_true(is_near(interval.numbers[GATEWAY_REQUESTS], 100));
    assert_true(is_near(interval.timings[GATEWAY_REQUEST], 100));
    assert_true(is_near(interval.p99_seconds[GATEWAY_REQUEST], 0.002));
    assert_true(isnan(interval.p50_seconds[GATEWAY_JUDGING]));
}

static void a_first_look_and_a_new_start_tell_no_rates(void **state)
{
    (void)state;
    latest.numbers[GATEWAY_REQUESTS] = 300;
    latest.numbers[GATEWAY_START_SECONDS] = 1000;
    gateway_rates_measure(NULL, &latest, 1, &interval);
    assert_true(is_near(interval.seconds, 0) && isnan(interval.p50_seconds[GATEWAY_REQUEST]));
    gateway_rates_measure(&former, &latest, 1, &interval);
    assert_true(is_near(interval.seconds, 0));
    assert_true(is_near(interval.numbers[GATEWAY_REQUESTS], 0));
    former.numbers[GATEWAY_START_SECONDS] = 1000.4; /* its clock was put right */
    gateway_rates_measure(&former, &latest, 1, &interval);
    assert_true(is_near(interval.numbers[GATEWAY_REQUESTS], 300));
}

static void words_are_compared_by_name_wherever_they_stand(void **state)
{
    struct gateway_words before = {{{"expired", 5}, {"revoked", 1}}, 2};
    struct gateway_words now = {{{"new", 4}, {"revoked", 3}, {"expired", 5}}, 3};
    (void)state;
    assert_true(is_near(gateway_rates_of_word(&before, &now, 0, 2), 2));
    assert_true(is_near(gateway_rates_of_word(&before, &now, 1, 2), 1));
    assert_true(is_near(gateway_rates_of_word(&before, &now, 2, 2), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_rate_is_the_difference_by_the_seconds, clear),
        cmocka_unit_test_setup(a_counter_that_went_back_or_no_time_at_all_gives_no_rate, clear),
        cmocka_unit_test_setup(percentiles_are_those_of_the_difference, clear),
        cmocka_unit_test_setup(one_duration_is_every_percentile, clear),
        cmocka_unit_test_setup(without_durations_or_bounds_there_is_no_percentile, clear),
        cmocka_unit_test_setup(an_interval_has_rates_and_percentiles, clear),
        cmocka_unit_test_setup(a_first_look_and_a_new_start_tell_no_rates, clear),
        cmocka_unit_test_setup(words_are_compared_by_name_wherever_they_stand, clear),
    };
    return cmocka_run_group_tests_name("cli/gateway_rates", tests, NULL, NULL);
}
