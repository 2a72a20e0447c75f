/*
 * What an OCSP response says of one certificate, judged by RFC 6960 and RFC 5019 and by no wolfSSL
 * code but signature primitives. Any thread; keeps no state.
 *
 * OCSP_FAULT_LIST is the only list of what may go wrong on the way to an answer, at the responder,
 * in its bytes or in between: the enum value, the word for logs, metrics and explain, the sentence.
 */
#ifndef TRUST_OCSP_ANSWER_H
#define TRUST_OCSP_ANSWER_H

#include "base/text.h"
#include "trust/ocsp_question.h"

/* clang-format off */
#define OCSP_FAULT_LIST(X)                                                                                     \
    X(OCSP_FAULT_NONE,              "none",              "answered")                                           \
    /* Of the way there. */                                                                                    \
    X(OCSP_FAULT_NO_URL,            "no_url",            "the certificate names no OCSP responder")            \
    X(OCSP_FAULT_BAD_URL,           "bad_url",           "the responder's URL is not http://HOST[:PORT]/PATH") \
    X(OCSP_FAULT_UNRESOLVED,        "unresolved",        "the responder's name has no address")                \
    X(OCSP_FAULT_UNREACHABLE,       "unreachable",       "the responder cannot be connected to")               \
    X(OCSP_FAULT_TIMEOUT,           "timeout",           "the responder did not answer in time")               \
    X(OCSP_FAULT_CLOSED,            "closed",            "the responder closed before its answer was complete") \
    X(OCSP_FAULT_HTTP,              "http",              "the answer is not HTTP as it must be")               \
    X(OCSP_FAULT_HTTP_STATUS,       "http_status",       "the answer's HTTP status is not 200")                \
    X(OCSP_FAULT_CONTENT_TYPE,      "content_type",      "the answer's Content-Type is not application/ocsp-response") \
    X(OCSP_FAULT_REDIRECT,          "redirect",          "the responder redirects, which is not followed")     \
    X(OCSP_FAULT_TOO_LARGE,         "too_large",         "the answer is larger than 64 KiB")                   \
    X(OCSP_FAULT_OVERLOAD,          "overload",          "no room for one more question")                      \
    /* What the responder says instead of an answer (RFC 6960 4.2.1). */                                       \
    X(OCSP_FAULT_MALFORMED_REQUEST, "malformed_request", "the responder calls the request malformed")          \
    X(OCSP_FAULT_INTERNAL_ERROR,    "internal_error",    "the responder has failed internally")                 \
    X(OCSP_FAULT_TRY_LATER,         "try_later",         "the responder says to try later")                    \
    X(OCSP_FAULT_SIG_REQUIRED,      "sig_required",      "the responder wants signed requests")                \
    X(OCSP_FAULT_UNAUTHORIZED,      "unauthorized",      "the responder is not the one for this certificate")  \
    /* Of the response itself. */                                                                              \
    X(OCSP_FAULT_MALFORMED,         "malformed",         "the response could not be parsed")                   \
    X(OCSP_FAULT_CRITICAL_EXTENSION, "critical_extension", "the response has an unknown critical extension")   \
    X(OCSP_FAULT_WRONG_CERTIFICATE, "wrong_certificate", "the response is about another certificate")          \
    X(OCSP_FAULT_NONCE,             "nonce",             "the response does not carry our nonce")              \
    X(OCSP_FAULT_UNKNOWN_SIGNER,    "unknown_signer",    "the response is not by the issuer nor by one that it delegated to") \
    X(OCSP_FAULT_BAD_DELEGATE,      "bad_delegate",      "the delegate's certificate may not sign responses now") \
    X(OCSP_FAULT_WEAK_ALGORITHM,    "weak_algorithm",    "the response is signed by a weak algorithm or key")  \
    X(OCSP_FAULT_SIGNATURE,         "signature",         "the response's signature is wrong")                  \
    X(OCSP_FAULT_NOT_YET_VALID,     "not_yet_valid",     "the response is from the future")                    \
    X(OCSP_FAULT_EXPIRED,           "expired",           "the response is too old")                            \
    /* Beside what was said before. */                                                                         \
    X(OCSP_FAULT_FORGOTTEN,         "forgotten",         "the responder does not know a certificate that was revoked")
/* clang-format on */

#define OCSP_FAULT_ENUM_ROW(name, word, text) name,
enum ocsp_fault { OCSP_FAULT_LIST(OCSP_FAULT_ENUM_ROW) OCSP_FAULT_COUNT };

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/* Clocks may differ by so much, both ways. */
#define OCSP_SKEW_SECONDS 300

/* How long an answer holds that names no end (RFC 5019 wants one). */
#define OCSP_LIFE_SECONDS_DEFAULT 3600

/* Times are seconds since 1970. */
struct ocsp_answer {
    enum ocsp_status status;
    int64_t produced_at_seconds;
    int64_t this_update_seconds;
    int64_t next_update_seconds;  /* 0: none was given */
    int64_t revoked_at_seconds;   /* of OCSP_REVOKED */
    int32_t revocation_reason;    /* CRLReason (RFC 5280 5.3.1); -1: none was given */
    bool has_nonce;               /* ours: it answers this very request */
    bool is_by_delegate;          /* else signed by the issuer itself */
    int64_t signer_until_seconds; /* the delegate's notAfter; INT64_MAX for the issuer */
};

#define OCSP_RESPONSE_SIZE_MAX (64 * 1024)

/*
 * Judges response (DER of an OCSPResponse, hostile) as the answer to question at now_seconds.
 * nonce: what the request carried; a response to it must carry the same. Empty: none was sent, and
 * one in the response does not matter. ret_answer is set with OCSP_FAULT_NONE only. At most three
 * signatures are checked. Of several SingleResponses for the certificate that are timely the worst
 * counts: revoked, then unknown, then good.
 *
 * What is cheap is checked first, signatures last: an EXPIRED response need not have been
 * anybody's.
 */
enum ocsp_fault ocsp_response_judge(struct bytes response, const struct ocsp_question *question,
                                    struct bytes nonce, int64_t now_seconds,
                                    struct ocsp_answer *ret_answer);

/* Who signed: the responder's name as RFC 2253, or "key:" and its hash in hex; appended to text,
 * printable ASCII only. Nothing when the response cannot be parsed. */
void ocsp_response_append_signer(struct bytes response, struct text *text);

/* The word and the sentence of a fault, the word of a status, of a CRLReason (RFC 5280 5.3.1, as
 * keyCompromise; "unspecified" for -1 and unknown ones); static, never NULL. */
const char *ocsp_fault_word(enum ocsp_fault fault);
const char *ocsp_fault_text(enum ocsp_fault fault);
const char *ocsp_status_word(enum ocsp_status status);
const char *ocsp_reason_word(int32_t revocation_reason);

#endif
