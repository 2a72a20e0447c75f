/*
 * The extensions that are understood, a row each, in whatever order they come. Called while a
 * certificate is read. Their form is checked even where their meaning is not needed yet:
 * path_rules.c then works on lists that cannot fail.
 */
#include "certificate_extensions.h"

#include "der.h"
#include "general_name.h"

static void take_basic_constraints(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    certificate->is_ca = der_take_flag(&inner);
    if (der_is_next(&inner, DER_INTEGER)) {
        certificate->path_length =
            der_take_small_number(&inner, DER_INTEGER, CERTIFICATE_NO_NUMBER - 1);
    }
    der_leave(value, &inner);
}

static void take_key_usage(struct bytes_reader *value, struct certificate *certificate)
{
    certificate->key_usage = der_take_named_bits(value, DER_BIT_STRING);
}

static void take_netscape_cert_type(struct bytes_reader *value, struct certificate *certificate)
{
    certificate->netscape_cert_type = der_take_named_bits(value, DER_BIT_STRING);
}

static uint8_t purpose_of(struct bytes oid)
{
    static const struct {
        struct bytes oid;
        enum key_purpose purpose;
    } purposes[] = {
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x03\x02"), KEY_PURPOSE_CLIENT},
        {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x03\x09"), KEY_PURPOSE_OCSP_SIGNING},
        {BYTES_OF("\x55\x1D\x25\x00"), KEY_PURPOSE_ANY},
    };
    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
        if (bytes_equal(oid, purposes[i].oid)) {
            return (uint8_t)purposes[i].purpose;
        }
    }
    return 0;
}

static void take_extended_key_usage(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    do {
        certificate->purposes |= purpose_of(der_take_oid(&inner));
    } while (bytes_reader_left(&inner) > 0);
    der_leave(value, &inner);
}

/* GeneralNames: one or more. Returns them one after the other, without the header. */
static struct bytes take_general_names(struct bytes_reader *value, unsigned tag)
{
    struct bytes names = der_take(value, tag);
    struct bytes_reader reader = der_over(names);
    struct general_name name;
    unsigned count = 0;
    do {
        if (!general_name_take(&reader, false, &name) || ++count > CERTIFICATE_NAME_COUNT_MAX) {
            value->failed = true;
            return (struct bytes){0};
        }
    } while (bytes_reader_left(&reader) > 0);
    return names;
}

static void take_subject_alt_name(struct bytes_reader *value, struct certificate *certificate)
{
    certificate->subject_alt_names = take_general_names(value, DER_SEQUENCE);
}

static void take_issuer_alt_name(struct bytes_reader *value, struct certificate *certificate)
{
    (void)certificate;
    (void)take_general_names(value, DER_SEQUENCE);
}

/* One or more GeneralSubtrees; a minimum but 0, or a maximum, is never used (RFC 5280 4.2.1.10). */
static struct bytes take_subtrees(struct bytes_reader *value, unsigned tag)
{
    if (!der_is_next(value, tag)) {
        return (struct bytes){0};
    }
    struct bytes subtrees = der_take(value, tag);
    struct bytes_reader reader = der_over(subtrees);
    unsigned count = 0;
    do {
        struct general_name base;
        struct bytes_reader subtree = der_enter(&reader, DER_SEQUENCE);
        (void)general_name_take(&subtree, true, &base);
        if (der_is_next(&subtree, DER_CONTEXT(0))) {
            (void)der_take_small_number(&subtree, DER_CONTEXT(0), 0);
        }
        der_leave(&reader, &subtree);
        if (reader.failed || ++count > CERTIFICATE_SUBTREE_COUNT_MAX) {
            value->failed = true;
            return (struct bytes){0};
        }
    } while (bytes_reader_left(&reader) > 0);
    return subtrees;
}

static void take_name_constraints(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    certificate->permitted_subtrees = take_subtrees(&inner, DER_CONTEXT_CONSTRUCTED(0));
    certificate->excluded_subtrees = take_subtrees(&inner, DER_CONTEXT_CONSTRUCTED(1));
    if (certificate->permitted_subtrees.length == 0 && certificate->excluded_subtrees.length == 0) {
        inner.failed = true;
    }
    der_leave(value, &inner);
}

/* Whether an earlier PolicyInformation of the list names this policy (RFC 5280 4.2.1.4: none
 * twice). */
static bool names_policy_before(struct bytes policies, const uint8_t *before, struct bytes policy)
{
    struct bytes_reader reader = der_over(policies);
    while (reader.at < before) {
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        if (bytes_equal(der_take_oid(&inner), policy)) {
            return true;
        }
    }
    return false;
}

