/*
 * Tells what a judgement came upon. Called by judge.c when somebody asks, never for a client's
 * connection: of the path that came furthest each rule is tried once more by itself, with the same
 * functions.
 */
#include "trust/judge_trace.h"

#include "judging.h"
#include "name_constraints.h"
#include "name_text.h"
#include "path_rules.h"
#include "policy_content.h"
#include "x509_signature.h"

_Static_assert(JUDGE_TRACE_PATH_MAX >= PATH_LENGTH_MAX, "every path must fit");

#define FAULT_TEXT_ROW(name, reason, text) [name] = text,
static const char *const fault_texts[PATH_FAULT_COUNT] = {PATH_FAULT_LIST(FAULT_TEXT_ROW)};

#define CHECK_WORD_ROW(name, word, claim) [name] = word,
static const char *const words[JUDGE_CHECK_COUNT] = {JUDGE_CHECK_LIST(CHECK_WORD_ROW)};

#define CHECK_CLAIM_ROW(name, word, claim) [name] = claim,
static const char *const claims[JUDGE_CHECK_COUNT] = {JUDGE_CHECK_LIST(CHECK_CLAIM_ROW)};

/* In which check each rule of a path shows. */
static const enum judge_check checks_of_rules[PATH_RULE_COUNT] = {
    [PATH_RULE_CRITICAL_EXTENSIONS] = JUDGE_CHECK_CRITICAL_EXTENSIONS,
    [PATH_RULE_BASIC_CONSTRAINTS] = JUDGE_CHECK_BASIC_CONSTRAINTS,
    [PATH_RULE_KEY_USAGE] = JUDGE_CHECK_KEY_USAGE,
    [PATH_RULE_PATH_LENGTH] = JUDGE_CHECK_PATH_LENGTH,
    [PATH_RULE_STRENGTH] = JUDGE_CHECK_STRENGTH,
    [PATH_RULE_SIGNATURES] = JUDGE_CHECK_SIGNATURES,
    [PATH_RULE_DATES] = JUDGE_CHECK_VALIDITY,
    [PATH_RULE_NAMES] = JUDGE_CHECK_NAME_CONSTRAINTS,
    [PATH_RULE_POLICIES] = JUDGE_CHECK_POLICIES,
    [PATH_RULE_PURPOSE] = JUDGE_CHECK_PURPOSE,
};

const char *judge_trace_word(enum judge_check check)
{
    return words[check];
}

const char *judge_trace_claim(enum judge_check check)
{
    return claims[check];
}

static void pass(struct judge_trace *trace, enum judge_check check)
{
    trace->checks[check].result = JUDGE_CHECK_PASSED;
}

static void fail(struct judge_trace *trace, enum judge_check check, const struct verdict *verdict)
{
    trace->checks[check] =
        (struct judge_trace_check){JUDGE_CHECK_FAILED, verdict->depth, verdict->text};
    trace->decisive = check;
}

static void pass_or_fail(struct judge_trace *trace, enum judge_check check,
                         const struct verdict *verdict, enum verdict_reason failure)
{
    if (trace->checks[check].result == JUDGE_CHECK_NOT_ASKED) {
        return;
    }
    if (verdict->reason == failure) {
        fail(trace, check, verdict);
    } else {
        pass(trace, check);
    }
}

static void list_issuer_names(const struct trust_policy *policy, struct judge_trace *trace)
{
    static const char cut[] = " ...";
    struct text text = text_over(trace->issuer_names, sizeof(trace->issuer_names) - sizeof(cut));
    for (size_t i = 0; i < policy->issuer_name_count && policy->verify_issuer_name; i++) {
        text_append_string(&text, i > 0 ? " or " : "");
        name_text_append_rfc2253(policy->issuer_names[i], &text);
    }
    memcpy(trace->issuer_names + text.length, text.overflowed ? cut : "",
           text.overflowed ? sizeof(cut) : 1);
}

static void mark_what_is_not_asked(const struct trust_policy *policy, struct judge_trace *trace)
{
    const struct {
        enum judge_check check;
        bool is_asked;
    } options[] = {
        {JUDGE_CHECK_PATH, !policy->waives_trust},
        {JUDGE_CHECK_SIGNATURES, !policy->waives_trust},
        {JUDGE_CHECK_ISSUER_DN, policy->verify_issuer_name},
        {JUDGE_CHECK_IDENTITY, policy->identities.count > 0},
        {JUDGE_CHECK_REVOCATION,
         policy->revocation != CONFIG_REVOCATION_NONE && !policy->waives_trust},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (!options[i].is_asked) {
            trace->checks[options[i].check].result = JUDGE_CHECK_NOT_ASKED;
        }
    }
}

