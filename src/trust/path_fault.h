/*
 * Why one path is refused. Finer than the reasons of verdict.h: each row names the reason it is
 * reported as and the sentence OpenSSL users know it by. The order is that of the checks: of two
 * failed paths the one whose fault stands lower here came further and is the one told about.
 */
#ifndef TRUST_PATH_FAULT_H
#define TRUST_PATH_FAULT_H

#include "trust/verdict.h"

/* clang-format off */
#define PATH_FAULT_LIST(X)                                                                                                      \
    X(PATH_FAULT_NONE,                  VERDICT_SUCCESS,                    "ok")                                              \
    X(PATH_FAULT_UNREADABLE_LEAF,       VERDICT_MALFORMED,                  "certificate could not be parsed")                 \
    X(PATH_FAULT_NO_ISSUER_OF_LEAF,     VERDICT_UNABLE_TO_VERIFY_FIRST,     "unable to verify the first certificate")          \
    X(PATH_FAULT_NO_LOCAL_ISSUER,       VERDICT_UNABLE_TO_GET_LOCAL_ISSUER, "unable to get local issuer certificate")          \
    X(PATH_FAULT_UNREADABLE_ISSUER,     VERDICT_MALFORMED,                  "certificate could not be parsed")                 \
    X(PATH_FAULT_NO_ISSUER,             VERDICT_UNABLE_TO_GET_ISSUER,       "unable to get issuer certificate")                \
    X(PATH_FAULT_SELF_SIGNED,           VERDICT_SELF_SIGNED,                "self-signed certificate")                         \
    X(PATH_FAULT_SELF_SIGNED_IN_CHAIN,  VERDICT_SELF_SIGNED,                "self-signed certificate in certificate chain")    \
    X(PATH_FAULT_TOO_LONG,              VERDICT_CHAIN_TOO_LONG,             "certificate chain too long")                      \
    X(PATH_FAULT_CRITICAL_EXTENSION,    VERDICT_CRITICAL_EXTENSION,         "unhandled critical extension")                    \
    X(PATH_FAULT_INVALID_CA,            VERDICT_INVALID_CA,                 "invalid CA certificate")                          \
    X(PATH_FAULT_PATH_LENGTH,           VERDICT_PATH_LENGTH,                "path length constraint exceeded")                 \
    X(PATH_FAULT_WEAK_LEAF_KEY,         VERDICT_WEAK_ALGORITHM,             "EE certificate key too weak")                     \
    X(PATH_FAULT_WEAK_CA_KEY,           VERDICT_WEAK_ALGORITHM,             "CA certificate key too weak")                     \
    X(PATH_FAULT_WEAK_DIGEST,           VERDICT_WEAK_ALGORITHM,             "CA signature digest algorithm too weak")          \
    X(PATH_FAULT_SIGNATURE,             VERDICT_SIGNATURE_FAILURE,          "certificate signature failure")                   \
    X(PATH_FAULT_NOT_YET_VALID,         VERDICT_NOT_YET_VALID,              "certificate is not yet valid")                    \
    X(PATH_FAULT_EXPIRED,               VERDICT_EXPIRED,                    "certificate has expired")                         \
    X(PATH_FAULT_NAME_NOT_PERMITTED,    VERDICT_NAME_CONSTRAINT,            "permitted subtree violation")                     \
    X(PATH_FAULT_NAME_EXCLUDED,         VERDICT_NAME_CONSTRAINT,            "excluded subtree violation")                      \
    X(PATH_FAULT_NAME_UNSUPPORTED,      VERDICT_NAME_CONSTRAINT,            "unsupported or invalid name constraint syntax")   \
    X(PATH_FAULT_NAMES_TOO_MANY,        VERDICT_NAME_CONSTRAINT,            "too many name constraints")                        \
    X(PATH_FAULT_POLICY,                VERDICT_POLICY,                     "no explicit policy")                              \
    X(PATH_FAULT_PURPOSE,               VERDICT_UNSUPPORTED_PURPOSE,        "unsupported certificate purpose")                 \
    /* Ours, and the last: whatever else is wrong, a path that could not be looked at may be valid. */                         \
    X(PATH_FAULT_OUT_OF_MEMORY,         VERDICT_OUT_OF_MEMORY,              "out of memory")
/* clang-format on */

#define PATH_FAULT_ENUM_ROW(name, reason, text) name,
enum path_fault { PATH_FAULT_LIST(PATH_FAULT_ENUM_ROW) PATH_FAULT_COUNT };

#endif
