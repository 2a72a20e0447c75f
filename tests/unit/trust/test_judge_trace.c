/* What is told of a judgement: each check with its result, the decisive one, the path; and that the
 * verdict is the one that is given without anybody asking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "trust_fixture.h"

#define EXPIRED   "250601000000Z"
#define TO_COME   "250701000000Z"
#define CHAIN_MAX 17

static struct builder_key *root_key;
static struct builder_key *ca_key;
static struct builder_key *leaf_key;
static struct builder_key *other_key;

/* Of the last judge(). */
static struct judge_trace trace;
static struct built root_der;
static struct built ca_der;
static struct built leaf_der;

static int make_keys(void **state)
{
    (void)state;
    root_key = builder_key_create();
    ca_key = builder_key_create();
    leaf_key = builder_key_create();
    other_key = builder_key_create();
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    builder_key_destroy(root_key);
    builder_key_destroy(ca_key);
    builder_key_destroy(leaf_key);
    builder_key_destroy(other_key);
    return 0;
}

struct plans {
    struct plan root;
    struct plan ca;
    struct plan leaf;
};

static struct plans good_plans(void)
{
    struct plans plans = {
        .root = {.subject = "Root", .key = root_key},
        .ca = {.subject = "CA", .issuer = "Root", .key = ca_key, .signer = root_key},
        .leaf = {.subject = "client", .issuer = "CA", .key = leaf_key, .signer = ca_key}};
    plan_ca(&plans.root, -1);
    plan_ca(&plans.ca, -1);
    return plans;
}

static struct verdict judge_presented(struct config_ssl_profile profile, const struct bytes *chain,
                                      size_t count)
{
    struct fixture_file file = fixture_file_create();
    struct config_text setting = {.text = file.path};
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    profile.name = "test";
    profile.trusted_client_ca = (struct config_text_list){&setting, 1};
    diagnostics_init(&diagnostics);
    fixture_file_add(&file, &root_der);
    fixture_file_finish(&file);
    assert_true(result_is_ok(trust_policy_create(&profile, &diagnostics, &policy)));
    struct verdict verdict = judge_chain_traced(policy, chain, count, BUILDER_NOW, &trace);
    struct verdict plain = judge_chain(policy, chain, count, BUILDER_NOW);
    assert_memory_equal(&verdict, &plain, sizeof(verdict));
    for (size_t i = 0; i < trace.path_count; i++) {
        assert_true(trace.path[i].trusted_path == NULL || trace.path[i].trusted_path == file.path);
    }
    trust_policy_destroy(policy);
    diagnostics_deinit(&diagnostics);
    fixture_file_remove(&file);
    return verdict;
}

static struct verdict judge(struct config_ssl_profile profile, struct plans plans)
{
    root_der = build(plans.root);
    ca_der = build(plans.ca);
    leaf_der = build(plans.leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), built_bytes(&ca_der)};
    return judge_presented(profile, chain, 2);
}

static struct verdict judge_plans(struct plans plans)
{
    return judge((struct config_ssl_profile){0}, plans);
}

static void assert_results(enum judge_check first, enum judge_check last,
                           enum judge_check_result result)
{
    for (unsigned check = first; check <= last; check++) {
        assert_int_equal(trace.checks[check].result, result);
    }
}

static void assert_decisive(enum judge_check check, uint32_t depth, const char *text)
{
    assert_int_equal(trace.decisive, check);
    assert_int_equal(trace.checks[check].result, JUDGE_CHECK_FAILED);
    assert_int_equal(trace.checks[check].depth, depth);
    assert_string_equal(trace.checks[check].text, text);
}

static void a_good_chain_passes_what_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(judge_plans(good_plans()).reason, VERDICT_SUCCESS);
    assert_results(JUDGE_CHECK_PRESENTED, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_PASSED);
    assert_results(JUDGE_CHECK_ISSUER_DN, JUDGE_CHECK_REVOCATION, JUDGE_CHECK_NOT_ASKED);
    assert_int_equal(trace.decisive, JUDGE_CHECK_COUNT);
    assert_string_equal(trace.issuer_names, "");
}

