/* When an answer ends, when it is fetched anew, how long a failure is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "trust/ocsp_life.h"

#define NOW     INT64_C(1700000000)
#define HOUR_MS 3600000U

static struct ocsp_state good_until(int64_t next_update_seconds)
{
    return (struct ocsp_state){
        .has_answer = true,
        .answer = {.next_update_seconds = next_update_seconds, .signer_until_seconds = INT64_MAX},
        .received_at_seconds = NOW};
}

static void an_answer_lasts_until_its_next_update(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 100);
    assert_int_equal(ocsp_life_end(&known, HOUR_MS), NOW + 100);
    assert_true(ocsp_life_is_current(&known, HOUR_MS, NOW + 99));
    assert_false(ocsp_life_is_current(&known, HOUR_MS, NOW + 100));
}

static void an_answer_lasts_no_longer_than_it_may(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 100000);
    assert_int_equal(ocsp_life_end(&known, HOUR_MS), NOW + 3600);
    assert_int_equal(ocsp_life_end(&known, 1500), NOW + 2);
    known.answer.signer_until_seconds = NOW + 10;
    assert_int_equal(ocsp_life_end(&known, HOUR_MS), NOW + 10);
}

static void an_answer_without_an_end_lasts_an_hour(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(0);
    assert_int_equal(ocsp_life_end(&known, 10 * HOUR_MS), NOW + OCSP_LIFE_SECONDS_DEFAULT);
    assert_int_equal(ocsp_life_end(&known, 1000), NOW + 1);
}

static void an_answer_that_came_in_by_the_skew_lasts_as_long(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW - 100);
    assert_int_equal(ocsp_life_end(&known, HOUR_MS), NOW + OCSP_SKEW_SECONDS - 100);
}

static void an_answer_from_the_future_is_not_current(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 100);
    assert_true(ocsp_life_is_current(&known, HOUR_MS, NOW - OCSP_SKEW_SECONDS));
    assert_false(ocsp_life_is_current(&known, HOUR_MS, NOW - OCSP_SKEW_SECONDS - 1));
    assert_false(ocsp_life_is_current(&(struct ocsp_state){0}, HOUR_MS, 0));
}

/* Others have another clock than the responder's, and no grace. */
static void what_is_shown_to_others_is_good_and_of_now(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 100);
    known.answer.this_update_seconds = NOW;
    assert_true(ocsp_life_is_presentable(&known, HOUR_MS, NOW));
    assert_true(ocsp_life_is_presentable(&known, HOUR_MS, NOW + 99));
    assert_false(ocsp_life_is_presentable(&known, HOUR_MS, NOW + 100));
    assert_false(ocsp_life_is_presentable(&known, HOUR_MS, NOW - 1));
    known.failure = OCSP_FAULT_TIMEOUT; /* of a refresh, which takes nothing from it */
    assert_true(ocsp_life_is_presentable(&known, HOUR_MS, NOW + 99));
    known.answer.signer_until_seconds = NOW + 10;
    assert_false(ocsp_life_is_presentable(&known, HOUR_MS, NOW + 10));
    struct ocsp_state late = good_until(NOW - 1); /* let in by the skew */
    assert_true(ocsp_life_is_current(&late, HOUR_MS, NOW));
    assert_false(ocsp_life_is_presentable(&late, HOUR_MS, NOW));
    struct ocsp_state endless = good_until(0);
    assert_true(ocsp_life_is_presentable(&endless, 10 * HOUR_MS, NOW + 3599));
    assert_false(ocsp_life_is_presentable(&endless, 10 * HOUR_MS, NOW + 3600));
}

static void nothing_but_good_is_shown_to_others(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 100);
    known.answer.status = OCSP_REVOKED;
    assert_false(ocsp_life_is_presentable(&known, HOUR_MS, NOW));
    known.answer.status = OCSP_UNKNOWN;
    known.retry_at_seconds = NOW + 50;
    assert_false(ocsp_life_is_presentable(&known, HOUR_MS, NOW));
    assert_false(ocsp_life_is_presentable(&(struct ocsp_state){0}, HOUR_MS, NOW));
}

static void grace_is_for_what_could_not_be_refreshed(void **state)
{
    struct ocsp_manner manner = {.max_age_ms = HOUR_MS, .stale_grace_ms = 50000};
    (void)state;
    struct ocsp_state known = good_until(NOW + 100);
    assert_false(ocsp_life_is_usable(&known, &manner, NOW + 120));
    known.failure = OCSP_FAULT_TIMEOUT;
    assert_true(ocsp_life_is_usable(&known, &manner, NOW + 149));
    assert_false(ocsp_life_is_usable(&known, &manner, NOW + 150));
    known.answer.status = OCSP_UNKNOWN;
    assert_false(ocsp_life_is_usable(&known, &manner, NOW + 120));
}

static void a_failure_bars_until_it_may_be_tried_again(void **state)
{
    (void)state;
    struct ocsp_state known = {
        .failure = OCSP_FAULT_TIMEOUT, .failed_at_seconds = NOW, .retry_at_seconds = NOW + 10};
    assert_true(ocsp_life_is_barred(&known, NOW));
    assert_true(ocsp_life_is_barred(&known, NOW + 9));
    assert_false(ocsp_life_is_barred(&known, NOW + 10));
    assert_false(ocsp_life_is_barred(&known, NOW - 1)); /* the clock has gone back */
    assert_int_equal(ocsp_life_refresh_at(&known, HOUR_MS), NOW + 10);
    known.retry_at_seconds = NOW;
    assert_int_equal(ocsp_life_refresh_at(&known, HOUR_MS), NOW + 1);
}

static void an_answer_is_refreshed_at_four_fifths(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 1000);
    assert_int_equal(ocsp_life_refresh_at(&known, HOUR_MS), NOW + 800);
    known = good_until(NOW + 1);
    assert_int_equal(ocsp_life_refresh_at(&known, HOUR_MS), NOW + 1);
    known = good_until(INT64_C(253402300799)); /* the year 9999 */
    assert_int_equal(ocsp_life_refresh_at(&known, UINT32_MAX), NOW + 3435974);
}

static void unknown_lasts_until_it_may_be_asked_again(void **state)
{
    (void)state;
    struct ocsp_state known = good_until(NOW + 1000);
    known.answer.status = OCSP_UNKNOWN;
    known.retry_at_seconds = NOW + 10;
    assert_int_equal(ocsp_life_end(&known, HOUR_MS), NOW + 10);
    assert_int_equal(ocsp_life_refresh_at(&known, HOUR_MS), NOW + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_lasts_until_its_next_update),
        cmocka_unit_test(an_answer_lasts_no_longer_than_it_may),
        cmocka_unit_test(an_answer_without_an_end_lasts_an_hour),
        cmocka_unit_test(an_answer_that_came_in_by_the_skew_lasts_as_long),
        cmocka_unit_test(an_answer_from_the_future_is_not_current),
        cmocka_unit_test(what_is_shown_to_others_is_good_and_of_now),
        cmocka_unit_test(nothing_but_good_is_shown_to_others),
        cmocka_unit_test(grace_is_for_what_could_not_be_refreshed),
        cmocka_unit_test(a_failure_bars_until_it_may_be_tried_again),
        cmocka_unit_test(an_answer_is_refreshed_at_four_fifths),
        cmocka_unit_test(unknown_lasts_until_it_may_be_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
