/* Histograms: every duration has its bucket, and quantiles are right up to a bucket's width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void a_duration_lies_within_the_bounds_of_its_bucket(void **state)
{
    (void)state;
    for (uint64_t duration = 1; duration < UINT64_C(1) << 40; duration += 1 + duration / 7) {
        size_t bucket = histogram_bucket(duration);
        assert_true(duration < histogram_bound_ns(bucket));
        assert_true(bucket == 0 || duration >= histogram_bound_ns(bucket - 1));
    }
}

static void bounds_rise_by_a_quarter_at_most(void **state)
{
    (void)state;
    for (size_t i = 1; i < HISTOGRAM_BUCKET_COUNT - 1; i++) {
        uint64_t before = histogram_bound_ns(i - 1);
        assert_true(histogram_bound_ns(i) > before);
        assert_true(histogram_bound_ns(i) <= before + before / 4);
        assert_int_equal(histogram_bucket(histogram_bound_ns(i)), i + 1);
        assert_int_equal(histogram_bucket(histogram_bound_ns(i) - 1), i);
    }
    assert_true(histogram_bound_ns(HISTOGRAM_BUCKET_COUNT - 1) == UINT64_MAX);
}

static void extremes_have_buckets_too(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket(0), 0);
    assert_int_equal(histogram_bucket(4095), 0);
    assert_int_equal(histogram_bucket(4096), 1);
    assert_int_equal(histogram_bucket((UINT64_C(1) << 36) - 1), HISTOGRAM_BUCKET_COUNT - 2);
    assert_int_equal(histogram_bucket(UINT64_C(1) << 36), HISTOGRAM_BUCKET_COUNT - 1);
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKET_COUNT - 1);
}

static void a_clock_that_went_back_took_no_time(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, 1000, 999);
    assert_int_equal(histogram_count(&histogram), 1);
    assert_int_equal(histogram.sum_ns, 0);
    assert_int_equal(histogram.counts[0], 1);
}

static void sums_are_of_all(void **state)
{
    (void)state;
    struct histogram parts[2] = {0};
    struct histogram sum = {0};
    histogram_record(&parts[0], 0, 10000);
    histogram_record(&parts[1], 5, 10005);
    histogram_record(&parts[1], 0, 3);
    histogram_sum(&sum, &parts[0]);
    histogram_sum(&sum, &parts[1]);
    assert_int_equal(histogram_count(&sum), 3);
    assert_int_equal(sum.sum_ns, 20003);
    assert_int_equal(sum.counts[histogram_bucket(10000)], 2);
}

static void quantiles_are_right_up_to_a_bucket(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    assert_int_equal(histogram_quantile_ns(&histogram, 500), 0);
    for (uint64_t i = 1; i <= 1000; i++) {
        histogram_record(&histogram, 0, i * 1000000);
    }
    static const unsigned asked[] = {1, 10, 500, 900, 990, 999, 1000};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        uint64_t exact_ns = asked[i] * UINT64_C(1000000);
        uint64_t found_ns = histogram_quantile_ns(&histogram, asked[i]);
        assert_true(found_ns >= exact_ns && found_ns <= exact_ns + exact_ns / 4);
    }
}

static void what_is_too_long_counts_as_the_longest_that_is_known(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, 0, UINT64_C(1) << 40);
    assert_true(histogram_quantile_ns(&histogram, 500) == UINT64_C(1) << 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_lies_within_the_bounds_of_its_bucket),
        cmocka_unit_test(bounds_rise_by_a_quarter_at_most),
        cmocka_unit_test(extremes_have_buckets_too),
        cmocka_unit_test(a_clock_that_went_back_took_no_time),
        cmocka_unit_test(sums_are_of_all),
        cmocka_unit_test(quantiles_are_right_up_to_a_bucket),
        cmocka_unit_test(what_is_too_long_counts_as_the_longest_that_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
