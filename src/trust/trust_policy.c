/*
 * Builds what a profile trusts from its files. Called by the control thread for every generation.
 * All or nothing: a file that cannot be used leaves no policy, so a mistake never makes the trust
 * set smaller than was asked for.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "name.h"
#include "policy_content.h"
#include "x509_digest.h"

/* Changes when the rules do: a verdict given by other rules must not be found again. */
#define RULES_VERSION 2

static struct result load_chains(struct trust_policy *policy,
                                 const struct config_ssl_profile *profile,
                                 struct signature_register *signatures,
                                 struct diagnostics *diagnostics)
{
    struct trusted_chain_options options = {clock_wall_seconds(), profile->verify_issuer_dn};
    struct result first_failure = RESULT_OK;
    policy->chains = calloc(profile->trusted_client_ca.count + 1, sizeof(*policy->chains));
    if (policy->chains == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < profile->trusted_client_ca.count; i++) {
        struct result result =
            trusted_chain_load(&profile->trusted_client_ca.items[i], &options, signatures,
                               diagnostics, &policy->chains[policy->chain_count]);
        policy->chain_count += result_is_ok(result) ? 1 : 0;
        first_failure = result_is_ok(first_failure) ? result : first_failure;
    }
    return first_failure;
}

static size_t count_cas(const struct trust_policy *policy)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->chain_count; i++) {
        count += policy->chains[i].file.count;
    }
    return count;
}

static struct result fill_trust_set(struct trust_policy *policy,
                                    struct signature_register *signatures)
{
    TRY(trust_set_init(&policy->trusted, count_cas(policy)));
    for (size_t i = 0; i < policy->chain_count; i++) {
        const struct trusted_chain *chain = &policy->chains[i];
        for (size_t ca = 0; ca < chain->file.count; ca++) {
            trust_set_add(&policy->trusted, &chain->file.certificates[ca].certificate,
                          ca == chain->root_index);
        }
    }
    return trust_set_finish(&policy->trusted, signatures);
}

/* The files, and who issued whom in all of them. */
static struct result load_trusted(struct trust_policy *policy,
                                  const struct config_ssl_profile *profile,
                                  struct diagnostics *diagnostics)
{
    struct signature_register signatures;
    TRY(signature_register_init(&signatures, profile->trusted_client_ca.count));
    struct result result = load_chains(policy, profile, &signatures, diagnostics);
    if (result_is_ok(result)) {
        result = fill_trust_set(policy, &signatures);
    }
    if (signatures.outcome.code == ERROR_LIMIT_REACHED) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, profile->place,
                        "[ssl_profile %s] more than %zu signatures would have to be checked to "
                        "tell which of its trusted CAs issued which: too many bear one name; issue "
                        "them with key identifiers, or trust fewer",
                        profile->name, signatures.check_count_max);
        result = result_failure(ERROR_BAD_CONFIG);
    }
    signature_register_deinit(&signatures);
    return result;
}

static bool has_ca_name(const struct trust_policy *policy, struct bytes name)
{
    for (size_t i = 0; i < policy->ca_name_count; i++) {
        if (bytes_equal(policy->ca_names[i], name)) {
            return true;
        }
    }
    return false;
}

static void add_names_of(struct trust_policy *policy, const struct trusted_chain *chain)
{
    policy->issuer_names[policy->issuer_name_count++] = chain->issuer_name;
    for (size_t i = 0; i < chain->file.count; i++) {
        struct bytes subject = chain->file.certificates[i].certificate.subject;
        if (!has_ca_name(policy, subject)) {
            policy->ca_names[policy->ca_name_count++] = subject;
        }
    }
}

static struct result list_names(struct trust_policy *policy,
                                const struct config_ssl_profile *profile,
                                struct diagnostics *diagnostics)
{
    size_t size_bytes = 0;
    for (size_t i = 0; i < policy->ca_name_count; i++) {
        size_bytes += policy->ca_names[i].length + 2;
    }
    if (size_bytes > TRUST_POLICY_CA_NAMES_SIZE_MAX) {
        diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, profile->place,
                        "[ssl_profile %s] the names of its trusted CAs take %zu bytes, and more "
                        "than %d do not fit a handshake: clients are not told them and may choose "
                        "a wrong certificate; trust fewer CAs",
                        profile->name, size_bytes, TRUST_POLICY_CA_NAMES_SIZE_MAX);
        return RESULT_OK;
    }
    char *memory = malloc(size_bytes + 1);
    if (memory == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct text list = text_over(memory, size_bytes);
    for (size_t i = 0; i < policy->ca_name_count; i++) {
        text_append_char(&list, (char)(policy->ca_names[i].length >> 8));
        text_append_char(&list, (char)policy->ca_names[i].length);
        text_append(&list, policy->ca_names[i]);
    }
    policy->ca_name_list = memory;
    policy->ca_name_list_length = list.length;
    return RESULT_OK;
}

