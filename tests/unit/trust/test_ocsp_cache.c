/* What the OCSP cache keeps, for whom, and when it says that something has changed. */
#include "ocsp_cache_fixture.h"

static void what_was_put_in_is_found_whole(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    const struct ocsp_record *record = find(fixture, 1, NOW);
    assert_non_null(record);
    assert_true(record->state.has_answer);
    assert_true(record->state.received_at_seconds == NOW);
    assert_true(bytes_equal(record->response, BYTES_OF("an answer")));
    assert_true(bytes_equal(record->question->serial, BYTES_OF("1")));
    assert_string_equal(record->manner.url, "http://override.test/");
    assert_ptr_equal(peek(fixture, 1), record);
}

static void what_was_never_asked_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_null(find(fixture, 1, NOW));
    assert_true(put(fixture, answered(1, NOW)));
    assert_null(find(fixture, 2, NOW));
    assert_null(peek(fixture, 2));
}

static void one_byte_of_the_id_makes_another_certificate(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_id id = id_of(1);
    assert_true(put(fixture, answered(1, NOW)));
    for (size_t i = 0; i < OCSP_ID_SIZE; i++) {
        id.bytes[i] ^= 1;
        assert_null(ocsp_cache_peek(fixture->cache, &id));
        id.bytes[i] ^= 1;
    }
    assert_non_null(ocsp_cache_peek(fixture->cache, &id));
}

static void the_response_is_a_copy(void **state)
{
    struct fixture *fixture = *state;
    uint8_t response[] = {1, 2, 3};
    struct ocsp_state answer = {.has_answer = true, .received_at_seconds = NOW};
    assert_true(put(fixture, record_with(1, &answer, bytes_from(response, sizeof(response)))));
    memset(response, 9, sizeof(response));
    const uint8_t expected[] = {1, 2, 3};
    assert_memory_equal(find(fixture, 1, NOW)->response.at, expected, sizeof(expected));
}

static void a_failure_is_remembered_without_an_answer(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, failed(1, NOW)));
    const struct ocsp_record *record = find(fixture, 1, NOW);
    assert_false(record->state.has_answer);
    assert_int_equal(record->state.failure, OCSP_FAULT_TIMEOUT);
    assert_true(record->state.retry_at_seconds == NOW + 10);
    assert_int_equal(record->response.length, 0);
}

static void a_failure_counts_for_who_asks_the_same_way(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, failed(1, NOW)));
    const struct ocsp_record *record = find(fixture, 1, NOW);
    struct ocsp_manner manner = record->manner;
    manner.timeout_ms--;
    assert_true(ocsp_record_failure_counts(record, &manner));
    manner.has_nonce = !manner.has_nonce;
    assert_false(ocsp_record_failure_counts(record, &manner));
    manner = record->manner;
    manner.is_get = !manner.is_get;
    assert_false(ocsp_record_failure_counts(record, &manner));
    manner = record->manner;
    manner.url[0] = '\0'; /* where the certificate says */
    assert_false(ocsp_record_failure_counts(record, &manner));
    memcpy(manner.url, "http://other.test/", sizeof("http://other.test/"));
    assert_false(ocsp_record_failure_counts(record, &manner));
}

/* Of a time limit, whatever it is called; a responder that has answered has answered. */
static void a_failure_counts_for_nobody_who_would_have_waited_longer(void **state)
{
    static const struct {
        enum ocsp_fault fault;
        bool is_of_time;
    } rows[] = {
        {OCSP_FAULT_TIMEOUT, true},      {OCSP_FAULT_UNREACHABLE, true},
        {OCSP_FAULT_UNRESOLVED, true},   {OCSP_FAULT_TRY_LATER, false},
        {OCSP_FAULT_HTTP_STATUS, false}, {OCSP_FAULT_SIGNATURE, false},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ocsp_state failure = {.failure = rows[i].fault, .failed_at_seconds = NOW};
        assert_true(put(fixture, record_with(i, &failure, (struct bytes){0})));
        const struct ocsp_record *record = find(fixture, i, NOW);
        struct ocsp_manner patient[] = {record->manner, record->manner, record->manner};
        assert_true(ocsp_record_failure_counts(record, &patient[0]));
        patient[0].timeout_ms++;
        patient[1].connect_timeout_ms++;
        patient[2].read_timeout_ms++;
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(ocsp_record_failure_counts(record, &patient[j]), !rows[i].is_of_time);
        }
    }
}

