/* Identity rules and the validate_* switches as judge_chain() has them: what comes before what, and
 * that a switch gives up no more than it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "trust_fixture.h"

#define EXPIRED   "250601000000Z"
#define TO_COME   "250701000000Z"
#define IN_A_WEEK 1750550400 /* 2025-06-22 */

static struct builder_key *root_key;
static struct builder_key *leaf_key;

static int make_keys(void **state)
{
    (void)state;
    root_key = builder_key_create();
    leaf_key = builder_key_create();
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    builder_key_destroy(root_key);
    builder_key_destroy(leaf_key);
    return 0;
}

static struct plan root_plan(void)
{
    struct plan plan = {.subject = "Root", .key = root_key};
    plan_ca(&plan, -1);
    return plan;
}

static struct plan leaf_plan(void)
{
    return (struct plan){
        .subject = "client", .issuer = "Root", .key = leaf_key, .signer = root_key};
}

static struct plan stranger_plan(void)
{
    struct plan plan = leaf_plan();
    plan.signer = leaf_key;
    return plan;
}

static struct verdict judge(struct config_ssl_profile profile, struct plan root, struct plan leaf)
{
    struct fixture_file file = fixture_file_create();
    struct config_text setting = {.text = file.path};
    struct built root_der = build(root);
    struct built leaf_der = build(leaf);
    struct bytes chain[] = {built_bytes(&leaf_der)};
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    profile.name = "test";
    profile.trusted_client_ca = (struct config_text_list){&setting, 1};
    diagnostics_init(&diagnostics);
    fixture_file_add(&file, &root_der);
    fixture_file_finish(&file);
    assert_true(result_is_ok(trust_policy_create(&profile, &diagnostics, &policy)));
    struct verdict verdict = judge_chain(policy, chain, 1, BUILDER_NOW);
    trust_policy_destroy(policy);
    diagnostics_deinit(&diagnostics);
    fixture_file_remove(&file);
    return verdict;
}

/* A profile that wants this common name. */
static struct config_ssl_profile wanting(struct config_claim_set *line, struct bytes common_name)
{
    *line = (struct config_claim_set){.claims = {{CONFIG_CLAIM_COMMON_NAME, common_name}},
                                      .claim_count = 1};
    return (struct config_ssl_profile){.identities = line, .identity_count = 1};
}

static void an_identity_that_matches_no_rule_is_out(void **state)
{
    (void)state;
    struct config_claim_set line;
    struct config_ssl_profile profile = wanting(&line, BYTES_OF("client"));
    struct verdict verdict = judge(profile, root_plan(), leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_true(verdict.valid_until_seconds > BUILDER_NOW);
    profile = wanting(&line, BYTES_OF("other"));
    verdict = judge(profile, root_plan(), leaf_plan());
    assert_int_equal(verdict.reason, VERDICT_IDENTITY_NOT_MATCHED);
    assert_string_equal(verdict.text, "certificate does not match any of allowed identities");
    assert_int_equal(verdict.valid_until_seconds, 0);
    assert_int_equal(verdict.depth, 0);
    assert_int_equal(verdict.presented_index, 0);
}

static void what_comes_before_the_rules_is_the_reason(void **state)
{
    (void)state;
    struct config_claim_set line;
    struct config_ssl_profile profile = wanting(&line, BYTES_OF("other"));
    assert_int_equal(judge(profile, root_plan(), stranger_plan()).reason,
                     VERDICT_SIGNATURE_FAILURE);
    struct plan expired = leaf_plan();
    expired.not_after = EXPIRED;
    assert_int_equal(judge(profile, root_plan(), expired).reason, VERDICT_EXPIRED);
    profile.verify_issuer_dn = true;
    assert_int_equal(judge(profile, root_plan(), leaf_plan()).reason, VERDICT_IDENTITY_NOT_MATCHED);
}

static void a_rule_makes_nobody_trusted(void **state)
{
    (void)state;
    struct config_claim_set line;
    struct config_ssl_profile profile = wanting(&line, BYTES_OF("client"));
    assert_int_equal(judge(profile, root_plan(), stranger_plan()).reason,
                     VERDICT_SIGNATURE_FAILURE);
}

static void the_issuer_thumbprint_is_that_of_the_path(void **state)
{
    (void)state;
    struct config_claim_set line = {
        .claims = {{CONFIG_CLAIM_ISSUER_SUBJECT, BYTES_OF("CN=Root")},
                   {CONFIG_CLAIM_ISSUER_THUMBPRINT, BYTES_OF("12345678901234567890")}},
        .claim_count = 2};
    struct config_ssl_profile profile = {.identities = &line, .identity_count = 1};
    assert_int_equal(judge(profile, root_plan(), leaf_plan()).reason, VERDICT_IDENTITY_NOT_MATCHED);
}

static void dates_of_the_leaf_may_be_waived_one_by_one(void **state)
{
    (void)state;
    struct config_ssl_profile no_start = {.waives_not_before = true};
    struct config_ssl_profile no_end = {.waives_not_after = true};
    struct plan expired = leaf_plan();
    struct plan to_come = leaf_plan();
    expired.not_after = EXPIRED;
    to_come.not_before = TO_COME;
    assert_int_equal(judge(no_end, root_plan(), expired).reason, VERDICT_SUCCESS);
    assert_int_equal(judge(no_start, root_plan(), expired).reason, VERDICT_EXPIRED);
    assert_int_equal(judge(no_start, root_plan(), to_come).reason, VERDICT_SUCCESS);
    assert_int_equal(judge(no_end, root_plan(), to_come).reason, VERDICT_NOT_YET_VALID);
}

static void dates_of_cas_are_never_waived(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.waives_not_before = true, .waives_not_after = true};
    struct plan root = root_plan();
    root.not_after = EXPIRED;
    assert_int_equal(judge(profile, root, leaf_plan()).reason, VERDICT_EXPIRED);
    root.not_after = NULL;
    root.not_before = TO_COME;
    assert_int_equal(judge(profile, root, leaf_plan()).reason, VERDICT_NOT_YET_VALID);
}

