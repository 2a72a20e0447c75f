/* The checks that look at more than one line. Each points at the line to change. */
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "claim_set.h"
#include "config/config_limits.h"
#include "config_check.h"
#include "identity_headers.h"
#include "listener_claim.h"
#include "named_policy.h"

static const char *const certificate_endings[] = {".pem", ".cer", ".crt"};

static struct result check_profile(const struct loading *loading,
                                   const struct document_section *section);
static void check_stats_address(const struct loading *loading,
                                const struct document_section *section);
static void check_listener(const struct loading *loading, const struct document_section *section);
static void check_backend(const struct loading *loading, const struct document_section *section);
static struct result check_chain_count(const struct loading *loading);
static void warn_of_unused(const struct loading *loading);

struct result config_check(const struct loading *loading)
{
    const struct document *document = loading->document;
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        enum schema_section_kind kind = schema_find_section(section->kind);
        if (section->target != NULL && kind == SECTION_SSL_PROFILE) {
            TRY(check_profile(loading, section));
        } else if (section->target != NULL && kind == SECTION_GATEWAY) {
            check_stats_address(loading, section);
        } else if (section->target != NULL && kind == SECTION_LISTENER) {
            check_listener(loading, section);
        } else if (section->target != NULL && kind == SECTION_BACKEND) {
            check_backend(loading, section);
        }
    }
    if (loading->config->listener_count == 0) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR,
                        (struct config_place){.file = document->files[0]->path},
                        "nothing would be served: expected a [listener NAME] section");
    }
    TRY(listener_claim_check(loading));
    TRY(check_chain_count(loading));
    TRY(identity_headers_complete(loading));
    if (loading->diagnostics->error_count == 0) {
        warn_of_unused(loading); /* a reference that is wrong leaves its target unused */
    }
    return RESULT_OK;
}

/* Says it of the key's line, or of the section when only the default speaks. */
[[gnu::format(printf, 5, 6)]] static void
complain(const struct loading *loading, const struct document_section *section, const char *key,
         enum diagnostic_severity severity, const char *format, ...)
{
    const struct document_setting *given = document_find(section, key);
    const struct setting *row = schema_find(schema_find_section(section->kind), key);
    const char *value = given != NULL ? given->value : row->default_text;
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    diagnostics_add(loading->diagnostics, severity, given != NULL ? given->place : section->place,
                    "[%s] %s = %.100s: %s", section->title, key, value == NULL ? "" : value,
                    message);
}

/* ---- SSL profiles ---- */

static void check_file_names(const struct loading *loading,
                             const struct config_ssl_profile *profile)
{
    for (size_t i = 0; i < profile->trusted_client_ca.count; i++) {
        const struct config_text *path = &profile->trusted_client_ca.items[i];
        const char *ending = strrchr(path->text, '.');
        bool is_known = false;
        for (size_t j = 0; j < sizeof(certificate_endings) / sizeof(certificate_endings[0]); j++) {
            is_known |= ending != NULL && strcasecmp(ending, certificate_endings[j]) == 0;
        }
        if (!is_known) {
            diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, path->place,
                            "[ssl_profile %s] trusted_client_ca = %s: expected a file named .pem, "
                            ".cer or .crt",
                            profile->name, path->text);
        }
    }
}

/* The mode was wrong itself: what it would go with cannot be told. */
static bool is_mode_known(const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    const struct document_setting *given = document_find(section, "verify_client_auth_mode");
    const struct setting *row = schema_find(SECTION_SSL_PROFILE, "verify_client_auth_mode");
    for (const struct setting_word *word = row->words; given != NULL && word->text != NULL;
         word++) {
        if (word->value == (int)profile->verify_mode) {
            return strcmp(word->text, given->value) == 0;
        }
    }
    return true;
}

/* What only a verdict that counts gives a meaning to. With verify_client_auth_mode = off the first
 * ones are a mistake: somebody believes that clients are checked. */
