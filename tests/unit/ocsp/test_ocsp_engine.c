/* The engine: asking, joining, what is remembered, bounds, and its end. */
#include "engine_fixture.h"

static void a_first_question_waits_for_its_own_answer(void **state)
{
    (void)state;
    struct ocsp_state answer = ask("1");
    assert_true(answer.has_answer);
    assert_int_equal(answer.answer.status, OCSP_GOOD);
    assert_int_equal(answer.failure, OCSP_FAULT_NONE);
    assert_true(cached("1", false).has_answer);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
    assert_int_equal(counted(OCSP_COUNTER_GOOD), 1);
}

static void a_second_question_is_answered_by_the_cache(void **state)
{
    (void)state;
    (void)ask("1");
    assert_true(ask("1").has_answer);
    assert_int_equal(counted(OCSP_COUNTER_ASKED), 2);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
}

static void a_thousand_askers_of_one_certificate_cause_one_fetch(void **state)
{
    static struct asked asked[60];
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    for (size_t i = 0; i < 60; i++) {
        begin(&asked[i], "1");
    }
    WAIT_UNTIL(counted(OCSP_COUNTER_JOINED) == 59);
    atomic_store(&world.responder.is_released, true);
    for (size_t i = 0; i < 60; i++) {
        assert_true(end(&asked[i]).has_answer);
    }
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
    assert_int_equal(atomic_load(&world.responder.request_count), 1);
}

static void another_responder_is_another_fetch(void **state)
{
    struct asked dead;
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    begin(&dead, "1");
    WAIT_UNTIL(counted(OCSP_COUNTER_FETCHES) == 1);
    assert_int_equal(ask_at("1", "http://127.0.0.1:1/").failure, OCSP_FAULT_UNREACHABLE);
    atomic_store(&world.responder.is_released, true);
    assert_true(end(&dead).has_answer);
}

static void connections_are_kept_for_the_next_question(void **state)
{
    (void)state;
    (void)ask("1");
    (void)ask("2");
    behave(BEHAVES_IN_CHUNKS);
    (void)ask("3");
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 3);
    assert_int_equal(counted(OCSP_COUNTER_CONNECTS), 1);
}

static void a_responder_that_closes_each_time_is_connected_to_again(void **state)
{
    (void)state;
    behave(BEHAVES_AND_CLOSES);
    assert_true(ask("1").has_answer);
    assert_true(ask("2").has_answer);
    assert_int_equal(counted(OCSP_COUNTER_CONNECTS), 2);
}

static void a_kept_connection_that_was_closed_costs_one_try_more(void **state)
{
    (void)state;
    behave(CLOSES_WHEN_USED_AGAIN);
    assert_true(ask("1").has_answer);
    assert_true(ask("2").has_answer);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 3);
    assert_int_equal(counted(OCSP_COUNTER_CONNECTS), 2);
}

static void what_was_not_asked_for_ends_the_connection(void **state)
{
    (void)state;
    behave(BEHAVES_AND_CHATTERS);
    assert_true(ask("1").has_answer);
    assert_true(ask("2").has_answer);
    assert_int_equal(counted(OCSP_COUNTER_CONNECTS), 2);
}

static void a_short_request_goes_as_get_where_that_is_wanted(void **state)
{
    (void)state;
    world.manner.is_get = true;
    assert_true(ask("1").has_answer);
    assert_int_equal(atomic_load(&world.responder.get_count), 1);
    assert_true(ocsp_responder_has_heard(&world.responder, "GET /ocsp/"));
}

static void a_failure_is_remembered_for_its_responder(void **state)
{
    (void)state;
    behave(FAILS_WITH_500);
    assert_int_equal(ask("1").failure, OCSP_FAULT_HTTP_STATUS);
    behave(BEHAVES_WELL);
    assert_int_equal(ask("1").failure, OCSP_FAULT_HTTP_STATUS);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
    (void)snprintf(world.manner.url, sizeof(world.manner.url), "http://127.0.0.1:%u/other",
                   world.responder.port);
    assert_true(ask("1").has_answer);
}

