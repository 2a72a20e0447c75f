/* OCSP responses: what is good, revoked and unknown, and every way not to be an answer at all. */
#include "ocsp_judging.h"

static void a_good_answer_has_every_field(void **state)
{
    (void)state;
    struct response_plan plan = {.produced = -5};
    plan_single(&plan, &world, (struct single_plan){.this_update = -10, .next_update = 500});
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
    assert_int_equal(answer.status, OCSP_GOOD);
    assert_int_equal(answer.produced_at_seconds, NOW - 5);
    assert_int_equal(answer.this_update_seconds, NOW - 10);
    assert_int_equal(answer.next_update_seconds, NOW + 500);
    assert_int_equal(answer.revoked_at_seconds, 0);
    assert_int_equal(answer.revocation_reason, -1);
    assert_false(answer.has_nonce);
    assert_false(answer.is_by_delegate);
    assert_true(answer.signer_until_seconds == INT64_MAX);
}

static void a_revoked_answer_has_its_time_and_its_reason(void **state)
{
    (void)state;
    static const int reasons[] = {-1, 0, 1, 4, 6, 8, 10, 7, 99};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        struct single_plan single = {.status = OCSP_REVOKED, .reason = reasons[i] + 1};
        assert_int_equal(judge_single(single), OCSP_FAULT_NONE);
        assert_int_equal(answer.status, OCSP_REVOKED);
        assert_int_equal(answer.revoked_at_seconds, NOW - 1000);
        assert_int_equal(answer.revocation_reason, reasons[i]);
    }
}

static void an_unknown_certificate_is_an_answer_too(void **state)
{
    (void)state;
    assert_int_equal(judge_single((struct single_plan){.status = OCSP_UNKNOWN}), OCSP_FAULT_NONE);
    assert_int_equal(answer.status, OCSP_UNKNOWN);
}

static void certificates_are_named_by_any_of_four_hashes(void **state)
{
    (void)state;
    for (unsigned hash = SINGLE_SHA1; hash <= SINGLE_SHA512; hash++) {
        assert_int_equal(judge_single((struct single_plan){.hash = hash}), OCSP_FAULT_NONE);
    }
    assert_int_equal(judge_single((struct single_plan){.hash = SINGLE_UNKNOWN_HASH}),
                     OCSP_FAULT_WRONG_CERTIFICATE);
}

static void another_serial_name_or_key_is_another_certificate(void **state)
{
    (void)state;
    const struct single_plan plans[] = {
        {.serial = BYTES_OF("\x01\x24")},
        {.serial = BYTES_OF("\x23")},
        {.serial = BYTES_OF("\x01\x23\x00")},
        {.has_other_name = true},
        {.has_other_key = true},
        {.has_short_digest = true},
        {.has_other_key = true, .hash = SINGLE_SHA256},
    };
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        assert_int_equal(judge_single(plans[i]), OCSP_FAULT_WRONG_CERTIFICATE);
    }
}

static void an_answer_about_nothing_is_about_another_certificate(void **state)
{
    (void)state;
    struct response_plan plan = {.has_no_singles = true};
    assert_int_equal(judge(plan), OCSP_FAULT_WRONG_CERTIFICATE);
}

static void singles_about_others_do_not_matter(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    struct single_plan critical = {.serial = BYTES_OF("\x09")};
    plan_response_extension(&critical.extensions, OCSP_OTHER_OID, true, BYTES_OF("x"));
    plan_single(&plan, &world,
                (struct single_plan){.status = OCSP_REVOKED, .serial = BYTES_OF("\x07")});
    plan_single(&plan, &world, (struct single_plan){.this_update = 9000, .has_other_key = true});
    plan_single(&plan, &world, critical);
    plan_single(&plan, &world, (struct single_plan){.status = OCSP_GOOD});
    plan_single(&plan, &world, (struct single_plan){.hash = SINGLE_UNKNOWN_HASH, .status = 1});
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
    assert_int_equal(answer.status, OCSP_GOOD);
}

static enum ocsp_status worst_of(enum ocsp_status first, enum ocsp_status second)
{
    struct response_plan plan = {.signer = NULL};
    plan_single(&plan, &world, (struct single_plan){.status = first});
    plan_single(&plan, &world, (struct single_plan){.status = second, .hash = SINGLE_SHA256});
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
    return answer.status;
}

static void of_several_for_ours_the_worst_counts(void **state)
{
    (void)state;
    assert_int_equal(worst_of(OCSP_GOOD, OCSP_REVOKED), OCSP_REVOKED);
    assert_int_equal(worst_of(OCSP_REVOKED, OCSP_GOOD), OCSP_REVOKED);
    assert_int_equal(worst_of(OCSP_GOOD, OCSP_UNKNOWN), OCSP_UNKNOWN);
    assert_int_equal(worst_of(OCSP_UNKNOWN, OCSP_REVOKED), OCSP_REVOKED);
    assert_int_equal(worst_of(OCSP_REVOKED, OCSP_UNKNOWN), OCSP_REVOKED);
    assert_int_equal(worst_of(OCSP_GOOD, OCSP_GOOD), OCSP_GOOD);
}

