/*
 * Claims of allow_identity lines against certificates. Compiled by trust_policy.c at load, asked by
 * judge.c once a path is verified. Any doubt about a certificate (two common names, a negative
 * serial number, a string that is no text) means that the claim does not hold.
 */
#include "identity_rule.h"

#include <stdlib.h>

#include "general_name.h"
#include "name.h"
#include "name_from_text.h"
#include "x509_digest.h"

#define PROBLEM_SIZE 256

struct identity_claim {
    enum config_claim_kind kind;
    uint8_t *value; /* its own memory; a Name in DER, or as in struct config_claim */
    size_t length;
};

struct identity_rule {
    struct identity_claim claims[CONFIG_CLAIM_KIND_COUNT];
    size_t claim_count;
};

/* The digests of one certificate, made when a rule first asks: there may be a thousand rules. */
struct prints {
    const struct certificate *certificate; /* NULL: there is none */
    uint8_t sha1[X509_DIGEST_SIZE_MAX];
    uint8_t sha256[X509_DIGEST_SIZE_MAX];
    bool has_sha1;
    bool has_sha256;
};

struct evidence {
    struct prints leaf;
    struct prints issuer;
};

/* ---- what claims mean ---- */

static bool has_print(struct prints *prints, struct bytes wanted)
{
    bool is_sha1 = wanted.length == x509_digest_size(DIGEST_SHA1);
    bool *is_made = is_sha1 ? &prints->has_sha1 : &prints->has_sha256;
    uint8_t *digest = is_sha1 ? prints->sha1 : prints->sha256;
    if (prints->certificate == NULL) {
        return false;
    }
    if (!*is_made) {
        *is_made =
            x509_digest_of(is_sha1 ? DIGEST_SHA1 : DIGEST_SHA256, prints->certificate->der, digest);
    }
    return *is_made && bytes_equal(bytes_from(digest, wanted.length), wanted);
}

static bool thumbprint_holds(struct evidence *evidence, struct bytes wanted)
{
    return has_print(&evidence->leaf, wanted);
}

static bool issuer_thumbprint_holds(struct evidence *evidence, struct bytes wanted)
{
    return has_print(&evidence->issuer, wanted);
}

/* RFC 5280 4.1.2.2 wants a positive number; what is written of another may mean two things. */
static bool serial_number_holds(struct evidence *evidence, struct bytes wanted)
{
    struct bytes serial = evidence->leaf.certificate->serial;
    if (serial.length == 0 || (serial.at[0] & 0x80) != 0) {
        return false;
    }
    while (serial.length > 0 && serial.at[0] == 0) {
        serial = bytes_slice(serial, 1, serial.length);
    }
    return bytes_equal(serial, wanted);
}

/* Of several common names one reader takes the first and another the last: none is taken here. */
static bool common_name_holds(struct evidence *evidence, struct bytes wanted)
{
    struct name_walk walk = name_walk_over(evidence->leaf.certificate->subject);
    struct name_attribute attribute;
    size_t count = 0;
    bool is_equal = false;
    while (name_walk_next(&walk, &attribute)) {
        if (name_attribute_is_common_name(&attribute)) {
            count++;
            is_equal = name_attribute_reads(&attribute, wanted);
        }
    }
    return count == 1 && is_equal;
}

static bool subject_holds(struct evidence *evidence, struct bytes wanted)
{
    return name_equal(evidence->leaf.certificate->subject, wanted);
}

static bool issuer_subject_holds(struct evidence *evidence, struct bytes wanted)
{
    return name_equal(evidence->leaf.certificate->issuer, wanted);
}

static bool has_alt_name(const struct certificate *leaf, enum general_name_kind kind,
                         bool (*equal)(struct bytes, struct bytes), struct bytes wanted)
{
    struct bytes_reader names = bytes_reader_over(leaf->subject_alt_names);
    struct general_name name;
    while (bytes_reader_left(&names) > 0 && general_name_take(&names, false, &name)) {
        if (name.kind == kind && equal(name.value, wanted)) {
            return true;
        }
    }
    return false;
}

/* RFC 4343: case does not count. A wildcard in a client's certificate is no host's name. */
static bool dns_name_holds(struct evidence *evidence, struct bytes wanted)
{
    return has_alt_name(evidence->leaf.certificate, GENERAL_NAME_DNS, bytes_equal_ignoring_case,
                        wanted);
}

static bool bytes_are_equal(struct bytes a, struct bytes b)
{
    return bytes_equal(a, b);
}

static bool uri_holds(struct evidence *evidence, struct bytes wanted)
{
    return has_alt_name(evidence->leaf.certificate, GENERAL_NAME_URI, bytes_are_equal, wanted);
}

/* clang-format off */
static const struct {
    bool (*holds)(struct evidence *evidence, struct bytes wanted);
    bool is_name; /* written as text, compared as a Name */
} kinds[CONFIG_CLAIM_KIND_COUNT] = {
    [CONFIG_CLAIM_THUMBPRINT]        = {thumbprint_holds,        false},
    [CONFIG_CLAIM_SERIAL_NUMBER]     = {serial_number_holds,     false},
    [CONFIG_CLAIM_COMMON_NAME]       = {common_name_holds,       false},
    [CONFIG_CLAIM_SUBJECT]           = {subject_holds,           true},
    [CONFIG_CLAIM_DNS_NAME]          = {dns_name_holds,          false},
    [CONFIG_CLAIM_URI]               = {uri_holds,               false},
    [CONFIG_CLAIM_ISSUER_SUBJECT]    = {issuer_subject_holds,    true},
    [CONFIG_CLAIM_ISSUER_THUMBPRINT] = {issuer_thumbprint_holds, false},
};
/* clang-format on */

