/*
 * The suites and groups of TLS policies: one table each, by which names are checked, handed to
 * wolfSSL and printed. Tables on any thread; checks by the control thread.
 *
 * A suite of the table may be missing from wolfSSL's build (RSA key exchange is, on purpose: no
 * forward secrecy); that is asked at run time.
 */
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls/tls_policy.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct suite {
    uint16_t number; /* IANA's */
    enum config_tls_version version;
    const char *iana_name; /* wolfSSL knows it by this, too */
    const char *openssl_name;
} suites[] = {
    {0x1301, CONFIG_TLS_1_3, "TLS_AES_128_GCM_SHA256",                        "TLS_AES_128_GCM_SHA256"},
    {0x1302, CONFIG_TLS_1_3, "TLS_AES_256_GCM_SHA384",                        "TLS_AES_256_GCM_SHA384"},
    {0x1303, CONFIG_TLS_1_3, "TLS_CHACHA20_POLY1305_SHA256",                  "TLS_CHACHA20_POLY1305_SHA256"},
    {0xc02b, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",       "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {0xc02c, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",       "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {0xc02f, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",         "ECDHE-RSA-AES128-GCM-SHA256"},
    {0xc030, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",         "ECDHE-RSA-AES256-GCM-SHA384"},
    {0xcca9, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {0xcca8, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",   "ECDHE-RSA-CHACHA20-POLY1305"},
    {0xc023, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",       "ECDHE-ECDSA-AES128-SHA256"},
    {0xc024, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",       "ECDHE-ECDSA-AES256-SHA384"},
    {0xc027, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",         "ECDHE-RSA-AES128-SHA256"},
    {0xc028, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",         "ECDHE-RSA-AES256-SHA384"},
    {0xc009, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",          "ECDHE-ECDSA-AES128-SHA"},
    {0xc00a, CONFIG_TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",          "ECDHE-ECDSA-AES256-SHA"},
    {0xc013, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",            "ECDHE-RSA-AES128-SHA"},
    {0xc014, CONFIG_TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",            "ECDHE-RSA-AES256-SHA"},
    {0x009c, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_128_GCM_SHA256",               "AES128-GCM-SHA256"},
    {0x009d, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_256_GCM_SHA384",               "AES256-GCM-SHA384"},
    {0x003c, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_128_CBC_SHA256",               "AES128-SHA256"},
    {0x003d, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_256_CBC_SHA256",               "AES256-SHA256"},
    {0x002f, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_128_CBC_SHA",                  "AES128-SHA"},
    {0x0035, CONFIG_TLS_1_2, "TLS_RSA_WITH_AES_256_CBC_SHA",                  "AES256-SHA"},
};

static const struct group { const char *name; int number; } groups[] = {
    {"X25519MLKEM768", WOLFSSL_X25519MLKEM768},
    {"X25519",         WOLFSSL_ECC_X25519},
    {"P-256",          WOLFSSL_ECC_SECP256R1},
    {"P-384",          WOLFSSL_ECC_SECP384R1},
};

static const struct { enum config_tls_version version; const char *name; } versions[] = {
    {CONFIG_TLS_1_2, "TLS 1.2"}, {CONFIG_TLS_1_3, "TLS 1.3"},
};
/* clang-format on */

static const struct suite *find_suite(const char *iana_name)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        if (strcmp(suites[i].iana_name, iana_name) == 0) {
            return &suites[i];
        }
    }
    return NULL;
}

static const struct group *find_group(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (strcmp(groups[i].name, name) == 0) {
            return &groups[i];
        }
    }
    return NULL;
}

static bool is_built_in(const struct suite *suite)
{
    uint8_t high;
    uint8_t low;
    int flags = 0;
    return wolfSSL_get_cipher_suite_from_name(suite->iana_name, &high, &low, &flags) == 0;
}

/* The suite of that name if the policy's versions can use it and wolfSSL has it; else NULL. */
static const struct suite *find_usable_suite(const struct config_tls_policy *policy,
                                             const char *iana_name)
{
    const struct suite *suite = find_suite(iana_name);
    bool is_usable =
        suite != NULL && (suite->version & policy->versions) != 0 && is_built_in(suite);
    return is_usable ? suite : NULL;
}

bool tls_policy_knows_suite(const char *iana_name)
{
    return find_suite(iana_name) != NULL;
}

bool tls_policy_knows_group(const char *name)
{
    return find_group(name) != NULL;
}

const char *tls_policy_suite_name(size_t index)
{
    return index < COUNT_OF(suites) ? suites[index].iana_name : NULL;
}

const char *tls_policy_group_name(size_t index)
{
    return index < COUNT_OF(groups) ? groups[index].name : NULL;
}

const char *tls_policy_openssl_name(uint16_t number)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        if (suites[i].number == number) {
            return suites[i].openssl_name;
        }
    }
    return "unknown";
}

static void check_suite(const struct config_tls_policy *policy, const struct config_text *name,
                        struct diagnostics *diagnostics)
{
    const struct suite *suite = find_suite(name->text);
    if (suite == NULL) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, name->place,
                        "unknown cipher suite '%s': expected an IANA name such as %s", name->text,
                        suites[0].iana_name);
    } else if (!is_built_in(suite)) {
        diagnostics_add(diagnostics, DIAGNOSTIC_NOTE, name->place,
                        "%s of the policy %s is left out: it has no forward secrecy",
                        suite->iana_name, policy->name);
    }
}

static void check_version(const struct config_tls_policy *policy, size_t version,
                          struct config_place place, struct diagnostics *diagnostics)
{
    struct config_tls_policy only = *policy;
    only.versions = policy->versions & versions[version].version;
    for (size_t i = 0; i < policy->cipher_suites.count; i++) {
        if (find_usable_suite(&only, policy->cipher_suites.items[i].text) != NULL) {
            return;
        }
    }
    if (only.versions != 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, place,
                        "the TLS policy %s allows %s but lists no cipher suite for it",
                        policy->name, versions[version].name);
    }
}

static void check_groups(const struct config_tls_policy *policy, struct config_place place,
                         struct diagnostics *diagnostics)
{
    if (policy->groups.count == 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, place,
                        "the TLS policy %s lists no key exchange group", policy->name);
    }
    for (size_t i = 0; i < policy->groups.count; i++) {
        const struct config_text *name = &policy->groups.items[i];
        if (find_group(name->text) == NULL) {
            diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, name->place,
                            "unknown group '%s': expected X25519MLKEM768, X25519, P-256 or P-384",
                            name->text);
        }
    }
}

struct result tls_policy_check(const struct config_tls_policy *policy, struct config_place place,
                               struct diagnostics *diagnostics)
{
    size_t errors_before = diagnostics->error_count;
    for (size_t i = 0; i < policy->cipher_suites.count; i++) {
        check_suite(policy, &policy->cipher_suites.items[i], diagnostics);
    }
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        check_version(policy, i, place, diagnostics);
    }
    if (policy->versions == 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, place,
                        "the TLS policy %s allows no TLS version", policy->name);
    }
    check_groups(policy, place, diagnostics);
    return diagnostics->error_count == errors_before ? RESULT_OK : result_failure(ERROR_BAD_CONFIG);
}

struct result tls_policy_write_suites(const struct config_tls_policy *policy, struct text *text)
{
    unsigned covered = 0;
    for (size_t i = 0; i < policy->cipher_suites.count; i++) {
        const struct suite *suite = find_usable_suite(policy, policy->cipher_suites.items[i].text);
        if (suite != NULL) {
            text_append_string(text, covered == 0 ? "" : ":");
            text_append_string(text, suite->iana_name);
            covered |= suite->version;
        }
    }
    bool is_good = covered == policy->versions && covered != 0 && text->length < text->capacity;
    (void)text_terminate(text);
    return is_good && !text->overflowed ? RESULT_OK : result_failure(ERROR_BAD_CONFIG);
}

struct result tls_policy_list_groups(const struct config_tls_policy *policy, int *numbers,
                                     size_t capacity, size_t *ret_count)
{
    if (policy->groups.count == 0 || policy->groups.count > capacity) {
        return result_failure(ERROR_BAD_CONFIG);
    }
    for (size_t i = 0; i < policy->groups.count; i++) {
        const struct group *group = find_group(policy->groups.items[i].text);
        if (group == NULL) {
            return result_failure(ERROR_BAD_CONFIG);
        }
        numbers[i] = group->number;
    }
    *ret_count = policy->groups.count;
    return RESULT_OK;
}
