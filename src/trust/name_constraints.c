/*
 * Compares names with subtrees, form by form. Called by path_rules.c once the signatures of a path
 * are known to be good. A name that cannot be compared for certain counts as not permitted and as
 * excluded.
 */
#include "name_constraints.h"

#include "der.h"
#include "general_name.h"
#include "name.h"

enum match { MATCH_NO, MATCH_YES, MATCH_UNSUPPORTED };

#define HOST_LENGTH_MAX 253

static bool is_alphanumeric(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* Dotted labels of letters, digits, hyphens and underscores; no empty label, so no dot at the end.
 */
static bool has_labels(struct bytes host)
{
    bool starts_label = true;
    for (size_t i = 0; i < host.length; i++) {
        uint8_t byte = host.at[i];
        if (byte == '.' && starts_label) {
            return false;
        }
        if (byte != '.' && byte != '-' && byte != '_' && !is_alphanumeric(byte)) {
            return false;
        }
        starts_label = byte == '.';
    }
    return !starts_label;
}

static bool is_host(struct bytes host)
{
    return host.length <= HOST_LENGTH_MAX && has_labels(host);
}

static bool starts_with_dot(struct bytes text)
{
    return text.length > 0 && text.at[0] == '.';
}

static struct bytes without_first(struct bytes text, size_t count)
{
    return bytes_slice(text, count, text.length);
}

/* Whether host ends with the labels of domain and has at least one more. */
static bool is_subdomain(struct bytes host, struct bytes domain)
{
    if (host.length <= domain.length + 1) {
        return false;
    }
    struct bytes end = without_first(host, host.length - domain.length);
    return host.at[host.length - domain.length - 1] == '.' &&
           bytes_equal_ignoring_case(end, domain);
}

/* A base with a leading dot means subdomains only, here and in the next two forms. */
static enum match match_dns(struct bytes name, struct bytes base, bool is_excluded)
{
    bool only_below = starts_with_dot(base);
    bool is_wildcard = name.length > 2 && name.at[0] == '*' && name.at[1] == '.';
    struct bytes domain = only_below ? without_first(base, 1) : base;
    struct bytes host = is_wildcard ? without_first(name, 2) : name;
    if (!is_host(host) || (base.length > 0 && !is_host(domain))) {
        return MATCH_UNSUPPORTED;
    }
    /* *.example.com may stand for excluded.example.com. */
    if (is_wildcard && is_excluded && is_subdomain(domain, host)) {
        return MATCH_YES;
    }
    bool is_domain = bytes_equal_ignoring_case(host, domain);
    bool is_below = is_subdomain(host, domain) || (is_wildcard && is_domain);
    return base.length == 0 || is_below || (is_domain && !only_below) ? MATCH_YES : MATCH_NO;
}

static enum match match_host(struct bytes host, struct bytes base)
{
    bool only_below = starts_with_dot(base);
    struct bytes domain = only_below ? without_first(base, 1) : base;
    if (!is_host(host) || !is_host(domain)) {
        return MATCH_UNSUPPORTED;
    }
    bool is_match =
        only_below ? is_subdomain(host, domain) : bytes_equal_ignoring_case(host, domain);
    return is_match ? MATCH_YES : MATCH_NO;
}

/* Where the last byte of this value is, or text.length. */
static size_t find_last(struct bytes text, uint8_t byte)
{
    for (size_t i = text.length; i > 0; i--) {
        if (text.at[i - 1] == byte) {
            return i - 1;
        }
    }
    return text.length;
}

static enum match match_email(struct bytes name, struct bytes base, bool is_excluded)
{
    size_t name_at = find_last(name, '@');
    size_t base_at = find_last(base, '@');
    if (name_at == 0 || name_at == name.length) {
        return MATCH_UNSUPPORTED;
    }
    struct bytes host = without_first(name, name_at + 1);
    if (base_at == base.length) {
        return match_host(host, base);
    }
    struct bytes name_local = bytes_slice(name, 0, name_at);
    struct bytes base_local = bytes_slice(base, 0, base_at);
    /* Case counts in a local part (RFC 5280 7.5), but most hosts ignore it: an excluded one is so
     * in any. */
    bool is_same_local = is_excluded ? bytes_equal_ignoring_case(name_local, base_local)
                                     : bytes_equal(name_local, base_local);
    if (starts_with_dot(without_first(base, base_at + 1))) {
        return MATCH_UNSUPPORTED;
    }
    enum match host_match = match_host(host, without_first(base, base_at + 1));
    return host_match == MATCH_YES && !is_same_local ? MATCH_NO : host_match;
}

/* The host of scheme://user@host:port/..., or empty. */
static struct bytes host_of_uri(struct bytes uri)
{
    size_t colon = bytes_find(uri, ':');
    if (!bytes_equal(bytes_slice(uri, colon, 3), BYTES_OF("://"))) {
        return (struct bytes){0};
    }
    struct bytes authority = without_first(uri, colon + 3);
    static const char ends[] = {'/', '?', '#'};
    for (size_t i = 0; i < sizeof(ends); i++) {
        authority = bytes_slice(authority, 0, bytes_find(authority, (uint8_t)ends[i]));
    }
    size_t at = find_last(authority, '@');
    if (at < authority.length) {
        authority = without_first(authority, at + 1);
    }
    return bytes_slice(authority, 0, bytes_find(authority, ':'));
}

/* An address in numbers is no host name (RFC 5280 4.2.1.10), and no top-level domain is a number.
 */
static bool ends_with_number(struct bytes host)
{
    size_t dot = find_last(host, '.');
    struct bytes last = dot < host.length ? without_first(host, dot + 1) : host;
    return last.length > 0 && last.at[0] >= '0' && last.at[0] <= '9';
}

static enum match match_uri(struct bytes name, struct bytes base, bool is_excluded)
{
    (void)is_excluded;
    struct bytes host = host_of_uri(name);
    return ends_with_number(host) ? MATCH_UNSUPPORTED : match_host(host, base);
}

static enum match match_ip(struct bytes name, struct bytes base, bool is_excluded)
{
    (void)is_excluded;
    if (base.length != name.length * 2) {
        return MATCH_NO;
    }
    for (size_t i = 0; i < name.length; i++) {
        if (((name.at[i] ^ base.at[i]) & base.at[name.length + i]) != 0) {
            return MATCH_NO;
        }
    }
    return MATCH_YES;
}

static enum match match_directory(struct bytes name, struct bytes base, bool is_excluded)
{
    (void)is_excluded;
    return name_is_within(name, base) ? MATCH_YES : MATCH_NO;
}

static enum match match_nothing(struct bytes name, struct bytes base, bool is_excluded)
{
    (void)name;
    (void)base;
    (void)is_excluded;
    return MATCH_UNSUPPORTED;
}

static enum match (*const matches[GENERAL_NAME_KIND_COUNT])(struct bytes name, struct bytes base,
                                                            bool is_excluded) = {
    [GENERAL_NAME_OTHER] = match_nothing,
    [GENERAL_NAME_EMAIL] = match_email,
    [GENERAL_NAME_DNS] = match_dns,
    [GENERAL_NAME_X400] = match_nothing,
    [GENERAL_NAME_EDI] = match_nothing,
    [GENERAL_NAME_DIRECTORY] = match_directory,
    [GENERAL_NAME_URI] = match_uri,
    [GENERAL_NAME_IP] = match_ip,
    [GENERAL_NAME_REGISTERED_ID] = match_nothing,
};

/*
 * A mail address with more than ASCII in it (RFC 9598 3), which email subtrees constrain as well
 * (section 6). Rare enough to be refused there rather than compared.
 */
static bool is_utf8_mailbox(const struct general_name *name)
{
    struct bytes_reader reader = der_over(name->value);
    return name->kind == GENERAL_NAME_OTHER &&
           bytes_equal(der_take_oid(&reader), BYTES_OF("\x2B\x06\x01\x05\x05\x07\x08\x09"));
}

/* What a list of subtrees says of one name. */
struct subtrees_answer {
    bool has_kind; /* some subtree is of the name's form */
    bool is_match;
    bool is_unsupported;
    bool is_too_much;
};

static struct subtrees_answer ask_subtrees(struct bytes subtrees, const struct general_name *name,
                                           bool is_excluded, uint32_t *budget)
{
    struct subtrees_answer answer = {0};
    struct bytes_reader reader = der_over(subtrees);
    bool is_mailbox = is_utf8_mailbox(name);
    while (bytes_reader_left(&reader) > 0 && !answer.is_match && !reader.failed) {
        struct general_name base;
        struct bytes_reader subtree = der_enter(&reader, DER_SEQUENCE);
        (void)general_name_take(&subtree, true, &base);
        if (base.kind != name->kind) {
            answer.is_unsupported |= is_mailbox && base.kind == GENERAL_NAME_EMAIL;
            continue;
        }
        size_t cost = 16 + base.value.length + name->value.length;
        if (cost > *budget) {
            answer.is_too_much = true;
            break;
        }
        *budget -= (uint32_t)cost;
        enum match match = matches[name->kind](name->value, base.value, is_excluded);
        answer.has_kind = true;
        answer.is_match = match == MATCH_YES;
        answer.is_unsupported |= match == MATCH_UNSUPPORTED;
    }
    return answer;
}

static enum name_constraints_answer check_name(const struct general_name *name,
                                               const struct certificate *ancestor, uint32_t *budget)
{
    struct subtrees_answer permitted =
        ask_subtrees(ancestor->permitted_subtrees, name, false, budget);
    struct subtrees_answer excluded = ask_subtrees(ancestor->excluded_subtrees, name, true, budget);
    if (permitted.is_too_much || excluded.is_too_much) {
        return NAME_CONSTRAINTS_TOO_MANY;
    }
    if (excluded.is_match) {
        return NAME_CONSTRAINTS_EXCLUDED;
    }
    if (excluded.is_unsupported || (permitted.is_unsupported && !permitted.is_match)) {
        return NAME_CONSTRAINTS_UNSUPPORTED;
    }
    return permitted.has_kind && !permitted.is_match ? NAME_CONSTRAINTS_NOT_PERMITTED
                                                     : NAME_CONSTRAINTS_KEPT;
}

static enum name_constraints_answer check_alt_names(const struct certificate *certificate,
                                                    const struct certificate *ancestor,
                                                    uint32_t *budget, bool *ret_has_dns)
{
    struct bytes_reader reader = der_over(certificate->subject_alt_names);
    struct general_name name;
    while (bytes_reader_left(&reader) > 0 && general_name_take(&reader, false, &name)) {
        enum name_constraints_answer answer = check_name(&name, ancestor, budget);
        *ret_has_dns |= name.kind == GENERAL_NAME_DNS;
        if (answer != NAME_CONSTRAINTS_KEPT) {
            return answer;
        }
    }
    return NAME_CONSTRAINTS_KEPT;
}

static struct bytes without_zeros_at_end(struct bytes text)
{
    while (text.length > 0 && text.at[text.length - 1] == 0) {
        text.length--;
    }
    return text;
}

/*
 * A common name that has dots between plausible labels may be taken for a host by somebody, so it
 * must keep the DNS constraints when nothing else names hosts (OpenSSL's rule too). Of whatever
 * type and length: others convert it, and some read it up to a zero byte.
 */
static enum name_constraints_answer check_common_name(const struct name_attribute *attribute,
                                                      const struct certificate *ancestor,
                                                      uint32_t *budget)
{
    uint8_t room[NAME_SIZE_MAX];
    struct general_name name = {GENERAL_NAME_DNS,
                                without_zeros_at_end(name_attribute_ascii(attribute, room))};
    if (bytes_find(name.value, 0) < name.value.length) {
        return NAME_CONSTRAINTS_UNSUPPORTED;
    }
    bool is_host_like = bytes_find(name.value, '.') < name.value.length && has_labels(name.value);
    return is_host_like ? check_name(&name, ancestor, budget) : NAME_CONSTRAINTS_KEPT;
}

/* 4.1.2.6: an IA5String; what another type says would have to be guessed. */
static enum name_constraints_answer check_email(const struct name_attribute *attribute,
                                                const struct certificate *ancestor,
                                                uint32_t *budget)
{
    struct general_name name = {GENERAL_NAME_EMAIL, attribute->value};
    return attribute->tag == DER_IA5_STRING ? check_name(&name, ancestor, budget)
                                            : NAME_CONSTRAINTS_UNSUPPORTED;
}

static enum name_constraints_answer check_attributes(const struct certificate *certificate,
                                                     const struct certificate *ancestor,
                                                     bool names_are_hosts, uint32_t *budget)
{
    struct name_walk walk = name_walk_over(certificate->subject);
    struct name_attribute attribute;
    enum name_constraints_answer answer = NAME_CONSTRAINTS_KEPT;
    while (answer == NAME_CONSTRAINTS_KEPT && name_walk_next(&walk, &attribute)) {
        if (name_attribute_is_email(&attribute)) {
            answer = check_email(&attribute, ancestor, budget);
        } else if (names_are_hosts && name_attribute_is_common_name(&attribute)) {
            answer = check_common_name(&attribute, ancestor, budget);
        }
    }
    return answer;
}

enum name_constraints_answer name_constraints_check(const struct certificate *certificate,
                                                    const struct certificate *ancestor,
                                                    bool is_leaf, uint32_t *budget)
{
    struct general_name subject = {GENERAL_NAME_DIRECTORY, certificate->subject};
    bool has_dns = false;
    enum name_constraints_answer answer = NAME_CONSTRAINTS_KEPT;
    if (!certificate_has(ancestor, EXTENSION_NAME_CONSTRAINTS)) {
        return NAME_CONSTRAINTS_KEPT;
    }
    if (!name_is_empty(certificate->subject)) {
        answer = check_name(&subject, ancestor, budget);
    }
    if (answer == NAME_CONSTRAINTS_KEPT) {
        answer = check_alt_names(certificate, ancestor, budget, &has_dns);
    }
    if (answer == NAME_CONSTRAINTS_KEPT) {
        answer = check_attributes(certificate, ancestor, is_leaf && !has_dns, budget);
    }
    return answer;
}
