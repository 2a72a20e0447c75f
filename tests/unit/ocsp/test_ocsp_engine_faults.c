/* The engine and responders that are slow, dead, lost or hostile. */
#include "engine_fixture.h"

/* clang-format off */
static const struct {
    enum ocsp_behaviour behaviour;
    enum ocsp_fault fault;
} misdeeds[] = {
    {CLOSES_AT_ONCE,        OCSP_FAULT_CLOSED},
    {CLOSES_HALFWAY,        OCSP_FAULT_CLOSED},
    {HANGS,                 OCSP_FAULT_TIMEOUT},
    {DRIPS,                 OCSP_FAULT_TIMEOUT},
    {REDIRECTS,             OCSP_FAULT_REDIRECT},
    {FAILS_WITH_500,        OCSP_FAULT_HTTP_STATUS},
    {SENDS_TOO_MUCH,        OCSP_FAULT_TOO_LARGE},
    {SENDS_TOO_MUCH_UNSAID, OCSP_FAULT_TOO_LARGE},
    {SENDS_GARBAGE,         OCSP_FAULT_HTTP},
    {SENDS_HTML,            OCSP_FAULT_CONTENT_TYPE},
    {SENDS_NOTHING_AS_BODY, OCSP_FAULT_HTTP_STATUS},
    {SENDS_FORGED,          OCSP_FAULT_SIGNATURE},
    {INTERRUPTS_FOR_EVER,   OCSP_FAULT_HTTP},
};
/* clang-format on */

static void each_misdeed_has_its_fault(void **state)
{
    char serial[8];
    (void)state;
    for (uint32_t i = 0; i < sizeof(misdeeds) / sizeof(misdeeds[0]); i++) {
        (void)snprintf(serial, sizeof(serial), "%u", i);
        behave(misdeeds[i].behaviour);
        world.manner.timeout_ms = misdeeds[i].fault == OCSP_FAULT_TIMEOUT ? 400 : 60000;
        uint64_t started_ms = clock_monotonic_ms();
        struct ocsp_state answer = ask(serial);
        if (answer.failure != misdeeds[i].fault) {
            print_error("behaviour %d: %s\n", misdeeds[i].behaviour,
                        ocsp_fault_word(answer.failure));
        }
        assert_int_equal(answer.failure, misdeeds[i].fault);
        assert_false(answer.has_answer);
        assert_true(clock_monotonic_ms() - started_ms < world.manner.read_timeout_ms);
        assert_int_equal(cached(serial, false).failure, misdeeds[i].fault);
        assert_int_equal(
            atomic_load(&ocsp_engine_counters(world.engine)->faults[misdeeds[i].fault]) > 0, 1);
    }
    assert_int_equal(counted(OCSP_COUNTER_FAILED), sizeof(misdeeds) / sizeof(misdeeds[0]));
}

static void a_silent_responder_is_given_up_before_the_whole_time(void **state)
{
    (void)state;
    world.manner.read_timeout_ms = 100;
    behave(HANGS);
    uint64_t started_ms = clock_monotonic_ms();
    assert_int_equal(ask("1").failure, OCSP_FAULT_TIMEOUT);
    assert_true(clock_monotonic_ms() - started_ms < world.manner.timeout_ms / 2);
}

static void urls_that_are_none_are_refused_at_once(void **state)
{
    (void)state;
    assert_int_equal(ask_at("1", "").failure, OCSP_FAULT_NO_URL);
    assert_int_equal(ask_at("1", "https://127.0.0.1/").failure, OCSP_FAULT_BAD_URL);
    assert_int_equal(ask_at("1", "http://user@127.0.0.1/").failure, OCSP_FAULT_BAD_URL);
    assert_int_equal(cached("1", false).failure, OCSP_FAULT_NONE);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 0);
}

static void a_question_that_cannot_be_put_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(ask("impossible").failure, OCSP_FAULT_MALFORMED_REQUEST);
    assert_int_equal(counted(OCSP_COUNTER_FETCHES), 0);
}

static void a_name_is_resolved_once_for_many_fetches(void **state)
{
    (void)state;
    behave(BEHAVES_AND_CLOSES);
    assert_true(ask_at("1", responder_url("one.test")).has_answer);
    assert_true(ask_at("2", responder_url("ONE.test")).has_answer);
    assert_int_equal(atomic_load(&lookup_count), 1);
}

