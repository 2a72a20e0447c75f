/* What comes back after a restart, and what of a file is not believed. */
#include "store_fixture.h"

static uint8_t content[FILE_SIZE_MAX];

static void what_was_stored_comes_back(void **state)
{
    struct fixture *fixture = *state;
    static const char *const statuses[] = {"good", "revoked"};
    for (uint64_t i = 0; i < 100; i++) {
        put(fixture, i, statuses[i % 2]);
    }
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 100, 0, 0);
    for (uint64_t i = 0; i < 100; i++) {
        const struct ocsp_record *record = peek(fixture, i);
        struct draft draft = draft_of(i, statuses[i % 2]);
        assert_non_null(record);
        assert_int_equal(record->state.answer.status, i % 2);
        assert_true(record->state.received_at_seconds == NOW);
        assert_true(bytes_equal(record->response, bytes_from_string(draft.response)));
        assert_true(bytes_equal(record->question->url, BYTES_OF("http://ocsp.test/")));
        assert_true(bytes_equal(record->question->issuer, BYTES_OF("the issuer")));
        assert_int_equal(record->manner.timeout_ms, draft.manner.timeout_ms);
        assert_int_equal(record->manner.connect_timeout_ms, draft.manner.connect_timeout_ms);
        assert_int_equal(record->manner.read_timeout_ms, draft.manner.read_timeout_ms);
        assert_int_equal(record->manner.retry_after_ms, draft.manner.retry_after_ms);
        assert_int_equal(record->manner.max_age_ms, draft.manner.max_age_ms);
        assert_int_equal(record->manner.stale_grace_ms, draft.manner.stale_grace_ms);
        assert_int_equal(record->manner.has_nonce, draft.manner.has_nonce);
        assert_int_equal(record->manner.is_get, draft.manner.is_get);
        assert_string_equal(record->manner.url, draft.manner.url);
    }
}

static void a_missing_file_is_an_empty_one(void **state)
{
    expect_loaded(*state, 0, 0, 0);
}

static void an_empty_cache_comes_back_empty(void **state)
{
    assert_int_equal(save(*state), ERROR_NONE);
    expect_loaded(*state, 0, 0, 0);
}

static void failures_and_what_is_unknown_are_not_stored(void **state)
{
    struct fixture *fixture = *state;
    struct draft unknown = draft_of(3, "unknown");
    unknown.state.answer.status = OCSP_UNKNOWN;
    put_draft(fixture, &unknown);
    struct draft mere_failure = draft_of(1, "good");
    struct draft after_an_answer = draft_of(2, "good");
    mere_failure.state = (struct ocsp_state){.failure = OCSP_FAULT_TIMEOUT};
    after_an_answer.state.failure = OCSP_FAULT_TRY_LATER;
    put_draft(fixture, &mere_failure);
    put_draft(fixture, &after_an_answer);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 0);
    assert_null(peek(fixture, 1));
    assert_null(peek(fixture, 3));
    assert_int_equal(peek(fixture, 2)->state.failure, OCSP_FAULT_NONE);
}

static void an_answer_to_a_nonce_comes_back_as_one_without(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(2, "good");
    draft.state.answer.has_nonce = true;
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 0);
    assert_true(peek(fixture, 2)->manner.has_nonce);
    assert_false(peek(fixture, 2)->state.answer.has_nonce);
}

static void the_cache_says_nothing_that_the_response_does_not(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "revoked");
    draft.state.answer.status = OCSP_GOOD; /* what is in memory is not what is stored */
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 0);
    assert_int_equal(peek(fixture, 1)->state.answer.status, OCSP_REVOKED);
}

static void a_response_that_is_refused_now_is_bad(void **state)
{
    struct fixture *fixture = *state;
    struct draft of_another = draft_of(3, "good");
    put(fixture, 1, "forged");
    put(fixture, 2, "good");
    (void)snprintf(of_another.response, sizeof(of_another.response), "good 4 %lld %lld %lld",
                   (long long)NOW, (long long)(NOW + LIFE), (long long)(NOW + LIFE));
    put_draft(fixture, &of_another);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 2);
    assert_non_null(peek(fixture, 2));
}

static void what_was_received_in_the_future_is_bad(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "good");
    draft.state.received_at_seconds = NOW + 11;
    put_draft(fixture, &draft);
    put(fixture, 2, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 1);
    assert_null(peek(fixture, 1));
}

