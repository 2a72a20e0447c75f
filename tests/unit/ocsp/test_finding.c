/* What becomes of a response: believed or not beside what is known, kept, and who is withdrawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/ocsp/finding.h"
#include "../../fake/ocsp_fakes.h"

#define NOW  INT64_C(1700000000)
#define LIFE INT64_C(3600)

struct fixture {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *member;
    struct ocsp_engine_settings settings;
    struct ocsp_counters counters;
    struct ocsp_manner manner;
    struct finding_place place;
    uint32_t withdrawn_count;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct ocsp_cache_settings cache_settings = {64, 1 << 20};
    fixture = (struct fixture){.manner = {.retry_after_ms = 10000, .max_age_ms = 86400000}};
    assert_true(result_is_ok(reclaim_create(1, &fixture.reclaim)));
    assert_true(result_is_ok(ocsp_cache_create(&cache_settings, &fixture.cache)));
    fixture.member = reclaim_join(fixture.reclaim);
    reclaim_wake(fixture.member);
    fixture.settings = (struct ocsp_engine_settings){.cache = fixture.cache};
    fixture.place = (struct finding_place){
        .settings = &fixture.settings, .counters = &fixture.counters, .member = fixture.member};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    reclaim_sleep(fixture->member);
    reclaim_destroy(fixture->reclaim);
    ocsp_cache_destroy(fixture->cache);
    return 0;
}

/* What a fetch brings for the certificate of that serial number. */
static enum ocsp_fault find(struct fixture *fixture, const char *serial, struct bytes response,
                            enum ocsp_fault fault, int64_t now_seconds)
{
    struct ocsp_state known;
    struct finding finding = {.manner = &fixture->manner, .fault = fault, .response = response};
    assert_true(
        result_is_ok(ocsp_question_restore(bytes_from_string(serial), BYTES_OF("the issuer"),
                                           BYTES_OF("http://ocsp.test/"), &finding.question)));
    finding_keep(&fixture->place, &finding, now_seconds, &known);
    fixture->withdrawn_count += finding.is_withdrawal;
    reclaim_quiet(fixture->member);
    return finding.fault;
}

/* An answer that was signed at one moment, holds for LIFE, and comes at another. */
static enum ocsp_fault answer(struct fixture *fixture, const char *status, int64_t signed_at,
                              int64_t now_seconds)
{
    char line[OCSP_FAKES_LINE_SIZE];
    (void)snprintf(line, sizeof(line), "%s 1 %lld %lld %lld", status, (long long)signed_at,
                   (long long)(signed_at + LIFE), (long long)INT64_MAX);
    return find(fixture, "1", bytes_from_string(line), OCSP_FAULT_NONE, now_seconds);
}

static const struct ocsp_state *known(const struct fixture *fixture)
{
    struct ocsp_id id = ocsp_fakes_id(BYTES_OF("1"), BYTES_OF("the issuer"));
    return &ocsp_cache_peek(fixture->cache, &id)->state;
}

static void expect_kept_response(const struct fixture *fixture, const char *status)
{
    struct ocsp_id id = ocsp_fakes_id(BYTES_OF("1"), BYTES_OF("the issuer"));
    struct bytes response = ocsp_cache_peek(fixture->cache, &id)->response;
    assert_true(bytes_equal(bytes_slice(response, 0, strlen(status)), bytes_from_string(status)));
}

static void a_revocation_is_undone_by_what_was_signed_after_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(answer(fixture, "revoked", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "good", NOW + 1, NOW + 1), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_GOOD);
}

static void a_revocation_is_not_undone_by_what_was_signed_before_or_with_it(void **state)
{
    static const char *const others[] = {"good", "unknown"};
    struct fixture *fixture = *state;
    assert_int_equal(answer(fixture, "revoked", NOW, NOW), OCSP_FAULT_NONE);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(answer(fixture, others[i], NOW - 1, NOW + 1), OCSP_FAULT_EXPIRED);
        assert_int_equal(answer(fixture, others[i], NOW, NOW + 1), OCSP_FAULT_EXPIRED);
        assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
    }
}

