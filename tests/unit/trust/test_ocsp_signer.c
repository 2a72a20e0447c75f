/* Who may sign an OCSP response: the issuer, or a delegate that the issuer itself has named so, and
 * nobody who only looks like one. */
#include "../../../src/trust/ocsp_signer.h"
#include "ocsp_judging.h"

static enum ocsp_fault judge_delegate(struct plan certificate)
{
    return judge(by_delegate(&world, certificate));
}

static void the_issuer_signs_by_name_and_by_key(void **state)
{
    (void)state;
    assert_int_equal(judge((struct response_plan){.signer = NULL}), OCSP_FAULT_NONE);
    assert_int_equal(judge((struct response_plan){.responder_key = world.issuer_key}),
                     OCSP_FAULT_NONE);
    assert_false(answer.is_by_delegate);
}

static void a_delegate_signs_by_name_and_by_key(void **state)
{
    (void)state;
    struct response_plan plan = by_delegate(&world, good_delegate_plan(&world));
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
    assert_true(answer.is_by_delegate);
    plan.responder_key = world.delegate_key;
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
    assert_true(answer.is_by_delegate);
    assert_int_equal(answer.signer_until_seconds, 2019686400);
}

static void a_delegate_needs_no_key_usage_and_may_bear_nocheck(void **state)
{
    (void)state;
    struct plan plan = delegate_plan(&world);
    plan_purpose(&plan, OCSP_SIGNING);
    plan_extension(&plan, BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01\x05"), false,
                   BYTES_OF("\x05\x00"));
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_NONE);
}

/* Right in every name and number; the issuer has never seen it. */
static void a_forged_delegate_is_refused(void **state)
{
    (void)state;
    struct plan plan = good_delegate_plan(&world);
    plan.signer = world.other_key;
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_UNKNOWN_SIGNER);
    plan.signer = world.delegate_key;
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_UNKNOWN_SIGNER);
    plan.signer = world.issuer_key;
    plan.has_bad_signature = true;
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_UNKNOWN_SIGNER);
}

static void a_forged_issuer_is_refused(void **state)
{
    (void)state;
    struct plan plan = {.subject = "ca", .key = world.other_key, .serial = BYTES_OF("\x66")};
    plan_ca(&plan, -1);
    plan_purpose(&plan, OCSP_SIGNING);
    struct response_plan response = {.signer = world.other_key};
    plan_certificate(&response, plan);
    assert_int_equal(judge(response), OCSP_FAULT_SIGNATURE);
    response.responder_key = world.other_key;
    assert_int_equal(judge(response), OCSP_FAULT_UNKNOWN_SIGNER);
}

static void a_delegate_of_another_issuer_is_unknown(void **state)
{
    (void)state;
    struct plan name = good_delegate_plan(&world);
    name.issuer = "another ca";
    assert_int_equal(judge_delegate(name), OCSP_FAULT_UNKNOWN_SIGNER);
    struct plan key_id = {.subject = "delegate",
                          .issuer = "ca",
                          .key = world.delegate_key,
                          .signer = world.issuer_key,
                          .serial = BYTES_OF("\x55")};
    plan_key_ids(&key_id, BYTES_OF(""), BYTES_OF("another key"));
    plan_purpose(&key_id, OCSP_SIGNING);
    assert_int_equal(judge_delegate(key_id), OCSP_FAULT_UNKNOWN_SIGNER);
}

/* Issued by a CA of the issuer's, which is one step too many (RFC 6960 4.2.2.2). */
static void a_delegate_of_a_delegate_is_unknown(void **state)
{
    (void)state;
    struct plan middle = {.subject = "middle",
                          .issuer = "ca",
                          .key = world.other_key,
                          .signer = world.issuer_key,
                          .serial = BYTES_OF("\x56")};
    plan_ca(&middle, -1);
    plan_purpose(&middle, OCSP_SIGNING);
    struct plan delegate = {.subject = "delegate",
                            .issuer = "middle",
                            .key = world.delegate_key,
                            .signer = world.other_key};
    plan_purpose(&delegate, OCSP_SIGNING);
    struct response_plan plan = by_delegate(&world, delegate);
    plan_certificate(&plan, middle);
    assert_int_equal(judge(plan), OCSP_FAULT_UNKNOWN_SIGNER);
}

static void a_delegate_must_be_named_one(void **state)
{
    (void)state;
    static const struct bytes purposes[] = {BUILDER_ANY_PURPOSE, BUILDER_SERVER_AUTH,
                                            BUILDER_CLIENT_AUTH};
    assert_int_equal(judge_delegate(delegate_plan(&world)), OCSP_FAULT_BAD_DELEGATE);
    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
        struct plan plan = delegate_plan(&world);
        plan_purpose(&plan, purposes[i]);
        assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
    }
}