static void a_newer_record_takes_the_place_of_the_older(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    assert_true(put(fixture, answered(1, NOW + 60)));
    turn(fixture);
    assert_true(find(fixture, 1, NOW)->state.received_at_seconds == NOW + 60);
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, 1);
    assert_int_equal(ocsp_cache_usage(fixture->cache).evicted_count, 0);
}

static void a_record_that_was_found_lives_until_the_next_quiet_point(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    const struct ocsp_record *record = find(fixture, 1, NOW);
    assert_true(put(fixture, answered(1, NOW + 60)));
    reclaim_quiet(fixture->writer);
    /* The reader has not been quiet: the sanitizers would see it. */
    assert_true(record->state.received_at_seconds == NOW);
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, 2);
    turn(fixture);
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, 1);
}

static void what_was_removed_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    assert_true(put(fixture, answered(2, NOW)));
    take_out(fixture, 1);
    assert_null(peek(fixture, 1));
    assert_non_null(peek(fixture, 2));
    take_out(fixture, 1); /* nothing there is nothing to do */
    take_out(fixture, 3);
    turn(fixture);
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, 1);
    assert_true(put(fixture, answered(1, NOW)));
    assert_non_null(peek(fixture, 1));
}

static void finding_touches_and_peeking_does_not(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW);
    (void)find(fixture, 1, NOW + 5);
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW + 5);
}

static void a_new_record_counts_as_touched_when_its_fetch_ended(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_state both = {.has_answer = true,
                              .received_at_seconds = NOW,
                              .failure = OCSP_FAULT_TIMEOUT,
                              .failed_at_seconds = NOW + 7};
    assert_true(put(fixture, failed(1, NOW + 3)));
    assert_true(put(fixture, record_with(2, &both, BYTES_OF("an answer"))));
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW + 3);
    assert_int_equal(peek(fixture, 2)->touched_seconds, (uint32_t)NOW + 7);
}

static void a_refresh_is_no_use(void **state)
{
    struct fixture *fixture = *state;
    assert_true(put(fixture, answered(1, NOW)));
    (void)find(fixture, 1, NOW + 5);
    assert_true(put(fixture, answered(1, NOW + 3000)));
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW + 5);
    (void)find(fixture, 1, NOW + 3001);
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW + 3001);
}

static void a_walk_meets_every_record_once(void **state)
{
    struct fixture *fixture = *state;
    bool is_met[100] = {0};
    size_t position = 0;
    const struct ocsp_record *record;
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(put(fixture, i % 3 == 0 ? failed(i, NOW) : answered(i, NOW)));
    }
    size_t count = 0;
    while ((record = ocsp_cache_next(fixture->cache, &position)) != NULL) {
        uint64_t number = 0;
        assert_true(bytes_to_number(record->question->serial, 99, &number));
        assert_false(is_met[number]);
        is_met[number] = true;
        count++;
    }
    assert_int_equal(count, 100);
    assert_null(ocsp_cache_next(fixture->cache, &position));
}

static void a_walk_over_nothing_ends_at_once(void **state)
{
    struct fixture *fixture = *state;
    size_t position = 0;
    assert_null(ocsp_cache_next(fixture->cache, &position));
    assert_null(ocsp_cache_next(fixture->cache, &position));
}

