/* Gathering what reports say of a generation. Each file is listed once for each of its roles,
 * however many sections name it. */
#include "control/stats_catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/json_print.h"
#include "tls/tls_credential.h"
#include "trust/certificate_facts.h"
#include "trust/identity.h"
#include "trust/trust_policy.h"

static const char role_server[] = "server";
static const char role_client_ca[] = "client_ca";

/* One certificate of a file. */
struct listed {
    const char *role;
    const char *path;
    size_t position; /* in the file, of what was read from it */
    struct bytes der;
};

struct gathering {
    struct stats_catalogue *catalogue;
    FILE *json; /* certificates_json while it is written */
    bool is_first;
};

static struct stats_expiry *find_expiry(const struct stats_catalogue *catalogue, const char *role,
                                        const char *path)
{
    for (size_t i = 0; i < catalogue->expiry_count; i++) {
        struct stats_expiry *expiry = &catalogue->expiries[i];
        if (expiry->role == role && strcmp(expiry->path, path) == 0) {
            return expiry;
        }
    }
    return NULL;
}

/* A row for the file; false when it has one already: it was listed for another section. */
static struct result add_file(struct stats_catalogue *catalogue, const char *role, const char *path,
                              bool *ret_is_new)
{
    *ret_is_new = find_expiry(catalogue, role, path) == NULL;
    if (!*ret_is_new) {
        return RESULT_OK;
    }
    size_t size = (catalogue->expiry_count + 1) * sizeof(*catalogue->expiries);
    struct stats_expiry *grown = realloc(catalogue->expiries, size);
    if (grown == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    catalogue->expiries = grown;
    char *copy = strdup(path);
    if (copy == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    catalogue->expiries[catalogue->expiry_count++] =
        (struct stats_expiry){.role = role, .path = copy, .not_after_seconds = INT64_MAX};
    return RESULT_OK;
}

static void print_time(FILE *output, const char *name, int64_t seconds)
{
    char text[40] = "";
    struct tm parts;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &parts) != NULL) {
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    (void)fprintf(output, ", \"%s\": \"%s\"", name, text);
}

static void print_member(FILE *output, const char *name, struct bytes value)
{
    (void)fprintf(output, ", \"%s\": ", name);
    json_print_bytes(output, value);
}

static struct result list_certificate(struct gathering *gathering, const struct listed *listed)
{
    FILE *json = gathering->json;
    struct stats_expiry *expiry = find_expiry(gathering->catalogue, listed->role, listed->path);
    struct certificate_facts facts;
    struct identity *identity = NULL;
    if (!certificate_facts_read(listed->der, &facts)) {
        return RESULT_OK; /* the TLS library takes forms of server certificates that we do not */
    }
    TRY(identity_create(&listed->der, 1, &identity));
    if (facts.not_after_seconds < expiry->not_after_seconds) {
        expiry->not_after_seconds = facts.not_after_seconds;
    }
    (void)fprintf(json, "%s\n  {\"role\": \"%s\", \"path\": ", gathering->is_first ? "" : ",",
                  listed->role);
    json_print_string(json, listed->path);
    (void)fprintf(json, ", \"position\": %zu", listed->position);
    print_member(json, "subject", identity->subject);
    print_member(json, "issuer", identity->issuer);
    print_member(json, "serial", identity->serial);
    print_time(json, "not_before", facts.not_before_seconds);
    print_time(json, "not_after", facts.not_after_seconds);
    (void)fprintf(json, ", \"not_after_seconds\": %lld", (long long)facts.not_after_seconds);
    print_member(json, "sha256", identity->fingerprint_sha256);
    (void)fprintf(json, ", \"is_ca\": %s}", facts.is_ca ? "true" : "false");
    gathering->is_first = false;
    identity_destroy(identity);
    return RESULT_OK;
}

static struct result list_credential(struct gathering *gathering, const char *path,
                                     const struct tls_credential *credential)
{
    bool is_new = false;
    TRY(add_file(gathering->catalogue, role_server, path, &is_new));
    for (size_t i = 0; is_new && i < tls_credential_chain_count(credential); i++) {
        TRY(list_certificate(
            gathering,
            &(struct listed){role_server, path, i, tls_credential_certificate(credential, i)}));
    }
    return RESULT_OK;
}

static struct result list_server_certificates(struct gathering *gathering,
                                              const struct generation *generation)
{
    for (size_t i = 0; i < generation->config->listener_count; i++) {
        const struct config_listener *listener = &generation->config->listeners[i];
        for (size_t j = 0; j < listener->certificate_count; j++) {
            TRY(list_credential(gathering, listener->certificates[j].chain_path.text,
                                generation->tls_credentials[i][j]));
        }
    }
    return RESULT_OK;
}

/* The policy has the CAs of a file one after another. */
static struct result list_policy(struct gathering *gathering, const struct trust_policy *policy)
{
    const char *path = NULL;
    size_t position = 0;
    bool is_new = false;
    for (size_t i = 0; i < trust_policy_ca_count(policy); i++) {
        struct trust_policy_ca ca = trust_policy_ca_at(policy, i);
        if (path == NULL || strcmp(path, ca.path) != 0) {
            path = ca.path;
            position = 0;
            TRY(add_file(gathering->catalogue, role_client_ca, path, &is_new));
        }
        if (is_new) {
            TRY(list_certificate(gathering,
                                 &(struct listed){role_client_ca, path, position, ca.der}));
        }
        position++;
    }
    return RESULT_OK;
}

static struct result list_certificates(struct gathering *gathering,
                                       const struct generation *generation)
{
    TRY(list_server_certificates(gathering, generation));
    for (size_t i = 0; i < generation->config->ssl_profile_count; i++) {
        TRY(list_policy(gathering, generation->trust_policies[i]));
    }
    return RESULT_OK;
}

static struct result gather_certificates(struct stats_catalogue *catalogue,
                                         const struct generation *generation)
{
    size_t length = 0;
    struct gathering gathering = {.catalogue = catalogue, .is_first = true};
    gathering.json = open_memstream(&catalogue->certificates_json, &length);
    if (gathering.json == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    (void)fputc('[', gathering.json);
    struct result result = list_certificates(&gathering, generation);
    (void)fputs("\n]\n", gathering.json);
    bool is_whole = fclose(gathering.json) == 0;
    return is_whole ? result : result_failure(ERROR_OUT_OF_MEMORY);
}

static struct result describe_profile(const struct config_ssl_profile *profile,
                                      const struct trust_policy *policy,
                                      struct stats_profile *described)
{
    static const char *const modes[] = {[CONFIG_VERIFY_STRICT] = "strict",
                                        [CONFIG_VERIFY_PASSTHROUGH] = "passthrough",
                                        [CONFIG_VERIFY_OFF] = "off"};
    size_t length = 0;
    FILE *json = open_memstream(&described->json, &length);
    if (json == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    bool asks = profile->revocation == CONFIG_REVOCATION_OCSP && !profile->waives_revocation;
    (void)fputs("\"name\": ", json);
    json_print_string(json, profile->name);
    (void)fprintf(json,
                  ", \"verify_client_auth_mode\": \"%s\", \"report\": %s, "
                  "\"verify_client_revocation\": \"%s\", \"ssl_policy\": ",
                  modes[profile->verify_mode], profile->is_report_only ? "true" : "false",
                  asks ? "ocsp" : "none");
    json_print_string(json, profile->policy.name);
    (void)fprintf(json, ", \"allow_identity_count\": %zu, \"trusted_ca_count\": %zu",
                  profile->identity_count, trust_policy_ca_count(policy));
    (void)fputs(", \"trusted_client_ca\": [", json);
    for (size_t i = 0; i < profile->trusted_client_ca.count; i++) {
        (void)fputs(i == 0 ? "" : ", ", json);
        json_print_string(json, profile->trusted_client_ca.items[i].text);
    }
    (void)fputc(']', json);
    return fclose(json) == 0 ? RESULT_OK : result_failure(ERROR_OUT_OF_MEMORY);
}

static struct result describe_profiles(struct stats_catalogue *catalogue,
                                       const struct generation *generation,
                                       const struct traffic_labels *labels)
{
    const struct config *config = generation->config;
    catalogue->profiles = calloc(config->ssl_profile_count + 1, sizeof(*catalogue->profiles));
    if (catalogue->profiles == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        struct stats_profile *profile = &catalogue->profiles[catalogue->profile_count++];
        profile->name = strdup(config->ssl_profiles[i].name);
        profile->label = label_table_find(&labels->profiles, config->ssl_profiles[i].name);
        if (profile->name == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        TRY(describe_profile(&config->ssl_profiles[i], generation->trust_policies[i], profile));
    }
    return RESULT_OK;
}

struct result stats_catalogue_create(const struct generation *generation,
                                     const struct traffic_labels *labels,
                                     struct stats_catalogue **ret_catalogue)
{
    struct stats_catalogue *catalogue = calloc(1, sizeof(*catalogue));
    if (catalogue == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    catalogue->listener_count = generation->config->listener_count;
    catalogue->backend_count = generation->config->backend_count;
    struct result result = gather_certificates(catalogue, generation);
    if (result_is_ok(result)) {
        result = describe_profiles(catalogue, generation, labels);
    }
    if (!result_is_ok(result)) {
        stats_catalogue_destroy(catalogue);
        return result;
    }
    *ret_catalogue = catalogue;
    return RESULT_OK;
}

void stats_catalogue_destroy(struct stats_catalogue *catalogue)
{
    if (catalogue == NULL) {
        return;
    }
    for (size_t i = 0; i < catalogue->expiry_count; i++) {
        free(catalogue->expiries[i].path);
    }
    for (size_t i = 0; i < catalogue->profile_count; i++) {
        free(catalogue->profiles[i].name);
        free(catalogue->profiles[i].json);
    }
    free(catalogue->certificates_json);
    free(catalogue->expiries);
    free(catalogue->profiles);
    free(catalogue);
}