static void a_waived_end_still_ends_with_the_path(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.waives_not_after = true};
    struct plan root = root_plan();
    struct plan leaf = leaf_plan();
    root.not_after = "250622000000Z";
    leaf.not_after = EXPIRED;
    assert_int_equal(judge(profile, root, leaf).valid_until_seconds, IN_A_WEEK);
}

static void without_trust_anybody_gets_in_who_makes_the_claims(void **state)
{
    (void)state;
    struct config_claim_set line;
    struct config_ssl_profile profile = wanting(&line, BYTES_OF("client"));
    profile.waives_trust = true;
    struct plan leaf = stranger_plan();
    leaf.not_after = "250622000000Z";
    struct verdict verdict = judge(profile, root_plan(), leaf);
    assert_int_equal(verdict.reason, VERDICT_SUCCESS);
    assert_int_equal(verdict.valid_until_seconds, IN_A_WEEK);
    assert_int_equal(verdict.signature_check_count, 0);
    profile = wanting(&line, BYTES_OF("other"));
    profile.waives_trust = true;
    assert_int_equal(judge(profile, root_plan(), leaf).reason, VERDICT_IDENTITY_NOT_MATCHED);
}

static void without_trust_the_leaf_itself_keeps_its_rules(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.waives_trust = true};
    struct plan expired = leaf_plan();
    expired.not_after = EXPIRED;
    assert_int_equal(judge(profile, root_plan(), expired).reason, VERDICT_EXPIRED);
    struct plan to_come = leaf_plan();
    to_come.not_before = TO_COME;
    assert_int_equal(judge(profile, root_plan(), to_come).reason, VERDICT_NOT_YET_VALID);
    struct plan server = leaf_plan();
    plan_purpose(&server, BUILDER_SERVER_AUTH);
    assert_int_equal(judge(profile, root_plan(), server).reason, VERDICT_UNSUPPORTED_PURPOSE);
    struct plan unknown = leaf_plan();
    plan_extension(&unknown, BYTES_OF("\x2A\x03\x04"), true, BYTES_OF("\x05\x00"));
    assert_int_equal(judge(profile, root_plan(), unknown).reason, VERDICT_CRITICAL_EXTENSION);
}

