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

enum config_verify_mode trust_policy_mode(const struct trust_policy *policy);

/*
 * The DER Names (RFC 5280 4.1.2.4) for the CertificateRequest, each once, in the order of the
 * files: the subjects of all trusted CAs. index below the count. The bytes live as long as the
 * policy.
 */
size_t trust_policy_ca_name_count(const struct trust_policy *policy);
struct bytes trust_policy_ca_name(const struct trust_policy *policy, size_t index);

#endif
