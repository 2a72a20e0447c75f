/* How evidence of revocation is read: where was asked, what is new, how long it is used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../../src/cli/revocation_evidence.h"

#define NOW INT64_C(1700000000)

static struct ocsp_question question;

static struct ocsp_manner plain_manner(void)
{
    return (struct ocsp_manner){.max_age_ms = 3600 * 1000};
}

/* Good, received a minute ago, ending in ten minutes. */
static struct revocation_evidence answered(enum ocsp_status status)
{
    question = (struct ocsp_question){.url = BYTES_OF("http://ocsp.example.com/")};
    return (struct revocation_evidence){.question = &question,
                                        .is_known = true,
                                        .is_fetched = true,
                                        .state = {.has_answer = true,
                                                  .answer = {.status = status,
                                                             .this_update_seconds = NOW - 60,
                                                             .next_update_seconds = NOW + 600,
                                                             .signer_until_seconds = INT64_MAX},
                                                  .received_at_seconds = NOW - 60}};
}

static void the_profiles_responder_is_asked_before_the_certificates(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_GOOD);
    struct ocsp_manner manner = plain_manner();
    assert_true(bytes_equal(revocation_evidence_url(&evidence, &manner), question.url));
    (void)snprintf(manner.url, sizeof(manner.url), "http://127.0.0.1/");
    assert_true(
        bytes_equal(revocation_evidence_url(&evidence, &manner), BYTES_OF("http://127.0.0.1/")));
}

static void an_answer_of_before_is_not_new_when_the_fetch_has_failed(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_GOOD);
    assert_true(revocation_evidence_is_new(&evidence));
    assert_false(revocation_evidence_has_failed(&evidence));
    evidence.state.failure = OCSP_FAULT_TIMEOUT;
    assert_false(revocation_evidence_is_new(&evidence));
    assert_true(revocation_evidence_has_failed(&evidence));
    evidence.is_fetched = false;
    evidence.is_supposed = true;
    assert_false(revocation_evidence_has_failed(&evidence));
}

static void nothing_at_all_is_neither_new_nor_failed(void **state)
{
    (void)state;
    struct revocation_evidence evidence = {0};
    assert_false(revocation_evidence_is_new(&evidence));
    assert_false(revocation_evidence_has_failed(&evidence));
}

static void an_answer_is_used_until_its_end(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_GOOD);
    struct ocsp_manner manner = plain_manner();
    struct revocation_use use = revocation_evidence_use(&evidence, &manner, NOW + 599);
    assert_int_equal(use.until_seconds, NOW + 600);
    assert_int_equal(use.grace_until_seconds, NOW + 600);
    assert_false(use.is_over || use.is_in_grace || use.lacks_nonce);
    assert_true(revocation_evidence_use(&evidence, &manner, NOW + 600).is_over);
    manner.max_age_ms = 120 * 1000;
    assert_int_equal(revocation_evidence_use(&evidence, &manner, NOW).until_seconds, NOW + 60);
}

static void grace_counts_only_when_there_is_no_newer_answer(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_GOOD);
    struct ocsp_manner manner = plain_manner();
    manner.stale_grace_ms = 300 * 1000;
    struct revocation_use use = revocation_evidence_use(&evidence, &manner, NOW + 700);
    assert_int_equal(use.grace_until_seconds, NOW + 900);
    assert_true(use.is_over && !use.is_in_grace);
    evidence.state.failure = OCSP_FAULT_UNREACHABLE;
    use = revocation_evidence_use(&evidence, &manner, NOW + 899);
    assert_true(use.is_in_grace && !use.is_over);
    assert_true(revocation_evidence_use(&evidence, &manner, NOW + 900).is_over);
}

static void unknown_counts_until_it_may_be_asked_again(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_UNKNOWN);
    struct ocsp_manner manner = plain_manner();
    manner.stale_grace_ms = 300 * 1000;
    evidence.state.retry_at_seconds = NOW + 10;
    struct revocation_use use = revocation_evidence_use(&evidence, &manner, NOW);
    assert_int_equal(use.until_seconds, NOW + 10);
    assert_int_equal(use.grace_until_seconds, NOW + 10);
}

static void an_answer_without_the_nonce_that_is_wanted_is_marked(void **state)
{
    (void)state;
    struct revocation_evidence evidence = answered(OCSP_GOOD);
    struct ocsp_manner manner = plain_manner();
    manner.has_nonce = true;
    assert_true(revocation_evidence_use(&evidence, &manner, NOW).lacks_nonce);
    evidence.state.answer.has_nonce = true;
    assert_false(revocation_evidence_use(&evidence, &manner, NOW).lacks_nonce);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_profiles_responder_is_asked_before_the_certificates),
        cmocka_unit_test(an_answer_of_before_is_not_new_when_the_fetch_has_failed),
        cmocka_unit_test(nothing_at_all_is_neither_new_nor_failed),
        cmocka_unit_test(an_answer_is_used_until_its_end),
        cmocka_unit_test(grace_counts_only_when_there_is_no_newer_answer),
        cmocka_unit_test(unknown_counts_until_it_may_be_asked_again),
        cmocka_unit_test(an_answer_without_the_nonce_that_is_wanted_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