static void check_pointless(const struct loading *loading, const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    const struct {
        const char *key;
        bool is_set;
        bool is_dangerous;
        const char *expected;
    } pointless[] = {
        {"trusted_client_ca", document_find(section, "trusted_client_ca") != NULL, true, "none"},
        {"verify_client_cert_issuer_dn", profile->verify_issuer_dn, true, "off"},
        {"verify_client_revocation", profile->revocation != CONFIG_REVOCATION_NONE, true, "none"},
        {"allow_identity", document_find(section, "allow_identity") != NULL, true, "none"},
        {"validate_trust", profile->waives_trust, false, "on"},
        {"validate_not_before", profile->waives_not_before, false, "on"},
        {"validate_not_after", profile->waives_not_after, false, "on"},
        {"validate_revocation", profile->waives_revocation, false, "on"},
        {"failure_style", profile->failure_style != CONFIG_FAILURE_APPLICATION_GATEWAY, false,
         "application_gateway"},
        {"reveal_reason", profile->reveal_reason, false, "off"},
    };
    bool is_off = profile->verify_mode == CONFIG_VERIFY_OFF;
    const char *mode =
        is_off ? "off, no certificate is asked for" : "passthrough, everybody is let in";
    for (size_t i = 0; i < sizeof(pointless) / sizeof(pointless[0]); i++) {
        if (pointless[i].is_set) {
            complain(loading, section, pointless[i].key,
                     is_off && pointless[i].is_dangerous ? DIAGNOSTIC_ERROR : DIAGNOSTIC_WARNING,
                     "with verify_client_auth_mode = %s: expected %s", mode, pointless[i].expected);
        }
    }
}

static void warn_of_waivers(const struct loading *loading, const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    const struct {
        const char *key;
        bool is_waived;
        const char *consequence;
    } waivers[] = {
        {"validate_trust", profile->waives_trust,
         "certificates that anybody has made get in: expected on, or a thumbprint in every "
         "allow_identity"},
        {"validate_not_before", profile->waives_not_before,
         "certificates that are not valid yet get in: expected on"},
        {"validate_not_after", profile->waives_not_after,
         "certificates that have expired get in: expected on"},
        {"validate_revocation", profile->waives_revocation,
         "certificates that were revoked get in: expected on"},
    };
    for (size_t i = 0; i < sizeof(waivers) / sizeof(waivers[0]); i++) {
        if (waivers[i].is_waived) {
            complain(loading, section, waivers[i].key, DIAGNOSTIC_WARNING, "%s",
                     waivers[i].consequence);
        }
    }
}

/* Without a path to a CA nothing is known of the issuer but a name that anybody could write. */
static void check_waived_trust(const struct loading *loading,
                               const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    static const char needs_trust[] = "the issuer is not known: expected validate_trust = on";
    if (profile->verify_issuer_dn) {
        complain(loading, section, "verify_client_cert_issuer_dn", DIAGNOSTIC_ERROR, needs_trust);
    }
    if (profile->revocation != CONFIG_REVOCATION_NONE && !profile->waives_revocation) {
        complain(loading, section, "verify_client_revocation", DIAGNOSTIC_ERROR, needs_trust);
    }
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct config_claim_set *set = &profile->identities[i];
        if (claim_set_find(set, CONFIG_CLAIM_ISSUER_THUMBPRINT) != NULL) {
            diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, set->source.place,
                            "[%s] allow_identity = %.100s: nobody can make the claim "
                            "issuer_thumbprint without a verified path: expected validate_trust = "
                            "on",
                            section->title, set->source.text);
        }
    }
}