static void an_answer_past_its_next_update_has_expired(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(load_at(fixture, NOW + LIFE - 1), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, 1);
    /* Also while the skew of clocks would still let it through. */
    assert_int_equal(load_at(fixture, NOW + LIFE), ERROR_NONE);
    assert_int_equal(fixture->outcome.expired_count, 1);
    assert_int_equal(load_at(fixture, NOW + 2 * LIFE), ERROR_NONE);
    assert_int_equal(fixture->outcome.expired_count, 1);
    assert_int_equal(fixture->outcome.loaded_count + fixture->outcome.bad_count, 0);
    assert_null(peek(fixture, 1));
}

static void an_answer_past_its_greatest_age_has_expired(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "good");
    draft.manner.max_age_ms = 60000;
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(load_at(fixture, NOW + 59), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, 1);
    assert_int_equal(load_at(fixture, NOW + 60), ERROR_NONE);
    assert_int_equal(fixture->outcome.expired_count, 1);
}

static void an_answer_without_an_end_holds_for_an_hour(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "good");
    (void)snprintf(draft.response, sizeof(draft.response), "good 1 %lld 0 %lld", (long long)NOW,
                   (long long)(NOW + LIFE));
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(load_at(fixture, NOW + OCSP_LIFE_SECONDS_DEFAULT - 1), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, 1);
    assert_int_equal(load_at(fixture, NOW + OCSP_LIFE_SECONDS_DEFAULT), ERROR_NONE);
    assert_int_equal(fixture->outcome.expired_count, 1);
}

static void an_answer_ends_with_the_certificate_of_its_signer(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "good");
    (void)snprintf(draft.response, sizeof(draft.response), "good 1 %lld %lld %lld", (long long)NOW,
                   (long long)(NOW + LIFE), (long long)(NOW + 20));
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(load_at(fixture, NOW + 20), ERROR_NONE);
    assert_int_equal(fixture->outcome.expired_count, 1);
}

static void expect_revoked_at(struct fixture *fixture, int64_t now_seconds)
{
    assert_int_equal(load_at(fixture, now_seconds), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, 1);
    assert_int_equal(fixture->outcome.expired_count + fixture->outcome.bad_count, 0);
    assert_int_equal(peek(fixture, 1)->state.answer.status, OCSP_REVOKED);
    assert_true(peek(fixture, 1)->state.received_at_seconds == NOW);
}

static void a_revocation_outlives_its_answer(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "revoked");
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_revoked_at(fixture, NOW + LIFE - 1);
    expect_revoked_at(fixture, NOW + LIFE);
    expect_revoked_at(fixture, NOW + 1000 * LIFE);
    /* And the next restart. */
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_revoked_at(fixture, NOW + 2000 * LIFE);
}

static void a_revocation_outlives_its_greatest_age(void **state)
{
    struct fixture *fixture = *state;
    struct draft draft = draft_of(1, "revoked");
    draft.manner.max_age_ms = 60000;
    put_draft(fixture, &draft);
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_revoked_at(fixture, NOW + 60);
}

/* A machine without a clock of its own starts in the past. */
static void a_revocation_is_known_before_the_clock_is_set(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "revoked");
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_revoked_at(fixture, NOW - 1000 * LIFE);
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)(NOW - 1000 * LIFE) - 1);
}

static void an_old_revocation_is_judged_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct draft of_another = draft_of(1, "revoked");
    struct draft never_held = draft_of(2, "revoked");
    struct draft forged = draft_of(3, "forged");
    (void)snprintf(of_another.response, sizeof(of_another.response), "revoked 4 %lld %lld %lld",
                   (long long)NOW, (long long)(NOW + LIFE), (long long)(NOW + LIFE));
    never_held.state.received_at_seconds = NOW + 2 * LIFE;
    put_draft(fixture, &of_another);
    put_draft(fixture, &never_held);
    put_draft(fixture, &forged);
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(load_at(fixture, NOW + 3 * LIFE), ERROR_NONE);
    assert_int_equal(fixture->outcome.loaded_count, 0);
    assert_int_equal(fixture->outcome.expired_count, 1);
    assert_int_equal(fixture->outcome.bad_count, 2);
}

static void a_restart_is_no_use_of_a_record(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 1, 0, 0);
    assert_int_equal(peek(fixture, 1)->touched_seconds, (uint32_t)NOW - 1);
}

static void what_cannot_be_a_record_is_bad(void **state)
{
    struct fixture *fixture = *state;
    struct draft drafts[] = {draft_of(1, "good"), draft_of(2, "good"), draft_of(3, "good"),
                             draft_of(4, "good")};
    drafts[0].manner.timeout_ms = UINT32_MAX; /* would hold a fetch for weeks */
    (void)snprintf(drafts[1].manner.url, sizeof(drafts[1].manner.url), "http://a.test/\r\nx");
    drafts[2].state.received_at_seconds = -1;
    drafts[3].manner.retry_after_ms = UINT32_MAX;
    for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++) {
        put_draft(fixture, &drafts[i]);
    }
    assert_int_equal(save(fixture), ERROR_NONE);
    expect_loaded(fixture, 0, 0, 4);
}