static void a_revocation_whose_answer_has_ended_is_not_undone_by_an_older_one(void **state)
{
    struct fixture *fixture = *state;
    fixture->manner.max_age_ms = 1000;
    assert_int_equal(answer(fixture, "revoked", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "good", NOW - 1, NOW + 60), OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "good", NOW, NOW + 120), OCSP_FAULT_EXPIRED);
    assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
    assert_int_equal(known(fixture)->failure, OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "good", NOW + 1, NOW + 180), OCSP_FAULT_NONE);
}

/* When `unknown` had ended, and nobody answered then, a failure might be forgiven. */
static void a_revocation_is_not_undone_by_who_knows_the_certificate_no_longer(void **state)
{
    struct fixture *fixture = *state;
    (void)answer(fixture, "revoked", NOW, NOW);
    struct ocsp_answer revocation = known(fixture)->answer;
    for (int64_t later = 1; later <= 2 * LIFE; later += LIFE - 1) {
        assert_int_equal(answer(fixture, "unknown", NOW + later, NOW + later),
                         OCSP_FAULT_FORGOTTEN);
        assert_memory_equal(&known(fixture)->answer, &revocation, sizeof(revocation));
        assert_int_equal(known(fixture)->failure, OCSP_FAULT_FORGOTTEN);
        assert_int_equal(known(fixture)->retry_at_seconds, NOW + later + 10);
    }
    expect_kept_response(fixture, "revoked");
    assert_int_equal(answer(fixture, "good", NOW + 2 * LIFE, NOW + 2 * LIFE), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_GOOD);
}

/* Whichever of the two comes first. */
static void who_does_not_know_the_certificate_does_not_outdate_a_revocation(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(answer(fixture, "unknown", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "good", NOW - 1, NOW + 1), OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "revoked", NOW - 1, NOW + 2), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
}

/* On hold, released, on hold again; and the first two once more. */
static void an_older_revocation_does_not_make_room_for_what_came_after_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(answer(fixture, "revoked", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "revoked", NOW - 20, NOW + 1), OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "good", NOW - 10, NOW + 2), OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "revoked", NOW, NOW + 3), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
    assert_int_equal(known(fixture)->failure, OCSP_FAULT_NONE);
}

static void an_older_revocation_replaces_what_is_good_no_longer(void **state)
{
    struct fixture *fixture = *state;
    fixture->manner.max_age_ms = 1000;
    assert_int_equal(answer(fixture, "good", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "revoked", NOW - 1, NOW), OCSP_FAULT_EXPIRED);
    assert_int_equal(answer(fixture, "revoked", NOW - 1, NOW + 60), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
}

/* The clock was ahead when it came; else nobody could ever take it back. */
static void a_revocation_of_the_future_is_undone_by_an_answer_of_today(void **state)
{
    struct fixture *fixture = *state;
    int64_t ahead = NOW + 10 * 86400;
    assert_int_equal(answer(fixture, "revoked", ahead, ahead), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "unknown", NOW, NOW), OCSP_FAULT_FORGOTTEN);
    assert_int_equal(answer(fixture, "good", NOW, NOW), OCSP_FAULT_NONE);
    assert_int_equal(known(fixture)->answer.status, OCSP_GOOD);
}

static void a_revocation_that_came_in_the_future_keeps_its_moment(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(answer(fixture, "revoked", NOW, NOW + 3000), OCSP_FAULT_NONE);
    assert_int_equal(answer(fixture, "good", NOW - 1, NOW + 1), OCSP_FAULT_EXPIRED);
    assert_int_equal(known(fixture)->answer.status, OCSP_REVOKED);
}

static void expect_withdrawn(struct fixture *fixture, uint32_t count)
{
    assert_int_equal(fixture->withdrawn_count, count);
    fixture->withdrawn_count = 0;
}

/* A profile that has no responder for the certificate may have forgiven that. */
static void a_first_answer_that_keeps_out_withdraws(void **state)
{
    static const char *const statuses[] = {"revoked", "unknown"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(answer(fixture, statuses[i], NOW, NOW), OCSP_FAULT_NONE);
        expect_withdrawn(fixture, 1);
        struct ocsp_id id = ocsp_fakes_id(BYTES_OF("1"), BYTES_OF("the issuer"));
        ocsp_cache_remove(fixture->cache, fixture->member, &id); /* pushed out */
    }
    assert_int_equal(answer(fixture, "good", NOW, NOW), OCSP_FAULT_NONE);
    expect_withdrawn(fixture, 0);
}

