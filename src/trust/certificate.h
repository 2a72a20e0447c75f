/*
 * One X.509 certificate (RFC 5280 4.1), read strictly into views of its DER. Any thread; a plain
 * value that lives no longer than the bytes. Nothing is judged here but form: whether it may be
 * trusted is path.h's matter.
 */
#ifndef TRUST_CERTIFICATE_H
#define TRUST_CERTIFICATE_H

#include "base/bytes.h"
#include "public_key.h"
#include "signature_algorithm.h"

/* Larger ones, or ones with more of something, are malformed to us. */
#define CERTIFICATE_SIZE_MAX            (64 * 1024)
#define CERTIFICATE_EXTENSION_COUNT_MAX 64
#define CERTIFICATE_POLICY_COUNT_MAX    64
#define CERTIFICATE_NAME_COUNT_MAX      1024
#define CERTIFICATE_SUBTREE_COUNT_MAX   512

/* RFC 5280 4.2.1.3, the first bit highest. */
enum key_usage {
    KEY_USAGE_DIGITAL_SIGNATURE = 0x8000,
    KEY_USAGE_KEY_AGREEMENT = 0x0800,
    KEY_USAGE_KEY_CERT_SIGN = 0x0400,
};

/* Purposes of an extendedKeyUsage that anything here asks for; a set. */
enum key_purpose {
    KEY_PURPOSE_CLIENT = 1,
    KEY_PURPOSE_OCSP_SIGNING = 2,
    KEY_PURPOSE_ANY = 4,
};

/* Extensions that are read; a set says which are there. */
enum certificate_extension {
    EXTENSION_BASIC_CONSTRAINTS,
    EXTENSION_KEY_USAGE,
    EXTENSION_EXTENDED_KEY_USAGE,
    EXTENSION_SUBJECT_ALT_NAME,
    EXTENSION_ISSUER_ALT_NAME,
    EXTENSION_NAME_CONSTRAINTS,
    EXTENSION_CERTIFICATE_POLICIES,
    EXTENSION_POLICY_MAPPINGS,
    EXTENSION_POLICY_CONSTRAINTS,
    EXTENSION_INHIBIT_ANY_POLICY,
    EXTENSION_AUTHORITY_KEY_IDENTIFIER,
    EXTENSION_SUBJECT_KEY_IDENTIFIER,
    EXTENSION_AUTHORITY_INFORMATION_ACCESS,
    EXTENSION_NETSCAPE_CERT_TYPE,
    EXTENSION_TLS_FEATURE,
    EXTENSION_COUNT,
};

/* No path length, or no number of certificates to skip. */
#define CERTIFICATE_NO_NUMBER UINT32_MAX

struct certificate {
    struct bytes der;
    struct bytes tbs; /* what the signature covers */
    struct bytes serial;
    struct bytes issuer; /* whole Names, see name.h */
    struct bytes subject;
    int64_t not_before_seconds; /* since 1970 */
    int64_t not_after_seconds;
    struct public_key key;
    struct signature_algorithm signature_algorithm;
    struct bytes signature;
    uint8_t version;     /* 1, 2 or 3 */
    bool is_self_issued; /* issuer and subject are one name; says nothing of the signature */

    uint32_t extensions; /* set: bit n for enum certificate_extension n */
    bool has_unknown_critical;
    bool is_ca;
    uint16_t key_usage;
    uint16_t netscape_cert_type;
    uint8_t purposes;                 /* set of enum key_purpose */
    uint32_t path_length;             /* or CERTIFICATE_NO_NUMBER */
    uint32_t require_explicit_policy; /* the same */
    uint32_t inhibit_policy_mapping;  /* the same */
    uint32_t inhibit_any_policy;      /* the same */
    struct bytes subject_alt_names;   /* GeneralName after GeneralName */
    struct bytes permitted_subtrees;  /* GeneralSubtree after GeneralSubtree */
    struct bytes excluded_subtrees;
    struct bytes policies; /* PolicyInformation after PolicyInformation */
    struct bytes policy_mappings;
    struct bytes authority_key_id; /* content of the key identifiers; empty: none */
    struct bytes subject_key_id;
    struct bytes ocsp_url; /* the first one of http, as text; empty: none */
    bool must_staple;      /* RFC 7633: of a server, whose clients may insist on it */
};

static inline bool certificate_has(const struct certificate *certificate,
                                   enum certificate_extension extension)
{
    return (certificate->extensions >> extension & 1) != 0;
}

/* False, and nothing of ret_certificate may be used, unless der is exactly one well-formed
 * certificate. */
bool certificate_read(struct bytes der, struct certificate *ret_certificate);

/*
 * By its names and key identifiers (not its signature) issuer may have issued certificate. A key
 * identifier that only one of them has does not count.
 */
bool certificate_may_be_issued_by(const struct certificate *certificate,
                                  const struct certificate *issuer);

#endif