static void take_certificate_policies(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes policies = der_take(value, DER_SEQUENCE);
    struct bytes_reader reader = der_over(policies);
    unsigned count = 0;
    do {
        const uint8_t *start = reader.at;
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        struct bytes policy = der_take_oid(&inner);
        if (bytes_reader_left(&inner) > 0) {
            (void)der_take(&inner, DER_SEQUENCE); /* Qualifiers restrict nothing. */
        }
        der_leave(&reader, &inner);
        if (reader.failed || ++count > CERTIFICATE_POLICY_COUNT_MAX ||
            names_policy_before(policies, start, policy)) {
            value->failed = true;
            return;
        }
    } while (bytes_reader_left(&reader) > 0);
    certificate->policies = policies;
}

static void take_policy_mappings(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes mappings = der_take(value, DER_SEQUENCE);
    struct bytes_reader reader = der_over(mappings);
    unsigned count = 0;
    do {
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        (void)der_take_oid(&inner);
        (void)der_take_oid(&inner);
        der_leave(&reader, &inner);
        if (reader.failed || ++count > CERTIFICATE_POLICY_COUNT_MAX) {
            value->failed = true;
            return;
        }
    } while (bytes_reader_left(&reader) > 0);
    certificate->policy_mappings = mappings;
}

static void take_policy_constraints(struct bytes_reader *value, struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    bool is_empty = bytes_reader_left(&inner) == 0;
    if (der_is_next(&inner, DER_CONTEXT(0))) {
        certificate->require_explicit_policy =
            der_take_small_number(&inner, DER_CONTEXT(0), CERTIFICATE_NO_NUMBER - 1);
    }
    if (der_is_next(&inner, DER_CONTEXT(1))) {
        certificate->inhibit_policy_mapping =
            der_take_small_number(&inner, DER_CONTEXT(1), CERTIFICATE_NO_NUMBER - 1);
    }
    der_leave(value, &inner);
    if (is_empty) {
        value->failed = true;
    }
}

static void take_inhibit_any_policy(struct bytes_reader *value, struct certificate *certificate)
{
    certificate->inhibit_any_policy =
        der_take_small_number(value, DER_INTEGER, CERTIFICATE_NO_NUMBER - 1);
}

static void take_authority_key_identifier(struct bytes_reader *value,
                                          struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    if (der_is_next(&inner, DER_CONTEXT(0))) {
        certificate->authority_key_id = der_take(&inner, DER_CONTEXT(0));
    }
    if (der_is_next(&inner, DER_CONTEXT_CONSTRUCTED(1))) {
        (void)take_general_names(&inner, DER_CONTEXT_CONSTRUCTED(1));
    }
    if (der_is_next(&inner, DER_CONTEXT(2))) {
        (void)der_take(&inner, DER_CONTEXT(2));
    }
    der_leave(value, &inner);
}

static void take_subject_key_identifier(struct bytes_reader *value, struct certificate *certificate)
{
    certificate->subject_key_id = der_take(value, DER_OCTET_STRING);
}

static bool is_http(struct bytes url)
{
    return bytes_equal_ignoring_case(bytes_slice(url, 0, 7), BYTES_OF("http://"));
}