static void memory_that_runs_out_ends_the_loading(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *at = content;
    struct draft draft = draft_of(1, "good");
    struct ocsp_record *record = record_of_draft(&draft);
    record->question->serial = BYTES_OF("no memory");
    ocsp_store_file_write_record(record, at);
    at += ocsp_store_file_record_size(record);
    ocsp_store_file_write_end(1, at);
    write_file(fixture->path, content, (size_t)(at - content) + OCSP_STORE_FILE_END_SIZE);
    assert_int_equal(load_at(fixture, NOW), ERROR_OUT_OF_MEMORY);
    ocsp_record_destroy(record);
}

static void more_than_the_cache_holds_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_store_outcome outcome;
    for (uint64_t i = 0; i < 200; i++) {
        put(fixture, i, "good");
    }
    assert_int_equal(save(fixture), ERROR_NONE);
    close_cache(fixture);
    open_cache(fixture, OCSP_CACHE_COUNT_MIN);
    assert_true(result_is_ok(
        ocsp_store_load(fixture->path, fixture->cache, fixture->writer, NOW + 1, &outcome)));
    assert_int_equal(outcome.bad_count, 0);
    assert_in_range(outcome.loaded_count, OCSP_CACHE_COUNT_MIN / 2, OCSP_CACHE_COUNT_MIN);
    assert_in_range(ocsp_cache_usage(fixture->cache).entry_count, OCSP_CACHE_COUNT_MIN / 2,
                    OCSP_CACHE_COUNT_MIN);
}

static void what_is_no_file_of_ours_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(mkdir(fixture->path, 0700), 0);
    assert_int_equal(load_at(fixture, NOW), ERROR_FILE);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(rmdir(fixture->path), 0);
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_int_equal(load_at(fixture, NOW), ERROR_FILE); /* and does not wait for a writer */
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(symlink("/dev/null", fixture->path), 0);
    assert_int_equal(load_at(fixture, NOW), ERROR_FILE);
    assert_int_equal(errno, ELOOP);
}

static void a_file_that_others_may_write_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, 1, "good");
    assert_int_equal(save(fixture), ERROR_NONE);
    assert_int_equal(chmod(fixture->path, 0620), 0);
    assert_int_equal(load_at(fixture, NOW), ERROR_FILE);
    assert_int_equal(errno, EPERM);
    assert_int_equal(chmod(fixture->path, 0644), 0);
    expect_loaded(fixture, 1, 0, 0);
}

static void garbage_is_bad_and_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    struct dice dice = {.state = 1};
    for (size_t i = 0; i < 100000; i++) {
        content[i] = (uint8_t)dice_throw(&dice);
    }
    write_file(fixture->path, content, 100000);
    expect_loaded(fixture, 0, 0, 1);
    write_file(fixture->path, content, 0);
    expect_loaded(fixture, 0, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_stored_comes_back),
        TEST(a_missing_file_is_an_empty_one),
        TEST(an_empty_cache_comes_back_empty),
        TEST(failures_and_what_is_unknown_are_not_stored),
        TEST(an_answer_to_a_nonce_comes_back_as_one_without),
        TEST(the_cache_says_nothing_that_the_response_does_not),
        TEST(a_response_that_is_refused_now_is_bad),
        TEST(what_was_received_in_the_future_is_bad),
        TEST(an_answer_past_its_next_update_has_expired),
        TEST(an_answer_past_its_greatest_age_has_expired),
        TEST(an_answer_without_an_end_holds_for_an_hour),
        TEST(an_answer_ends_with_the_certificate_of_its_signer),
        TEST(a_revocation_outlives_its_answer),
        TEST(a_revocation_outlives_its_greatest_age),
        TEST(a_revocation_is_known_before_the_clock_is_set),
        TEST(an_old_revocation_is_judged_all_the_same),
        TEST(a_restart_is_no_use_of_a_record),
        TEST(what_cannot_be_a_record_is_bad),
        TEST(memory_that_runs_out_ends_the_loading),
        TEST(more_than_the_cache_holds_is_not_read),
        TEST(what_is_no_file_of_ours_cannot_be_read),
        TEST(a_file_that_others_may_write_is_not_read),
        TEST(garbage_is_bad_and_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
