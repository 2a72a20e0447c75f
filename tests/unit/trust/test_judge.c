/* Judging chains: who gets in, and for each way not to, the one reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "trust_fixture.h"

static struct builder_key *root_key;
static struct builder_key *ca_key;
static struct builder_key *leaf_key;

static int make_keys(void **state)
{
    (void)state;
    root_key = builder_key_create();
    ca_key = builder_key_create();
    leaf_key = builder_key_create();
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    builder_key_destroy(root_key);
    builder_key_destroy(ca_key);
    builder_key_destroy(leaf_key);
    return 0;
}

static struct plan root_plan(void)
{
    struct plan plan = {.subject = "Root", .key = root_key};
    plan_ca(&plan, -1);
    plan_key_usage(&plan, KEY_USAGE_KEY_CERT_SIGN);
    return plan;
}

/* An intermediate without extensions yet, and a leaf below it. */
static struct plan bare_ca_plan(void)
{
    return (struct plan){
        .subject = "Intermediate", .issuer = "Root", .key = ca_key, .signer = root_key};
}

static struct plan ca_plan(void)
{
    struct plan plan = bare_ca_plan();
    plan_ca(&plan, -1);
    return plan;
}

static struct plan leaf_plan(void)
{
    return (struct plan){
        .subject = "client", .issuer = "Intermediate", .key = leaf_key, .signer = ca_key};
}

/* Judges leaf and intermediate below a root made of these plans. */
static struct verdict judge_plans(struct plan root, struct plan ca, struct plan leaf)
{
    struct built root_der = build(root);
    struct built ca_der = build(ca);
    struct built leaf_der = build(leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), built_bytes(&ca_der)};
    struct trust_policy *policy = fixture_policy((const struct built *[]){&root_der}, 1, false);
    struct verdict verdict = judge_chain(policy, chain, 2, BUILDER_NOW);
    trust_policy_destroy(policy);
    return verdict;
}

static enum verdict_reason reason_of_leaf(struct plan leaf)
{
    return judge_plans(root_plan(), ca_plan(), leaf).reason;
}

static enum verdict_reason reason_of_ca(struct plan ca)
{
    return judge_plans(root_plan(), ca, leaf_plan()).reason;
}

static void a_good_chain_gets_in_until_its_first_end(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    leaf.not_after = "250701000000Z";
    struct verdict verdict = judge_plans(root_plan(), ca_plan(), leaf);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_int_equal(verdict.valid_until_seconds, 1751328000);
    assert_int_equal(verdict.signature_check_count, 2);
}

static void no_certificate_is_told_apart(void **state)
{
    (void)state;
    struct trust_policy *policy = fixture_policy(NULL, 0, false);
    assert_int_equal(judge_chain(policy, NULL, 0, BUILDER_NOW).reason, VERDICT_NO_CERTIFICATE);
    trust_policy_destroy(policy);
}

static void without_trusted_cas_nobody_succeeds(void **state)
{
    (void)state;
    struct built root_der = build(root_plan());
    struct bytes chain[] = {built_bytes(&root_der)};
    struct trust_policy *policy = fixture_policy(NULL, 0, false);
    assert_int_equal(judge_chain(policy, chain, 1, BUILDER_NOW).reason, VERDICT_SELF_SIGNED);
    trust_policy_destroy(policy);
}

static void bytes_that_are_no_certificate_are_malformed(void **state)
{
    (void)state;
    struct trust_policy *policy = fixture_policy(NULL, 0, false);
    struct bytes chain[] = {BYTES_OF("not a certificate"), {0}};
    assert_int_equal(judge_chain(policy, chain, 1, BUILDER_NOW).reason, VERDICT_MALFORMED);
    assert_int_equal(judge_chain(policy, &chain[1], 1, BUILDER_NOW).reason, VERDICT_MALFORMED);
    trust_policy_destroy(policy);
}

