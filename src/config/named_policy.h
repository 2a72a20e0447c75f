/*
 * TLS versions, cipher suites and groups: the words that a configuration may name, and the named
 * policies of the original. Constants; any thread.
 */
#ifndef CONFIG_NAMED_POLICY_H
#define CONFIG_NAMED_POLICY_H

#include "arena.h"
#include "config/config.h"
#include "schema.h"

/* For the schema. A suite's value is the enum config_tls_version that it belongs to. */
extern const struct setting_word named_policy_names[];
extern const struct setting_word named_policy_versions[];
extern const struct setting_word named_policy_suites[];
extern const struct setting_word named_policy_groups[];

/* The name of the policy that takes the profile's own lists. */
extern const char named_policy_custom[];

/*
 * Fills in what the named policy and the defaults say: versions, suites and, when none were given,
 * groups. Of a custom policy only the groups.
 */
struct result named_policy_complete(struct config_tls_policy *policy, struct arena *arena);

/* The set of versions that the policy's suites belong to. */
unsigned named_policy_versions_of_suites(const struct config_tls_policy *policy);

#endif