static void take_authority_information_access(struct bytes_reader *value,
                                              struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(value, DER_SEQUENCE);
    unsigned count = 0;
    do {
        struct bytes_reader description = der_enter(&inner, DER_SEQUENCE);
        bool is_ocsp =
            bytes_equal(der_take_oid(&description), BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"));
        struct general_name location;
        (void)general_name_take(&description, false, &location);
        der_leave(&inner, &description);
        if (is_ocsp && certificate->ocsp_url.length == 0 && location.kind == GENERAL_NAME_URI &&
            is_http(location.value)) {
            certificate->ocsp_url = location.value;
        }
    } while (bytes_reader_left(&inner) > 0 && ++count < CERTIFICATE_NAME_COUNT_MAX);
    der_leave(value, &inner);
}

/*
 * RFC 7633: numbers of TLS extensions that a server with this certificate must answer. Nothing is
 * decided by it but how our own certificates are served, so one that is malformed says nothing.
 */
static void take_tls_feature(struct bytes_reader *value, struct certificate *certificate)
{
    enum { STATUS_REQUEST = 5, FEATURE_MAX = 0xFFFF };
    struct bytes_reader whole = *value;
    struct bytes_reader inner = der_enter(&whole, DER_SEQUENCE);
    bool has_status_request = false;
    while (!inner.failed && bytes_reader_left(&inner) > 0) {
        has_status_request |=
            der_take_small_number(&inner, DER_INTEGER, FEATURE_MAX) == STATUS_REQUEST;
    }
    der_leave(&whole, &inner);
    certificate->must_staple = has_status_request && der_is_finished(&whole);
    (void)bytes_reader_take(value, bytes_reader_left(value));
}

/*
 * may_be_critical: what it demands is done here. The others are to be non-critical (RFC 5280 4.2)
 * and are refused like unknown ones when they are not, as OpenSSL does.
 */
/* clang-format off */
static const struct {
    struct bytes oid;
    void (*take)(struct bytes_reader *value, struct certificate *certificate);
    bool may_be_critical;
} rows[EXTENSION_COUNT] = {
    [EXTENSION_BASIC_CONSTRAINTS]            = {BYTES_OF("\x55\x1D\x13"), take_basic_constraints,            true},
    [EXTENSION_KEY_USAGE]                    = {BYTES_OF("\x55\x1D\x0F"), take_key_usage,                    true},
    [EXTENSION_EXTENDED_KEY_USAGE]           = {BYTES_OF("\x55\x1D\x25"), take_extended_key_usage,           true},
    [EXTENSION_SUBJECT_ALT_NAME]             = {BYTES_OF("\x55\x1D\x11"), take_subject_alt_name,             true},
    [EXTENSION_ISSUER_ALT_NAME]              = {BYTES_OF("\x55\x1D\x12"), take_issuer_alt_name,              false},
    [EXTENSION_NAME_CONSTRAINTS]             = {BYTES_OF("\x55\x1D\x1E"), take_name_constraints,             true},
    [EXTENSION_CERTIFICATE_POLICIES]         = {BYTES_OF("\x55\x1D\x20"), take_certificate_policies,         true},
    [EXTENSION_POLICY_MAPPINGS]              = {BYTES_OF("\x55\x1D\x21"), take_policy_mappings,              true},
    [EXTENSION_POLICY_CONSTRAINTS]           = {BYTES_OF("\x55\x1D\x24"), take_policy_constraints,           true},
    [EXTENSION_INHIBIT_ANY_POLICY]           = {BYTES_OF("\x55\x1D\x36"), take_inhibit_any_policy,           true},
    [EXTENSION_AUTHORITY_KEY_IDENTIFIER]     = {BYTES_OF("\x55\x1D\x23"), take_authority_key_identifier,     false},
    [EXTENSION_SUBJECT_KEY_IDENTIFIER]       = {BYTES_OF("\x55\x1D\x0E"), take_subject_key_identifier,       false},
    [EXTENSION_AUTHORITY_INFORMATION_ACCESS] = {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x01"), take_authority_information_access, false},
    [EXTENSION_NETSCAPE_CERT_TYPE]           = {BYTES_OF("\x60\x86\x48\x01\x86\xF8\x42\x01\x01"), take_netscape_cert_type,       true},
    [EXTENSION_TLS_FEATURE]                  = {BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x18"), take_tls_feature,              false},
};
/* clang-format on */

static unsigned find_row(struct bytes oid)
{
    unsigned row = 0;
    while (row < EXTENSION_COUNT && !bytes_equal(oid, rows[row].oid)) {
        row++;
    }
    return row;
}

static void take_value(struct bytes value, unsigned row, struct bytes_reader *reader,
                       struct certificate *certificate)
{
    struct bytes_reader inner = der_over(value);
    rows[row].take(&inner, certificate);
    certificate->extensions |= 1u << row;
    der_leave(reader, &inner);
}

static bool is_among(struct bytes oid, const struct bytes *oids, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (bytes_equal(oid, oids[i])) {
            return true;
        }
    }
    return false;
}

void certificate_extensions_take(struct bytes_reader *reader, struct certificate *certificate)
{
    struct bytes seen[CERTIFICATE_EXTENSION_COUNT_MAX];
    unsigned seen_count = 0;
    struct bytes_reader list = der_enter(reader, DER_SEQUENCE);
    do {
        struct bytes_reader extension = der_enter(&list, DER_SEQUENCE);
        struct bytes oid = der_take_oid(&extension);
        bool is_critical = der_take_flag(&extension);
        struct bytes value = der_take(&extension, DER_OCTET_STRING);
        der_leave(&list, &extension);
        if (list.failed || seen_count == CERTIFICATE_EXTENSION_COUNT_MAX ||
            is_among(oid, seen, seen_count)) {
            list.failed = true;
            break;
        }
        seen[seen_count++] = oid;
        unsigned row = find_row(oid);
        if (row < EXTENSION_COUNT) {
            take_value(value, row, &list, certificate);
        }
        if (is_critical && (row == EXTENSION_COUNT || !rows[row].may_be_critical)) {
            certificate->has_unknown_critical = true;
        }
    } while (bytes_reader_left(&list) > 0);
    der_leave(reader, &list);
}