static void the_path_is_told_from_the_leaf_to_the_trusted_root(void **state)
{
    (void)state;
    (void)judge_plans(good_plans());
    assert_true(trace.reaches_root);
    assert_int_equal(trace.path_count, 3);
    assert_true(bytes_equal(trace.path[0].der, built_bytes(&leaf_der)));
    assert_int_equal(trace.path[0].presented_index, 0);
    assert_null(trace.path[0].trusted_path);
    assert_int_equal(trace.path[1].presented_index, 1);
    assert_int_equal(trace.path[2].presented_index, -1);
    assert_non_null(trace.path[2].trusted_path);
    assert_int_equal(trace.path[2].trusted_line, 1);
}

static void a_root_that_is_presented_too_is_told_with_both_places(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    root_der = build(plans.root);
    ca_der = build(plans.ca);
    leaf_der = build(plans.leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), built_bytes(&root_der), built_bytes(&ca_der)};
    assert_int_equal(judge_presented((struct config_ssl_profile){0}, chain, 3).reason,
                     VERDICT_SUCCESS);
    assert_int_equal(trace.path[1].presented_index, 2);
    assert_int_equal(trace.path[2].presented_index, 1);
    assert_non_null(trace.path[2].trusted_path);
}

static void each_rule_of_a_path_shows_in_its_own_check(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    plan_extension(&plans.leaf, BYTES_OF("\x2A\x03\x04"), true, BYTES_OF("\x05\x00"));
    assert_int_equal(judge_plans(plans).reason, VERDICT_CRITICAL_EXTENSION);
    assert_decisive(JUDGE_CHECK_CRITICAL_EXTENSIONS, 0, "unhandled critical extension");
    plans = good_plans();
    plans.ca.extensions.length = 0;
    assert_int_equal(judge_plans(plans).reason, VERDICT_INVALID_CA);
    assert_decisive(JUDGE_CHECK_BASIC_CONSTRAINTS, 1, "invalid CA certificate");
    plans = good_plans();
    plan_key_usage(&plans.ca, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(judge_plans(plans).reason, VERDICT_INVALID_CA);
    assert_decisive(JUDGE_CHECK_KEY_USAGE, 1, "invalid CA certificate");
    plans = good_plans();
    plans.root.extensions.length = 0;
    plan_ca(&plans.root, 0);
    assert_int_equal(judge_plans(plans).reason, VERDICT_PATH_LENGTH);
    assert_decisive(JUDGE_CHECK_PATH_LENGTH, 2, "path length constraint exceeded");
    plans = good_plans();
    plans.leaf.has_bad_signature = true;
    assert_int_equal(judge_plans(plans).reason, VERDICT_SIGNATURE_FAILURE);
    assert_decisive(JUDGE_CHECK_SIGNATURES, 0, "certificate signature failure");
    plans = good_plans();
    plans.ca.not_before = TO_COME;
    assert_int_equal(judge_plans(plans).reason, VERDICT_NOT_YET_VALID);
    assert_decisive(JUDGE_CHECK_VALIDITY, 1, "certificate is not yet valid");
    plans = good_plans();
    plan_purpose(&plans.leaf, BUILDER_SERVER_AUTH);
    assert_int_equal(judge_plans(plans).reason, VERDICT_UNSUPPORTED_PURPOSE);
    assert_decisive(JUDGE_CHECK_PURPOSE, 0, "unsupported certificate purpose");
    assert_results(JUDGE_CHECK_PRESENTED, JUDGE_CHECK_POLICIES, JUDGE_CHECK_PASSED);
}

static void all_that_is_wrong_is_told_and_one_thing_decides(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    plans.leaf.not_after = EXPIRED;
    plans.leaf.has_bad_signature = true;
    plan_purpose(&plans.leaf, BUILDER_SERVER_AUTH);
    plan_key_usage(&plans.ca, KEY_USAGE_DIGITAL_SIGNATURE);
    assert_int_equal(judge_plans(plans).reason, VERDICT_INVALID_CA);
    assert_decisive(JUDGE_CHECK_KEY_USAGE, 1, "invalid CA certificate");
    static const enum judge_check failed[] = {JUDGE_CHECK_SIGNATURES, JUDGE_CHECK_VALIDITY,
                                              JUDGE_CHECK_PURPOSE};
    for (size_t i = 0; i < sizeof(failed) / sizeof(failed[0]); i++) {
        assert_int_equal(trace.checks[failed[i]].result, JUDGE_CHECK_FAILED);
        assert_non_null(trace.checks[failed[i]].text);
    }
    assert_int_equal(trace.checks[JUDGE_CHECK_BASIC_CONSTRAINTS].result, JUDGE_CHECK_PASSED);
    assert_true(trace.reaches_root);
}

static void without_a_certificate_nothing_else_is_reached(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    root_der = build(plans.root);
    assert_int_equal(judge_presented((struct config_ssl_profile){0}, NULL, 0).reason,
                     VERDICT_NO_CERTIFICATE);
    assert_decisive(JUDGE_CHECK_PRESENTED, 0, "no certificate");
    assert_results(JUDGE_CHECK_PARSES, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_NOT_REACHED);
    assert_int_equal(trace.path_count, 0);
}

static void bytes_that_are_no_certificate_do_not_parse(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    struct bytes chain[] = {BYTES_OF("no certificate"), {0}};
    root_der = build(plans.root);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(judge_presented((struct config_ssl_profile){0}, &chain[i], 1).reason,
                         VERDICT_MALFORMED);
        assert_decisive(JUDGE_CHECK_PARSES, 0, "certificate could not be parsed");
        assert_results(JUDGE_CHECK_PATH, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_NOT_REACHED);
        assert_int_equal(trace.path_count, 0);
        assert_false(trace.reaches_root);
    }
}