static void find_trusted_file(const struct trust_policy *policy,
                              struct judge_trace_certificate *certificate)
{
    for (size_t i = 0; i < policy->chain_count && certificate->trusted_path == NULL; i++) {
        const struct ca_file *file = &policy->chains[i].file;
        for (size_t ca = 0; ca < file->count; ca++) {
            if (bytes_equal(file->certificates[ca].certificate.der, certificate->der)) {
                certificate->trusted_path = file->path;
                certificate->trusted_line = file->certificates[ca].line;
                break;
            }
        }
    }
}

static void list_path(const struct judging *judging, struct judge_trace *trace)
{
    const struct path_outcome *outcome = &judging->outcome;
    trace->path_count = outcome->count;
    for (size_t i = 0; i < outcome->count; i++) {
        struct judge_trace_certificate *certificate = &trace->path[i];
        *certificate = (struct judge_trace_certificate){.der = outcome->certificates[i]->der,
                                                        .presented_index = -1};
        for (size_t n = 0; n < judging->chain_count && certificate->presented_index < 0; n++) {
            certificate->presented_index =
                bytes_equal(judging->chain[n], certificate->der) ? (int32_t)n : -1;
        }
        find_trusted_file(judging->policy, certificate);
    }
}

static enum path_fault check_signature(void *opaque, size_t index)
{
    const struct path_outcome *outcome = opaque;
    const struct certificate *child = outcome->certificates[index];
    return x509_signature_is_valid(&outcome->certificates[index + 1]->key,
                                   &child->signature_algorithm, child->tbs, child->signature)
               ? PATH_FAULT_NONE
               : PATH_FAULT_SIGNATURE;
}

/* Signatures by weak keys and algorithms are not looked at: the library refuses to. */
static bool is_rule_tried(const struct judge_trace *trace, enum judge_check check)
{
    return trace->checks[check].result != JUDGE_CHECK_NOT_ASKED &&
           (check != JUDGE_CHECK_SIGNATURES ||
            trace->checks[JUDGE_CHECK_STRENGTH].result == JUDGE_CHECK_PASSED);
}

static void try_rules(const struct judging *judging, struct judge_trace *trace)
{
    struct path_outcome outcome = judging->outcome;
    for (unsigned rule = 0; rule < PATH_RULE_COUNT; rule++) {
        uint32_t names_budget = NAME_CONSTRAINTS_BUDGET;
        struct path_rules_input input = {.path = outcome.certificates,
                                         .count = outcome.count,
                                         .now_seconds = judging->now_seconds,
                                         .check_signature = check_signature,
                                         .search = &outcome,
                                         .names_budget = &names_budget};
        struct judge_trace_check *check = &trace->checks[checks_of_rules[rule]];
        if (!is_rule_tried(trace, checks_of_rules[rule])) {
            continue;
        }
        enum path_fault fault = path_rules_check_one(&input, rule, &check->depth);
        check->result = fault == PATH_FAULT_NONE ? JUDGE_CHECK_PASSED : JUDGE_CHECK_FAILED;
        check->text = fault == PATH_FAULT_NONE ? NULL : fault_texts[fault];
    }
}

