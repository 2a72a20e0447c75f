/*
 * Paths through CAs that a trusted file holds: what was proved at load costs a client nothing, what
 * was not proved is no way up, and nothing is taken for a stored CA that is not it to the last bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "trust_fixture.h"

enum { ROOT, CA, LEAF, OTHER, OTHER_CA, KEY_COUNT };

static struct builder_key *keys[KEY_COUNT];
static struct built root;   /* trusted everywhere */
static struct built upper;  /* by root */
static struct built client; /* by upper */

static struct plan ca_plan(const char *subject, unsigned key, const char *issuer, unsigned signer)
{
    struct plan plan = {
        .subject = subject, .issuer = issuer, .key = keys[key], .signer = keys[signer]};
    plan_ca(&plan, -1);
    return plan;
}

static struct built ca(const char *subject, unsigned key, const char *issuer, unsigned signer)
{
    return build(ca_plan(subject, key, issuer, signer));
}

static struct built leaf(const char *issuer, unsigned signer)
{
    return build((struct plan){
        .subject = "client", .issuer = issuer, .key = keys[LEAF], .signer = keys[signer]});
}

static int make(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        keys[i] = builder_key_create();
    }
    root = ca("Root", ROOT, NULL, ROOT);
    upper = ca("Upper", CA, "Root", ROOT);
    client = leaf("Upper", CA);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        builder_key_destroy(keys[i]);
    }
    return 0;
}

static struct verdict judge(const struct built *const *trusted, size_t trusted_count,
                            const struct built *const *chain, size_t chain_count)
{
    struct bytes bytes[8];
    struct trust_policy *policy = fixture_policy(trusted, trusted_count, false);
    for (size_t i = 0; i < chain_count; i++) {
        bytes[i] = built_bytes(chain[i]);
    }
    struct verdict verdict = judge_chain(policy, bytes, chain_count, BUILDER_NOW);
    trust_policy_destroy(policy);
    return verdict;
}

#define LIST(...)                          \
    (const struct built *[]){__VA_ARGS__}, \
        sizeof((const struct built *[]){__VA_ARGS__}) / sizeof(struct built *)

static void assert_verdict(struct verdict verdict, enum verdict_reason reason, uint32_t depth,
                           uint32_t check_count)
{
    assert_int_equal(verdict.reason, reason);
    assert_int_equal(verdict.depth, depth);
    assert_int_equal(verdict.signature_check_count, check_count);
}

static void a_client_below_a_stored_ca_costs_one_signature(void **state)
{
    (void)state;
    assert_verdict(judge(LIST(&root, &upper), LIST(&client, &upper)), VERDICT_SUCCESS, 0, 1);
    assert_verdict(judge(LIST(&root, &upper), LIST(&client)), VERDICT_SUCCESS, 0, 1);
    assert_verdict(judge(LIST(&root, &upper), LIST(&client, &root, &upper)), VERDICT_SUCCESS, 0, 1);
}

static void a_client_below_a_ca_of_its_own_costs_two(void **state)
{
    (void)state;
    assert_verdict(judge(LIST(&root), LIST(&client, &upper)), VERDICT_SUCCESS, 0, 2);
}

static void from_the_first_stored_ca_on_all_is_proved(void **state)
{
    (void)state;
    struct built lower = ca("Lower", OTHER_CA, "Upper", CA);
    struct built below = leaf("Lower", OTHER_CA);
    assert_verdict(judge(LIST(&root), LIST(&below, &lower, &upper)), VERDICT_SUCCESS, 0, 3);
    assert_verdict(judge(LIST(&root, &upper), LIST(&below, &lower, &upper)), VERDICT_SUCCESS, 0, 2);
    assert_verdict(judge(LIST(&root, &upper, &lower), LIST(&below, &lower, &upper)),
                   VERDICT_SUCCESS, 0, 1);
}

