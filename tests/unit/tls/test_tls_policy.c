/* Policies: names known and unknown, and lists that leave nothing to offer. */
#include "tls_pki.h"

#include "tls/tls_context.h"
#include "tls/tls_policy.h"

static const char *const groups_all[] = {GROUPS_ALL, NULL};
static const char *const suites_both[] = {SUITES_BOTH, NULL};
static struct test_policy memory;

static const struct config_tls_policy *policy_of(unsigned versions, const char *const *suites,
                                                 const char *const *groups)
{
    return &make_profile(&memory, versions, suites, groups, CONFIG_VERIFY_OFF)->policy;
}

/* The one error of a policy, at that line; 99 is the policy's own place. */
static void expect_error(const struct config_tls_policy *policy, int line, const char *part)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct result result =
        tls_policy_check(policy, (struct config_place){"edge.ini", 99}, &diagnostics);
    assert_int_equal(result.code, ERROR_BAD_CONFIG);
    assert_int_equal(diagnostics.error_count, 1);
    assert_int_equal(diagnostics.items[0].place.line, line);
    assert_non_null(strstr(diagnostics.items[0].message, part));
    diagnostics_deinit(&diagnostics);
}

static void every_listed_name_is_known(void **state)
{
    (void)state;
    size_t count = 0;
    for (; tls_policy_suite_name(count) != NULL; count++) {
        assert_true(tls_policy_knows_suite(tls_policy_suite_name(count)));
    }
    assert_int_equal(count, 23);
    for (size_t i = 0; tls_policy_group_name(i) != NULL; i++) {
        assert_true(tls_policy_knows_group(tls_policy_group_name(i)));
    }
}

static void other_names_are_not_known(void **state)
{
    (void)state;
    assert_false(tls_policy_knows_suite("ECDHE-RSA-AES128-GCM-SHA256"));
    assert_false(tls_policy_knows_suite("tls_aes_128_gcm_sha256"));
    assert_false(tls_policy_knows_suite(""));
    assert_false(tls_policy_knows_suite("TLS_RSA_WITH_RC4_128_MD5"));
    assert_false(tls_policy_knows_suite("ALL"));
    assert_false(tls_policy_knows_group("secp256k1"));
    assert_false(tls_policy_knows_group("x25519"));
}

static void a_good_policy_passes(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    char list[1024];
    struct text text = text_over(list, sizeof(list));
    int groups[4];
    size_t count = 0;
    const struct config_tls_policy *policy =
        policy_of(CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites_both, groups_all);
    diagnostics_init(&diagnostics);
    assert_true(
        result_is_ok(tls_policy_check(policy, (struct config_place){"x", 1}, &diagnostics)));
    assert_int_equal(diagnostics.count, 0);
    assert_true(result_is_ok(tls_policy_write_suites(policy, &text)));
    assert_memory_equal(list, "TLS_AES_128_GCM_SHA256:TLS_AES_256", 34);
    assert_true(result_is_ok(tls_policy_list_groups(policy, groups, 4, &count)));
    assert_int_equal(count, 4);
    assert_int_equal(groups[0], 0x11ec);
    assert_int_equal(groups[3], 24);
    diagnostics_deinit(&diagnostics);
}

static void suites_of_other_versions_are_left_out(void **state)
{
    (void)state;
    char list[1024];
    struct text text = text_over(list, sizeof(list));
    assert_true(result_is_ok(
        tls_policy_write_suites(policy_of(CONFIG_TLS_1_3, suites_both, groups_all), &text)));
    assert_string_equal(list, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
}

static void rsa_key_exchange_is_left_out_with_a_note(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_RSA_WITH_AES_128_GCM_SHA256",
                                         "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", NULL};
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(tls_policy_check(policy_of(CONFIG_TLS_1_2, suites, groups_all),
                                              (struct config_place){"x", 1}, &diagnostics)));
    assert_int_equal(diagnostics.count, 1);
    assert_int_equal(diagnostics.items[0].severity, DIAGNOSTIC_NOTE);
    assert_non_null(strstr(diagnostics.items[0].message, "forward secrecy"));
    diagnostics_deinit(&diagnostics);
}

static void unknown_names_are_errors_at_their_place(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA257", "TLS_AES_128_GCM_SHA256", NULL};
    static const char *const good[] = {"TLS_AES_128_GCM_SHA256", NULL};
    static const char *const groups[] = {"X25519", "P256", NULL};
    expect_error(policy_of(CONFIG_TLS_1_3, suites, groups_all), 10, "SHA257");
    expect_error(policy_of(CONFIG_TLS_1_3, good, groups), 10, "P256");
}

static void a_policy_that_offers_nothing_is_an_error(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    static const char *const old[] = {"TLS_RSA_WITH_AES_128_GCM_SHA256", NULL};
    static const char *const only_12[] = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", NULL};
    expect_error(policy_of(CONFIG_TLS_1_3, none, groups_all), 99, "no cipher suite");
    expect_error(policy_of(CONFIG_TLS_1_2 | CONFIG_TLS_1_3, only_12, groups_all), 99, "TLS 1.3");
    expect_error(policy_of(CONFIG_TLS_1_3, suites_both, none), 99, "no key exchange group");
    expect_error(policy_of(0, suites_both, groups_all), 99, "no TLS version");
    char list[64];
    struct text text = text_over(list, sizeof(list));
    assert_false(
        result_is_ok(tls_policy_write_suites(policy_of(CONFIG_TLS_1_2, old, groups_all), &text)));
}

static void no_context_is_made_of_a_bad_policy(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    static const char *const unknown[] = {"P-521", NULL};
    struct tls_credential *p256 = credential_named("p256");
    const struct tls_credential *credentials[] = {p256};
    struct tls_context *context = NULL;
    const struct config_ssl_profile *profile =
        make_profile(&memory, CONFIG_TLS_1_3, none, groups_all, CONFIG_VERIFY_STRICT);
    assert_int_equal(tls_context_create(credentials, 1, profile, NULL, &context).code,
                     ERROR_BAD_CONFIG);
    profile = make_profile(&memory, CONFIG_TLS_1_3, suites_both, unknown, CONFIG_VERIFY_STRICT);
    assert_int_equal(tls_context_create(credentials, 1, profile, NULL, &context).code,
                     ERROR_BAD_CONFIG);
    assert_null(context);
    tls_context_destroy(NULL);
    tls_credential_destroy(p256);
}

static void suites_are_named_as_openssl_names_them(void **state)
{
    (void)state;
    assert_string_equal(tls_policy_openssl_name(0x1301), "TLS_AES_128_GCM_SHA256");
    assert_string_equal(tls_policy_openssl_name(0xc02b), "ECDHE-ECDSA-AES128-GCM-SHA256");
    assert_string_equal(tls_policy_openssl_name(0xcca8), "ECDHE-RSA-CHACHA20-POLY1305");
    assert_string_equal(tls_policy_openssl_name(0xffff), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listed_name_is_known),
        cmocka_unit_test(other_names_are_not_known),
        cmocka_unit_test(a_good_policy_passes),
        cmocka_unit_test(suites_of_other_versions_are_left_out),
        cmocka_unit_test(rsa_key_exchange_is_left_out_with_a_note),
        cmocka_unit_test(unknown_names_are_errors_at_their_place),
        cmocka_unit_test(a_policy_that_offers_nothing_is_an_error),
        cmocka_unit_test(no_context_is_made_of_a_bad_policy),
        cmocka_unit_test(suites_are_named_as_openssl_names_them),
    };
    return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
