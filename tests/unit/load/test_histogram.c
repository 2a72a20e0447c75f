/* The histogram: what is recorded is found again, to a part in a thousand, however large it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "load/histogram.h"

/* Too large for the stack of a thread. */
static struct histogram histogram;
static struct histogram other;

static int clear(void **state)
{
    (void)state;
    histogram_clear(&histogram);
    histogram_clear(&other);
    return 0;
}

static void expect_within_a_thousandth(uint64_t found, uint64_t wanted)
{
    assert_in_range(found, wanted, wanted + wanted / 500 + 1);
}

static void an_empty_one_answers_zero(void **state)
{
    (void)state;
    assert_int_equal(histogram_at(&histogram, 0.5), 0);
    assert_int_equal(histogram_at(&histogram, 1), 0);
    assert_true(histogram_mean(&histogram) <= 0);
    assert_true(histogram_deviation(&histogram) <= 0);
    assert_int_equal(histogram_count_up_to(&histogram, UINT64_MAX), 0);
}

static void every_magnitude_is_found_again_to_a_part_in_a_thousand(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < HISTOGRAM_VALUE_MAX_NS; value = value * 5 / 4 + 1) {
        histogram_clear(&histogram);
        histogram_record(&histogram, value);
        histogram_record(&histogram, HISTOGRAM_VALUE_MAX_NS);
        expect_within_a_thousandth(histogram_at(&histogram, 0.5), value);
    }
}

static void many_are_as_many_single_ones(void **state)
{
    (void)state;
    histogram_record(&histogram, 1000);
    histogram_record_many(&histogram, 5000, 3);
    for (int i = 0; i < 3; i++) {
        histogram_record(&other, 5000);
    }
    histogram_record(&other, 1000);
    assert_memory_equal(&histogram, &other, sizeof(histogram));
}

static void the_mean_of_a_day_of_the_longest_is_the_longest(void **state)
{
    (void)state;
    histogram_record_many(&histogram, UINT64_MAX, UINT64_C(1) << 40);
    histogram_merge(&histogram, &histogram);
    assert_int_equal(histogram.count, UINT64_C(1) << 41);
    assert_int_equal((uint64_t)histogram_mean(&histogram), HISTOGRAM_VALUE_MAX_NS);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 1024; value++) {
        histogram_record(&histogram, value);
    }
    for (uint64_t value = 0; value < 1024; value++) {
        assert_int_equal(histogram_at(&histogram, (double)(value + 1) / 1024), value);
        assert_int_equal(histogram_count_up_to(&histogram, value), value + 1);
    }
}

static void percentiles_of_a_row_of_numbers_are_those_numbers(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 100000; value++) {
        histogram_record(&histogram, value * 1000);
    }
    expect_within_a_thousandth(histogram_at(&histogram, 0.5), 50000000);
    expect_within_a_thousandth(histogram_at(&histogram, 0.99), 99000000);
    expect_within_a_thousandth(histogram_at(&histogram, 0.9999), 99990000);
    assert_int_equal(histogram_at(&histogram, 1), 100000000);
    assert_int_equal(histogram.least_ns, 1000);
    assert_in_range((uint64_t)histogram_mean(&histogram), 50000499, 50000501);
    assert_in_range((uint64_t)histogram_deviation(&histogram), 28800000, 28940000);
}

static void one_of_a_hundred_is_above_the_99th(void **state)
{
    (void)state;
    for (int i = 0; i < 99; i++) {
        histogram_record(&histogram, 10);
    }
    histogram_record(&histogram, 1000000);
    assert_int_equal(histogram_at(&histogram, 0.99), 10);
    assert_int_equal(histogram_at(&histogram, 0.991), 1000000);
}

static void what_is_too_long_counts_as_the_longest(void **state)
{
    (void)state;
    histogram_record(&histogram, UINT64_MAX);
    histogram_record(&histogram, HISTOGRAM_VALUE_MAX_NS + 1);
    assert_int_equal(histogram.most_ns, HISTOGRAM_VALUE_MAX_NS);
    assert_int_equal(histogram_at(&histogram, 1), HISTOGRAM_VALUE_MAX_NS);
    assert_int_equal(histogram_count_up_to(&histogram, UINT64_MAX), 2);
}

static void no_percentile_is_more_than_the_longest(void **state)
{
    (void)state;
    histogram_record(&histogram, 1000001);
    assert_int_equal(histogram_at(&histogram, 0.5), 1000001);
    assert_int_equal(histogram_at(&histogram, 2), 1000001);
    assert_int_equal(histogram_at(&histogram, -1), 1000001);
}

static void merged_ones_are_as_one(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 1000; value++) {
        histogram_record(value % 2 == 0 ? &histogram : &other, value * 7919);
    }
    histogram_merge(&histogram, &other);
    assert_int_equal(histogram.count, 1000);
    assert_int_equal(histogram.least_ns, 7919);
    assert_int_equal(histogram.most_ns, 7919000);
    expect_within_a_thousandth(histogram_at(&histogram, 0.9), 900 * 7919);
}

static void merging_an_empty_one_changes_nothing(void **state)
{
    (void)state;
    histogram_record(&histogram, 5);
    histogram_merge(&histogram, &other);
    assert_int_equal(histogram.least_ns, 5);
    histogram_merge(&other, &histogram);
    assert_int_equal(other.least_ns, 5);
    assert_int_equal(other.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_one_answers_zero, clear),
        cmocka_unit_test_setup(every_magnitude_is_found_again_to_a_part_in_a_thousand, clear),
        cmocka_unit_test_setup(many_are_as_many_single_ones, clear),
        cmocka_unit_test_setup(the_mean_of_a_day_of_the_longest_is_the_longest, clear),
        cmocka_unit_test_setup(small_values_are_exact, clear),
        cmocka_unit_test_setup(percentiles_of_a_row_of_numbers_are_those_numbers, clear),
        cmocka_unit_test_setup(one_of_a_hundred_is_above_the_99th, clear),
        cmocka_unit_test_setup(what_is_too_long_counts_as_the_longest, clear),
        cmocka_unit_test_setup(no_percentile_is_more_than_the_longest, clear),
        cmocka_unit_test_setup(merged_ones_are_as_one, clear),
        cmocka_unit_test_setup(merging_an_empty_one_changes_nothing, clear),
    };
    return cmocka_run_group_tests_name("load/histogram", tests, NULL, NULL);
}