static void check_mode(const struct loading *loading, const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    bool has_ca = document_find(section, "trusted_client_ca") != NULL;
    if (!is_mode_known(section)) {
        return;
    }
    bool is_strict = profile->verify_mode == CONFIG_VERIFY_STRICT;
    if (profile->is_report_only && profile->verify_mode != CONFIG_VERIFY_PASSTHROUGH) {
        complain(loading, section, "report", DIAGNOSTIC_ERROR,
                 "%s: expected verify_client_auth_mode = passthrough besides",
                 is_strict ? "strict refuses clients" : "nobody is asked for a certificate");
        return;
    }
    if (!is_strict && !profile->is_report_only) {
        check_pointless(loading, section);
        return;
    }
    if (!has_ca && !profile->waives_trust) {
        complain(loading, section, is_strict ? "verify_client_auth_mode" : "report",
                 DIAGNOSTIC_ERROR, "nobody would be trusted: expected a trusted_client_ca besides");
    }
    warn_of_waivers(loading, section);
    if (profile->waives_trust) {
        check_waived_trust(loading, section);
    }
}

/* Somebody who has written how to ask may believe that it is asked. */
static void warn_of_pointless_ocsp(const struct loading *loading,
                                   const struct document_section *section)
{
    static const char prefix[] = "ocsp_";
    for (size_t i = 0; i < section->setting_count; i++) {
        const char *key = section->settings[i].key;
        const struct setting *row = schema_find(SECTION_SSL_PROFILE, key);
        bool is_default = row != NULL && row->default_text != NULL &&
                          strcmp(section->settings[i].value, row->default_text) == 0;
        if (row != NULL && strncmp(key, prefix, sizeof(prefix) - 1) == 0 && !is_default) {
            complain(loading, section, key, DIAGNOSTIC_WARNING,
                     "with verify_client_revocation = none nobody is asked: expected "
                     "verify_client_revocation = ocsp besides");
        }
    }
}

static void check_ocsp(const struct loading *loading, const struct document_section *section)
{
    const struct config_ssl_profile *profile = section->target;
    const struct {
        const char *key;
        uint32_t timeout_ms;
    } parts[] = {
        {"ocsp_connect_timeout", profile->ocsp.connect_timeout_ms},
        {"ocsp_read_timeout", profile->ocsp.read_timeout_ms},
    };
    if (loading->diagnostics->error_count > 0) {
        return; /* a value that was refused has been complained of */
    }
    if (profile->revocation == CONFIG_REVOCATION_NONE) {
        warn_of_pointless_ocsp(loading, section);
        return;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (document_find(section, parts[i].key) != NULL &&
            parts[i].timeout_ms > profile->ocsp.timeout_ms) {
            complain(loading, section, parts[i].key, DIAGNOSTIC_WARNING,
                     "ocsp_timeout ends it sooner: expected no more than that");
        }
    }
}

static void check_custom_policy(const struct loading *loading,
                                const struct document_section *section)
{
    static const struct {
        unsigned version;
        const char *name;
    } versions[] = {{CONFIG_TLS_1_2, "TLSv1.2"}, {CONFIG_TLS_1_3, "TLSv1.3"}};
    const struct config_ssl_profile *profile = section->target;
    unsigned of_suites = named_policy_versions_of_suites(&profile->policy);
    bool has_versions = document_find(section, "tls_version") != NULL;
    bool has_suites = document_find(section, "cipher_suite") != NULL;
    if (!has_versions || !has_suites) {
        complain(loading, section, "ssl_policy", DIAGNOSTIC_ERROR,
                 "expected tls_version and cipher_suite besides");
        return;
    }
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        bool is_spoken = (profile->policy.versions & versions[i].version) != 0;
        bool has_suite = (of_suites & versions[i].version) != 0;
        if (is_spoken && !has_suite) {
            complain(loading, section, "tls_version", DIAGNOSTIC_ERROR,
                     "%s has no suite: expected a cipher_suite of that version", versions[i].name);
        } else if (has_suite && !is_spoken) {
            complain(loading, section, "cipher_suite", DIAGNOSTIC_ERROR,
                     "there is a suite of %s: expected tls_version = %s besides", versions[i].name,
                     versions[i].name);
        }
    }
}

