/*
 * Checks one path rule by rule, in the order in which OpenSSL does, so that a chain with several
 * faults is refused for the same one. The cheap rules come first: a hostile chain pays for
 * signatures only when it keeps them.
 */
#include "path_rules.h"

#include "certificate_policies.h"
#include "name_constraints.h"

/* The bit of the Netscape extension that allows TLS clients; still set, and heeded, in old PKIs. */
#define NETSCAPE_TLS_CLIENT 0x8000

static bool is_anchor(const struct path_rules_input *input, size_t index)
{
    return index + 1 == input->count;
}

static enum path_fault check_critical_extensions(const struct path_rules_input *input, size_t index)
{
    return input->path[index]->has_unknown_critical ? PATH_FAULT_CRITICAL_EXTENSION
                                                    : PATH_FAULT_NONE;
}

/* 4.2.1.9: who may issue. */
static enum path_fault check_basic_constraints(const struct path_rules_input *input, size_t index)
{
    const struct certificate *ca = input->path[index];
    return index > 0 && (ca->version != 3 || !ca->is_ca) ? PATH_FAULT_INVALID_CA : PATH_FAULT_NONE;
}

/* 4.2.1.3: the same. */
static enum path_fault check_key_usage(const struct path_rules_input *input, size_t index)
{
    const struct certificate *ca = input->path[index];
    return index > 0 && certificate_has(ca, EXTENSION_KEY_USAGE) &&
                   (ca->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0
               ? PATH_FAULT_INVALID_CA
               : PATH_FAULT_NONE;
}

/* 6.1.4 l, m: how many may stand below. Self-issued ones do not count (4.2.1.9), and the leaf is
 * none of them. */
static enum path_fault check_path_length(const struct path_rules_input *input, size_t index)
{
    uint32_t intermediates_below = 0;
    if (index == 0 || input->path[index]->path_length == CERTIFICATE_NO_NUMBER) {
        return PATH_FAULT_NONE;
    }
    for (size_t below = 1; below < index; below++) {
        intermediates_below += input->path[below]->is_self_issued ? 0 : 1;
    }
    return intermediates_below > input->path[index]->path_length ? PATH_FAULT_PATH_LENGTH
                                                                 : PATH_FAULT_NONE;
}

/* The anchor is trusted for its key, whatever it is signed with. */
static enum path_fault check_strength(const struct path_rules_input *input, size_t index)
{
    const struct certificate *certificate = input->path[index];
    if (!public_key_is_strong(&certificate->key)) {
        return index == 0 ? PATH_FAULT_WEAK_LEAF_KEY : PATH_FAULT_WEAK_CA_KEY;
    }
    return !is_anchor(input, index) &&
                   !signature_algorithm_is_strong(&certificate->signature_algorithm)
               ? PATH_FAULT_WEAK_DIGEST
               : PATH_FAULT_NONE;
}

static enum path_fault check_signature(const struct path_rules_input *input, size_t index)
{
    return is_anchor(input, index) ? PATH_FAULT_NONE : input->check_signature(input->search, index);
}

/*
 * The last second of notAfter is out already: RFC 5280 4.1.2.5 would let it pass, OpenSSL does not,
 * and of two readings the stricter one is taken. Roots have dates as well.
 */
static enum path_fault check_dates(const struct path_rules_input *input, size_t index)
{
    const struct certificate *certificate = input->path[index];
    if (input->now_seconds < certificate->not_before_seconds) {
        return PATH_FAULT_NOT_YET_VALID;
    }
    return input->now_seconds >= certificate->not_after_seconds ? PATH_FAULT_EXPIRED
                                                                : PATH_FAULT_NONE;
}

/* 6.1.3 b, c: self-issued certificates are exempt, but for the leaf. */
static enum path_fault check_names(const struct path_rules_input *input, size_t index)
{
    static const enum path_fault faults[] = {
        [NAME_CONSTRAINTS_KEPT] = PATH_FAULT_NONE,
        [NAME_CONSTRAINTS_NOT_PERMITTED] = PATH_FAULT_NAME_NOT_PERMITTED,
        [NAME_CONSTRAINTS_EXCLUDED] = PATH_FAULT_NAME_EXCLUDED,
        [NAME_CONSTRAINTS_UNSUPPORTED] = PATH_FAULT_NAME_UNSUPPORTED,
        [NAME_CONSTRAINTS_TOO_MANY] = PATH_FAULT_NAMES_TOO_MANY,
    };
    enum path_fault fault = PATH_FAULT_NONE;
    if (index > 0 && input->path[index]->is_self_issued) {
        return PATH_FAULT_NONE;
    }
    for (size_t above = input->count - 1; above > index && fault == PATH_FAULT_NONE; above--) {
        fault = faults[name_constraints_check(input->path[index], input->path[above], index == 0,
                                              input->names_budget)];
    }
    return fault;
}

/* A rule for the path as a whole; told of the leaf. */
static enum path_fault check_policies(const struct path_rules_input *input, size_t index)
{
    return index > 0 || certificate_policies_allow(input->path, input->count) ? PATH_FAULT_NONE
                                                                              : PATH_FAULT_POLICY;
}

/* As OpenSSL's sslclient purpose: a leaf must name clientAuth itself, anyExtendedKeyUsage is not
 * enough. */
static bool leaf_serves_clients(const struct certificate *leaf)
{
    if (certificate_has(leaf, EXTENSION_EXTENDED_KEY_USAGE) &&
        (leaf->purposes & KEY_PURPOSE_CLIENT) == 0) {
        return false;
    }
    if (certificate_has(leaf, EXTENSION_KEY_USAGE) &&
        (leaf->key_usage & (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT)) == 0) {
        return false;
    }
    return !certificate_has(leaf, EXTENSION_NETSCAPE_CERT_TYPE) ||
           (leaf->netscape_cert_type & NETSCAPE_TLS_CLIENT) != 0;
}

/* A CA that restricts its purposes restricts what it issues; anyExtendedKeyUsage restricts nothing.
 */
static bool ca_serves_clients(const struct certificate *ca)
{
    return !certificate_has(ca, EXTENSION_EXTENDED_KEY_USAGE) ||
           (ca->purposes & (KEY_PURPOSE_CLIENT | KEY_PURPOSE_ANY)) != 0;
}

static enum path_fault check_purpose(const struct path_rules_input *input, size_t index)
{
    const struct certificate *certificate = input->path[index];
    bool is_allowed =
        index == 0 ? leaf_serves_clients(certificate) : ca_serves_clients(certificate);
    return is_allowed ? PATH_FAULT_NONE : PATH_FAULT_PURPOSE;
}

/* What each rule says of one certificate of the path. */
static enum path_fault (*const rules[PATH_RULE_COUNT])(const struct path_rules_input *input,
                                                       size_t index) = {
    [PATH_RULE_CRITICAL_EXTENSIONS] = check_critical_extensions,
    [PATH_RULE_BASIC_CONSTRAINTS] = check_basic_constraints,
    [PATH_RULE_KEY_USAGE] = check_key_usage,
    [PATH_RULE_PATH_LENGTH] = check_path_length,
    [PATH_RULE_STRENGTH] = check_strength,
    [PATH_RULE_SIGNATURES] = check_signature,
    [PATH_RULE_DATES] = check_dates,
    [PATH_RULE_NAMES] = check_names,
    [PATH_RULE_POLICIES] = check_policies,
    [PATH_RULE_PURPOSE] = check_purpose,
};

/* A run of rules, both ends included. */
struct range {
    unsigned first;
    unsigned last;
};

/* Rules of one pass are tried together on one certificate before the next. */
static const struct pass {
    struct range rules;
    bool is_from_anchor;
} passes[] = {
    {{PATH_RULE_CRITICAL_EXTENSIONS, PATH_RULE_PATH_LENGTH}, false},
    {{PATH_RULE_STRENGTH, PATH_RULE_STRENGTH}, false},
    {{PATH_RULE_SIGNATURES, PATH_RULE_DATES}, true},
    {{PATH_RULE_NAMES, PATH_RULE_NAMES}, true},
    {{PATH_RULE_POLICIES, PATH_RULE_POLICIES}, false},
    {{PATH_RULE_PURPOSE, PATH_RULE_PURPOSE}, false},
};

static enum path_fault check_certificate(const struct path_rules_input *input, size_t index,
                                         struct range wanted)
{
    enum path_fault fault = PATH_FAULT_NONE;
    for (unsigned rule = wanted.first; rule <= wanted.last && fault == PATH_FAULT_NONE; rule++) {
        fault = rules[rule](input, index);
    }
    return fault;
}

static enum path_fault run_pass(const struct path_rules_input *input, const struct pass *pass,
                                struct range wanted, uint32_t *ret_depth)
{
    struct range both = {
        wanted.first > pass->rules.first ? wanted.first : pass->rules.first,
        wanted.last < pass->rules.last ? wanted.last : pass->rules.last,
    };
    for (size_t i = 0; i < input->count && both.first <= both.last; i++) {
        size_t index = pass->is_from_anchor ? input->count - 1 - i : i;
        enum path_fault fault = check_certificate(input, index, both);
        if (fault != PATH_FAULT_NONE) {
            *ret_depth = (uint32_t)index;
            return fault;
        }
    }
    return PATH_FAULT_NONE;
}

static enum path_fault check(const struct path_rules_input *input, struct range wanted,
                             uint32_t *ret_depth)
{
    *ret_depth = 0;
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        enum path_fault fault = run_pass(input, &passes[i], wanted, ret_depth);
        if (fault != PATH_FAULT_NONE) {
            return fault;
        }
    }
    return PATH_FAULT_NONE;
}

enum path_fault path_rules_check(const struct path_rules_input *input, uint32_t *ret_depth)
{
    return check(input, (struct range){0, PATH_RULE_COUNT - 1}, ret_depth);
}

enum path_fault path_rules_check_one(const struct path_rules_input *input, enum path_rule rule,
                                     uint32_t *ret_depth)
{
    return check(input, (struct range){rule, rule}, ret_depth);
}