static struct result gather_names(struct trust_policy *policy,
                                  const struct config_ssl_profile *profile,
                                  struct diagnostics *diagnostics)
{
    policy->issuer_names = calloc(policy->chain_count + 1, sizeof(*policy->issuer_names));
    policy->ca_names = calloc(count_cas(policy) + 1, sizeof(*policy->ca_names));
    if (policy->issuer_names == NULL || policy->ca_names == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < policy->chain_count; i++) {
        add_names_of(policy, &policy->chains[i]);
    }
    return list_names(policy, profile, diagnostics);
}

/* What of the OCSP settings decides about a client; how a responder is asked and for how long does,
 * too, when it fails: who asks otherwise must not go by that (ocsp_record.c). Nothing when nobody
 * is asked. */
struct revocation_terms {
    uint8_t bytes[4 + 5 * sizeof(uint64_t)];
    struct bytes responder;
};

static void put_u64(uint8_t *bytes, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
}

static struct revocation_terms terms_of(const struct trust_policy *policy,
                                        const struct config_ocsp *ocsp)
{
    struct revocation_terms terms = {0};
    if (policy->revocation == CONFIG_REVOCATION_NONE) {
        return terms;
    }
    terms.bytes[0] = (uint8_t)ocsp->failure;
    terms.bytes[1] = ocsp->has_nonce;
    terms.bytes[2] = ocsp->checks_chain;
    terms.bytes[3] = ocsp->is_get;
    const uint64_t times_ms[] = {ocsp->max_age_ms, ocsp->stale_grace_ms, ocsp->timeout_ms,
                                 ocsp->connect_timeout_ms, ocsp->read_timeout_ms};
    for (size_t i = 0; i < sizeof(times_ms) / sizeof(times_ms[0]); i++) {
        put_u64(&terms.bytes[4 + i * sizeof(uint64_t)], times_ms[i]);
    }
    terms.responder = bytes_from_string(ocsp->responder.text == NULL ? "" : ocsp->responder.text);
    return terms;
}

/* The parts of the id: settings, terms of revocation, identity rules, then for every file its
 * issuer name, its root and all its CAs in order. */
