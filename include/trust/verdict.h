/*
 * What the gateway says of a presented chain: in, or out for one reason. Any thread; a plain value.
 *
 * VERDICT_LIST is the only list of reasons: a row is the enum value, the word for logs, metrics and
 * explain, and the sentence that follows "FAILED:". Some words have finer sentences (permitted or
 * excluded subtree); the verdict carries the one that fits.
 */
#ifndef TRUST_VERDICT_H
#define TRUST_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* clang-format off */
#define VERDICT_LIST(X)                                                                                        \
    X(VERDICT_SUCCESS,                    "success",                    "ok")                                  \
    X(VERDICT_NO_CERTIFICATE,             "no_certificate",             "no certificate")                      \
    X(VERDICT_MALFORMED,                  "malformed",                  "certificate could not be parsed")     \
    X(VERDICT_UNABLE_TO_GET_ISSUER,       "unable_to_get_issuer",       "unable to get issuer certificate")    \
    X(VERDICT_UNABLE_TO_GET_LOCAL_ISSUER, "unable_to_get_local_issuer", "unable to get local issuer certificate") \
    X(VERDICT_UNABLE_TO_VERIFY_FIRST,     "unable_to_verify_first",     "unable to verify the first certificate") \
    X(VERDICT_SELF_SIGNED,                "self_signed",                "self-signed certificate")             \
    X(VERDICT_SIGNATURE_FAILURE,          "signature_failure",          "certificate signature failure")       \
    X(VERDICT_NOT_YET_VALID,              "not_yet_valid",              "certificate is not yet valid")        \
    X(VERDICT_EXPIRED,                    "expired",                    "certificate has expired")             \
    X(VERDICT_PATH_LENGTH,                "path_length",                "path length constraint exceeded")     \
    X(VERDICT_INVALID_CA,                 "invalid_ca",                 "invalid CA certificate")              \
    X(VERDICT_NAME_CONSTRAINT,            "name_constraint",            "permitted subtree violation")         \
    X(VERDICT_CRITICAL_EXTENSION,         "critical_extension",         "unhandled critical extension")        \
    X(VERDICT_CHAIN_TOO_LONG,             "chain_too_long",             "certificate chain too long")          \
    X(VERDICT_WEAK_ALGORITHM,             "weak_algorithm",             "CA signature digest algorithm too weak") \
    X(VERDICT_POLICY,                     "policy",                     "no explicit policy")                  \
    X(VERDICT_UNSUPPORTED_PURPOSE,        "unsupported_purpose",        "unsupported certificate purpose")     \
    X(VERDICT_ISSUER_DN_MISMATCH,         "issuer_dn_mismatch",         "unable to verify the client certificate issuer") \
    X(VERDICT_IDENTITY_NOT_MATCHED,       "identity_not_matched",       "certificate does not match any of allowed identities") \
    X(VERDICT_REVOKED,                    "revoked",                    "certificate revoked")                 \
    X(VERDICT_REVOCATION_UNKNOWN,         "revocation_unknown",         "certificate status unknown")          \
    X(VERDICT_REVOCATION_UNAVAILABLE,     "revocation_unavailable",     "certificate status request failed")   \
    X(VERDICT_NO_OCSP_URL,                "no_ocsp_url",                "certificate has no OCSP responder URL") \
    /* Not about the client: nobody could judge. */                                                            \
    X(VERDICT_OUT_OF_MEMORY,              "out_of_memory",              "out of memory")
/* clang-format on */

#define VERDICT_ENUM_ROW(name, word, text) name,
enum verdict_reason { VERDICT_LIST(VERDICT_ENUM_ROW) VERDICT_REASON_COUNT };

struct verdict {
    enum verdict_reason reason;
    /* The certificate that the reason is about: 0 the leaf, 1 its issuer and so on upwards. */
    uint32_t depth;
    /* The same certificate's place among the presented ones, or -1: not one of them (a trusted CA).
     */
    int32_t presented_index;
    /* Signatures checked for this verdict, never more than PATH_SIGNATURE_CHECKS_MAX. */
    uint32_t signature_check_count;
    /*
     * Of a success: holds while the time is before it (seconds since 1970): the earliest notAfter
     * on the path. 0 otherwise.
     */
    int64_t valid_until_seconds;
    /* The sentence for this very case; static, never NULL. */
    const char *text;
};

/* Of a reason alone; static, never NULL. */
const char *verdict_word(enum verdict_reason reason);
const char *verdict_text(enum verdict_reason reason);

/* A verdict with the reason's own sentence, about the leaf; for stages after the path. */
struct verdict verdict_for(enum verdict_reason reason);

static inline bool verdict_is_success(const struct verdict *verdict)
{
    return verdict->reason == VERDICT_SUCCESS;
}

/* client_certificate_verdict and the log's sslClientVerify: SUCCESS, NONE or FAILED:sentence. */
void verdict_append_status(const struct verdict *verdict, struct text *text);

#endif