static void a_failure_is_tried_again_when_its_time_is_over(void **state)
{
    (void)state;
    behave(SENDS_FORGED);
    assert_int_equal(ask("1").failure, OCSP_FAULT_SIGNATURE);
    behave(BEHAVES_WELL);
    move_clock(11);
    assert_true(ask("1").has_answer);
}

static void unknown_is_an_answer_that_is_asked_for_again(void **state)
{
    (void)state;
    atomic_store(&world.responder.status, OCSP_UNKNOWN);
    struct ocsp_state answer = ask("1");
    assert_true(answer.has_answer && answer.answer.status == OCSP_UNKNOWN);
    assert_int_equal(answer.failure, OCSP_FAULT_NONE);
    assert_true(answer.retry_at_seconds > clock_wall_seconds());
    (void)ask("1");
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
    atomic_store(&world.responder.status, OCSP_GOOD);
    move_clock(11);
    assert_int_equal(ask("1").answer.status, OCSP_GOOD);
}

static void who_wants_a_nonce_is_not_content_without(void **state)
{
    (void)state;
    restart_with_known("1", OCSP_GOOD);
    (void)ask("1");
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 0);
    world.manner.has_nonce = true;
    assert_true(ask("1").answer.has_nonce);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 1);
    assert_true(ocsp_responder_has_heard(&world.responder, "with nonce"));
}

static void a_replay_of_an_older_answer_does_not_undo_a_revocation(void **state)
{
    (void)state;
    restart_with_known("1", OCSP_REVOKED);
    world.manner.has_nonce = true; /* so that it is fetched */
    atomic_store(&world.responder.age_seconds, 100);
    assert_int_equal(ask("1").failure, OCSP_FAULT_EXPIRED);
    assert_int_equal(cached("1", false).answer.status, OCSP_REVOKED);
    move_clock(11);
    atomic_store(&world.responder.age_seconds, 0);
    assert_int_equal(ask("1").answer.status, OCSP_GOOD);
}

static void questions_beyond_the_bound_are_refused_at_once(void **state)
{
    struct asked asked[3];
    (void)state;
    ocsp_engine_stop(world.engine);
    start_engine(4, 2);
    behave(HANGS_UNTIL_RELEASED);
    begin(&asked[0], "1");
    begin(&asked[1], "2");
    begin(&asked[2], "3");
    assert_int_equal(end(&asked[2]).failure, OCSP_FAULT_OVERLOAD);
    assert_int_equal(asked[0].answered_count + asked[1].answered_count, 0);
    assert_false(cached("3", false).failure == OCSP_FAULT_OVERLOAD);
    atomic_store(&world.responder.is_released, true);
    assert_true(end(&asked[0]).has_answer);
    assert_true(end(&asked[1]).has_answer);
    assert_true(ask("3").has_answer);
}

static void a_responder_gets_no_more_at_once_than_it_may(void **state)
{
    static struct asked asked[32];
    char serial[8];
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    for (uint32_t i = 0; i < 32; i++) {
        (void)snprintf(serial, sizeof(serial), "%u", i);
        begin(&asked[i], serial);
    }
    WAIT_UNTIL(atomic_load(&world.responder.busy_count) == 4);
    turn_a_while(world.ring);
    atomic_store(&world.responder.is_released, true);
    for (size_t i = 0; i < 32; i++) {
        assert_true(end(&asked[i]).has_answer);
    }
    assert_int_equal(atomic_load(&world.responder.busy_count_max), 4);
}

static void an_ask_waits_no_longer_than_its_own_time(void **state)
{
    struct asked patient;
    struct asked hasty;
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    begin(&patient, "1");
    world.manner.timeout_ms = 50;
    begin(&hasty, "1");
    assert_int_equal(end(&hasty).failure, OCSP_FAULT_TIMEOUT);
    assert_int_equal(patient.answered_count, 0);
    atomic_store(&world.responder.is_released, true);
    assert_true(end(&patient).has_answer);
}