static struct bytes value_of(const struct identity_claim *claim)
{
    return bytes_from(claim->value, claim->length);
}

static bool rule_holds(const struct identity_rule *rule, struct evidence *evidence)
{
    for (size_t i = 0; i < rule->claim_count; i++) {
        const struct identity_claim *claim = &rule->claims[i];
        if (!kinds[claim->kind].holds(evidence, value_of(claim))) {
            return false;
        }
    }
    return rule->claim_count > 0;
}

bool identity_rule_set_allows(const struct identity_rule_set *set, const struct certificate *leaf,
                              const struct certificate *issuer)
{
    struct evidence evidence;
    evidence.leaf.certificate = leaf;
    evidence.issuer.certificate = issuer;
    evidence.leaf.has_sha1 = evidence.leaf.has_sha256 = false;
    evidence.issuer.has_sha1 = evidence.issuer.has_sha256 = false;
    for (size_t i = 0; i < set->count; i++) {
        if (rule_holds(&set->rules[i], &evidence)) {
            return true;
        }
    }
    return set->count == 0;
}

/* ---- building ---- */

static struct result copy(struct bytes value, struct identity_claim *claim)
{
    claim->value = malloc(value.length + 1); /* the serial number 0 has no bytes at all */
    if (claim->value == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (value.length > 0) {
        memcpy(claim->value, value.at, value.length);
    }
    claim->length = value.length;
    return RESULT_OK;
}

static struct result compile_name(const struct config_claim *written,
                                  const struct config_ssl_profile *profile,
                                  const struct config_claim_set *line,
                                  struct diagnostics *diagnostics, struct identity_claim *claim)
{
    char memory[PROBLEM_SIZE];
    uint8_t name[NAME_SIZE_MAX];
    struct text problem = text_over(memory, sizeof(memory));
    size_t length = name_from_text(written->value, name, &problem);
    if (length == 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, line->source.place,
                        "[ssl_profile %s] allow_identity = %.100s: the distinguished name '%.*s' "
                        "cannot be read: %s",
                        profile->name, line->source.text,
                        (int)(written->value.length > 100 ? 100 : written->value.length),
                        (const char *)written->value.at, text_terminate(&problem));
        return result_failure(ERROR_BAD_CONFIG);
    }
    return copy(bytes_from(name, length), claim);
}

static struct result compile(const struct config_ssl_profile *profile,
                             const struct config_claim_set *line, struct diagnostics *diagnostics,
                             struct identity_rule *rule)
{
    struct result first_failure = RESULT_OK;
    for (size_t i = 0; i < line->claim_count; i++) {
        const struct config_claim *written = &line->claims[i];
        struct identity_claim *claim = &rule->claims[rule->claim_count++];
        claim->kind = written->kind;
        struct result result = kinds[written->kind].is_name
                                   ? compile_name(written, profile, line, diagnostics, claim)
                                   : copy(written->value, claim);
        first_failure = result_is_ok(first_failure) ? result : first_failure;
    }
    return first_failure;
}

struct result identity_rule_set_init(struct identity_rule_set *set,
                                     const struct config_ssl_profile *profile,
                                     struct diagnostics *diagnostics)
{
    struct result first_failure = RESULT_OK;
    *set = (struct identity_rule_set){.rules =
                                          calloc(profile->identity_count + 1, sizeof(*set->rules))};
    if (set->rules == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < profile->identity_count; i++) {
        struct result result =
            compile(profile, &profile->identities[i], diagnostics, &set->rules[set->count++]);
        first_failure = result_is_ok(first_failure) ? result : first_failure;
    }
    return first_failure;
}

void identity_rule_set_deinit(struct identity_rule_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        for (size_t claim = 0; claim < set->rules[i].claim_count; claim++) {
            free(set->rules[i].claims[claim].value);
        }
    }
    free(set->rules);
    *set = (struct identity_rule_set){0};
}

/* A rule is one digest of its claims, the set one of its rules: no two sets look alike. */
static bool rule_digest(const struct identity_rule *rule, uint8_t out[32])
{
    uint8_t numbers[CONFIG_CLAIM_KIND_COUNT];
    struct bytes parts[2 * CONFIG_CLAIM_KIND_COUNT];
    for (size_t i = 0; i < rule->claim_count; i++) {
        numbers[i] = (uint8_t)rule->claims[i].kind;
        parts[2 * i] = bytes_from(&numbers[i], 1);
        parts[2 * i + 1] = value_of(&rule->claims[i]);
    }
    return x509_digest_of_parts(parts, 2 * rule->claim_count, out);
}

bool identity_rule_set_digest(const struct identity_rule_set *set, uint8_t out[32])
{
    uint8_t(*digests)[32] = calloc(set->count + 1, sizeof(*digests));
    struct bytes *parts = calloc(set->count + 1, sizeof(*parts));
    bool is_good = digests != NULL && parts != NULL;
    for (size_t i = 0; i < set->count && is_good; i++) {
        is_good = rule_digest(&set->rules[i], digests[i]);
        parts[i] = bytes_from(digests[i], sizeof(digests[i]));
    }
    is_good = is_good && x509_digest_of_parts(parts, set->count, out);
    free(parts);
    free(digests);
    return is_good;
}
