/* When servers are put out of service, and when they come back. */
#include "health_fixture.h"

/* Ejection. */

static void a_row_of_failures_puts_a_server_out_for_a_while(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    town_fail(town, 0, 2);
    assert_int_equal(town_look(town, 10), UINT64_MAX);
    assert_int_equal(town_bars(town, 0), 0);
    town_fail(town, 0, 1);
    assert_int_equal(town_look(town, 20), 1020);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED);
    town_said(town, "backend app: server s0 is left out for 1000 ms: 3 requests in a row failed, "
                    "the latest: no answer came in time\n");
    assert_int_equal(town_look(town, 1019), 1020);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED);
    assert_int_equal(town_look(town, 1020), UINT64_MAX); /* until somebody has tried it */
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED | SERVER_ON_TRIAL);
    town_said(town, "");
    town_free(town);
}

static void a_success_between_failures_keeps_it(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    for (int i = 0; i < 5; i++) {
        town_fail(town, 0, 2);
        server_health_succeed(town->servers[0].shared);
        assert_int_equal(town_look(town, 10), UINT64_MAX);
    }
    assert_int_equal(town_bars(town, 0), 0);
    town_free(town);
}

static void eject(struct town *town, uint64_t now_ms)
{
    town_fail(town, 0, 3);
    (void)town_look(town, now_ms);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED);
    town->log.length = 0;
}

static void try(struct town *town, uint64_t now_ms, enum server_trial trial)
{
    (void)town_look(town, now_ms);
    assert_true(server_health_take_trial(town->servers[0].shared));
    (void)town_look(town, now_ms);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED); /* the trial is under way */
    server_health_end_trial(town->servers[0].shared, trial);
    (void)town_look(town, now_ms);
}

static void a_good_trial_brings_it_back_with_a_clean_sheet(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    town_fail(town, 0, 7); /* what was under way */
    try(town, 1000, SERVER_TRIAL_GOOD);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "backend app: server s0 is back: its trial succeeded\n");
    town_fail(town, 0, 2);
    (void)town_look(town, 1001);
    assert_int_equal(town_bars(town, 0), 0);
    town_free(town);
}

static void the_time_grows_to_its_limit(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    try(town, 1000, SERVER_TRIAL_BAD);
    town_said(town, "backend app: server s0 is left out for another 2000 ms: its trial failed: "
                    "no answer came in time\n");
    assert_int_equal(town_look(town, 1001), 3000);
    try(town, 3000, SERVER_TRIAL_BAD);
    assert_int_equal(town_look(town, 3001), 6000);
    try(town, 6000, SERVER_TRIAL_BAD);
    assert_int_equal(town_look(town, 6001), 9000);
    assert_int_equal(town->servers[0].ejections_total, 4);
    town_free(town);
}

static void whoever_fails_again_soon_is_out_for_longer_and_later_it_is_forgotten(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    try(town, 1000, SERVER_TRIAL_GOOD);
    eject(town, 1500);
    assert_int_equal(town_look(town, 1501), 3500);
    try(town, 3500, SERVER_TRIAL_GOOD);
    eject(town, 5500); /* as long as it was out */
    assert_int_equal(town_look(town, 5501), 6500);
    town_free(town);
}

static void a_trial_that_was_given_up_is_offered_again(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    try(town, 1000, SERVER_TRIAL_GIVEN_UP);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED | SERVER_ON_TRIAL);
    town_said(town, "");
    town_free(town);
}