static struct result check_policy(const struct loading *loading,
                                  const struct document_section *section)
{
    struct config_ssl_profile *profile = section->target;
    static const char *const custom_keys[] = {"tls_version", "cipher_suite"};
    bool is_custom =
        profile->policy.name != NULL && strcmp(profile->policy.name, named_policy_custom) == 0;
    for (size_t i = 0; profile->policy.name != NULL && !is_custom &&
                       i < sizeof(custom_keys) / sizeof(custom_keys[0]);
         i++) {
        if (document_find(section, custom_keys[i]) != NULL) {
            complain(loading, section, custom_keys[i], DIAGNOSTIC_ERROR,
                     "%s has its own list: expected ssl_policy = Custom besides",
                     profile->policy.name);
        }
    }
    if (is_custom) {
        check_custom_policy(loading, section);
    }
    return named_policy_complete(&profile->policy, loading->config->arena);
}

static struct result check_profile(const struct loading *loading,
                                   const struct document_section *section)
{
    check_file_names(loading, section->target);
    check_mode(loading, section);
    check_ocsp(loading, section);
    return check_policy(loading, section);
}

/* ---- listeners ---- */

static void check_listener(const struct loading *loading, const struct document_section *section)
{
    const struct config_listener *listener = section->target;
    const struct config_ssl_profile *profile = listener->ssl_profile;
    for (size_t i = 0; i < listener->certificate_count; i++) {
        const struct config_certificate *certificate = &listener->certificates[i];
        if (certificate->key_path.text == NULL && certificate->chain_path.text[0] != '\0') {
            diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, certificate->chain_path.place,
                            "[%s] certificate = %s: expected a certificate_key in a line after it",
                            section->title, certificate->chain_path.text);
        }
    }
    unsigned forms = listener->identity_forms;
    if ((forms & CONFIG_IDENTITY_CLIENT_CERT_CHAIN) != 0 &&
        (forms & CONFIG_IDENTITY_CLIENT_CERT) == 0) {
        complain(loading, section, "forward_identity", DIAGNOSTIC_ERROR,
                 "client_cert_chain goes with client_cert only (RFC 9440 section 2.3): expected "
                 "forward_identity = client_cert besides");
    }
    if (forms != 0 && profile != NULL && profile->verify_mode == CONFIG_VERIFY_OFF) {
        complain(loading, section, "forward_identity", DIAGNOSTIC_WARNING,
                 "[ssl_profile %s] asks for no certificate: nothing will be forwarded",
                 profile->name);
    }
}

/* ---- backends ---- */

static bool is_default(const struct document_setting *given)
{
    const struct setting *row = schema_find(SECTION_BACKEND, given->key);
    return row->default_text != NULL && strcmp(row->default_text, given->value) == 0;
}

/* Somebody believes that the servers are checked, or how. */
static void warn_of_pointless_checks(const struct loading *loading,
                                     const struct document_section *section)
{
    const struct config_backend *backend = section->target;
    static const struct {
        const char *key;
        enum config_check_kind kind_min; /* that gives it a meaning */
    } keys[] = {
        {"health_path", CONFIG_CHECK_HTTP},   {"health_host", CONFIG_CHECK_HTTP},
        {"health_status", CONFIG_CHECK_HTTP}, {"health_interval", CONFIG_CHECK_TCP},
        {"health_timeout", CONFIG_CHECK_TCP}, {"health_rise", CONFIG_CHECK_TCP},
        {"health_fall", CONFIG_CHECK_TCP},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct document_setting *given = document_find(section, keys[i].key);
        if (given != NULL && !is_default(given) && backend->health_check.kind < keys[i].kind_min) {
            complain(loading, section, keys[i].key, DIAGNOSTIC_WARNING,
                     "nothing comes of it: expected health_check = %s",
                     keys[i].kind_min == CONFIG_CHECK_HTTP ? "http" : "http or tcp");
        }
    }
}