static struct result compute_id(struct trust_policy *policy,
                                const struct config_ssl_profile *profile)
{
    uint8_t settings[] = {RULES_VERSION,
                          (uint8_t)policy->mode,
                          (uint8_t)policy->revocation,
                          policy->verify_issuer_name,
                          policy->waives_trust,
                          policy->waives_not_before,
                          policy->waives_not_after};
    struct revocation_terms terms = terms_of(policy, &profile->ocsp);
    uint8_t identities[32];
    if (!identity_rule_set_digest(&policy->identities, identities)) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    size_t part_count = 4 + 2 * policy->chain_count + count_cas(policy);
    struct bytes *parts = calloc(part_count, sizeof(*parts));
    size_t used = 0;
    if (parts == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    parts[used++] = bytes_from(settings, sizeof(settings));
    parts[used++] = bytes_from(terms.bytes, sizeof(terms.bytes));
    parts[used++] = terms.responder;
    parts[used++] = bytes_from(identities, sizeof(identities));
    for (size_t i = 0; i < policy->chain_count; i++) {
        const struct trusted_chain *chain = &policy->chains[i];
        parts[used++] = chain->issuer_name;
        parts[used++] = chain->file.certificates[chain->root_index].certificate.der;
        for (size_t ca = 0; ca < chain->file.count; ca++) {
            parts[used++] = chain->file.certificates[ca].certificate.der;
        }
    }
    CHECK(used == part_count);
    bool is_good = x509_digest_of_parts(parts, part_count, policy->id);
    free(parts);
    return is_good ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

static void take_manner(struct trust_policy *policy, const struct config_ocsp *ocsp)
{
    struct ocsp_manner *manner = &policy->ocsp_manner;
    policy->allows_ocsp_failure = ocsp->failure == CONFIG_OCSP_ALLOW;
    policy->checks_ocsp_of_chain = ocsp->checks_chain;
    manner->timeout_ms = ocsp->timeout_ms;
    manner->connect_timeout_ms = ocsp->connect_timeout_ms;
    manner->read_timeout_ms = ocsp->read_timeout_ms;
    manner->retry_after_ms = ocsp->retry_after_ms;
    manner->max_age_ms = ocsp->max_age_ms;
    manner->stale_grace_ms = ocsp->stale_grace_ms;
    manner->has_nonce = ocsp->has_nonce;
    manner->is_get = ocsp->is_get;
    if (ocsp->responder.text != NULL) {
        struct text url = text_over(manner->url, sizeof(manner->url));
        text_append_string(&url, ocsp->responder.text); /* no longer, as the configuration said */
        (void)text_terminate(&url);
    }
}

static struct result fill(struct trust_policy *policy, const struct config_ssl_profile *profile,
                          struct diagnostics *diagnostics)
{
    policy->mode = profile->verify_mode;
    policy->revocation = profile->waives_revocation ? CONFIG_REVOCATION_NONE : profile->revocation;
    take_manner(policy, &profile->ocsp);
    policy->verify_issuer_name = profile->verify_issuer_dn;
    policy->waives_trust = profile->waives_trust;
    policy->waives_not_before = profile->waives_not_before;
    policy->waives_not_after = profile->waives_not_after;
    /* Both are read before either fails: all mistakes are told in one run. */
    struct result rules = identity_rule_set_init(&policy->identities, profile, diagnostics);
    TRY(load_trusted(policy, profile, diagnostics));
    TRY(rules);
    TRY(gather_names(policy, profile, diagnostics));
    return compute_id(policy, profile);
}

struct result trust_policy_create(const struct config_ssl_profile *profile,
                                  struct diagnostics *diagnostics, struct trust_policy **ret_policy)
{
    bool is_decisive = profile->verify_mode == CONFIG_VERIFY_STRICT || profile->is_report_only;
    if (is_decisive && !profile->waives_trust && profile->trusted_client_ca.count == 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, profile->place,
                        "[ssl_profile %s] nobody would be trusted: expected a trusted_client_ca",
                        profile->name);
        return result_failure(ERROR_BAD_CONFIG);
    }
    struct trust_policy *policy = calloc(1, sizeof(*policy));
    if (policy == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct result result = fill(policy, profile, diagnostics);
    if (!result_is_ok(result)) {
        trust_policy_destroy(policy);
        return result;
    }
    *ret_policy = policy;
    return RESULT_OK;
}

void trust_policy_destroy(struct trust_policy *policy)
{
    if (policy == NULL) {
        return;
    }
    for (size_t i = 0; i < policy->chain_count; i++) {
        trusted_chain_deinit(&policy->chains[i]);
    }
    trust_set_deinit(&policy->trusted);
    identity_rule_set_deinit(&policy->identities);
    free(policy->chains);
    free(policy->issuer_names);
    free(policy->ca_names);
    free(policy->ca_name_list);
    free(policy);
}

const uint8_t *trust_policy_id(const struct trust_policy *policy)
{
    return policy->id;
}

enum config_verify_mode trust_policy_mode(const struct trust_policy *policy)
{
    return policy->mode;
}

size_t trust_policy_ca_name_count(const struct trust_policy *policy)
{
    return policy->ca_name_count;
}

struct bytes trust_policy_ca_name(const struct trust_policy *policy, size_t index)
{
    CHECK(index < policy->ca_name_count);
    return policy->ca_names[index];
}

size_t trust_policy_ca_count(const struct trust_policy *policy)
{
    return count_cas(policy);
}

struct trust_policy_ca trust_policy_ca_at(const struct trust_policy *policy, size_t index)
{
    size_t chain = 0;
    CHECK(index < count_cas(policy));
    while (index >= policy->chains[chain].file.count) {
        index -= policy->chains[chain++].file.count;
    }
    const struct ca_file *file = &policy->chains[chain].file;
    return (struct trust_policy_ca){.path = file->path,
                                    .line = file->certificates[index].line,
                                    .der = file->certificates[index].certificate.der};
}

struct bytes trust_policy_ca_name_list(const struct trust_policy *policy)
{
    return bytes_from(policy->ca_name_list, policy->ca_name_list_length);
}

struct result trust_policy_bind(const struct trust_policy *policy, struct bytes place,
                                uint8_t ret_binding[TRUST_POLICY_ID_SIZE])
{
    uint8_t mode = (uint8_t)policy->mode;
    struct bytes parts[] = {bytes_from(policy->id, sizeof(policy->id)), bytes_from(&mode, 1),
                            place};
    return x509_digest_of_parts(parts, sizeof(parts) / sizeof(parts[0]), ret_binding)
               ? RESULT_OK
               : result_failure(ERROR_TLS_LIBRARY);
}