static void without_trust_no_claim_about_the_issuers_certificate_holds(void **state)
{
    (void)state;
    struct config_claim_set line = {
        .claims = {{CONFIG_CLAIM_ISSUER_THUMBPRINT, BYTES_OF("12345678901234567890")}},
        .claim_count = 1};
    struct config_ssl_profile profile = {
        .waives_trust = true, .identities = &line, .identity_count = 1};
    assert_int_equal(judge(profile, root_plan(), leaf_plan()).reason, VERDICT_IDENTITY_NOT_MATCHED);
}

static void no_certificate_and_garbage_stay_out_whatever_is_waived(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {.name = "test",
                                         .waives_trust = true,
                                         .waives_not_before = true,
                                         .waives_not_after = true,
                                         .waives_revocation = true};
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    struct bytes garbage = BYTES_OF("\x30\x03\x02\x01\x00");
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(trust_policy_create(&profile, &diagnostics, &policy)));
    assert_int_equal(judge_chain(policy, NULL, 0, BUILDER_NOW).reason, VERDICT_NO_CERTIFICATE);
    assert_int_equal(judge_chain(policy, &garbage, 1, BUILDER_NOW).reason, VERDICT_MALFORMED);
    trust_policy_destroy(policy);
    diagnostics_deinit(&diagnostics);
}

/* The trust cache finds verdicts by the id: all that decides must be in it. */
static void rules_and_switches_are_part_of_the_id(void **state)
{
    (void)state;
    struct config_claim_set line;
    struct config_ssl_profile profiles[] = {
        {.verify_mode = CONFIG_VERIFY_PASSTHROUGH},
        {.verify_mode = CONFIG_VERIFY_PASSTHROUGH, .waives_trust = true},
        {.verify_mode = CONFIG_VERIFY_PASSTHROUGH, .waives_not_before = true},
        {.verify_mode = CONFIG_VERIFY_PASSTHROUGH, .waives_not_after = true},
        wanting(&line, BYTES_OF("client")),
    };
    const size_t count = sizeof(profiles) / sizeof(profiles[0]);
    struct trust_policy *policies[sizeof(profiles) / sizeof(profiles[0])];
    struct diagnostics diagnostics;
    profiles[count - 1].verify_mode = CONFIG_VERIFY_PASSTHROUGH;
    diagnostics_init(&diagnostics);
    for (size_t i = 0; i < count; i++) {
        assert_true(result_is_ok(trust_policy_create(&profiles[i], &diagnostics, &policies[i])));
        for (size_t other = 0; other < i; other++) {
            assert_memory_not_equal(trust_policy_id(policies[i]), trust_policy_id(policies[other]),
                                    TRUST_POLICY_ID_SIZE);
        }
    }
    for (size_t i = 0; i < count; i++) {
        trust_policy_destroy(policies[i]);
    }
    diagnostics_deinit(&diagnostics);
}

static void report_wants_somebody_to_trust(void **state)
{
    (void)state;
    struct config_ssl_profile profile = {
        .name = "test", .verify_mode = CONFIG_VERIFY_PASSTHROUGH, .is_report_only = true};
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    diagnostics_init(&diagnostics);
    assert_int_equal(trust_policy_create(&profile, &diagnostics, &policy).code, ERROR_BAD_CONFIG);
    assert_null(policy);
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_that_matches_no_rule_is_out),
        cmocka_unit_test(what_comes_before_the_rules_is_the_reason),
        cmocka_unit_test(a_rule_makes_nobody_trusted),
        cmocka_unit_test(the_issuer_thumbprint_is_that_of_the_path),
        cmocka_unit_test(dates_of_the_leaf_may_be_waived_one_by_one),
        cmocka_unit_test(dates_of_cas_are_never_waived),
        cmocka_unit_test(a_waived_end_still_ends_with_the_path),
        cmocka_unit_test(without_trust_anybody_gets_in_who_makes_the_claims),
        cmocka_unit_test(without_trust_the_leaf_itself_keeps_its_rules),
        cmocka_unit_test(without_trust_no_claim_about_the_issuers_certificate_holds),
        cmocka_unit_test(no_certificate_and_garbage_stay_out_whatever_is_waived),
        cmocka_unit_test(rules_and_switches_are_part_of_the_id),
        cmocka_unit_test(report_wants_somebody_to_trust),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