static void an_issuer_that_cannot_be_read_does_not_parse(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    root_der = build(plans.root);
    leaf_der = build(plans.leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), BYTES_OF("no certificate")};
    struct verdict verdict = judge_presented((struct config_ssl_profile){0}, chain, 2);
    assert_int_equal(verdict.reason, VERDICT_MALFORMED);
    assert_int_equal(verdict.presented_index, 1);
    assert_int_equal(trace.decisive, JUDGE_CHECK_PARSES);
    assert_int_equal(trace.path_count, 1);
    assert_results(JUDGE_CHECK_PATH, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_NOT_REACHED);
}

static void a_needless_certificate_that_cannot_be_read_does_no_harm(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    root_der = build(plans.root);
    ca_der = build(plans.ca);
    leaf_der = build(plans.leaf);
    struct bytes chain[] = {built_bytes(&leaf_der), BYTES_OF("garbage"), built_bytes(&ca_der)};
    assert_int_equal(judge_presented((struct config_ssl_profile){0}, chain, 3).reason,
                     VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_PARSES].result, JUDGE_CHECK_PASSED);
}

static void a_path_that_ends_nowhere_is_told_as_far_as_it_goes(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    plans.ca.issuer = "Stranger";
    plans.ca.signer = other_key;
    plans.leaf.not_after = EXPIRED; /* Not reached: the gateway does not look at it either. */
    assert_int_equal(judge_plans(plans).reason, VERDICT_UNABLE_TO_GET_LOCAL_ISSUER);
    assert_decisive(JUDGE_CHECK_PATH, 1, "unable to get local issuer certificate");
    assert_results(JUDGE_CHECK_CRITICAL_EXTENSIONS, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_NOT_REACHED);
    assert_int_equal(trace.path_count, 2);
    assert_false(trace.reaches_root);
}