static void dates_are_those_of_every_certificate(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    leaf.not_after = "250614000000Z";
    assert_int_equal(reason_of_leaf(leaf), VERDICT_EXPIRED);
    leaf.not_after = "250615000000Z"; /* Now, to the second. */
    assert_int_equal(reason_of_leaf(leaf), VERDICT_EXPIRED);
    leaf.not_after = "250615000001Z";
    leaf.not_before = "250615000000Z";
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SUCCESS);
    leaf.not_before = "250615000001Z";
    leaf.not_after = NULL;
    assert_int_equal(reason_of_leaf(leaf), VERDICT_NOT_YET_VALID);
    struct plan ca = ca_plan();
    ca.not_after = "250614000000Z";
    struct verdict verdict = judge_plans(root_plan(), ca, leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_EXPIRED);
    assert_int_equal(verdict.depth, 1);
    assert_int_equal(verdict.presented_index, 1);
    struct plan root = root_plan();
    root.not_after = "250614000000Z";
    verdict = judge_plans(root, ca_plan(), leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_EXPIRED);
    assert_int_equal(verdict.depth, 2);
    assert_int_equal(verdict.presented_index, -1);
}

static void signatures_are_checked(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    struct plan ca = ca_plan();
    leaf.has_bad_signature = true;
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SIGNATURE_FAILURE);
    ca.has_bad_signature = true;
    assert_int_equal(reason_of_ca(ca), VERDICT_SIGNATURE_FAILURE);
    ca = ca_plan();
    ca.signer = leaf_key; /* A stranger who bears the root's name. */
    assert_int_equal(reason_of_ca(ca), VERDICT_SIGNATURE_FAILURE);
}

static void an_issuer_must_be_a_ca(void **state)
{
    (void)state;
    assert_int_equal(reason_of_ca(bare_ca_plan()), VERDICT_INVALID_CA);
    struct plan ca = bare_ca_plan();
    plan_extension(&ca, BYTES_OF("\x55\x1D\x13"), true, BYTES_OF("\x30\x00"));
    assert_int_equal(reason_of_ca(ca), VERDICT_INVALID_CA);
    ca = ca_plan();
    plan_key_usage(&ca, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(reason_of_ca(ca), VERDICT_INVALID_CA);
    ca = bare_ca_plan();
    ca.version = 1;
    assert_int_equal(reason_of_ca(ca), VERDICT_INVALID_CA);
}

static void path_length_counts_intermediates_below(void **state)
{
    (void)state;
    struct plan root = {.subject = "Root", .key = root_key};
    plan_ca(&root, 0);
    assert_int_equal(judge_plans(root, ca_plan(), leaf_plan()).reason, VERDICT_PATH_LENGTH);
    root.extensions.length = 0;
    plan_ca(&root, 1);
    assert_int_equal(judge_plans(root, ca_plan(), leaf_plan()).reason, VERDICT_SUCCESS);
    struct plan ca = bare_ca_plan();
    plan_ca(&ca, 0);
    assert_int_equal(reason_of_ca(ca), VERDICT_SUCCESS);
}

static void unknown_critical_extensions_are_refused(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    plan_extension(&leaf, BYTES_OF("\x2A\x03"), true, BYTES_OF(""));
    assert_int_equal(reason_of_leaf(leaf), VERDICT_CRITICAL_EXTENSION);
    struct plan ca = ca_plan();
    plan_extension(&ca, BYTES_OF("\x2A\x03"), true, BYTES_OF(""));
    assert_int_equal(reason_of_ca(ca), VERDICT_CRITICAL_EXTENSION);
    struct plan root = root_plan();
    plan_extension(&root, BYTES_OF("\x2A\x03"), true, BYTES_OF(""));
    assert_int_equal(judge_plans(root, ca_plan(), leaf_plan()).reason, VERDICT_CRITICAL_EXTENSION);
}

static void purposes_of_the_leaf(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    plan_purpose(&leaf, BUILDER_CLIENT_AUTH);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SUCCESS);
    leaf = leaf_plan();
    plan_purpose(&leaf, BUILDER_SERVER_AUTH);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_UNSUPPORTED_PURPOSE);
    leaf = leaf_plan();
    plan_purpose(&leaf, BUILDER_ANY_PURPOSE);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_UNSUPPORTED_PURPOSE);
    leaf = leaf_plan();
    plan_key_usage(&leaf, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SUCCESS);
    leaf = leaf_plan();
    plan_key_usage(&leaf, KEY_USAGE_KEY_AGREEMENT);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SUCCESS);
    leaf = leaf_plan();
    plan_key_usage(&leaf, KEY_USAGE_KEY_CERT_SIGN);
    assert_int_equal(reason_of_leaf(leaf), VERDICT_UNSUPPORTED_PURPOSE);
    leaf = leaf_plan();
    plan_extension(&leaf, BYTES_OF("\x60\x86\x48\x01\x86\xF8\x42\x01\x01"), false,
                   BYTES_OF("\x03\x02\x06\x40"));
    assert_int_equal(reason_of_leaf(leaf), VERDICT_UNSUPPORTED_PURPOSE);
}

