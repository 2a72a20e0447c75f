/*
 * What one SSL profile trusts: its roots, its intermediates, the issuer names it demands, its mode.
 *
 * Built by the control thread from the checked configuration, immutable from then on, read by every
 * worker without a lock; part of a generation and destroyed with it.
 */
#ifndef TRUST_TRUST_POLICY_H
#define TRUST_TRUST_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "config/diagnostics.h"

#define TRUST_POLICY_ID_SIZE 32

struct trust_policy;

/*
 * Loads every trusted_client_ca file of the profile. Every mistake and warning goes to diagnostics
 * with file, line, code and remedy. One file that cannot be used fails the whole policy with
 * ERROR_BAD_CONFIG: never a smaller trust set. profile need not outlive the call.
 */
struct result trust_policy_create(const struct config_ssl_profile *profile,
                                  struct diagnostics *diagnostics,
                                  struct trust_policy **ret_policy);

/* Accepts NULL. No thread may use the policy any more. */
void trust_policy_destroy(struct trust_policy *policy);

/* SHA-256 over everything that decides a verdict: two policies with the same id judge alike. */
const uint8_t *trust_policy_id(const struct trust_policy *policy);

/* SHA-256 over the id, the mode and a place: what a session made at that place is good for.
 * ERROR_TLS_LIBRARY. */
struct result trust_policy_bind(const struct trust_policy *policy, struct bytes place,
                                uint8_t ret_binding[TRUST_POLICY_ID_SIZE]);

enum config_verify_mode trust_policy_mode(const struct trust_policy *policy);

/*
 * The DER Names (RFC 5280 4.1.2.4) for the CertificateRequest, each once, in the order of the
 * files: the subjects of all trusted CAs. index below the count. The bytes live as long as the
 * policy.
 */
size_t trust_policy_ca_name_count(const struct trust_policy *policy);
struct bytes trust_policy_ca_name(const struct trust_policy *policy, size_t index);

/* More bytes of names than this, lengths counted, do not fit the one record that a
 * CertificateRequest goes into (RFC 8446 5.1: 16384 bytes) beside its other parts. */
#define TRUST_POLICY_CA_NAMES_SIZE_MAX 16000

/*
 * The same names as certificate_authorities carries them, each with its length in 16 bits before
 * it: the content of the list in TLS 1.3's extension (RFC 8446 4.2.4) and in TLS 1.2's message (RFC
 * 5246 7.4.4). Empty when there are none or too many: then any certificate is asked for.
 */
struct bytes trust_policy_ca_name_list(const struct trust_policy *policy);

/* A CA that is trusted, and where it was read. */
struct trust_policy_ca {
    const char *path; /* the configuration's */
    int line;
    struct bytes der; /* the policy's */
};

/* All of them in the order of the files; index below the count. */
size_t trust_policy_ca_count(const struct trust_policy *policy);
struct trust_policy_ca trust_policy_ca_at(const struct trust_policy *policy, size_t index);

#endif
