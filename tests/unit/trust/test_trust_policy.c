/* Policies: all files or none, an id that changes with whatever decides, and the names for the
 * handshake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trust/certificate_facts.h"
#include "trust_fixture.h"

static struct builder_key *keys[2];
static struct built roots[2];
static struct built intermediate;
static struct built leaf;

static struct built ca(const char *subject, unsigned key, const char *issuer, unsigned signer)
{
    struct plan plan = {
        .subject = subject, .issuer = issuer, .key = keys[key], .signer = keys[signer]};
    plan_ca(&plan, -1);
    return build(plan);
}

static int make(void **state)
{
    (void)state;
    keys[0] = builder_key_create();
    keys[1] = builder_key_create();
    roots[0] = ca("One", 0, NULL, 0);
    roots[1] = ca("Two", 1, NULL, 1);
    intermediate = ca("Below", 1, "One", 0);
    leaf = build(
        (struct plan){.subject = "client", .issuer = "Two", .key = keys[0], .signer = keys[1]});
    return 0;
}

static int drop(void **state)
{
    (void)state;
    builder_key_destroy(keys[0]);
    builder_key_destroy(keys[1]);
    return 0;
}

/* Whether a creation has warned of too many bytes of names, or refused too many signatures. */
static bool warns_of_names;
static bool refuses_signatures;

/* A profile of up to two files; an empty one (no certificates) is a file that cannot be used. */
static struct result create(struct config_ssl_profile profile, const struct built *const *first,
                            size_t first_count, const struct built *const *second,
                            size_t second_count, struct trust_policy **ret_policy)
{
    struct fixture_file files[] = {fixture_file_create(), fixture_file_create()};
    struct config_text settings[] = {{.text = files[0].path}, {.text = files[1].path}};
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    for (size_t i = 0; i < first_count; i++) {
        fixture_file_add(&files[0], first[i]);
    }
    for (size_t i = 0; i < second_count; i++) {
        fixture_file_add(&files[1], second[i]);
    }
    fixture_file_finish(&files[0]);
    fixture_file_finish(&files[1]);
    profile.name = "test";
    profile.trusted_client_ca = (struct config_text_list){settings, second == NULL ? 1 : 2};
    struct result result = trust_policy_create(&profile, &diagnostics, ret_policy);
    assert_int_equal(result_is_ok(result), diagnostics.error_count == 0);
    for (size_t i = 0; i < diagnostics.count; i++) {
        warns_of_names |=
            strstr(diagnostics.items[i].message, "the names of its trusted CAs") != NULL;
        refuses_signatures |= strstr(diagnostics.items[i].message, "signatures would have") != NULL;
    }
    fixture_file_remove(&files[0]);
    fixture_file_remove(&files[1]);
    diagnostics_deinit(&diagnostics);
    return result;
}

static struct trust_policy *must_create(struct config_ssl_profile profile,
                                        const struct built *const *cas, size_t count)
{
    struct trust_policy *policy = NULL;
    assert_true(result_is_ok(create(profile, cas, count, NULL, 0, &policy)));
    return policy;
}

static void the_roots_of_all_files_are_trusted(void **state)
{
    (void)state;
    struct trust_policy *policy = NULL;
    const struct built *one[] = {&roots[0], &intermediate};
    const struct built *two[] = {&roots[1]};
    struct bytes chain[] = {built_bytes(&leaf)};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    assert_true(result_is_ok(create(profile, one, 2, two, 1, &policy)));
    assert_int_equal(judge_chain(policy, chain, 1, BUILDER_NOW).reason, VERDICT_SUCCESS);
    assert_int_equal(trust_policy_ca_name_count(policy), 3);
    assert_int_equal(trust_policy_mode(policy), CONFIG_VERIFY_STRICT);
    trust_policy_destroy(policy);
    policy = must_create(profile, one, 2);
    assert_int_equal(judge_chain(policy, chain, 1, BUILDER_NOW).reason,
                     VERDICT_UNABLE_TO_VERIFY_FIRST);
    trust_policy_destroy(policy);
}

static void one_bad_file_fails_the_whole_policy(void **state)
{
    (void)state;
    struct trust_policy *policy = NULL;
    const struct built *one[] = {&roots[0]};
    const struct built *bad[] = {&intermediate};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    assert_int_equal(create(profile, one, 1, bad, 1, &policy).code, ERROR_BAD_CONFIG);
    assert_int_equal(create(profile, bad, 1, one, 1, &policy).code, ERROR_BAD_CONFIG);
    assert_int_equal(create(profile, one, 1, bad, 0, &policy).code, ERROR_BAD_CONFIG);
    assert_null(policy);
}