static void no_more_than_their_share_are_put_out(void **state)
{
    static const struct {
        uint32_t server_count;
        uint32_t share_percent;
        unsigned out_count;
    } rows[] = {{1, 50, 0}, {2, 50, 1}, {3, 50, 1},  {4, 50, 2}, {4, 99, 3},
                {4, 0, 0},  {1, 99, 0}, {1, 100, 1}, {4, 100, 4}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct town *town = town_make(rows[i].server_count);
        unsigned out_count = 0;
        town->config.ejection.share_percent = rows[i].share_percent;
        for (size_t j = 0; j < rows[i].server_count; j++) {
            town_fail(town, j, 3);
        }
        (void)town_look(town, 0);
        for (size_t j = 0; j < rows[i].server_count; j++) {
            out_count += town_bars(town, j) != 0;
        }
        assert_int_equal(out_count, rows[i].out_count);
        town_free(town);
    }
}

static void those_missing_for_other_reasons_count(void **state)
{
    struct town *town = town_make(4);
    (void)state;
    health_judge_disable(&town->servers[2], true, &town->log);
    for (unsigned i = 0; i < 3; i++) {
        health_judge_take_check(&town->servers[3], &(struct health_outcome){false, "dead"},
                                &town->log);
    }
    town_fail(town, 0, 3);
    (void)town_look(town, 0);
    assert_int_equal(town_bars(town, 0), 0);
    health_judge_disable(&town->servers[2], false, &town->log);
    (void)town_look(town, 1);
    assert_int_equal(town_bars(town, 0), SERVER_EJECTED);
    town->log.length = 0;
    health_judge_disable(&town->servers[1], true, &town->log);
    (void)town_look(town, 2);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "backend app: server s1 is disabled: it gets no new requests\n"
                    "backend app: server s0 is back: too few others are left\n");
    town_free(town);
}

static void without_ejection_nobody_is_put_out_and_who_was_comes_back(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    town->config.ejection.failure_count = 0;
    (void)town_look(town, 1);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "backend app: server s0 is back: eject_after = 0\n");
    town_fail(town, 0, 100);
    (void)town_look(town, 2);
    assert_int_equal(town_bars(town, 0), 0);
    town_free(town);
}

static void a_server_of_a_former_configuration_is_left_alone(void **state)
{
    struct town *town = town_make(3);
    (void)state;
    town->servers[0].address = NULL;
    town_fail(town, 0, 3);
    town_fail(town, 1, 3);
    town_fail(town, 2, 3);
    (void)town_look(town, 0);
    assert_int_equal(town_bars(town, 0), 0);
    assert_int_equal((town_bars(town, 1) != 0) + (town_bars(town, 2) != 0), 1);
    town_free(town);
}

/* Checks. */

static void check(struct town *town, bool is_good, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        health_judge_take_check(&town->servers[0], &(struct health_outcome){is_good, "refused"},
                                &town->log);
    }
}

static void the_first_check_decides_alone(void **state)
{
    struct town *town = town_make(1);
    (void)state;
    check(town, false, 1);
    assert_int_equal(town_bars(town, 0), SERVER_CHECKED_DOWN);
    town_said(town, "backend app: server s0 is down: its first check failed: refused\n");
    assert_string_equal(town->servers[0].reason, "refused");
    town_free(town);
}

static void a_row_of_one_is_told_as_one(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    town->config.health_check.fall_count = 1;
    town->config.health_check.rise_count = 1;
    town->config.ejection.failure_count = 1;
    check(town, true, 1);
    check(town, false, 1);
    check(town, true, 1);
    town_said(town, "backend app: server s0 is down: 1 check failed, the latest: refused\n"
                    "backend app: server s0 is up: 1 check was good\n");
    town_fail(town, 0, 1);
    (void)town_look(town, 20);
    town_said(town, "backend app: server s0 is left out for 1000 ms: 1 request failed, the latest: "
                    "no answer came in time\n");
    town_free(town);
}

