/* The engine as time goes by, and as it jumps: refresh ahead, what is kept, who is withdrawn. */
#include "engine_fixture.h"

#define YEAR INT64_C(31557600)

/* Each refresh is looked for once a second; the wall clock is moved, so nothing waits longer. */

static void an_answer_in_use_is_refreshed_ahead(void **state)
{
    (void)state;
    int64_t received = ask("1").received_at_seconds;
    move_clock(2900); /* of 3600: more than 80 % */
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) == 1);
    WAIT_UNTIL(cached("1", false).received_at_seconds > received);
    assert_int_equal(cached("1", false).failure, OCSP_FAULT_NONE);
}

static void an_answer_is_left_alone_before_its_time(void **state)
{
    (void)state;
    learn("1");
    learn("2");
    move_clock(2700); /* of 3600: 75 % */
    restart_with_known("3", OCSP_GOOD);
    move_clock(850);
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) > 0); /* of the third, and so a look at all */
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == counted(OCSP_COUNTER_REFRESHES));
}

static void an_answer_that_nobody_uses_is_not_refreshed_again(void **state)
{
    (void)state;
    learn("1");
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    move_clock(2900);
    assert_int_equal(ask("2").answer.status, OCSP_GOOD);
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 4); /* of the second alone */
    assert_int_equal(counted(OCSP_COUNTER_REFRESHES), 2);
}

static void an_answer_used_late_is_refreshed_all_the_same(void **state)
{
    (void)state;
    learn("1");
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    move_clock(2900); /* looked at, and left */
    uint64_t until_ms = clock_monotonic_ms() + 1200;
    WAIT_UNTIL(clock_monotonic_ms() > until_ms);
    assert_int_equal(counted(OCSP_COUNTER_REFRESHES), 1);
    (void)cached("1", true);
    move_clock(400);
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) == 2);
}

static void a_failed_refresh_leaves_the_answer_and_is_tried_again(void **state)
{
    (void)state;
    learn("1");
    behave(FAILS_WITH_500);
    move_clock(2900);
    WAIT_UNTIL(cached("1", true).failure == OCSP_FAULT_HTTP_STATUS);
    assert_int_equal(cached("1", true).answer.status, OCSP_GOOD);
    assert_true(ask("1").has_answer);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 2);
    behave(BEHAVES_WELL);
    move_clock(11);
    WAIT_UNTIL(cached("1", true).failure == OCSP_FAULT_NONE);
}

static void a_refresh_ends_with_the_answer(void **state)
{
    (void)state;
    learn("1");
    behave(FAILS_WITH_500);
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_FAILED) == 1);
    move_clock(4000); /* past its end, no grace */
    uint64_t until_ms = clock_monotonic_ms() + 1500;
    WAIT_UNTIL(clock_monotonic_ms() > until_ms);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 2);
}

static void who_was_good_and_is_revoked_is_withdrawn(void **state)
{
    (void)state;
    learn("1");
    atomic_store(&world.responder.status, OCSP_REVOKED);
    assert_int_equal(atomic_load(&world.withdrawn_count), 0);
    move_clock(2900);
    WAIT_UNTIL(atomic_load(&world.withdrawn_count) == 1);
    assert_int_equal(atomic_load(&world.withdrawn_too_early_count), 0);
    assert_int_equal(cached("1", false).answer.status, OCSP_REVOKED);
    WAIT_UNTIL(counted(OCSP_COUNTER_WITHDRAWN) == 1);
}

/* Some profile may have no responder to ask, and forgive that. */
static void who_was_never_asked_about_and_is_revoked_is_withdrawn(void **state)
{
    (void)state;
    atomic_store(&world.responder.status, OCSP_REVOKED);
    learn("1");
    WAIT_UNTIL(atomic_load(&world.withdrawn_count) == 1);
    assert_int_equal(atomic_load(&world.withdrawn_too_early_count), 0);
    assert_int_equal(ask("1").answer.status, OCSP_REVOKED); /* known by now */
    assert_int_equal(atomic_load(&world.withdrawn_count), 1);
}

/* The first call is held until the answers for all others are there. */
static void who_are_revoked_together_are_withdrawn_together(void **state)
{
    enum { COUNT = 50 };
    static struct asked asked[COUNT];
    char serial[8];
    (void)state;
    ocsp_engine_stop(world.engine);
    start_engine(COUNT, COUNT);
    behave(HANGS_UNTIL_RELEASED);
    atomic_store(&world.responder.status, OCSP_REVOKED);
    atomic_store(&world.is_withdrawal_held, true);
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(serial, sizeof(serial), "%u", i);
        begin(&asked[i], serial);
    }
    WAIT_UNTIL(atomic_load(&world.responder.busy_count) == COUNT);
    atomic_store(&world.responder.is_released, true);
    WAIT_UNTIL(atomic_load(&world.responder.busy_count) == 0);
    WAIT_UNTIL(atomic_load(&world.withdrawal_count) == 1);
    turn_a_while(world.ring);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(asked[i].answered_count, 0); /* that is told before */
    }
    atomic_store(&world.is_withdrawal_held, false);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(end(&asked[i]).answer.status, OCSP_REVOKED);
    }
    assert_int_equal(atomic_load(&world.withdrawn_count), COUNT);
    assert_int_equal(atomic_load(&world.withdrawn_too_early_count), 0);
    assert_true(atomic_load(&world.withdrawal_count) <= COUNT / 5);
}