static void strict_needs_somebody_to_trust(void **state)
{
    (void)state;
    struct trust_policy *policy = NULL;
    struct diagnostics diagnostics;
    struct config_ssl_profile profile = {.name = "test", .verify_mode = CONFIG_VERIFY_STRICT};
    diagnostics_init(&diagnostics);
    assert_int_equal(trust_policy_create(&profile, &diagnostics, &policy).code, ERROR_BAD_CONFIG);
    profile.verify_mode = CONFIG_VERIFY_PASSTHROUGH;
    assert_true(result_is_ok(trust_policy_create(&profile, &diagnostics, &policy)));
    assert_int_equal(trust_policy_ca_name_count(policy), 0);
    assert_int_equal(trust_policy_ca_name_list(policy).length, 0);
    diagnostics_deinit(&diagnostics);
    trust_policy_destroy(policy);
    trust_policy_destroy(NULL);
}

static void the_id_changes_with_what_decides_and_only_then(void **state)
{
    (void)state;
    const struct built *cas[] = {&roots[0], &intermediate};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    struct config_ssl_profile with_name = profile;
    with_name.verify_issuer_dn = true;
    struct trust_policy *first = must_create(profile, cas, 2);
    struct trust_policy *again = must_create(profile, cas, 2);
    struct trust_policy *smaller = must_create(profile, cas, 1);
    struct trust_policy *stricter = must_create(with_name, cas, 2);
    const uint8_t *id = trust_policy_id(first);
    assert_memory_equal(id, trust_policy_id(again), TRUST_POLICY_ID_SIZE);
    assert_memory_not_equal(id, trust_policy_id(smaller), TRUST_POLICY_ID_SIZE);
    assert_memory_not_equal(id, trust_policy_id(stricter), TRUST_POLICY_ID_SIZE);
    trust_policy_destroy(first);
    trust_policy_destroy(again);
    trust_policy_destroy(smaller);
    trust_policy_destroy(stricter);
}

static void the_id_changes_with_the_terms_of_revocation(void **state)
{
    (void)state;
    const struct built *cas[] = {&roots[0]};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT,
                                         .revocation = CONFIG_REVOCATION_OCSP};
    struct config_ssl_profile unasked = profile;
    unasked.revocation = CONFIG_REVOCATION_NONE;
    struct config_ssl_profile others[] = {unasked, profile, profile, profile, profile, profile,
                                          profile, profile, profile, profile, profile};
    others[1].ocsp.failure = CONFIG_OCSP_ALLOW;
    others[2].ocsp.responder.text = "http://a/";
    others[3].ocsp.has_nonce = true;
    others[4].ocsp.checks_chain = true;
    others[5].ocsp.max_age_ms = 1;
    others[6].ocsp.stale_grace_ms = 1;
    others[7].ocsp.is_get = true; /* these and the rest: for whom a failure counts */
    others[8].ocsp.timeout_ms = 1;
    others[9].ocsp.connect_timeout_ms = 1;
    others[10].ocsp.read_timeout_ms = 1;
    struct trust_policy *first = must_create(profile, cas, 1);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct trust_policy *other = must_create(others[i], cas, 1);
        assert_memory_not_equal(trust_policy_id(first), trust_policy_id(other),
                                TRUST_POLICY_ID_SIZE);
        trust_policy_destroy(other);
    }
    trust_policy_destroy(first);
}

static void the_id_stays_with_settings_that_decide_nothing(void **state)
{
    (void)state;
    const struct built *cas[] = {&roots[0]};
    struct config_ssl_profile asked = {.verify_mode = CONFIG_VERIFY_STRICT,
                                       .revocation = CONFIG_REVOCATION_OCSP};
    struct config_ssl_profile waived = asked;
    waived.waives_revocation = true;
    struct config_ssl_profile pairs[2][2] = {{asked, asked}, {waived, waived}};
    pairs[0][1].ocsp.retry_after_ms = 1;
    pairs[1][1].ocsp.failure = CONFIG_OCSP_ALLOW;
    for (size_t i = 0; i < 2; i++) {
        struct trust_policy *first = must_create(pairs[i][0], cas, 1);
        struct trust_policy *second = must_create(pairs[i][1], cas, 1);
        assert_memory_equal(trust_policy_id(first), trust_policy_id(second), TRUST_POLICY_ID_SIZE);
        trust_policy_destroy(first);
        trust_policy_destroy(second);
    }
}

static void ca_names_are_whole_names_each_once(void **state)
{
    (void)state;
    const struct built *cas[] = {&roots[0], &intermediate};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    struct trust_policy *policy = must_create(profile, cas, 2);
    struct built name = {.length = 0};
    built_name(&name, "One", (struct bytes){0});
    assert_int_equal(trust_policy_ca_name_count(policy), 2);
    assert_true(bytes_equal(trust_policy_ca_name(policy, 0), built_bytes(&name)));
    struct bytes list = trust_policy_ca_name_list(policy);
    assert_int_equal(list.length, 2 + name.length + 2 + trust_policy_ca_name(policy, 1).length);
    assert_int_equal(list.at[0], 0);
    assert_int_equal(list.at[1], name.length);
    assert_true(bytes_equal(bytes_slice(list, 2, name.length), built_bytes(&name)));
    trust_policy_destroy(policy);
}