/* The fault of the verdict in terms of checks; an invalid CA is found by either of two rules. */
static enum judge_check check_of_fault(const struct judge_trace *trace, enum path_fault fault)
{
    static const enum judge_check checks[PATH_FAULT_COUNT] = {
        [PATH_FAULT_UNREADABLE_LEAF] = JUDGE_CHECK_PARSES,
        [PATH_FAULT_NO_ISSUER_OF_LEAF] = JUDGE_CHECK_PATH,
        [PATH_FAULT_NO_LOCAL_ISSUER] = JUDGE_CHECK_PATH,
        [PATH_FAULT_UNREADABLE_ISSUER] = JUDGE_CHECK_PARSES,
        [PATH_FAULT_NO_ISSUER] = JUDGE_CHECK_PATH,
        [PATH_FAULT_SELF_SIGNED] = JUDGE_CHECK_PATH,
        [PATH_FAULT_SELF_SIGNED_IN_CHAIN] = JUDGE_CHECK_PATH,
        [PATH_FAULT_TOO_LONG] = JUDGE_CHECK_PATH,
        [PATH_FAULT_CRITICAL_EXTENSION] = JUDGE_CHECK_CRITICAL_EXTENSIONS,
        [PATH_FAULT_INVALID_CA] = JUDGE_CHECK_BASIC_CONSTRAINTS,
        [PATH_FAULT_PATH_LENGTH] = JUDGE_CHECK_PATH_LENGTH,
        [PATH_FAULT_WEAK_LEAF_KEY] = JUDGE_CHECK_STRENGTH,
        [PATH_FAULT_WEAK_CA_KEY] = JUDGE_CHECK_STRENGTH,
        [PATH_FAULT_WEAK_DIGEST] = JUDGE_CHECK_STRENGTH,
        [PATH_FAULT_SIGNATURE] = JUDGE_CHECK_SIGNATURES,
        [PATH_FAULT_NOT_YET_VALID] = JUDGE_CHECK_VALIDITY,
        [PATH_FAULT_EXPIRED] = JUDGE_CHECK_VALIDITY,
        [PATH_FAULT_NAME_NOT_PERMITTED] = JUDGE_CHECK_NAME_CONSTRAINTS,
        [PATH_FAULT_NAME_EXCLUDED] = JUDGE_CHECK_NAME_CONSTRAINTS,
        [PATH_FAULT_NAME_UNSUPPORTED] = JUDGE_CHECK_NAME_CONSTRAINTS,
        [PATH_FAULT_NAMES_TOO_MANY] = JUDGE_CHECK_NAME_CONSTRAINTS,
        [PATH_FAULT_POLICY] = JUDGE_CHECK_POLICIES,
        [PATH_FAULT_PURPOSE] = JUDGE_CHECK_PURPOSE,
        [PATH_FAULT_OUT_OF_MEMORY] = JUDGE_CHECK_SIGNATURES,
    };
    const struct judge_trace_check *key_usage = &trace->checks[JUDGE_CHECK_KEY_USAGE];
    const struct judge_trace_check *constraints = &trace->checks[JUDGE_CHECK_BASIC_CONSTRAINTS];
    bool is_key_usage =
        key_usage->result == JUDGE_CHECK_FAILED &&
        (constraints->result != JUDGE_CHECK_FAILED || key_usage->depth < constraints->depth);
    return fault == PATH_FAULT_INVALID_CA && is_key_usage ? JUDGE_CHECK_KEY_USAGE : checks[fault];
}

/* Faults that stand before the first rule of the list are those of finding a path at all. */
static bool has_whole_path(const struct judging *judging)
{
    return judging->has_outcome &&
           (judging->fault == PATH_FAULT_NONE || judging->fault >= PATH_FAULT_CRITICAL_EXTENSION);
}

static void trace_path(const struct judging *judging, struct judge_trace *trace)
{
    bool is_whole = has_whole_path(judging);
    if (judging->has_outcome) {
        list_path(judging, trace);
        pass(trace, JUDGE_CHECK_PARSES);
    }
    trace->reaches_root = is_whole && !judging->policy->waives_trust;
    if (trace->reaches_root) {
        pass(trace, JUDGE_CHECK_PATH);
    }
    if (is_whole) {
        try_rules(judging, trace);
    }
}

void judge_trace_fill(const struct judging *judging, const struct verdict *verdict,
                      struct judge_trace *ret_trace)
{
    *ret_trace = (struct judge_trace){.decisive = JUDGE_CHECK_COUNT};
    mark_what_is_not_asked(judging->policy, ret_trace);
    list_issuer_names(judging->policy, ret_trace);
    pass_or_fail(ret_trace, JUDGE_CHECK_PRESENTED, verdict, VERDICT_NO_CERTIFICATE);
    if (judging->chain_count == 0) {
        return;
    }
    trace_path(judging, ret_trace);
    if (judging->fault != PATH_FAULT_NONE) {
        fail(ret_trace, check_of_fault(ret_trace, judging->fault), verdict);
        return;
    }
    pass_or_fail(ret_trace, JUDGE_CHECK_ISSUER_DN, verdict, VERDICT_ISSUER_DN_MISMATCH);
    if (verdict->reason != VERDICT_ISSUER_DN_MISMATCH) {
        pass_or_fail(ret_trace, JUDGE_CHECK_IDENTITY, verdict, VERDICT_IDENTITY_NOT_MATCHED);
    }
    if (verdict_is_success(verdict) && ret_trace->path_count < 2) {
        ret_trace->checks[JUDGE_CHECK_REVOCATION].result = JUDGE_CHECK_NOT_ASKED;
    }
}

void judge_trace_add_revocation(struct judge_trace *trace, const struct verdict *verdict)
{
    if (verdict_is_success(verdict)) {
        pass(trace, JUDGE_CHECK_REVOCATION);
    } else {
        fail(trace, JUDGE_CHECK_REVOCATION, verdict);
    }
}