static void after_a_good_one_it_takes_a_row_of_bad_ones_and_a_row_of_good_ones(void **state)
{
    struct town *town = town_make(1);
    (void)state;
    check(town, true, 1);
    check(town, false, 2);
    check(town, true, 1);
    check(town, false, 2);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "");
    check(town, false, 1);
    assert_int_equal(town_bars(town, 0), SERVER_CHECKED_DOWN);
    town_said(town,
              "backend app: server s0 is down: 3 checks in a row failed, the latest: refused\n");
    check(town, true, 1);
    check(town, false, 1);
    check(town, true, 1);
    assert_int_equal(town_bars(town, 0), SERVER_CHECKED_DOWN);
    check(town, true, 1);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "backend app: server s0 is up: 2 checks in a row were good\n");
    assert_int_equal(town->servers[0].checks_total, 11);
    assert_int_equal(town->servers[0].bad_checks_total, 6);
    town_free(town);
}

static void what_nobody_checks_any_more_is_taken_for_up(void **state)
{
    struct town *town = town_make(1);
    (void)state;
    health_judge_forget_checks(&town->servers[0], &town->log);
    town_said(town, "");
    check(town, false, 1);
    town->log.length = 0;
    health_judge_forget_checks(&town->servers[0], &town->log);
    assert_int_equal(town_bars(town, 0), 0);
    town_said(town, "backend app: server s0 is taken for up: it is checked no more\n");
    check(town, false, 1);
    assert_int_equal(town_bars(town, 0), SERVER_CHECKED_DOWN); /* a first one again */
    town_free(town);
}

/* The whole. */

static void the_last_server_that_goes_is_told_of_once(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    health_judge_disable(&town->servers[0], true, &town->log);
    health_judge_disable(&town->servers[0], true, &town->log); /* changes nothing */
    (void)town_look(town, 0);
    health_judge_disable(&town->servers[1], true, &town->log);
    (void)town_look(town, 1);
    (void)town_look(town, 2);
    health_judge_disable(&town->servers[0], false, &town->log);
    (void)town_look(town, 3);
    town_said(town, "backend app: server s0 is disabled: it gets no new requests\n"
                    "backend app: server s1 is disabled: it gets no new requests\n"
                    "backend app: no server is left: its requests are answered with 502\n"
                    "backend app: server s0 is enabled\n"
                    "backend app: has a server again\n");
    town_free(town);
}

static void a_server_that_comes_anew_is_an_unwritten_page(void **state)
{
    struct town *town = town_make(2);
    (void)state;
    eject(town, 0);
    check(town, false, 1);
    town_fail(town, 0, 2);
    health_judge_begin(&town->servers[0]);
    assert_int_equal(town_bars(town, 0), 0);
    town_fail(town, 0, 2);
    assert_int_equal(town_look(town, 1), UINT64_MAX);
    assert_int_equal(town_bars(town, 0), 0);
    town_free(town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_failures_puts_a_server_out_for_a_while),
        cmocka_unit_test(a_success_between_failures_keeps_it),
        cmocka_unit_test(a_good_trial_brings_it_back_with_a_clean_sheet),
        cmocka_unit_test(the_time_grows_to_its_limit),
        cmocka_unit_test(whoever_fails_again_soon_is_out_for_longer_and_later_it_is_forgotten),
        cmocka_unit_test(a_trial_that_was_given_up_is_offered_again),
        cmocka_unit_test(no_more_than_their_share_are_put_out),
        cmocka_unit_test(those_missing_for_other_reasons_count),
        cmocka_unit_test(without_ejection_nobody_is_put_out_and_who_was_comes_back),
        cmocka_unit_test(a_server_of_a_former_configuration_is_left_alone),
        cmocka_unit_test(the_first_check_decides_alone),
        cmocka_unit_test(a_row_of_one_is_told_as_one),
        cmocka_unit_test(after_a_good_one_it_takes_a_row_of_bad_ones_and_a_row_of_good_ones),
        cmocka_unit_test(what_nobody_checks_any_more_is_taken_for_up),
        cmocka_unit_test(the_last_server_that_goes_is_told_of_once),
        cmocka_unit_test(a_server_that_comes_anew_is_an_unwritten_page),
    };
    return cmocka_run_group_tests_name("health_judge", tests, NULL, NULL);
}