static void all_cas_are_listed_in_their_order(void **state)
{
    (void)state;
    const struct built *one[] = {&roots[0], &intermediate};
    const struct built *two[] = {&roots[1]};
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    struct trust_policy *policy = NULL;
    struct certificate_facts facts;
    assert_true(result_is_ok(create(profile, one, 2, two, 1, &policy)));
    assert_int_equal(trust_policy_ca_count(policy), 3);
    assert_true(bytes_equal(trust_policy_ca_at(policy, 0).der, built_bytes(&roots[0])));
    assert_true(bytes_equal(trust_policy_ca_at(policy, 1).der, built_bytes(&intermediate)));
    assert_true(bytes_equal(trust_policy_ca_at(policy, 2).der, built_bytes(&roots[1])));
    assert_int_equal(trust_policy_ca_at(policy, 2).line, 1);
    assert_true(certificate_facts_read(trust_policy_ca_at(policy, 2).der, &facts));
    assert_true(facts.is_ca && facts.not_before_seconds < facts.not_after_seconds);
    assert_false(certificate_facts_read(BYTES_OF("0"), &facts));
    trust_policy_destroy(policy);
}

static void too_many_bytes_of_ca_names_are_warned_of(void **state)
{
    (void)state;
    static struct built large[2][3];
    static uint8_t text[3900];
    const struct built *files[2][4];
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    struct trust_policy *policy = NULL;
    for (unsigned file = 0; file < 2; file++) {
        files[file][0] = &roots[file];
        for (unsigned i = 0; i < 3; i++) {
            struct built name = {.length = 0};
            memset(text, (int)('a' + 3 * file + i), sizeof(text));
            built_rdn(&name, BUILDER_CN, 0x0C, bytes_from(text, sizeof(text)));
            built_wrap(&name, 0, 0x30);
            struct plan plan = {.raw_subject = built_bytes(&name),
                                .issuer = file == 0 ? "One" : "Two",
                                .key = keys[0],
                                .signer = keys[file]};
            plan_ca(&plan, -1);
            large[file][i] = build(plan);
            files[file][i + 1] = &large[file][i];
        }
    }
    assert_true(result_is_ok(create(profile, files[0], 4, files[1], 1, &policy)));
    assert_true(trust_policy_ca_name_list(policy).length > 11000);
    trust_policy_destroy(policy);
    assert_false(warns_of_names);
    assert_true(result_is_ok(create(profile, files[0], 4, files[1], 4, &policy)));
    assert_true(trust_policy_ca_name_count(policy) > 0);
    assert_int_equal(trust_policy_ca_name_list(policy).length, 0);
    trust_policy_destroy(policy);
    assert_true(warns_of_names);
}

#define NAMESAKE_COUNT 15

/* A CA that may be issued by every other of its name; its key is a number. */
static struct built namesake(unsigned number)
{
    struct built key = {.length = 0};
    struct plan plan = {.subject = "One", .key = keys[0], .signer = keys[1]};
    built_key(&key, &plan);
    key.at[key.length - 1] ^= (uint8_t)(number + 1);
    plan.raw_key = built_bytes(&key);
    plan_ca(&plan, -1);
    return build(plan);
}

static void so_many_cas_of_one_name_that_loading_would_take_long_are_refused(void **state)
{
    (void)state;
    static struct built cas[2][NAMESAKE_COUNT];
    const struct built *files[2][NAMESAKE_COUNT + 1];
    struct config_ssl_profile profile = {.verify_mode = CONFIG_VERIFY_STRICT};
    struct trust_policy *policy = NULL;
    for (unsigned i = 0; i < 2 * NAMESAKE_COUNT; i++) {
        struct built *ca = &cas[i / NAMESAKE_COUNT][i % NAMESAKE_COUNT];
        *ca = namesake(i);
        files[i / NAMESAKE_COUNT][i % NAMESAKE_COUNT + 1] = ca;
    }
    files[0][0] = &roots[0];
    files[1][0] = &roots[1];
    refuses_signatures = false;
    policy = must_create(profile, files[0], NAMESAKE_COUNT + 1);
    trust_policy_destroy(policy);
    policy = NULL;
    assert_false(refuses_signatures);
    assert_int_equal(
        create(profile, files[0], NAMESAKE_COUNT + 1, files[1], NAMESAKE_COUNT + 1, &policy).code,
        ERROR_BAD_CONFIG);
    assert_null(policy);
    assert_true(refuses_signatures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_roots_of_all_files_are_trusted),
        cmocka_unit_test(one_bad_file_fails_the_whole_policy),
        cmocka_unit_test(strict_needs_somebody_to_trust),
        cmocka_unit_test(the_id_changes_with_what_decides_and_only_then),
        cmocka_unit_test(the_id_changes_with_the_terms_of_revocation),
        cmocka_unit_test(the_id_stays_with_settings_that_decide_nothing),
        cmocka_unit_test(ca_names_are_whole_names_each_once),
        cmocka_unit_test(all_cas_are_listed_in_their_order),
        cmocka_unit_test(too_many_bytes_of_ca_names_are_warned_of),
        cmocka_unit_test(so_many_cas_of_one_name_that_loading_would_take_long_are_refused),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
