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

/* 4.2.1.9 and 4.2.1.3: who may issue; 6.1.4 l, m: how many may stand below. */
static enum path_fault check_ca(const struct path_rules_input *input, size_t index,
                                uint32_t intermediates_below)
{
    const struct certificate *ca = input->path[index];
    if (ca->version != 3 || !ca->is_ca ||
        (certificate_has(ca, EXTENSION_KEY_USAGE) &&
         (ca->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0)) {
        return PATH_FAULT_INVALID_CA;
    }
    if (ca->path_length != CERTIFICATE_NO_NUMBER && intermediates_below > ca->path_length) {
        return PATH_FAULT_PATH_LENGTH;
    }
    return PATH_FAULT_NONE;
}

static enum path_fault check_extensions(const struct path_rules_input *input, uint32_t *ret_depth)
{
    uint32_t intermediates_below = 0;
    for (size_t i = 0; i < input->count; i++) {
        enum path_fault fault = input->path[i]->has_unknown_critical ? PATH_FAULT_CRITICAL_EXTENSION
                                : i > 0 ? check_ca(input, i, intermediates_below)
                                        : PATH_FAULT_NONE;
        if (fault != PATH_FAULT_NONE) {
            *ret_depth = (uint32_t)i;
            return fault;
        }
        /* Self-issued ones do not count (4.2.1.9), and the leaf is none of them. */
        if (i > 0 && !input->path[i]->is_self_issued) {
            intermediates_below++;
        }
    }
    return PATH_FAULT_NONE;
}

static enum path_fault check_strength(const struct path_rules_input *input, uint32_t *ret_depth)
{
    for (size_t i = 0; i < input->count; i++) {
        *ret_depth = (uint32_t)i;
        if (!public_key_is_strong(&input->path[i]->key)) {
            return i == 0 ? PATH_FAULT_WEAK_LEAF_KEY : PATH_FAULT_WEAK_CA_KEY;
        }
        /* The anchor is trusted for its key, whatever it is signed with. */
        bool is_anchor = i + 1 == input->count;
        if (!is_anchor && !signature_algorithm_is_strong(&input->path[i]->signature_algorithm)) {
            return PATH_FAULT_WEAK_DIGEST;
        }
    }
    return PATH_FAULT_NONE;
}

/*
 * The last second of notAfter is out already: RFC 5280 4.1.2.5 would let it pass, OpenSSL does not,
 * and of two readings the stricter one is taken. Roots have dates as well.
 */
static enum path_fault check_dates(const struct certificate *certificate, int64_t now_seconds)
{
    if (now_seconds < certificate->not_before_seconds) {
        return PATH_FAULT_NOT_YET_VALID;
    }
    return now_seconds >= certificate->not_after_seconds ? PATH_FAULT_EXPIRED : PATH_FAULT_NONE;
}

static enum path_fault check_signatures_and_dates(const struct path_rules_input *input,
                                                  uint32_t *ret_depth)
{
    for (size_t i = input->count; i-- > 0;) {
        bool is_anchor = i + 1 == input->count;
        enum path_fault fault =
            is_anchor ? PATH_FAULT_NONE : input->check_signature(input->search, i);
        if (fault == PATH_FAULT_NONE) {
            fault = check_dates(input->path[i], input->now_seconds);
        }
        if (fault != PATH_FAULT_NONE) {
            *ret_depth = (uint32_t)i;
            return fault;
        }
    }
    return PATH_FAULT_NONE;
}

static enum path_fault check_names_below(const struct path_rules_input *input, size_t index)
{
    static const enum path_fault faults[] = {
        [NAME_CONSTRAINTS_KEPT] = PATH_FAULT_NONE,
        [NAME_CONSTRAINTS_NOT_PERMITTED] = PATH_FAULT_NAME_NOT_PERMITTED,
        [NAME_CONSTRAINTS_EXCLUDED] = PATH_FAULT_NAME_EXCLUDED,
        [NAME_CONSTRAINTS_UNSUPPORTED] = PATH_FAULT_NAME_UNSUPPORTED,
        [NAME_CONSTRAINTS_TOO_MANY] = PATH_FAULT_NAMES_TOO_MANY,
    };
    enum path_fault fault = PATH_FAULT_NONE;
    for (size_t above = input->count - 1; above > index && fault == PATH_FAULT_NONE; above--) {
        fault = faults[name_constraints_check(input->path[index], input->path[above], index == 0,
                                              input->names_budget)];
    }
    return fault;
}

/* 6.1.3 b, c: self-issued certificates are exempt, but for the leaf. */
static enum path_fault check_names(const struct path_rules_input *input, uint32_t *ret_depth)
{
    for (size_t i = input->count; i-- > 0;) {
        if (i > 0 && input->path[i]->is_self_issued) {
            continue;
        }
        enum path_fault fault = check_names_below(input, i);
        if (fault != PATH_FAULT_NONE) {
            *ret_depth = (uint32_t)i;
            return fault;
        }
    }
    return PATH_FAULT_NONE;
}

static enum path_fault check_policies(const struct path_rules_input *input, uint32_t *ret_depth)
{
    *ret_depth = 0;
    return certificate_policies_allow(input->path, input->count) ? PATH_FAULT_NONE
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

static enum path_fault check_purpose(const struct path_rules_input *input, uint32_t *ret_depth)
{
    for (size_t i = 0; i < input->count; i++) {
        bool is_allowed =
            i == 0 ? leaf_serves_clients(input->path[i]) : ca_serves_clients(input->path[i]);
        if (!is_allowed) {
            *ret_depth = (uint32_t)i;
            return PATH_FAULT_PURPOSE;
        }
    }
    return PATH_FAULT_NONE;
}

enum path_fault path_rules_check(const struct path_rules_input *input, uint32_t *ret_depth)
{
    static enum path_fault (*const rules[])(const struct path_rules_input *, uint32_t *) = {
        check_extensions, check_strength, check_signatures_and_dates,
        check_names,      check_policies, check_purpose,
    };
    uint32_t depth = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        enum path_fault fault = rules[i](input, &depth);
        if (fault != PATH_FAULT_NONE) {
            *ret_depth = depth;
            return fault;
        }
    }
    *ret_depth = 0;
    return PATH_FAULT_NONE;
}