static void a_delegate_must_be_valid_now(void **state)
{
    (void)state;
    struct plan plan = good_delegate_plan(&world);
    plan.not_after = "250614235959Z";
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
    plan.not_after = "250615000000Z"; /* the last second is out, as on paths */
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
    plan.not_after = "250615000001Z";
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_NONE);
    plan.not_before = "250615000000Z";
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_NONE);
    plan.not_after = NULL;
    plan.not_before = "250615000001Z";
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
}

static void a_delegate_must_be_allowed_to_sign(void **state)
{
    (void)state;
    struct plan plan = delegate_plan(&world);
    plan_purpose(&plan, OCSP_SIGNING);
    plan_key_usage(&plan, KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_KEY_AGREEMENT);
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
}

static void a_delegate_with_an_unknown_critical_extension_is_refused(void **state)
{
    (void)state;
    struct plan plan = good_delegate_plan(&world);
    plan_extension(&plan, OCSP_OTHER_OID, true, BYTES_OF("x"));
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
}

/* A client whose certificate names it a delegate would answer for itself. */
static void no_certificate_vouches_for_itself(void **state)
{
    (void)state;
    struct plan plan = good_delegate_plan(&world);
    plan.serial = OCSP_SERIAL;
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_BAD_DELEGATE);
}

static void a_delegate_by_another_name_is_unknown(void **state)
{
    (void)state;
    struct response_plan plan = by_delegate(&world, good_delegate_plan(&world));
    plan.responder = "somebody";
    assert_int_equal(judge(plan), OCSP_FAULT_UNKNOWN_SIGNER);
    plan.responder_key = world.other_key;
    assert_int_equal(judge(plan), OCSP_FAULT_UNKNOWN_SIGNER);
}

static void a_delegate_that_does_not_come_along_is_unknown(void **state)
{
    (void)state;
    const struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
    assert_int_equal(judge(plan), OCSP_FAULT_UNKNOWN_SIGNER);
}

static void a_wrong_signature_is_told_from_a_wrong_signer(void **state)
{
    (void)state;
    struct response_plan by_issuer = {.has_bad_signature = true};
    assert_int_equal(judge(by_issuer), OCSP_FAULT_SIGNATURE);
    struct response_plan plan = by_delegate(&world, good_delegate_plan(&world));
    plan.has_bad_signature = true;
    assert_int_equal(judge(plan), OCSP_FAULT_SIGNATURE);
    plan.has_bad_signature = false;
    plan.signer = world.issuer_key;
    assert_int_equal(judge(plan), OCSP_FAULT_SIGNATURE);
}

/* The OIDs of ecdsa-with-SHA1, sha1WithRSAEncryption, and one that nobody knows. */
static void weak_and_unknown_algorithms_are_refused(void **state)
{
    (void)state;
    static const struct bytes algorithms[] = {
        BYTES_OF("\x30\x09\x06\x07\x2A\x86\x48\xCE\x3D\x04\x01"),
        BYTES_OF("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05\x05\x00"),
        BYTES_OF("\x30\x05\x06\x03\x2A\x03\x04"),
    };
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        assert_int_equal(judge((struct response_plan){.algorithm = algorithms[i]}),
                         OCSP_FAULT_WEAK_ALGORITHM);
    }
    /* Another algorithm than the key's is strong, and wrong. */
    struct response_plan rsa = {.algorithm = BYTES_OF("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01"
                                                      "\x01\x0B\x05\x00")};
    assert_int_equal(judge(rsa), OCSP_FAULT_SIGNATURE);
}

/* An RSA key of 8 bits: well-formed, weak. */
#define WEAK_KEY                                                                    \
    BYTES_OF("\x30\x1B\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00" \
             "\x03\x0A\x00\x30\x07\x02\x02\x00\xC7\x02\x01\x03")

static void a_delegate_with_a_weak_key_is_refused(void **state)
{
    (void)state;
    struct plan plan = good_delegate_plan(&world);
    plan.raw_key = WEAK_KEY;
    assert_int_equal(judge_delegate(plan), OCSP_FAULT_WEAK_ALGORITHM);
}

static void an_issuer_with_a_weak_key_is_refused(void **state)
{
    (void)state;
    struct ocsp_world weak = world;
    struct plan ca = {.subject = "ca", .key = world.issuer_key, .raw_key = WEAK_KEY};
    weak.issuer = build(ca);
    assert_true(result_is_ok(
        ocsp_question_create(built_bytes(&world.leaf), built_bytes(&weak.issuer), &weak.question)));
    struct built response = respond(&weak, (struct response_plan){.signer = NULL});
    assert_int_equal(
        ocsp_response_judge(built_bytes(&response), weak.question, BYTES_OF(""), NOW, &answer),
        OCSP_FAULT_WEAK_ALGORITHM);
    ocsp_question_destroy(weak.question);
}

