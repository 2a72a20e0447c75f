/*
 * The order of the checks on a presented chain: presented at all, readable, a valid path, the
 * issuer's name. Called by workers for each chain that they have no verdict for. Identity rules and
 * revocation will come after the issuer's name, as further steps of judge_chain().
 */
#include "trust/judge.h"

#include "certificate.h"
#include "name.h"
#include "path.h"
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

struct verdict judge_chain(const struct trust_policy *policy, const struct bytes *chain,
                           size_t chain_count, int64_t now_seconds)
{
    struct presented_chain read;
    struct path_outcome outcome;
    if (chain_count == 0) {
        return verdict_for(VERDICT_NO_CERTIFICATE);
    }
    if (chain_count > PATH_PRESENTED_COUNT_MAX) {
        return verdict_of_fault(PATH_FAULT_TOO_LONG);
    }
    if (!read_chain(chain, chain_count, &read)) {
        return verdict_of_fault(PATH_FAULT_UNREADABLE_LEAF);
    }
    path_find(&read, &policy->trusted, now_seconds, &outcome);
    struct verdict verdict = verdict_of_path(&read, &outcome);
    if (outcome.fault == PATH_FAULT_NONE &&
        !issuer_name_is_allowed(policy, &read.certificates[0])) {
        verdict.reason = VERDICT_ISSUER_DN_MISMATCH;
        verdict.text = verdict_text(VERDICT_ISSUER_DN_MISMATCH);
        verdict.valid_until_seconds = 0;
    }
    return verdict;
}
