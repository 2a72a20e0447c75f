/*
 * The order of the checks on a presented chain: presented at all, readable, a valid path, the
 * issuer's name, the identity rules. Called by workers for each chain that they have no verdict
 * for. What comes last, revocation, may have to wait and is therefore asked apart (revocation.h).
 */
#include "trust/judge.h"

#include "judging.h"
#include "name.h"
#include "name_constraints.h"
#include "path_rules.h"
#include "policy_content.h"

#define FAULT_REASON_ROW(name, reason, text) [name] = {reason, text},
static const struct {
    enum verdict_reason reason;
    const char *text;
} faults[PATH_FAULT_COUNT] = {PATH_FAULT_LIST(FAULT_REASON_ROW)};

static struct verdict verdict_of_fault(enum path_fault fault)
{
    struct verdict verdict = verdict_for(faults[fault].reason);
    verdict.text = faults[fault].text;
    return verdict;
}

/* False when the leaf cannot be read; the others are only needed if a path leads through them. */
static bool read_chain(const struct bytes *chain, size_t chain_count, struct presented_chain *read)
{
    read->count = chain_count;
    for (size_t i = 0; i < chain_count; i++) {
        read->is_readable[i] = certificate_read(chain[i], &read->certificates[i]);
    }
    return read->is_readable[0];
}

static int32_t find_presented(const struct presented_chain *chain,
                              const struct path_outcome *outcome)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (outcome->fault == PATH_FAULT_UNREADABLE_ISSUER && !chain->is_readable[i]) {
            return (int32_t)i;
        }
        if (outcome->fault != PATH_FAULT_UNREADABLE_ISSUER &&
            outcome->certificates[outcome->depth] == &chain->certificates[i]) {
            return (int32_t)i;
        }
    }
    return -1;
}

static struct verdict verdict_of_path(const struct presented_chain *chain,
                                      const struct path_outcome *outcome)
{
    struct verdict verdict = verdict_of_fault(outcome->fault);
    verdict.depth = outcome->depth;
    verdict.presented_index = find_presented(chain, outcome);
    verdict.signature_check_count = outcome->signature_check_count;
    verdict.valid_until_seconds = outcome->valid_until_seconds;
    return verdict;
}

/* Spec of verify_client_cert_issuer_dn: the issuer of one of the profile's files, and only that
 * one. */
static bool issuer_name_is_allowed(const struct trust_policy *policy,
                                   const struct certificate *leaf)
{
    for (size_t i = 0; i < policy->issuer_name_count; i++) {
        if (name_equal(policy->issuer_names[i], leaf->issuer)) {
            return true;
        }
    }
    return !policy->verify_issuer_name;
}

/* validate_not_before and validate_not_after are about the client's own certificate: a date that
 * does not count becomes one that is never reached. */
static void waive_dates(const struct trust_policy *policy, struct certificate *leaf)
{
    if (policy->waives_not_before) {
        leaf->not_before_seconds = INT64_MIN;
    }
    if (policy->waives_not_after) {
        leaf->not_after_seconds = INT64_MAX;
    }
}

/* validate_trust = off: of the rules for paths those that a certificate keeps or breaks by itself;
 * nobody vouches for it, so no signature is looked at. */
static void judge_leaf_alone(const struct certificate *leaf, int64_t now_seconds,
                             struct path_outcome *ret_outcome)
{
    uint32_t names_budget = NAME_CONSTRAINTS_BUDGET;
    struct path_rules_input input = {
        .path = &leaf, .count = 1, .now_seconds = now_seconds, .names_budget = &names_budget};
    ret_outcome->signature_check_count = 0;
    ret_outcome->certificates[0] = leaf;
    ret_outcome->count = 1;
    ret_outcome->fault = path_rules_check(&input, &ret_outcome->depth);
    ret_outcome->valid_until_seconds =
        ret_outcome->fault == PATH_FAULT_NONE ? leaf->not_after_seconds : 0;
}

/* The issuer on the verified path; a root that is a client itself is its own. */
static const struct certificate *verified_issuer(const struct trust_policy *policy,
                                                 const struct path_outcome *outcome)
{
    return policy->waives_trust ? NULL : outcome->certificates[outcome->count > 1 ? 1 : 0];
}