static void an_untimely_one_gives_way_to_a_timely_one(void **state)
{
    (void)state;
    struct single_plan old = {.status = OCSP_REVOKED, .this_update = -9000, .next_update = -8000};
    for (int order = 0; order < 2; order++) {
        struct response_plan plan = {.signer = NULL};
        plan_single(&plan, &world, order == 0 ? old : (struct single_plan){.status = OCSP_GOOD});
        plan_single(&plan, &world, order == 1 ? old : (struct single_plan){.status = OCSP_GOOD});
        assert_int_equal(judge(plan), OCSP_FAULT_NONE);
        assert_int_equal(answer.status, OCSP_GOOD);
    }
}

static void two_untimely_ones_are_no_answer(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    plan_single(&plan, &world, (struct single_plan){.this_update = -9000, .next_update = -8000});
    plan_single(&plan, &world, (struct single_plan){.this_update = 9000, .next_update = 9999});
    assert_int_equal(judge(plan), OCSP_FAULT_EXPIRED);
}

/* clang-format off */
static const struct {
    struct single_plan single;
    enum ocsp_fault fault;
} timely[] = {
    {{.this_update = 300},                                       OCSP_FAULT_NONE},
    {{.this_update = 301},                                       OCSP_FAULT_NOT_YET_VALID},
    {{.this_update = -9000, .next_update = -300},                OCSP_FAULT_NONE},
    {{.this_update = -9000, .next_update = -301},                OCSP_FAULT_EXPIRED},
    {{.this_update = 10, .next_update = 10},                     OCSP_FAULT_NONE},
    {{.this_update = 10, .next_update = 9},                      OCSP_FAULT_EXPIRED},
    {{.this_update = 200, .next_update = -200},                  OCSP_FAULT_EXPIRED},
    {{.this_update = -3900, .has_no_next_update = true},         OCSP_FAULT_NONE},
    {{.this_update = -3901, .has_no_next_update = true},         OCSP_FAULT_EXPIRED},
    {{.this_update = 301, .has_no_next_update = true},           OCSP_FAULT_NOT_YET_VALID},
    {{.raw_this_update = "00000101000000Z"},                     OCSP_FAULT_NONE},
    {{.raw_this_update = "99991231235959Z"},                     OCSP_FAULT_NOT_YET_VALID},
};
/* clang-format on */

static void clocks_may_differ_by_five_minutes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(timely) / sizeof(timely[0]); i++) {
        assert_int_equal(judge_single(timely[i].single), timely[i].fault);
    }
}

static void an_answer_without_an_end_says_so(void **state)
{
    (void)state;
    assert_int_equal(judge_single((struct single_plan){.has_no_next_update = true}),
                     OCSP_FAULT_NONE);
    assert_int_equal(answer.next_update_seconds, 0);
}

static void a_response_made_in_the_future_is_not_believed(void **state)
{
    (void)state;
    struct response_plan late = {.produced = 300};
    struct response_plan later = {.produced = 301};
    assert_int_equal(judge(late), OCSP_FAULT_NONE);
    assert_int_equal(judge(later), OCSP_FAULT_NOT_YET_VALID);
}

static void unknown_critical_extensions_are_not_passed_over(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    struct single_plan single = {.status = OCSP_GOOD};
    plan_response_extension(&plan.extensions, OCSP_OTHER_OID, true, BYTES_OF("x"));
    plan_response_extension(&single.extensions, OCSP_OTHER_OID, true, BYTES_OF("x"));
    assert_int_equal(judge(plan), OCSP_FAULT_CRITICAL_EXTENSION);
    assert_int_equal(judge_single(single), OCSP_FAULT_CRITICAL_EXTENSION);
    /* Nor where another single of ours is plain. */
    struct response_plan both = {.signer = NULL};
    plan_single(&both, &world, (struct single_plan){.status = OCSP_GOOD});
    plan_single(&both, &world, single);
    assert_int_equal(judge(both), OCSP_FAULT_CRITICAL_EXTENSION);
}

static void other_extensions_do_not_matter(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    struct single_plan single = {.status = OCSP_GOOD};
    plan_response_extension(&plan.extensions, OCSP_OTHER_OID, false, BYTES_OF("x"));
    plan_response_extension(&single.extensions, OCSP_OTHER_OID, false, BYTES_OF("x"));
    plan_single(&plan, &world, single);
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
}

#define NONCE   BYTES_OF("0123456789abcdef0123456789abcdef")
#define OTHER   BYTES_OF("0123456789abcdef0123456789abcdeF")
#define NO_MORE BYTES_OF("")

static enum ocsp_fault judge_nonce(struct bytes asked, struct bytes answered)
{
    struct response_plan plan = {.signer = NULL};
    if (answered.length > 0) {
        plan_nonce(&plan, answered);
    }
    struct built response = respond(&world, plan);
    return ocsp_response_judge(built_bytes(&response), world.question, asked, NOW, &answer);
}