static void what_follows_on_a_good_answer_withdraws_if_it_keeps_out(void **state)
{
    struct fixture *fixture = *state;
    (void)answer(fixture, "good", NOW, NOW);
    (void)answer(fixture, "good", NOW + 1, NOW + 1);
    expect_withdrawn(fixture, 0);
    (void)answer(fixture, "unknown", NOW + 2, NOW + 2);
    expect_withdrawn(fixture, 1);
    (void)answer(fixture, "good", NOW + 3, NOW + 3);
    (void)answer(fixture, "revoked", NOW + 4, NOW + 4);
    expect_withdrawn(fixture, 1);
}

static void a_revocation_that_was_known_withdraws_nobody_again(void **state)
{
    struct fixture *fixture = *state;
    (void)answer(fixture, "revoked", NOW, NOW);
    expect_withdrawn(fixture, 1);
    (void)answer(fixture, "revoked", NOW + 1, NOW + 1);
    (void)find(fixture, "1", (struct bytes){0}, OCSP_FAULT_TIMEOUT, NOW + 2);
    (void)answer(fixture, "revoked", NOW + 3, NOW + 3);
    (void)answer(fixture, "unknown", NOW + 4, NOW + 4);
    expect_withdrawn(fixture, 0);
}

/* When `unknown` has ended, a profile without a responder forgives again. */
static void who_was_unknown_is_withdrawn_when_that_becomes_a_revocation(void **state)
{
    struct fixture *fixture = *state;
    (void)answer(fixture, "unknown", NOW, NOW);
    expect_withdrawn(fixture, 1);
    (void)answer(fixture, "unknown", NOW + 11, NOW + 11);
    expect_withdrawn(fixture, 0);
    (void)answer(fixture, "revoked", NOW + 22, NOW + 22);
    expect_withdrawn(fixture, 1);
}

static void who_was_unknown_and_failed_is_withdrawn(void **state)
{
    struct fixture *fixture = *state;
    (void)answer(fixture, "unknown", NOW, NOW);
    (void)find(fixture, "1", (struct bytes){0}, OCSP_FAULT_TIMEOUT, NOW + 11);
    expect_withdrawn(fixture, 1);
    (void)answer(fixture, "unknown", NOW + 22, NOW + 22);
    expect_withdrawn(fixture, 1);
}

static void a_failure_withdraws_nobody(void **state)
{
    struct fixture *fixture = *state;
    (void)find(fixture, "1", (struct bytes){0}, OCSP_FAULT_TIMEOUT, NOW);
    (void)answer(fixture, "good", NOW, NOW + 11);
    (void)find(fixture, "1", BYTES_OF("forged"), OCSP_FAULT_NONE, NOW + 12);
    expect_withdrawn(fixture, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_revocation_is_undone_by_what_was_signed_after_it),
        TEST(a_revocation_is_not_undone_by_what_was_signed_before_or_with_it),
        TEST(a_revocation_whose_answer_has_ended_is_not_undone_by_an_older_one),
        TEST(a_revocation_is_not_undone_by_who_knows_the_certificate_no_longer),
        TEST(who_does_not_know_the_certificate_does_not_outdate_a_revocation),
        TEST(an_older_revocation_does_not_make_room_for_what_came_after_it),
        TEST(an_older_revocation_replaces_what_is_good_no_longer),
        TEST(a_revocation_of_the_future_is_undone_by_an_answer_of_today),
        TEST(a_revocation_that_came_in_the_future_keeps_its_moment),
        TEST(a_first_answer_that_keeps_out_withdraws),
        TEST(what_follows_on_a_good_answer_withdraws_if_it_keeps_out),
        TEST(a_revocation_that_was_known_withdraws_nobody_again),
        TEST(who_was_unknown_is_withdrawn_when_that_becomes_a_revocation),
        TEST(who_was_unknown_and_failed_is_withdrawn),
        TEST(a_failure_withdraws_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
