/*
 * Which cipher suites and groups the gateway knows, by the names that configurations use (IANA's
 * for suites). Any thread; constant tables, and checks of a policy for the control thread.
 */
#ifndef TLS_TLS_POLICY_H
#define TLS_TLS_POLICY_H

#include <stdbool.h>

#include "base/result.h"
#include "base/text.h"
#include "config/config.h"
#include "config/diagnostics.h"

/* "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" and the like; exact spelling. */
bool tls_policy_knows_suite(const char *iana_name);

/* "X25519MLKEM768", "X25519", "P-256", "P-384" */
bool tls_policy_knows_group(const char *name);

/* The n-th known name, for help texts and suggestions; NULL past the last. */
const char *tls_policy_suite_name(size_t index);
const char *tls_policy_group_name(size_t index);

/*
 * Adds an error for an unknown or unavailable name (at its own place), and one at place when
 * nothing is left that a version of the policy could use; a note for suites that a named policy
 * lists but this build does without (RSA key exchange). ERROR_BAD_CONFIG with any error.
 */
struct result tls_policy_check(const struct config_tls_policy *policy, struct config_place place,
                               struct diagnostics *diagnostics);

/* wolfSSL's list of the policy's suites, in its order, separated by colons; NUL-terminated. */
struct result tls_policy_write_suites(const struct config_tls_policy *policy, struct text *text);

/* wolfSSL's numbers of the policy's groups, in its order. */
struct result tls_policy_list_groups(const struct config_tls_policy *policy, int *groups,
                                     size_t capacity, size_t *ret_count);

/* OpenSSL's name of a suite, as nginx prints it: TLS_AES_128_GCM_SHA256,
 * ECDHE-RSA-AES128-GCM-SHA256. */
const char *tls_policy_openssl_name(uint16_t suite);

#endif
