/* The named TLS policies, suite for suite; and a profile's own lists. */
#include "loaded_config.h"

static void assert_list(const struct config_text_list *list, const char *const *expected)
{
    size_t count = 0;
    for (; expected[count] != NULL; count++) {
        assert_true(count < list->count);
        assert_string_equal(list->items[count].text, expected[count]);
    }
    assert_int_equal(list->count, count);
}

static void assert_policy(const char *lines, unsigned versions, const char *const *suites,
                          const char *const *groups)
{
    char text[2048];
    snprintf(text, sizeof(text), LISTENER BACKEND PROFILE "%s", lines);
    struct loaded loaded = load_clean(text);
    const struct config_tls_policy *policy = &loaded.config->ssl_profiles[0].policy;
    assert_int_equal(policy->versions, versions);
    assert_list(&policy->cipher_suites, suites);
    assert_list(&policy->groups, groups);
    unload(&loaded);
}

static const char *const default_groups[] = {"X25519", "X25519MLKEM768", "P-256", "P-384", NULL};

#define RSA_GCM "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
#define ECDSA_GCM \
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
#define TLS_1_3 "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"

static void policy_20220101s_has_no_cbc(void **state)
{
    (void)state;
    static const char *const suites[] = {TLS_1_3, RSA_GCM, ECDSA_GCM, NULL};
    assert_policy("ssl_policy = AppGwSslPolicy20220101S\n", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites,
                  default_groups);
    assert_policy("", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites, default_groups);
}

static void policy_20220101_has_cbc_besides(void **state)
{
    (void)state;
    static const char *const suites[] = {TLS_1_3,
                                         RSA_GCM,
                                         "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                                         "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                                         ECDSA_GCM,
                                         "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
                                         "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                                         NULL};
    assert_policy("ssl_policy = AppGwSslPolicy20220101\n", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites,
                  default_groups);
}

static void policy_20170401s_speaks_1_2_only(void **state)
{
    (void)state;
    static const char *const suites[] = {RSA_GCM,
                                         "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                                         "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                                         "TLS_RSA_WITH_AES_256_GCM_SHA384",
                                         "TLS_RSA_WITH_AES_128_GCM_SHA256",
                                         "TLS_RSA_WITH_AES_256_CBC_SHA256",
                                         "TLS_RSA_WITH_AES_128_CBC_SHA256",
                                         "TLS_RSA_WITH_AES_256_CBC_SHA",
                                         "TLS_RSA_WITH_AES_128_CBC_SHA",
                                         ECDSA_GCM,
                                         "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
                                         "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                                         "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                                         "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                                         NULL};
    assert_policy("ssl_policy = AppGwSslPolicy20170401S\n", CONFIG_TLS_1_2, suites, default_groups);
}

static void own_lists_keep_their_order(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                                         "TLS_AES_256_GCM_SHA384", NULL};
    static const char *const groups[] = {"P-384", "X25519", NULL};
    assert_policy("ssl_policy = Custom\ntls_version = TLSv1.3\ntls_version = TLSv1.2\n"
                  "cipher_suite = TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n"
                  "cipher_suite = TLS_AES_256_GCM_SHA384\ngroup = P-384\ngroup = X25519\n",
                  CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites, groups);
}

static void groups_go_with_any_policy(void **state)
{
    (void)state;
    static const char *const suites[] = {TLS_1_3, RSA_GCM, ECDSA_GCM, NULL};
    static const char *const groups[] = {"P-256", NULL};
    assert_policy("group = P-256\n", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites, groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_20220101s_has_no_cbc),
        cmocka_unit_test(policy_20220101_has_cbc_besides),
        cmocka_unit_test(policy_20170401s_speaks_1_2_only),
        cmocka_unit_test(own_lists_keep_their_order),
        cmocka_unit_test(groups_go_with_any_policy),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