static void an_answer_that_comes_changes_or_goes_raises_the_revision(void **state)
{
    struct fixture *fixture = *state;
    uint64_t revision = ocsp_cache_revision(fixture->cache);
    assert_true(put(fixture, answered(1, NOW)));
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
    revision = ocsp_cache_revision(fixture->cache);
    assert_true(put(fixture, answered(1, NOW + 1)));
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
    revision = ocsp_cache_revision(fixture->cache);
    struct ocsp_state state_of_other = {.has_answer = true, .received_at_seconds = NOW + 1};
    assert_true(put(fixture, record_with(1, &state_of_other, BYTES_OF("another"))));
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
    revision = ocsp_cache_revision(fixture->cache);
    assert_true(put(fixture, failed(1, NOW + 2)));
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
    assert_true(put(fixture, answered(1, NOW + 3)));
    revision = ocsp_cache_revision(fixture->cache);
    take_out(fixture, 1);
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
}

static void failures_and_touches_do_not_raise_the_revision(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_state both = {.has_answer = true,
                              .received_at_seconds = NOW,
                              .failure = OCSP_FAULT_TIMEOUT,
                              .failed_at_seconds = NOW + 7};
    assert_true(put(fixture, answered(1, NOW)));
    uint64_t revision = ocsp_cache_revision(fixture->cache);
    (void)find(fixture, 1, NOW + 100);
    assert_true(put(fixture, record_with(1, &both, BYTES_OF("an answer"))));
    assert_true(put(fixture, failed(2, NOW)));
    assert_true(put(fixture, failed(2, NOW + 10)));
    take_out(fixture, 2);
    take_out(fixture, 3);
    assert_true(ocsp_cache_revision(fixture->cache) == revision);
}

static void a_record_that_was_never_put_in_is_destroyed_alone(void **state)
{
    (void)state;
    ocsp_record_destroy(answered(1, NOW));
    ocsp_record_destroy(NULL);
    ocsp_cache_destroy(NULL);
}

static void two_caches_have_two_secrets(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_cache_settings settings = {ENTRY_COUNT, ROOMY_BYTES};
    struct ocsp_cache *other;
    size_t position = 0;
    size_t other_position = 0;
    size_t same_count = 0;
    assert_true(result_is_ok(ocsp_cache_create(&settings, &other)));
    for (uint64_t i = 0; i < 16; i++) {
        assert_true(put(fixture, answered(i, NOW)));
        assert_true(ocsp_cache_put(other, fixture->writer, answered(i, NOW)));
    }
    /* Where each one is found: alike by chance only. */
    for (size_t i = 0; i < 16; i++) {
        assert_non_null(ocsp_cache_next(fixture->cache, &position));
        assert_non_null(ocsp_cache_next(other, &other_position));
        same_count += position == other_position;
    }
    assert_true(same_count < 16);
    ocsp_cache_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_in_is_found_whole),
        TEST(what_was_never_asked_is_not_found),
        TEST(one_byte_of_the_id_makes_another_certificate),
        TEST(the_response_is_a_copy),
        TEST(a_failure_is_remembered_without_an_answer),
        TEST(a_failure_counts_for_who_asks_the_same_way),
        TEST(a_failure_counts_for_nobody_who_would_have_waited_longer),
        TEST(a_newer_record_takes_the_place_of_the_older),
        TEST(a_record_that_was_found_lives_until_the_next_quiet_point),
        TEST(what_was_removed_is_not_found),
        TEST(finding_touches_and_peeking_does_not),
        TEST(a_new_record_counts_as_touched_when_its_fetch_ended),
        TEST(a_refresh_is_no_use),
        TEST(a_walk_meets_every_record_once),
        TEST(a_walk_over_nothing_ends_at_once),
        TEST(an_answer_that_comes_changes_or_goes_raises_the_revision),
        TEST(failures_and_touches_do_not_raise_the_revision),
        cmocka_unit_test(a_record_that_was_never_put_in_is_destroyed_alone),
        TEST(two_caches_have_two_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