static void too_many_certificates_have_no_path(void **state)
{
    (void)state;
    struct plans plans = good_plans();
    struct bytes chain[CHAIN_MAX];
    root_der = build(plans.root);
    leaf_der = build(plans.leaf);
    for (size_t i = 0; i < CHAIN_MAX; i++) {
        chain[i] = built_bytes(&leaf_der);
    }
    assert_int_equal(judge_presented((struct config_ssl_profile){0}, chain, CHAIN_MAX).reason,
                     VERDICT_CHAIN_TOO_LONG);
    assert_decisive(JUDGE_CHECK_PATH, 0, "certificate chain too long");
    assert_int_equal(trace.path_count, 0);
}

static void the_issuers_that_are_wanted_are_named(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.verify_issuer_dn = true};
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_ISSUER_DN_MISMATCH);
    assert_decisive(JUDGE_CHECK_ISSUER_DN, 0, "unable to verify the client certificate issuer");
    assert_string_equal(trace.issuer_names, "CN=Root");
    assert_results(JUDGE_CHECK_PRESENTED, JUDGE_CHECK_PURPOSE, JUDGE_CHECK_PASSED);
    struct plans plans = good_plans();
    plans.leaf.issuer = "Root";
    plans.leaf.signer = root_key;
    assert_int_equal(judge(profile, plans).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_ISSUER_DN].result, JUDGE_CHECK_PASSED);
}

/* The room is for some names; a hostile or long-winded one must not go past it. */
static void a_list_of_issuers_that_is_too_long_is_cut(void **state)
{
    (void)state;
    char name[JUDGE_TRACE_ISSUER_NAMES_MAX + 200];
    struct config_ssl_profile profile = {.verify_issuer_dn = true};
    struct plans plans = good_plans();
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    plans.root.subject = name;
    plans.ca.issuer = name;
    assert_int_equal(judge(profile, plans).reason, VERDICT_ISSUER_DN_MISMATCH);
    size_t length = strlen(trace.issuer_names);
    assert_true(length >= 4 && length < sizeof(trace.issuer_names));
    assert_string_equal(trace.issuer_names + length - 4, " ...");
}

static void identity_rules_pass_or_fail_after_all_else(void **state)
{
    (void)state;
    struct config_claim_set line = {.claims = {{CONFIG_CLAIM_COMMON_NAME, BYTES_OF("client")}},
                                    .claim_count = 1};
    struct config_ssl_profile profile = {.identities = &line, .identity_count = 1};
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_IDENTITY].result, JUDGE_CHECK_PASSED);
    line.claims[0].value = BYTES_OF("somebody else");
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_IDENTITY_NOT_MATCHED);
    assert_decisive(JUDGE_CHECK_IDENTITY, 0,
                    "certificate does not match any of allowed identities");
    profile.verify_issuer_dn = true;
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_ISSUER_DN_MISMATCH);
    assert_int_equal(trace.checks[JUDGE_CHECK_IDENTITY].result, JUDGE_CHECK_NOT_REACHED);
}

static void without_trust_no_path_and_no_signature_is_asked_for(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.waives_trust = true};
    struct plans plans = good_plans();
    plans.leaf.has_bad_signature = true;
    assert_int_equal(judge(profile, plans).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_PATH].result, JUDGE_CHECK_NOT_ASKED);
    assert_int_equal(trace.checks[JUDGE_CHECK_SIGNATURES].result, JUDGE_CHECK_NOT_ASKED);
    assert_int_equal(trace.path_count, 1);
    assert_false(trace.reaches_root);
    plans.leaf.not_after = EXPIRED;
    assert_int_equal(judge(profile, plans).reason, VERDICT_EXPIRED);
    assert_decisive(JUDGE_CHECK_VALIDITY, 0, "certificate has expired");
}