/* Neither while they wait nor by what is remembered. */
static void who_is_patient_does_not_share_in_the_hurry_of_another(void **state)
{
    struct asked hasty;
    struct asked patient;
    struct ocsp_manner manner = world.manner;
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    world.manner.timeout_ms = 50;
    begin(&hasty, "1");
    world.manner = manner;
    begin(&patient, "1");
    assert_int_equal(end(&hasty).failure, OCSP_FAULT_TIMEOUT);
    assert_int_equal(cached("1", false).failure, OCSP_FAULT_TIMEOUT);
    assert_int_equal(patient.answered_count, 0);
    atomic_store(&world.responder.is_released, true);
    assert_int_equal(end(&patient).failure, OCSP_FAULT_NONE);
    behave(HANGS);
    world.manner.timeout_ms = 50;
    assert_int_equal(ask("2").failure, OCSP_FAULT_TIMEOUT);
    behave(BEHAVES_WELL);
    assert_int_equal(ask("2").failure, OCSP_FAULT_TIMEOUT);
    world.manner = manner;
    assert_true(ask("2").has_answer);
}

static void what_waits_is_answered_when_the_engine_is_shut(void **state)
{
    struct asked waiting;
    struct asked late;
    (void)state;
    (void)ask("known");
    behave(HANGS);
    begin(&waiting, "1");
    WAIT_UNTIL(counted(OCSP_COUNTER_FETCHES) == 2);
    ocsp_engine_shut(world.engine);
    ocsp_engine_shut(world.engine);
    assert_int_equal(end(&waiting).failure, OCSP_FAULT_TIMEOUT);
    assert_int_equal(cached("1", false).failure, OCSP_FAULT_NONE);
    begin(&late, "2");
    assert_int_equal(end(&late).failure, OCSP_FAULT_OVERLOAD);
    assert_int_equal(ask("known").failure, OCSP_FAULT_NONE);
}

static void what_waits_is_answered_when_the_engine_stops(void **state)
{
    struct asked waiting[8];
    char serial[8];
    (void)state;
    behave(HANGS);
    for (uint32_t i = 0; i < 8; i++) {
        (void)snprintf(serial, sizeof(serial), "%u", i);
        begin(&waiting[i], serial);
    }
    ocsp_engine_stop(world.engine);
    world.engine = NULL;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(end(&waiting[i]).failure, OCSP_FAULT_TIMEOUT);
    }
}

static void counters_have_words(void **state)
{
    (void)state;
    assert_string_equal(ocsp_counter_word(OCSP_COUNTER_FETCHES), "ocsp_fetches");
    for (int i = 0; i < OCSP_COUNTER_COUNT; i++) {
        assert_true(strlen(ocsp_counter_help((enum ocsp_counter)i)) > 0);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_first_question_waits_for_its_own_answer),
        TEST(a_second_question_is_answered_by_the_cache),
        TEST(a_thousand_askers_of_one_certificate_cause_one_fetch),
        TEST(another_responder_is_another_fetch),
        TEST(connections_are_kept_for_the_next_question),
        TEST(a_responder_that_closes_each_time_is_connected_to_again),
        TEST(a_kept_connection_that_was_closed_costs_one_try_more),
        TEST(what_was_not_asked_for_ends_the_connection),
        TEST(a_short_request_goes_as_get_where_that_is_wanted),
        TEST(a_failure_is_remembered_for_its_responder),
        TEST(a_failure_is_tried_again_when_its_time_is_over),
        TEST(unknown_is_an_answer_that_is_asked_for_again),
        TEST(who_wants_a_nonce_is_not_content_without),
        TEST(a_replay_of_an_older_answer_does_not_undo_a_revocation),
        TEST(questions_beyond_the_bound_are_refused_at_once),
        TEST(a_responder_gets_no_more_at_once_than_it_may),
        TEST(an_ask_waits_no_longer_than_its_own_time),
        TEST(who_is_patient_does_not_share_in_the_hurry_of_another),
        TEST(what_waits_is_answered_when_the_engine_is_shut),
        TEST(what_waits_is_answered_when_the_engine_stops),
        TEST(counters_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