static void purposes_of_intermediates_restrict(void **state)
{
    (void)state;
    struct plan ca = ca_plan();
    plan_purpose(&ca, BUILDER_SERVER_AUTH);
    struct verdict verdict = judge_plans(root_plan(), ca, leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_UNSUPPORTED_PURPOSE);
    assert_int_equal(verdict.depth, 1);
    ca = ca_plan();
    plan_purpose(&ca, BUILDER_CLIENT_AUTH);
    assert_int_equal(reason_of_ca(ca), VERDICT_SUCCESS);
    ca = ca_plan();
    plan_purpose(&ca, BUILDER_ANY_PURPOSE);
    assert_int_equal(reason_of_ca(ca), VERDICT_SUCCESS);
}

/* nameConstraints with one permitted DNS subtree. */
static void permit_dns(struct plan *plan, struct bytes domain)
{
    struct built value = {.length = 0};
    built_element(&value, 0x82, domain);
    built_wrap(&value, 0, 0x30);
    built_wrap(&value, 0, 0xA0);
    built_wrap(&value, 0, 0x30);
    plan_extension(plan, BYTES_OF("\x55\x1D\x1E"), true, built_bytes(&value));
}

static void name_constraints_of_every_ancestor_count(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    plan_alt_names(&leaf, BYTES_OF("\x82\x05"
                                   "a.bad"));
    struct plan root = root_plan();
    permit_dns(&root, BYTES_OF("good"));
    struct verdict verdict = judge_plans(root, ca_plan(), leaf);
    assert_int_equal(verdict.reason, VERDICT_NAME_CONSTRAINT);
    assert_string_equal(verdict.text, "permitted subtree violation");
    /* nameConstraints may stand before basicConstraints. */
    struct plan ca = bare_ca_plan();
    permit_dns(&ca, BYTES_OF("good"));
    plan_ca(&ca, -1);
    assert_int_equal(judge_plans(root_plan(), ca, leaf).reason, VERDICT_NAME_CONSTRAINT);
    ca = bare_ca_plan();
    permit_dns(&ca, BYTES_OF("bad"));
    plan_ca(&ca, -1);
    assert_int_equal(judge_plans(root_plan(), ca, leaf).reason, VERDICT_SUCCESS);
}

static void demanded_policies_must_be_there(void **state)
{
    (void)state;
    struct plan ca = ca_plan();
    plan_extension(&ca, BYTES_OF("\x55\x1D\x24"), true, BYTES_OF("\x30\x03\x80\x01\x00"));
    struct verdict verdict = judge_plans(root_plan(), ca, leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_POLICY);
    struct plan leaf = leaf_plan();
    plan_extension(&leaf, BYTES_OF("\x55\x1D\x20"), false,
                   BYTES_OF("\x30\x06\x30\x04\x06\x02\x2A\x03"));
    plan_extension(&ca, BYTES_OF("\x55\x1D\x20"), false,
                   BYTES_OF("\x30\x06\x30\x04\x06\x02\x2A\x03"));
    assert_int_equal(judge_plans(root_plan(), ca, leaf).reason, VERDICT_SUCCESS);
}

static void a_leaf_of_the_first_version_is_a_client_too(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    leaf.version = 1;
    assert_int_equal(reason_of_leaf(leaf), VERDICT_SUCCESS);
}