static void the_delegate_may_stand_anywhere_among_eight(void **state)
{
    (void)state;
    for (unsigned before = 0; before <= 8; before++) {
        struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
        for (unsigned i = 0; i < before; i++) {
            built_add(&plan.certificates, built_bytes(&world.issuer));
        }
        plan_certificate(&plan, good_delegate_plan(&world));
        assert_int_equal(judge(plan), before < 8 ? OCSP_FAULT_NONE : OCSP_FAULT_UNKNOWN_SIGNER);
    }
}

static void a_certificate_that_cannot_be_read_is_passed_over(void **state)
{
    (void)state;
    struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
    built_add(&plan.certificates, BYTES_OF("\x30\x00"));
    plan_certificate(&plan, good_delegate_plan(&world));
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
}

static void what_is_no_certificate_at_all_is_malformed(void **state)
{
    (void)state;
    struct response_plan plan = by_delegate(&world, good_delegate_plan(&world));
    built_add(&plan.certificates, BYTES_OF("\x31\x00"));
    assert_int_equal(judge(plan), OCSP_FAULT_MALFORMED);
}

/* A renewed delegate keeps its name; the old certificate may come along, in any order. */
static void a_renewed_delegate_beside_its_old_certificate_is_found(void **state)
{
    (void)state;
    struct plan old = good_delegate_plan(&world);
    old.key = world.other_key;
    old.serial = BYTES_OF("\x54");
    struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
    plan_certificate(&plan, old);
    plan_certificate(&plan, good_delegate_plan(&world));
    assert_int_equal(judge(plan), OCSP_FAULT_NONE);
}

static void signatures_are_checked_three_times_at_most(void **state)
{
    (void)state;
    struct plan other = good_delegate_plan(&world);
    other.key = world.other_key;
    struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
    plan_certificate(&plan, other);
    plan_certificate(&plan, other);
    plan_certificate(&plan, good_delegate_plan(&world));
    /* Two failed: the third could be half proved only. */
    assert_int_equal(judge(plan), OCSP_FAULT_SIGNATURE);
}

/* What needs no signature is told before one that does. */
static void dates_are_told_before_signers(void **state)
{
    (void)state;
    struct response_plan plan = {.has_bad_signature = true};
    plan_single(&plan, &world, (struct single_plan){.this_update = -9000, .next_update = -8000});
    assert_int_equal(judge(plan), OCSP_FAULT_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_issuer_signs_by_name_and_by_key),
        cmocka_unit_test(a_delegate_signs_by_name_and_by_key),
        cmocka_unit_test(a_delegate_needs_no_key_usage_and_may_bear_nocheck),
        cmocka_unit_test(a_forged_delegate_is_refused),
        cmocka_unit_test(a_forged_issuer_is_refused),
        cmocka_unit_test(a_delegate_of_another_issuer_is_unknown),
        cmocka_unit_test(a_delegate_of_a_delegate_is_unknown),
        cmocka_unit_test(a_delegate_must_be_named_one),
        cmocka_unit_test(a_delegate_must_be_valid_now),
        cmocka_unit_test(a_delegate_must_be_allowed_to_sign),
        cmocka_unit_test(a_delegate_with_an_unknown_critical_extension_is_refused),
        cmocka_unit_test(no_certificate_vouches_for_itself),
        cmocka_unit_test(a_delegate_by_another_name_is_unknown),
        cmocka_unit_test(a_delegate_that_does_not_come_along_is_unknown),
        cmocka_unit_test(a_wrong_signature_is_told_from_a_wrong_signer),
        cmocka_unit_test(weak_and_unknown_algorithms_are_refused),
        cmocka_unit_test(a_delegate_with_a_weak_key_is_refused),
        cmocka_unit_test(an_issuer_with_a_weak_key_is_refused),
        cmocka_unit_test(the_delegate_may_stand_anywhere_among_eight),
        cmocka_unit_test(a_certificate_that_cannot_be_read_is_passed_over),
        cmocka_unit_test(what_is_no_certificate_at_all_is_malformed),
        cmocka_unit_test(a_renewed_delegate_beside_its_old_certificate_is_found),
        cmocka_unit_test(signatures_are_checked_three_times_at_most),
        cmocka_unit_test(dates_are_told_before_signers),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