static enum verdict_reason check_identity(const struct trust_policy *policy,
                                          const struct path_outcome *outcome)
{
    const struct certificate *leaf = outcome->certificates[0];
    if (!issuer_name_is_allowed(policy, leaf)) {
        return VERDICT_ISSUER_DN_MISMATCH;
    }
    if (!identity_rule_set_allows(&policy->identities, leaf, verified_issuer(policy, outcome))) {
        return VERDICT_IDENTITY_NOT_MATCHED;
    }
    return VERDICT_SUCCESS;
}

static struct verdict verdict_of_identity(const struct judging *judging)
{
    struct verdict verdict = verdict_of_path(&judging->read, &judging->outcome);
    verdict.reason = check_identity(judging->policy, &judging->outcome);
    if (verdict.reason != VERDICT_SUCCESS) {
        verdict.text = verdict_text(verdict.reason);
        verdict.valid_until_seconds = 0;
    }
    return verdict;
}

/* The one way to a verdict; judging has its first four fields. */
static struct verdict judge(struct judging *judging)
{
    const struct trust_policy *policy = judging->policy;
    judging->fault = PATH_FAULT_NONE;
    judging->has_outcome = false;
    if (judging->chain_count == 0) {
        return verdict_for(VERDICT_NO_CERTIFICATE);
    }
    if (judging->chain_count > PATH_PRESENTED_COUNT_MAX) {
        judging->fault = PATH_FAULT_TOO_LONG;
        return verdict_of_fault(judging->fault);
    }
    if (!read_chain(judging->chain, judging->chain_count, &judging->read)) {
        judging->fault = PATH_FAULT_UNREADABLE_LEAF;
        return verdict_of_fault(judging->fault);
    }
    waive_dates(policy, &judging->read.certificates[0]);
    if (policy->waives_trust) {
        judge_leaf_alone(&judging->read.certificates[0], judging->now_seconds, &judging->outcome);
    } else {
        path_find(&judging->read, &policy->trusted, judging->now_seconds, &judging->outcome);
    }
    judging->has_outcome = true;
    judging->fault = judging->outcome.fault;
    return judging->fault == PATH_FAULT_NONE ? verdict_of_identity(judging)
                                             : verdict_of_path(&judging->read, &judging->outcome);
}

/* Not by an initialiser, which would clear all the room for certificates. */
static void prepare(struct judging *judging, const struct trust_policy *policy,
                    const struct bytes *chain, size_t chain_count, int64_t now_seconds)
{
    judging->policy = policy;
    judging->chain = chain;
    judging->chain_count = chain_count;
    judging->now_seconds = now_seconds;
}

struct verdict judge_chain(const struct trust_policy *policy, const struct bytes *chain,
                           size_t chain_count, int64_t now_seconds)
{
    struct judging judging;
    prepare(&judging, policy, chain, chain_count, now_seconds);
    return judge(&judging);
}

static int32_t presented_index_of(const struct judging *judging,
                                  const struct certificate *certificate)
{
    for (size_t i = 0; i < judging->read.count; i++) {
        if (certificate == &judging->read.certificates[i]) {
            return (int32_t)i;
        }
    }
    return -1;
}

static void tell_path(const struct judging *judging, struct judge_path *ret_path)
{
    _Static_assert(JUDGE_PATH_MAX == PATH_LENGTH_MAX, "every path has room");
    for (size_t i = 0; i < judging->outcome.count; i++) {
        const struct certificate *certificate = judging->outcome.certificates[i];
        ret_path->certificates[i] = certificate->der;
        ret_path->presented_indexes[i] = presented_index_of(judging, certificate);
    }
    ret_path->count = judging->outcome.count;
}

struct verdict judge_chain_path(const struct trust_policy *policy, const struct bytes *chain,
                                size_t chain_count, int64_t now_seconds,
                                struct judge_path *ret_path)
{
    struct judging judging;
    prepare(&judging, policy, chain, chain_count, now_seconds);
    struct verdict verdict = judge(&judging);
    ret_path->count = 0;
    if (verdict_is_success(&verdict) && judging.has_outcome && !policy->waives_trust) {
        tell_path(&judging, ret_path);
    }
    return verdict;
}

struct verdict judge_chain_traced(const struct trust_policy *policy, const struct bytes *chain,
                                  size_t chain_count, int64_t now_seconds,
                                  struct judge_trace *ret_trace)
{
    struct judging judging;
    prepare(&judging, policy, chain, chain_count, now_seconds);
    struct verdict verdict = judge(&judging);
    judge_trace_fill(&judging, &verdict, ret_trace);
    return verdict;
}