static void keys_too_weak_are_refused(void **state)
{
    (void)state;
    struct plan leaf = leaf_plan();
    struct built weak = {.length = 0};
    uint8_t modulus[128];
    memset(modulus, 0x55, sizeof(modulus));
    built_element(&weak, 0x02, bytes_from(modulus, sizeof(modulus)));
    built_element(&weak, 0x02, BYTES_OF("\x01\x00\x01"));
    built_wrap(&weak, 0, 0x30);
    struct built bits = {.length = 0};
    built_add(&bits, BYTES_OF("\0"));
    built_add(&bits, built_bytes(&weak));
    struct built info = {.length = 0};
    built_add(&info, BYTES_OF("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00"));
    built_element(&info, 0x03, built_bytes(&bits));
    built_wrap(&info, 0, 0x30);
    leaf.raw_key = built_bytes(&info);
    struct verdict verdict = judge_plans(root_plan(), ca_plan(), leaf);
    assert_int_equal(verdict.reason, VERDICT_WEAK_ALGORITHM);
    assert_string_equal(verdict.text, "EE certificate key too weak");
}

static void issuer_name_must_match_when_asked_for(void **state)
{
    (void)state;
    struct built root_der = build(root_plan());
    struct built ca_der = build(ca_plan());
    struct plan sibling_plan = ca_plan();
    sibling_plan.subject = "Sibling";
    struct built sibling_der = build(sibling_plan);
    struct plan leaf = leaf_plan();
    struct built leaf_der = build(leaf);
    leaf.issuer = "Sibling";
    struct built other_der = build(leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), built_bytes(&ca_der)};
    struct bytes other[] = {built_bytes(&other_der), built_bytes(&sibling_der)};
    const struct built *cas[] = {&root_der, &ca_der};
    struct trust_policy *lax = fixture_policy(cas, 2, false);
    struct trust_policy *strict = fixture_policy(cas, 2, true);
    assert_int_equal(judge_chain(lax, chain, 2, BUILDER_NOW).reason, VERDICT_SUCCESS);
    assert_int_equal(judge_chain(lax, other, 2, BUILDER_NOW).reason, VERDICT_SUCCESS);
    assert_int_equal(judge_chain(strict, chain, 2, BUILDER_NOW).reason, VERDICT_SUCCESS);
    struct verdict verdict = judge_chain(strict, other, 2, BUILDER_NOW);
    assert_int_equal(verdict.reason, VERDICT_ISSUER_DN_MISMATCH);
    assert_string_equal(verdict.text, "unable to verify the client certificate issuer");
    assert_int_equal(verdict.valid_until_seconds, 0);
    trust_policy_destroy(lax);
    trust_policy_destroy(strict);
}

static void issuer_name_matches_in_another_encoding(void **state)
{
    (void)state;
    struct built root_der = build(root_plan());
    struct built ca_der = build(ca_plan());
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_CN, 0x13, BYTES_OF("INTERMEDIATE "));
    built_wrap(&name, 0, 0x30);
    struct plan leaf = leaf_plan();
    leaf.raw_issuer = built_bytes(&name);
    struct built leaf_der = build(leaf);
    struct bytes chain[] = {built_bytes(&leaf_der)};
    const struct built *cas[] = {&root_der, &ca_der};
    struct trust_policy *policy = fixture_policy(cas, 2, true);
    struct verdict verdict = judge_chain(policy, chain, 1, BUILDER_NOW);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    /* The edge between the trusted ones was proved when the policy was made. */
    assert_int_equal(verdict.signature_check_count, 1);
    trust_policy_destroy(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_gets_in_until_its_first_end),
        cmocka_unit_test(no_certificate_is_told_apart),
        cmocka_unit_test(without_trusted_cas_nobody_succeeds),
        cmocka_unit_test(bytes_that_are_no_certificate_are_malformed),
        cmocka_unit_test(dates_are_those_of_every_certificate),
        cmocka_unit_test(signatures_are_checked),
        cmocka_unit_test(an_issuer_must_be_a_ca),
        cmocka_unit_test(path_length_counts_intermediates_below),
        cmocka_unit_test(unknown_critical_extensions_are_refused),
        cmocka_unit_test(purposes_of_the_leaf),
        cmocka_unit_test(purposes_of_intermediates_restrict),
        cmocka_unit_test(name_constraints_of_every_ancestor_count),
        cmocka_unit_test(demanded_policies_must_be_there),
        cmocka_unit_test(a_leaf_of_the_first_version_is_a_client_too),
        cmocka_unit_test(keys_too_weak_are_refused),
        cmocka_unit_test(issuer_name_must_match_when_asked_for),
        cmocka_unit_test(issuer_name_matches_in_another_encoding),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