/* Some profile may have forgiven the failure. */
static void who_failed_and_is_revoked_is_withdrawn(void **state)
{
    (void)state;
    behave(FAILS_WITH_500);
    assert_int_equal(ask("1").failure, OCSP_FAULT_HTTP_STATUS);
    behave(BEHAVES_WELL);
    atomic_store(&world.responder.status, OCSP_REVOKED);
    move_clock(11);
    assert_int_equal(ask("1").answer.status, OCSP_REVOKED);
    assert_int_equal(atomic_load(&world.withdrawn_count), 1);
}

/* Neither the first failure nor the next, nor the answer that comes at last: nobody is inside. */
static void a_failure_to_refresh_withdraws_nobody(void **state)
{
    (void)state;
    atomic_store(&world.responder.status, OCSP_REVOKED);
    learn("1");
    WAIT_UNTIL(atomic_load(&world.withdrawn_count) == 1);
    behave(FAILS_WITH_500);
    move_clock(2900);
    WAIT_UNTIL(cached("1", true).failure == OCSP_FAULT_HTTP_STATUS);
    move_clock(11);
    WAIT_UNTIL(counted(OCSP_COUNTER_FAILED) == 2);
    behave(BEHAVES_WELL);
    move_clock(11);
    WAIT_UNTIL(cached("1", true).failure == OCSP_FAULT_NONE);
    assert_int_equal(atomic_load(&world.withdrawn_count), 1);
}

static void what_was_loaded_is_refreshed_too(void **state)
{
    (void)state;
    restart_with_known("1", OCSP_GOOD);
    move_clock(850);
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) == 1);
}

static void keep(const char *first, const char *second)
{
    struct ocsp_question *questions[] = {question_to(first, responder_url("127.0.0.1")),
                                         question_to(second, responder_url("127.0.0.1")),
                                         question_to(first, responder_url("127.0.0.1"))};
    const struct ocsp_question *list[] = {questions[0], questions[1], questions[2]};
    const struct ocsp_manner *manner = &world.manner;
    struct ocsp_engine_wishes wishes = {list, 3, manner, &manner, 1};
    assert_true(result_is_ok(ocsp_engine_keep(world.engine, &wishes)));
    for (size_t i = 0; i < 3; i++) {
        ocsp_question_destroy(questions[i]);
    }
}

static void what_is_kept_is_fetched_and_stays_fresh(void **state)
{
    (void)state;
    keep("a", "b");
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    for (uint32_t i = 2; i < 5; i++) {
        move_clock(2900);
        WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2 * i);
    }
    keep("b", "b");
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 9);
    assert_int_equal(counted(OCSP_COUNTER_ASKED), 0);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 9);
}

/* As a flood of others does; the engine has nothing to write meanwhile. */
static void push_out(const char *serial)
{
    struct ocsp_question *question = question_to(serial, responder_url("127.0.0.1"));
    WAIT_UNTIL(ocsp_cache_peek(world.cache, &question->id) != NULL);
    reclaim_wake(world.member);
    ocsp_cache_remove(world.cache, world.member, &question->id);
    reclaim_sleep(world.member);
    ocsp_question_destroy(question);
}

static void what_is_kept_comes_back_when_it_was_pushed_out(void **state)
{
    (void)state;
    keep("a", "a");
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 1);
    push_out("a");
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 2);
}

static void what_is_kept_is_tried_for_ever(void **state)
{
    (void)state;
    behave(FAILS_WITH_500);
    keep("a", "a");
    for (uint32_t i = 1; i < 4; i++) {
        WAIT_UNTIL(counted(OCSP_COUNTER_FAILED) == i);
        move_clock(11);
    }
    behave(BEHAVES_WELL);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 1 || (move_clock(11), false));
}

/* As a reload does: from now on clients are asked about as world.manner says. */
static void ask_anew(void)
{
    const struct ocsp_manner *manner = &world.manner;
    struct ocsp_engine_wishes wishes = {
        .manner = manner, .clients_manners = &manner, .clients_manner_count = 1};
    assert_true(result_is_ok(ocsp_engine_keep(world.engine, &wishes)));
}

