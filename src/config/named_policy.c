/*
 * The policies of Azure Application Gateway that speak TLS 1.2 and 1.3, suite for suite and in its
 * order, which is the server's preference; but of the two suites of TLS 1.3 the cheaper one is
 * first.
 */
#include <string.h>

#include "named_policy.h"

const char named_policy_custom[] = "Custom";

#define RETIRED "is retired, it allows versions before TLS 1.2"

/* clang-format off */
const struct setting_word named_policy_names[] = {
    {"AppGwSslPolicy20220101",  0, NULL},
    {"AppGwSslPolicy20220101S", 0, NULL},
    {"AppGwSslPolicy20170401S", 0, NULL},
    {"Custom",                  0, NULL},
    {"AppGwSslPolicy20150501",  0, RETIRED},
    {"AppGwSslPolicy20170401",  0, RETIRED},
    {"CustomV2",                0, "is called Custom here"},
    {NULL, 0, NULL},
};

const struct setting_word named_policy_versions[] = {
    {"TLSv1.2", CONFIG_TLS_1_2, NULL},
    {"TLSv1.3", CONFIG_TLS_1_3, NULL},
    {"TLSv1.1", 0,              "is not spoken any more (RFC 8996)"},
    {"TLSv1.0", 0,              "is not spoken any more (RFC 8996)"},
    {"TLSv1",   0,              "is not spoken any more (RFC 8996)"},
    {NULL, 0, NULL},
};

const struct setting_word named_policy_suites[] = {
    {"TLS_AES_128_GCM_SHA256",                        CONFIG_TLS_1_3, NULL},
    {"TLS_AES_256_GCM_SHA384",                        CONFIG_TLS_1_3, NULL},
    {"TLS_CHACHA20_POLY1305_SHA256",                  CONFIG_TLS_1_3, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",       CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",       CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",       CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",       CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",          CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",          CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",         CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",         CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",   CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",         CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",         CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",            CONFIG_TLS_1_2, NULL},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",            CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256",               CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384",               CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_128_CBC_SHA256",               CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_256_CBC_SHA256",               CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_128_CBC_SHA",                  CONFIG_TLS_1_2, NULL},
    {"TLS_RSA_WITH_AES_256_CBC_SHA",                  CONFIG_TLS_1_2, NULL},
    {NULL, 0, NULL},
};

const struct setting_word named_policy_groups[] = {
    {"X25519",         0, NULL},
    {"X25519MLKEM768", 0, NULL},
    {"P-256",          0, NULL},
    {"P-384",          0, NULL},
    {"secp256r1",      0, "is called P-256 here"},
    {"secp384r1",      0, "is called P-384 here"},
    {NULL, 0, NULL},
};
/* clang-format on */

/* X25519 costs the least; the hybrid one is there for those who offer nothing else. */
static const char *const default_groups[] = {"X25519", "X25519MLKEM768", "P-256", "P-384", NULL};

static const char *const suites_20220101[] = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    NULL,
};

static const char *const suites_20220101s[] = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    NULL,
};

static const char *const suites_20170401s[] = {
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    NULL,
};

static const struct {
    const char *name;
    unsigned versions;
    const char *const *suites;
} policies[] = {
    {"AppGwSslPolicy20220101", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites_20220101},
    {"AppGwSslPolicy20220101S", CONFIG_TLS_1_2 | CONFIG_TLS_1_3, suites_20220101s},
    {"AppGwSslPolicy20170401S", CONFIG_TLS_1_2, suites_20170401s},
};

/* The texts are constants and need no copy; they have no place. */
static struct result fill(struct config_text_list *list, const char *const *words,
                          struct arena *arena)
{
    size_t count = 0;
    while (words[count] != NULL) {
        count++;
    }
    list->items = arena_allocate(arena, count, sizeof(*list->items));
    if (list->items == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (list->count = 0; list->count < count; list->count++) {
        list->items[list->count].text = words[list->count];
    }
    return RESULT_OK;
}

struct result named_policy_complete(struct config_tls_policy *policy, struct arena *arena)
{
    if (policy->groups.count == 0) {
        TRY(fill(&policy->groups, default_groups, arena));
    }
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        if (policy->name != NULL && strcmp(policy->name, policies[i].name) == 0) {
            policy->versions = policies[i].versions;
            return fill(&policy->cipher_suites, policies[i].suites, arena);
        }
    }
    return RESULT_OK;
}

unsigned named_policy_versions_of_suites(const struct config_tls_policy *policy)
{
    unsigned versions = 0;
    for (size_t i = 0; i < policy->cipher_suites.count; i++) {
        for (const struct setting_word *suite = named_policy_suites; suite->text != NULL; suite++) {
            bool is_it = strcmp(suite->text, policy->cipher_suites.items[i].text) == 0;
            versions |= is_it ? (unsigned)suite->value : 0;
        }
    }
    return versions;
}
