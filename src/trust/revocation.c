/*
 * From what is known of each certificate to a verdict. Called by whoever has just found a path. A
 * certificate that is known to be out decides at once, whatever is still to be asked of the others.
 */
#include "trust/revocation.h"

#include "policy_content.h"
#include "trust/ocsp_life.h"

enum finding { FINDING_IN, FINDING_OUT, FINDING_UNKNOWN };

struct examination {
    const struct trust_policy *policy;
    const struct revocation_input *input;
    struct revocation_outcome *outcome;
    struct ocsp_state state; /* of the certificate at hand */
    uint32_t depth;
    enum verdict_reason reason; /* of FINDING_OUT */
};

bool revocation_is_wanted(const struct trust_policy *policy)
{
    return policy->revocation == CONFIG_REVOCATION_OCSP;
}

const struct ocsp_manner *revocation_manner(const struct trust_policy *policy)
{
    return &policy->ocsp_manner;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void limit(struct examination *examination, int64_t until_seconds)
{
    examination->outcome->until_seconds =
        earlier(examination->outcome->until_seconds, until_seconds);
}

static enum finding refuse(struct examination *examination, enum verdict_reason reason,
                           int64_t until_seconds)
{
    examination->reason = reason;
    examination->outcome->until_seconds = until_seconds;
    return FINDING_OUT;
}

static void ask(struct examination *examination)
{
    struct revocation_outcome *outcome = examination->outcome;
    outcome->asked_depths[outcome->asked_count++] = examination->depth;
}

/* An answer can be believed at this moment: of the present, come in the present (the engine does
 * not believe it either if it was not, ocsp_life.c), and with the nonce that the profile wants. */
static bool is_answered(const struct examination *examination)
{
    const struct ocsp_state *state = &examination->state;
    int64_t present_end_seconds = examination->input->now_seconds + OCSP_SKEW_SECONDS;
    return state->has_answer &&
           (state->answer.has_nonce || !examination->policy->ocsp_manner.has_nonce) &&
           state->answer.this_update_seconds <= present_end_seconds &&
           state->received_at_seconds <= present_end_seconds;
}

/* One second, so that somebody else may try again soon. */
static int64_t moment_end(const struct examination *examination)
{
    return examination->input->now_seconds + 1;
}

static enum finding examine_answer(struct examination *examination, int64_t end_seconds)
{
    const struct ocsp_state *state = &examination->state;
    switch (state->answer.status) {
    case OCSP_GOOD:
        limit(examination, end_seconds);
        return FINDING_IN;
    case OCSP_REVOKED:
        return refuse(examination, VERDICT_REVOKED, end_seconds);
    case OCSP_UNKNOWN:
        /* Asked again soon: it may only be too new for the responder. */
        if (examination->input->now_seconds < state->retry_at_seconds) {
            return refuse(examination, VERDICT_REVOCATION_UNKNOWN, state->retry_at_seconds);
        }
        break;
    }
    if (examination->input->is_last_word) {
        return refuse(examination, VERDICT_REVOCATION_UNKNOWN, moment_end(examination));
    }
    ask(examination);
    return FINDING_UNKNOWN;
}

static bool was_revoked(const struct examination *examination)
{
    const struct ocsp_state *state = &examination->state;
    return state->has_answer && state->answer.status == OCSP_REVOKED;
}

static enum finding examine_failure(struct examination *examination, enum ocsp_fault fault,
                                    int64_t until_seconds)
{
    if (was_revoked(examination)) {
        /* An old answer, but a revocation does not pass, and nobody says otherwise. */
        return refuse(examination, VERDICT_REVOKED, until_seconds);
    }
    if (examination->policy->allows_ocsp_failure) {
        limit(examination, until_seconds);
        return FINDING_IN;
    }
    return refuse(examination,
                  fault == OCSP_FAULT_NO_URL ? VERDICT_NO_OCSP_URL : VERDICT_REVOCATION_UNAVAILABLE,
                  until_seconds);
}

/* There is no answer that holds by itself. */
static enum finding examine_without_answer(struct examination *examination, bool has_url)
{
    const struct ocsp_manner *manner = &examination->policy->ocsp_manner;
    int64_t now_seconds = examination->input->now_seconds;
    if (!has_url) {
        /* Another profile may have a responder for it: what that said is looked at again, at least
         * as often as an answer would be. */
        return examine_failure(examination, OCSP_FAULT_NO_URL,
                               now_seconds + ocsp_life_seconds(manner->max_age_ms));
    }
    if (ocsp_life_is_barred(&examination->state, now_seconds)) {
        return examine_failure(examination, examination->state.failure,
                               examination->state.retry_at_seconds);
    }
    if (examination->input->is_last_word) {
        return examine_failure(examination, OCSP_FAULT_TIMEOUT, moment_end(examination));
    }
    ask(examination);
    if (examination->policy->allows_ocsp_failure && !was_revoked(examination) &&
        examination->state.failure != OCSP_FAULT_NONE) {
        /* The responder is known to be dead, and its answer would not keep the client out but for
         * a revocation: nobody waits for it. */
        limit(examination, now_seconds + ocsp_life_seconds(manner->retry_after_ms));
        return FINDING_IN;
    }
    return FINDING_UNKNOWN;
}

/* The profile's grace for an answer that could not be fetched anew. */
static enum finding examine_stale(struct examination *examination, int64_t end_seconds)
{
    const struct ocsp_manner *manner = &examination->policy->ocsp_manner;
    int64_t grace_end = end_seconds + ocsp_life_seconds(manner->stale_grace_ms);
    if (!ocsp_life_is_barred(&examination->state, examination->input->now_seconds)) {
        ask(examination);
        grace_end = earlier(grace_end, moment_end(examination));
    } else {
        grace_end = earlier(grace_end, examination->state.retry_at_seconds);
    }
    return examine_answer(examination, grace_end);
}

static bool is_in_grace(const struct examination *examination, int64_t end_seconds)
{
    int64_t grace_end =
        end_seconds + ocsp_life_seconds(examination->policy->ocsp_manner.stale_grace_ms);
    return examination->state.failure != OCSP_FAULT_NONE &&
           examination->state.answer.status != OCSP_UNKNOWN &&
           examination->input->now_seconds < grace_end;
}

static enum finding examine(struct examination *examination)
{
    const struct judge_path *path = examination->input->path;
    const struct trust_policy *policy = examination->policy;
    struct ocsp_id *id = &examination->outcome->ids[examination->depth];
    struct ocsp_state *state = &examination->state;
    struct certificate certificate;
    struct bytes der = path->certificates[examination->depth];
    *state = (struct ocsp_state){0};
    struct result result =
        ocsp_question_identify(der, path->certificates[examination->depth + 1], id);
    if (!certificate_read(der, &certificate) || result.code == ERROR_BAD_INPUT) {
        return refuse(examination, VERDICT_REVOCATION_UNAVAILABLE, 0);
    }
    if (!result_is_ok(result)) {
        return refuse(examination, VERDICT_OUT_OF_MEMORY, 0);
    }
    examination->outcome->id_count = examination->depth + 1;
    (void)examination->input->look_up(examination->input->owner, id, state);
    if (is_answered(examination)) {
        int64_t end_seconds = ocsp_life_end(state, policy->ocsp_manner.max_age_ms);
        if (examination->input->now_seconds < end_seconds) {
            return examine_answer(examination, end_seconds);
        }
        if (is_in_grace(examination, end_seconds)) {
            return examine_stale(examination, end_seconds);
        }
    }
    return examine_without_answer(examination, certificate.ocsp_url.length > 0 ||
                                                   policy->ocsp_manner.url[0] != '\0');
}

static void decide_out(const struct examination *examination, struct verdict *verdict)
{
    struct verdict refusal = verdict_for(examination->reason);
    refusal.depth = examination->depth;
    refusal.presented_index = examination->input->path->presented_indexes[examination->depth];
    refusal.signature_check_count = verdict->signature_check_count;
    *verdict = refusal;
}

void revocation_judge(const struct trust_policy *policy, const struct revocation_input *input,
                      struct verdict *verdict, struct revocation_outcome *ret_outcome)
{
    size_t path_count = input->path->count;
    ret_outcome->id_count = 0;
    ret_outcome->asked_count = 0;
    ret_outcome->must_wait = false;
    ret_outcome->until_seconds = INT64_MAX;
    if (!revocation_is_wanted(policy) || path_count < 2) {
        return;
    }
    struct examination examination = {.policy = policy, .input = input, .outcome = ret_outcome};
    uint32_t count = policy->checks_ocsp_of_chain ? (uint32_t)(path_count - 1) : 1;
    for (uint32_t depth = 0; depth < count; depth++) {
        examination.depth = depth;
        enum finding finding = examine(&examination);
        if (finding == FINDING_OUT) {
            ret_outcome->must_wait = false;
            decide_out(&examination, verdict);
            return;
        }
        ret_outcome->must_wait |= finding == FINDING_UNKNOWN;
    }
    verdict->valid_until_seconds =
        earlier(verdict->valid_until_seconds, ret_outcome->until_seconds);
}