static void set_responder(const char *path)
{
    (void)snprintf(world.manner.url, sizeof(world.manner.url), "http://127.0.0.1:%u%s",
                   world.responder.port, path);
}

static void a_responder_that_nobody_names_any_more_is_not_asked(void **state)
{
    (void)state;
    set_responder("/former");
    ask_anew();
    learn("1");
    set_responder("/present");
    ask_anew();
    learn("2");
    int64_t received = cached("1", true).received_at_seconds;
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 3);
    turn_a_while(world.ring);
    assert_int_equal(counted(OCSP_COUNTER_REFRESHES), 1); /* of the second alone */
    assert_true(cached("1", true).received_at_seconds == received);
    assert_true(ask("1").received_at_seconds == received); /* it counts, whoever gave it */
    move_clock(800);
    assert_true(ask("1").received_at_seconds > received);
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) == 2); /* of the first, which is in use */
}

static void what_is_fetched_ahead_is_asked_as_it_is_today(void **state)
{
    (void)state;
    ask_anew();
    learn("1");
    world.manner.is_get = true;
    ask_anew();
    learn("2"); /* so that this has come to the engine */
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 4);
    assert_int_equal(atomic_load(&world.responder.get_count), 3);
}

static void nothing_is_fetched_ahead_when_no_profile_asks(void **state)
{
    struct ocsp_question *own = question_to("own", responder_url("127.0.0.1"));
    const struct ocsp_question *list[] = {own};
    struct ocsp_engine_wishes wishes = {
        .questions = list, .question_count = 1, .manner = &world.manner};
    (void)state;
    learn("1");
    assert_true(result_is_ok(ocsp_engine_keep(world.engine, &wishes)));
    ocsp_question_destroy(own);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    move_clock(2900);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 3);
    turn_a_while(world.ring);
    assert_int_equal(counted(OCSP_COUNTER_REFRESHES), 2); /* of our own certificate, both */
    ask_anew();
    WAIT_UNTIL(counted(OCSP_COUNTER_REFRESHES) == 3);
}

static void jumps_of_the_wall_clock_cost_a_fetch_each_at_most(void **state)
{
    static const int64_t jumps[] = {15 * YEAR, -30 * YEAR, 15 * YEAR, 7200, -7200, -36000};
    (void)state;
    for (uint32_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        assert_int_equal(ask("1").failure, OCSP_FAULT_NONE);
        move_clock(jumps[i]);
        uint64_t until_ms = clock_monotonic_ms() + 1200;
        WAIT_UNTIL(clock_monotonic_ms() > until_ms);
        struct ocsp_state answer = ask("1");
        assert_int_equal(answer.failure, OCSP_FAULT_NONE);
        assert_true(llabs(answer.received_at_seconds - clock_wall_seconds()) < 3600);
    }
    assert_true(counted(OCSP_COUNTER_FETCHES) <= 2 * sizeof(jumps) / sizeof(jumps[0]) + 1);
}

static void what_is_kept_is_fresh_after_a_jump_back(void **state)
{
    (void)state;
    keep("a", "a");
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 1);
    uint64_t until_ms = clock_monotonic_ms() + 1200; /* the engine has seen the old time */
    WAIT_UNTIL(clock_monotonic_ms() > until_ms);
    move_clock(-30 * YEAR);
    WAIT_UNTIL(counted(OCSP_COUNTER_GOOD) == 2);
    assert_true(cached("a", false).received_at_seconds <= clock_wall_seconds());
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_in_use_is_refreshed_ahead),
        TEST(an_answer_is_left_alone_before_its_time),
        TEST(an_answer_that_nobody_uses_is_not_refreshed_again),
        TEST(an_answer_used_late_is_refreshed_all_the_same),
        TEST(a_failed_refresh_leaves_the_answer_and_is_tried_again),
        TEST(a_refresh_ends_with_the_answer),
        TEST(who_was_good_and_is_revoked_is_withdrawn),
        TEST(who_was_never_asked_about_and_is_revoked_is_withdrawn),
        TEST(who_are_revoked_together_are_withdrawn_together),
        TEST(who_failed_and_is_revoked_is_withdrawn),
        TEST(a_failure_to_refresh_withdraws_nobody),
        TEST(what_was_loaded_is_refreshed_too),
        TEST(what_is_kept_is_fetched_and_stays_fresh),
        TEST(what_is_kept_comes_back_when_it_was_pushed_out),
        TEST(what_is_kept_is_tried_for_ever),
        TEST(a_responder_that_nobody_names_any_more_is_not_asked),
        TEST(what_is_fetched_ahead_is_asked_as_it_is_today),
        TEST(nothing_is_fetched_ahead_when_no_profile_asks),
        TEST(jumps_of_the_wall_clock_cost_a_fetch_each_at_most),
        TEST(what_is_kept_is_fresh_after_a_jump_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
