/*
 * What judge_chain_traced() saw on its way to a verdict: every check with its result, and the path.
 * Any thread; a plain value of whoever asked, pointing into the presented chain, the policy and the
 * profile that the policy was made from.
 */
#ifndef TRUST_JUDGE_TRACE_H
#define TRUST_JUDGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* The checks in the order of judging; a row is the enum value, the word for JSON, the claim. */
/* clang-format off */
#define JUDGE_CHECK_LIST(X)                                                                                     \
    X(JUDGE_CHECK_PRESENTED,           "presented",           "a certificate is presented")                     \
    X(JUDGE_CHECK_PARSES,              "parses",              "it can be parsed")                               \
    X(JUDGE_CHECK_PATH,                "path",                "a path leads to a trusted root")                 \
    X(JUDGE_CHECK_CRITICAL_EXTENSIONS, "critical_extensions", "no critical extension is unknown")               \
    X(JUDGE_CHECK_BASIC_CONSTRAINTS,   "basic_constraints",   "every issuer is a CA (basicConstraints)")        \
    X(JUDGE_CHECK_KEY_USAGE,           "key_usage",           "every issuer may sign certificates (keyUsage)")  \
    X(JUDGE_CHECK_PATH_LENGTH,         "path_length",         "no CA has more CAs below it than it allows")     \
    X(JUDGE_CHECK_STRENGTH,            "strength",            "keys and signature algorithms are strong enough") \
    X(JUDGE_CHECK_SIGNATURES,          "signatures",          "every signature is valid")                       \
    X(JUDGE_CHECK_VALIDITY,            "validity",            "every certificate is valid at this time")        \
    X(JUDGE_CHECK_NAME_CONSTRAINTS,    "name_constraints",    "every name keeps the constraints of the CAs above it") \
    X(JUDGE_CHECK_POLICIES,            "policies",            "the policies that the CAs demand are there")     \
    X(JUDGE_CHECK_PURPOSE,             "purpose",             "all may be used for TLS clients")                \
    X(JUDGE_CHECK_ISSUER_DN,           "issuer_dn",           "the issuer is one that the profile demands")     \
    X(JUDGE_CHECK_IDENTITY,            "identity",            "a line of allow_identity holds")                 \
    X(JUDGE_CHECK_REVOCATION,          "revocation",          "it is not revoked")
/* clang-format on */

#define JUDGE_CHECK_ENUM_ROW(name, word, claim) name,
enum judge_check { JUDGE_CHECK_LIST(JUDGE_CHECK_ENUM_ROW) JUDGE_CHECK_COUNT };

enum judge_check_result {
    JUDGE_CHECK_NOT_REACHED, /* an earlier one had failed */
    JUDGE_CHECK_NOT_ASKED,   /* the profile does not want it */
    JUDGE_CHECK_PASSED,
    JUDGE_CHECK_FAILED,
};

struct judge_trace_check {
    enum judge_check_result result;
    uint32_t depth;   /* of a failed one: the certificate on the path, 0 the leaf */
    const char *text; /* of a failed one: its sentence; else NULL */
};

struct judge_trace_certificate {
    struct bytes der;
    int32_t presented_index;  /* or -1: only in a trusted file */
    const char *trusted_path; /* of the file that holds it too; NULL: none */
    int trusted_line;
};

#define JUDGE_TRACE_PATH_MAX         16
#define JUDGE_TRACE_ISSUER_NAMES_MAX 1024

/*
 * Of the path that came furthest all rules are tried, so several checks may have failed; decisive
 * is the one that the verdict is about, JUDGE_CHECK_COUNT for none.
 */
struct judge_trace {
    struct judge_trace_check checks[JUDGE_CHECK_COUNT];
    enum judge_check decisive;
    struct judge_trace_certificate path[JUDGE_TRACE_PATH_MAX]; /* leaf first */
    size_t path_count;
    bool reaches_root; /* the last one of path is a trusted root */
    /* What verify_client_cert_issuer_dn allows, as RFC 2253 separated by " or ", perhaps cut;
     * empty: anything. */
    char issuer_names[JUDGE_TRACE_ISSUER_NAMES_MAX];
};

struct verdict;

/*
 * The result of the last check, which judge_chain_traced() leaves to revocation_judge(): verdict is
 * what that has left. For a success of the path; not for a path of one, of whom nobody is asked.
 */
void judge_trace_add_revocation(struct judge_trace *trace, const struct verdict *verdict);

/* The word and the claim of a check; static, never NULL. */
const char *judge_trace_word(enum judge_check check);
const char *judge_trace_claim(enum judge_check check);

#endif