static void check_backend(const struct loading *loading, const struct document_section *section)
{
    const struct config_backend *backend = section->target;
    if (backend->ejection.time_max_ms < backend->ejection.time_ms) {
        complain(loading, section, "eject_time_max", DIAGNOSTIC_ERROR,
                 "shorter than eject_time: expected %u ms at least", backend->ejection.time_ms);
    }
    warn_of_pointless_checks(loading, section);
}

/* ---- the gateway ---- */

static bool is_loopback(const struct config_address *address)
{
    const struct sockaddr_storage *name = &address->socket_address;
    if (name->ss_family == AF_INET) {
        uint32_t number = ntohl(((const struct sockaddr_in *)name)->sin_addr.s_addr);
        return number >> 24 == IN_LOOPBACKNET;
    }
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)name)->sin6_addr);
}

/* Whoever reaches it may read: nobody says who they are. */
static void check_stats_address(const struct loading *loading,
                                const struct document_section *section)
{
    const struct config_gateway *gateway = section->target;
    if (gateway->stats_address.length_bytes > 0 && !is_loopback(&gateway->stats_address)) {
        complain(loading, section, "stats_address", DIAGNOSTIC_ERROR,
                 "others could read it over the network: expected an address of loopback, such as "
                 "127.0.0.1:9180 or [::1]:9180");
    }
}

static int compare_texts(const void *left, const void *right)
{
    const struct config_text *a = *(const struct config_text *const *)left;
    const struct config_text *b = *(const struct config_text *const *)right;
    int by_text = strcmp(a->text, b->text);
    return by_text != 0 ? by_text : (a < b ? -1 : a > b);
}

/* A file that several profiles name is one chain. */
static struct result check_chain_count(const struct loading *loading)
{
    const struct config *config = loading->config;
    size_t count = 0;
    size_t distinct = 0;
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        count += config->ssl_profiles[i].trusted_client_ca.count;
    }
    const struct config_text **chains = calloc(count + 1, sizeof(struct config_text *));
    if (chains == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    count = 0;
    for (size_t i = 0; i < config->ssl_profile_count; i++) {
        const struct config_text_list *list = &config->ssl_profiles[i].trusted_client_ca;
        for (size_t j = 0; j < list->count; j++) {
            chains[count++] = &list->items[j];
        }
    }
    qsort(chains, count, sizeof(struct config_text *), compare_texts);
    for (size_t i = 0; i < count; i++) {
        distinct += i == 0 || strcmp(chains[i]->text, chains[i - 1]->text) != 0;
    }
    free(chains);
    if (distinct > CONFIG_CHAINS_OF_GATEWAY_MAX) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR,
                        (struct config_place){.file = loading->document->files[0]->path},
                        "%zu different trusted_client_ca files in all profiles: expected %d at "
                        "most",
                        distinct, CONFIG_CHAINS_OF_GATEWAY_MAX);
    }
    return RESULT_OK;
}

/* Whether any listener's reference of that kind leads to target. */
static bool is_used(const struct config *config, const struct setting *row, const void *target)
{
    for (size_t i = 0; i < config->listener_count; i++) {
        const void *used = NULL;
        memcpy(&used, (const char *)&config->listeners[i] + row->field, sizeof(used));
        if (used == target) {
            return true;
        }
    }
    return false;
}

static void warn_of_unused(const struct loading *loading)
{
    for (size_t i = 0; i < loading->document->section_count; i++) {
        const struct document_section *section = &loading->document->sections[i];
        /* A reference has the name of the kind of section that it leads to. */
        const struct setting *row = schema_find(SECTION_LISTENER, section->kind);
        if (row != NULL && !is_used(loading->config, row, section->target)) {
            diagnostics_add(loading->diagnostics, DIAGNOSTIC_WARNING, section->place,
                            "[%s]: no listener uses it", section->title);
        }
    }
}