/* The stored one is no way up, so the client's own copy is tried, and its signature looked at. */
static void a_stored_ca_that_the_root_has_not_signed_leads_nowhere(void **state)
{
    (void)state;
    struct plan plan = ca_plan("Upper", CA, "Root", ROOT);
    plan.has_bad_signature = true;
    struct built forged = build(plan);
    assert_verdict(judge(LIST(&root, &forged), LIST(&client, &forged)), VERDICT_SIGNATURE_FAILURE,
                   1, 1);
    assert_verdict(judge(LIST(&root), LIST(&client, &forged)), VERDICT_SIGNATURE_FAILURE, 1, 1);
    assert_verdict(judge(LIST(&root, &forged), LIST(&client)), VERDICT_UNABLE_TO_GET_ISSUER, 1, 0);
    assert_verdict(judge(LIST(&root, &forged), LIST(&client, &upper)), VERDICT_SUCCESS, 0, 2);
}

/* By its name and its key it is the stored one; by its signature it is not. */
static void a_copy_with_another_signature_gains_nothing_and_harms_nobody(void **state)
{
    (void)state;
    struct built copy = upper;
    copy.at[copy.length - 1] ^= 1;
    assert_verdict(judge(LIST(&root, &upper), LIST(&client, &copy)), VERDICT_SUCCESS, 0, 1);
    assert_verdict(judge(LIST(&root), LIST(&client, &copy)), VERDICT_SIGNATURE_FAILURE, 1, 1);
}

static void of_cas_of_one_name_the_key_decides(void **state)
{
    (void)state;
    struct built namesake = ca("Upper", OTHER_CA, "Root", ROOT);
    assert_int_equal(judge(LIST(&root, &upper, &namesake), LIST(&client)).reason, VERDICT_SUCCESS);
    assert_verdict(judge(LIST(&root, &namesake), LIST(&client)), VERDICT_SIGNATURE_FAILURE, 0, 1);
    assert_int_equal(judge(LIST(&root, &namesake), LIST(&client, &upper)).reason, VERDICT_SUCCESS);
}

static void a_stranger_named_as_a_stored_ca_is_judged_by_its_signature(void **state)
{
    (void)state;
    struct built stranger = ca("Upper", OTHER, "Root", OTHER);
    struct built below = leaf("Upper", OTHER);
    assert_int_equal(judge(LIST(&root, &upper), LIST(&below, &stranger)).reason,
                     VERDICT_SIGNATURE_FAILURE);
}

static void a_cross_signed_ca_goes_by_the_edge_that_was_proved(void **state)
{
    (void)state;
    struct built old_root = ca("Old", OTHER, NULL, OTHER);
    struct built by_old = ca("Upper", CA, "Old", OTHER);
    assert_verdict(judge(LIST(&root, &by_old, &upper), LIST(&client, &by_old)), VERDICT_SUCCESS, 0,
                   1);
    assert_verdict(judge(LIST(&root, &by_old), LIST(&client, &by_old, &old_root)),
                   VERDICT_SELF_SIGNED, 2, 0);
}

static void a_proved_signature_proves_nothing_else(void **state)
{
    (void)state;
    struct plan expired_plan = ca_plan("Upper", CA, "Root", ROOT);
    expired_plan.not_after = "250101000000Z";
    struct built expired = build(expired_plan);
    struct plan short_plan = {
        .subject = "Upper", .issuer = "Root", .key = keys[CA], .signer = keys[ROOT]};
    plan_ca(&short_plan, 0);
    struct built shortest = build(short_plan);
    struct built lower = ca("Lower", OTHER_CA, "Upper", CA);
    struct built below = leaf("Lower", OTHER_CA);
    assert_verdict(judge(LIST(&root, &expired), LIST(&client)), VERDICT_EXPIRED, 1, 0);
    assert_verdict(judge(LIST(&root, &shortest), LIST(&below, &lower)), VERDICT_PATH_LENGTH, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_below_a_stored_ca_costs_one_signature),
        cmocka_unit_test(a_client_below_a_ca_of_its_own_costs_two),
        cmocka_unit_test(from_the_first_stored_ca_on_all_is_proved),
        cmocka_unit_test(a_stored_ca_that_the_root_has_not_signed_leads_nowhere),
        cmocka_unit_test(a_copy_with_another_signature_gains_nothing_and_harms_nobody),
        cmocka_unit_test(of_cas_of_one_name_the_key_decides),
        cmocka_unit_test(a_stranger_named_as_a_stored_ca_is_judged_by_its_signature),
        cmocka_unit_test(a_cross_signed_ca_goes_by_the_edge_that_was_proved),
        cmocka_unit_test(a_proved_signature_proves_nothing_else),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
