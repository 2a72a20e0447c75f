/*
 * The identity rules of a profile (allow_identity), ready to be compared with certificates. Built
 * by the control thread, immutable afterwards, read by every worker; owned by a trust policy.
 *
 * Claims are compared with the fields of the certificate as they are encoded, never with text made
 * for people: no escape in a name can make one certificate look like another.
 */
#ifndef TRUST_IDENTITY_RULE_H
#define TRUST_IDENTITY_RULE_H

#include "base/result.h"
#include "certificate.h"
#include "config/config.h"
#include "config/diagnostics.h"

struct identity_rule;

/* Zeroed: no rules. */
struct identity_rule_set {
    struct identity_rule *rules;
    size_t count;
};

/*
 * Compiles the profile's lines; names that cannot be read are told with their line and are
 * ERROR_BAD_CONFIG. On a failure too the set is to be deinitialised.
 */
struct result identity_rule_set_init(struct identity_rule_set *set,
                                     const struct config_ssl_profile *profile,
                                     struct diagnostics *diagnostics);

/* Accepts a zeroed set. */
void identity_rule_set_deinit(struct identity_rule_set *set);

/*
 * Whether leaf makes all claims of one rule at least; without rules always. issuer is the
 * certificate above it on the verified path, NULL when none was verified: then no claim about it
 * holds. Bounded by the number of rules; each digest is made once at most.
 */
bool identity_rule_set_allows(const struct identity_rule_set *set, const struct certificate *leaf,
                              const struct certificate *issuer);

/* SHA-256 over all rules: equal ones allow alike. False when the library fails. */
bool identity_rule_set_digest(const struct identity_rule_set *set, uint8_t out[32]);

#endif