static void a_name_without_address_is_remembered(void **state)
{
    (void)state;
    assert_int_equal(ask_at("1", "http://none.test/").failure, OCSP_FAULT_UNRESOLVED);
    assert_int_equal(ask_at("2", "http://none.test/").failure, OCSP_FAULT_UNRESOLVED);
    assert_int_equal(atomic_load(&lookup_count), 1);
}

static void every_address_of_a_name_is_tried(void **state)
{
    (void)state;
    behave(BEHAVES_AND_CLOSES);
    assert_true(ask_at("1", responder_url("two.test")).has_answer);
    assert_int_equal(counted(OCSP_COUNTER_CONNECTS), 1);
}

static void a_name_that_takes_for_ever_holds_up_nobody_else(void **state)
{
    struct asked stuck;
    (void)state;
    begin_at(&stuck, "1", responder_url("stuck.test"));
    WAIT_UNTIL(atomic_load(&lookup_count) == 1);
    assert_true(ask_at("2", responder_url("one.test")).has_answer);
    world.manner.timeout_ms = 50;
    assert_int_equal(ask_at("3", responder_url("stuck.test")).failure, OCSP_FAULT_UNRESOLVED);
    assert_int_equal(stuck.answered_count, 0);
    atomic_store(&is_name_service_free, true);
    assert_int_equal(end(&stuck).failure, OCSP_FAULT_UNRESOLVED);
}

static void an_engine_stops_while_a_name_takes_for_ever(void **state)
{
    struct asked stuck;
    (void)state;
    begin_at(&stuck, "1", responder_url("stuck.test"));
    WAIT_UNTIL(atomic_load(&lookup_count) == 1);
    ocsp_engine_stop(world.engine);
    world.engine = NULL;
    assert_int_equal(end(&stuck).failure, OCSP_FAULT_TIMEOUT);
}

static void a_hanging_responder_delays_only_its_own(void **state)
{
    static struct asked asked[16];
    char serial[8];
    (void)state;
    behave(HANGS_UNTIL_RELEASED);
    for (uint32_t i = 0; i < 16; i++) {
        (void)snprintf(serial, sizeof(serial), "%u", i);
        begin(&asked[i], serial);
    }
    WAIT_UNTIL(atomic_load(&world.responder.busy_count) == 4);
    behave(BEHAVES_WELL);
    /* The same server by another name is another responder. */
    assert_true(ask_at("other", responder_url("one.test")).has_answer);
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(asked[i].answered_count, 0);
    }
    atomic_store(&world.responder.is_released, true);
    for (size_t i = 0; i < 16; i++) {
        assert_true(end(&asked[i]).has_answer);
    }
}

static void more_responders_than_are_remembered_are_asked_all_the_same(void **state)
{
    char url[64];
    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(url, sizeof(url), "http://127.0.%u.%u:1/", i / 250, i % 250 + 1);
        assert_int_equal(ask_at("1", url).failure, OCSP_FAULT_UNREACHABLE);
    }
    assert_true(ask("1").has_answer);
}

static void a_responder_is_reported_when_it_changes(void **state)
{
    (void)state;
    (void)ask("1");
    assert_int_equal(atomic_load(&world.line_count), 0);
    behave(FAILS_WITH_500);
    (void)ask("2");
    (void)ask("3");
    WAIT_UNTIL(atomic_load(&world.line_count) == 1);
    assert_non_null(strstr(world.lines[0], "127.0.0.1:"));
    assert_non_null(strstr(world.lines[0], " fails: the answer's HTTP status is not 200"));
    behave(BEHAVES_WELL);
    (void)ask("4");
    (void)ask("5");
    WAIT_UNTIL(atomic_load(&world.line_count) == 2);
    assert_non_null(strstr(world.lines[1], "answers again"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_misdeed_has_its_fault),
        TEST(a_silent_responder_is_given_up_before_the_whole_time),
        TEST(urls_that_are_none_are_refused_at_once),
        TEST(a_question_that_cannot_be_put_is_not_sent),
        TEST(a_name_is_resolved_once_for_many_fetches),
        TEST(a_name_without_address_is_remembered),
        TEST(every_address_of_a_name_is_tried),
        TEST(a_name_that_takes_for_ever_holds_up_nobody_else),
        TEST(an_engine_stops_while_a_name_takes_for_ever),
        TEST(a_hanging_responder_delays_only_its_own),
        TEST(more_responders_than_are_remembered_are_asked_all_the_same),
        TEST(a_responder_is_reported_when_it_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