static void a_nonce_is_matched_when_asked(void **state)
{
    (void)state;
    assert_int_equal(judge_nonce(NONCE, NONCE), OCSP_FAULT_NONE);
    assert_true(answer.has_nonce);
    assert_int_equal(judge_nonce(NONCE, OTHER), OCSP_FAULT_NONCE);
    assert_int_equal(judge_nonce(NONCE, bytes_slice(NONCE, 0, 31)), OCSP_FAULT_NONCE);
    assert_int_equal(judge_nonce(NONCE, NO_MORE), OCSP_FAULT_NONCE);
}

static void a_nonce_not_asked_for_does_not_matter(void **state)
{
    (void)state;
    assert_int_equal(judge_nonce(NO_MORE, OTHER), OCSP_FAULT_NONE);
    assert_false(answer.has_nonce);
}

static void a_bare_nonce_is_none(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = NULL};
    plan_response_extension(&plan.extensions, OCSP_NONCE_OID, true, NONCE);
    struct built response = respond(&world, plan);
    assert_int_equal(
        ocsp_response_judge(built_bytes(&response), world.question, NONCE, NOW, &answer),
        OCSP_FAULT_NONCE);
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
}

/* A captured response for another certificate, replayed: its bytes are right, its subject is not.
 */
static void a_question_is_answered_by_its_own_response_only(void **state)
{
    (void)state;
    struct ocsp_question *other;
    struct built response = respond(&world, (struct response_plan){.signer = NULL});
    assert_true(result_is_ok(ocsp_question_restore(BYTES_OF("\x01\x22"), world.question->issuer,
                                                   world.question->url, &other)));
    assert_int_equal(ocsp_response_judge(built_bytes(&response), other, BYTES_OF(""), NOW, &answer),
                     OCSP_FAULT_WRONG_CERTIFICATE);
    ocsp_question_destroy(other);
}

static void the_answer_is_untouched_by_a_fault(void **state)
{
    (void)state;
    struct response_plan plan = {.has_bad_signature = true};
    struct built response = respond(&world, plan);
    struct ocsp_answer untouched = {.status = OCSP_UNKNOWN, .revocation_reason = 77};
    assert_int_equal(
        ocsp_response_judge(built_bytes(&response), world.question, BYTES_OF(""), NOW, &untouched),
        OCSP_FAULT_SIGNATURE);
    assert_int_equal(untouched.status, OCSP_UNKNOWN);
    assert_int_equal(untouched.revocation_reason, 77);
}

static void every_fault_status_and_reason_has_its_word(void **state)
{
    (void)state;
    for (enum ocsp_fault fault = OCSP_FAULT_NONE; fault < OCSP_FAULT_COUNT; fault++) {
        assert_true(strlen(ocsp_fault_word(fault)) > 0 && strlen(ocsp_fault_text(fault)) > 0);
    }
    assert_string_equal(ocsp_fault_word(OCSP_FAULT_BAD_DELEGATE), "bad_delegate");
    assert_string_equal(ocsp_status_word(OCSP_GOOD), "good");
    assert_string_equal(ocsp_status_word(OCSP_REVOKED), "revoked");
    assert_string_equal(ocsp_status_word(OCSP_UNKNOWN), "unknown");
    assert_string_equal(ocsp_reason_word(1), "keyCompromise");
    assert_string_equal(ocsp_reason_word(10), "aACompromise");
    static const int32_t nameless[] = {-1, 0, 7, 11, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++) {
        assert_string_equal(ocsp_reason_word(nameless[i]), "unspecified");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_has_every_field),
        cmocka_unit_test(a_revoked_answer_has_its_time_and_its_reason),
        cmocka_unit_test(an_unknown_certificate_is_an_answer_too),
        cmocka_unit_test(certificates_are_named_by_any_of_four_hashes),
        cmocka_unit_test(another_serial_name_or_key_is_another_certificate),
        cmocka_unit_test(an_answer_about_nothing_is_about_another_certificate),
        cmocka_unit_test(singles_about_others_do_not_matter),
        cmocka_unit_test(of_several_for_ours_the_worst_counts),
        cmocka_unit_test(an_untimely_one_gives_way_to_a_timely_one),
        cmocka_unit_test(two_untimely_ones_are_no_answer),
        cmocka_unit_test(clocks_may_differ_by_five_minutes),
        cmocka_unit_test(an_answer_without_an_end_says_so),
        cmocka_unit_test(a_response_made_in_the_future_is_not_believed),
        cmocka_unit_test(unknown_critical_extensions_are_not_passed_over),
        cmocka_unit_test(other_extensions_do_not_matter),
        cmocka_unit_test(a_nonce_is_matched_when_asked),
        cmocka_unit_test(a_nonce_not_asked_for_does_not_matter),
        cmocka_unit_test(a_bare_nonce_is_none),
        cmocka_unit_test(a_question_is_answered_by_its_own_response_only),
        cmocka_unit_test(the_answer_is_untouched_by_a_fault),
        cmocka_unit_test(every_fault_status_and_reason_has_its_word),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