static void revocation_is_left_to_whoever_judges_it(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.revocation = CONFIG_REVOCATION_OCSP};
    struct verdict verdict = judge(profile, good_plans());
    assert_int_equal(trace.checks[JUDGE_CHECK_REVOCATION].result, JUDGE_CHECK_NOT_REACHED);
    judge_trace_add_revocation(&trace, &verdict);
    assert_int_equal(trace.checks[JUDGE_CHECK_REVOCATION].result, JUDGE_CHECK_PASSED);
    assert_int_equal(trace.decisive, JUDGE_CHECK_COUNT);
    verdict = verdict_for(VERDICT_REVOKED);
    verdict.depth = 1;
    judge_trace_add_revocation(&trace, &verdict);
    assert_decisive(JUDGE_CHECK_REVOCATION, 1, "certificate revoked");
}

static void revocation_is_not_asked_for_without_trust_or_when_it_is_off(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.revocation = CONFIG_REVOCATION_OCSP,
                                         .waives_trust = true};
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_REVOCATION].result, JUDGE_CHECK_NOT_ASKED);
    profile = (struct config_ssl_profile){.revocation = CONFIG_REVOCATION_NONE};
    assert_int_equal(judge(profile, good_plans()).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_REVOCATION].result, JUDGE_CHECK_NOT_ASKED);
}

static void revocation_is_not_reached_when_the_path_fails(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.revocation = CONFIG_REVOCATION_OCSP};
    struct plans plans = good_plans();
    plans.leaf.not_after = EXPIRED;
    assert_int_equal(judge(profile, plans).reason, VERDICT_EXPIRED);
    assert_int_equal(trace.checks[JUDGE_CHECK_REVOCATION].result, JUDGE_CHECK_NOT_REACHED);
}

static void a_date_that_does_not_count_passes(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.waives_not_after = true};
    struct plans plans = good_plans();
    plans.leaf.not_after = EXPIRED;
    assert_int_equal(judge(profile, plans).reason, VERDICT_SUCCESS);
    assert_int_equal(trace.checks[JUDGE_CHECK_VALIDITY].result, JUDGE_CHECK_PASSED);
}

static void every_check_has_a_word_and_a_claim(void **state)
{
    (void)state;
    for (unsigned check = 0; check < JUDGE_CHECK_COUNT; check++) {
        assert_true(strlen(judge_trace_word(check)) > 0);
        assert_true(strlen(judge_trace_claim(check)) > 0);
        for (unsigned other = 0; other < check; other++) {
            assert_string_not_equal(judge_trace_word(check), judge_trace_word(other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_passes_what_is_asked_for),
        cmocka_unit_test(the_path_is_told_from_the_leaf_to_the_trusted_root),
        cmocka_unit_test(a_root_that_is_presented_too_is_told_with_both_places),
        cmocka_unit_test(each_rule_of_a_path_shows_in_its_own_check),
        cmocka_unit_test(all_that_is_wrong_is_told_and_one_thing_decides),
        cmocka_unit_test(without_a_certificate_nothing_else_is_reached),
        cmocka_unit_test(bytes_that_are_no_certificate_do_not_parse),
        cmocka_unit_test(an_issuer_that_cannot_be_read_does_not_parse),
        cmocka_unit_test(a_needless_certificate_that_cannot_be_read_does_no_harm),
        cmocka_unit_test(a_path_that_ends_nowhere_is_told_as_far_as_it_goes),
        cmocka_unit_test(too_many_certificates_have_no_path),
        cmocka_unit_test(the_issuers_that_are_wanted_are_named),
        cmocka_unit_test(a_list_of_issuers_that_is_too_long_is_cut),
        cmocka_unit_test(identity_rules_pass_or_fail_after_all_else),
        cmocka_unit_test(without_trust_no_path_and_no_signature_is_asked_for),
        cmocka_unit_test(revocation_is_left_to_whoever_judges_it),
        cmocka_unit_test(revocation_is_not_asked_for_without_trust_or_when_it_is_off),
        cmocka_unit_test(revocation_is_not_reached_when_the_path_fails),
        cmocka_unit_test(a_date_that_does_not_count_passes),
        cmocka_unit_test(every_check_has_a_word_and_a_claim),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
