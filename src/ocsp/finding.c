/*
 * Judging a response and keeping what it says. What was believed before is replaced by a believed
 * answer alone; a fetch that came to nothing only adds its failure.
 */
#include "finding.h"

#include "trust/ocsp_life.h"

static void count(_Atomic uint64_t *value)
{
    /* The engine's thread is the only writer. */
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* What was said ahead of the clock, which must have been set back, is no measure of today. */
static bool is_of_future(const struct ocsp_answer *answer, int64_t now_seconds)
{
    return answer->this_update_seconds > now_seconds + OCSP_SKEW_SECONDS;
}

/*
 * A revocation is undone by what was signed after it alone, also when its own answer has ended:
 * nothing else tells that somebody has looked again. Nor does an older one that revokes as well
 * take its place: what was signed between the two would undo both.
 */
static bool is_outdated_by_revocation(const struct ocsp_answer *answer,
                                      const struct ocsp_answer *former)
{
    return answer->status == OCSP_REVOKED
               ? answer->this_update_seconds < former->this_update_seconds
               : answer->this_update_seconds <= former->this_update_seconds;
}

/* Who does not know the certificate does not say that it is not revoked, whenever that was. */
static bool contradicts(const struct ocsp_answer *answer, const struct ocsp_answer *former)
{
    return answer->status != former->status &&
           !(answer->status == OCSP_REVOKED && former->status == OCSP_UNKNOWN);
}

/* A response that is still valid but older than what we hold, and says otherwise, is a replay, or
 * comes from a cache that has not heard the news. */
static bool is_outdated(const struct ocsp_answer *answer, const struct ocsp_state *known,
                        const struct ocsp_manner *manner, int64_t now_seconds)
{
    const struct ocsp_answer *former = &known->answer;
    if (!known->has_answer) {
        return false;
    }
    if (former->status == OCSP_REVOKED && !is_of_future(former, now_seconds)) {
        return is_outdated_by_revocation(answer, former);
    }
    return contradicts(answer, former) &&
           ocsp_life_is_current(known, manner->max_age_ms, now_seconds) &&
           answer->this_update_seconds < former->this_update_seconds;
}

/* It must not take the revocation's place: when it has ended, nobody would know of that. */
static bool is_forgetful(const struct ocsp_answer *answer, const struct ocsp_state *known)
{
    return answer->status == OCSP_UNKNOWN && known->has_answer &&
           known->answer.status == OCSP_REVOKED;
}

static enum ocsp_fault judge(const struct finding *finding, const struct ocsp_state *known,
                             int64_t now_seconds, struct ocsp_answer *ret_answer)
{
    if (finding->fault != OCSP_FAULT_NONE) {
        return finding->fault;
    }
    enum ocsp_fault fault = ocsp_response_judge(finding->response, finding->question,
                                                finding->nonce, now_seconds, ret_answer);
    if (fault != OCSP_FAULT_NONE) {
        return fault;
    }
    if (is_outdated(ret_answer, known, finding->manner, now_seconds)) {
        return OCSP_FAULT_EXPIRED;
    }
    return is_forgetful(ret_answer, known) ? OCSP_FAULT_FORGOTTEN : OCSP_FAULT_NONE;
}

static void note_answer(struct ocsp_state *state, const struct ocsp_answer *answer,
                        int64_t retry_at_seconds, int64_t now_seconds)
{
    *state = (struct ocsp_state){
        .has_answer = true, .answer = *answer, .received_at_seconds = now_seconds};
    if (answer->status == OCSP_UNKNOWN) {
        state->retry_at_seconds = retry_at_seconds;
    }
}

static void note_failure(struct ocsp_state *state, enum ocsp_fault fault, int64_t retry_at_seconds,
                         int64_t now_seconds)
{
    state->failure = fault;
    state->failed_at_seconds = now_seconds;
    state->retry_at_seconds = retry_at_seconds;
}

static void count_outcome(const struct finding_place *place, const struct ocsp_state *state,
                          enum ocsp_fault fault)
{
    static const enum ocsp_counter counter_of[] = {[OCSP_GOOD] = OCSP_COUNTER_GOOD,
                                                   [OCSP_REVOKED] = OCSP_COUNTER_REVOKED,
                                                   [OCSP_UNKNOWN] = OCSP_COUNTER_UNKNOWN};
    if (fault != OCSP_FAULT_NONE) {
        count(&place->counters->values[OCSP_COUNTER_FAILED]);
        count(&place->counters->faults[fault]);
    } else {
        count(&place->counters->values[counter_of[state->answer.status]]);
    }
}

/* Without memory or room for it the state is known to who waits for it, and to nobody else; what an
 * answer has outdated must not be found in its place. */
static void put(const struct finding_place *place, const struct finding *finding,
                struct bytes response, const struct ocsp_state *state)
{
    const struct ocsp_id id = finding->question->id;
    struct ocsp_record *record = NULL;
    if (result_is_ok(
            ocsp_record_create(state, finding->question, finding->manner, response, &record))) {
        (void)ocsp_cache_put(place->settings->cache, place->member, record);
    } else {
        ocsp_cache_forgo(place->settings->cache, place->member, &id, state);
    }
}

/*
 * Whom the answer keeps out may be inside by a good answer, by a failure that a profile forgives,
 * or by nothing that we know of: where another profile has no responder for it, or what was known
 * has been pushed out. A revocation that was known has let nobody in, and who stays unknown is out
 * for moments only.
 */
static bool may_be_inside(const struct ocsp_state *before, enum ocsp_status status)
{
    if (!before->has_answer || before->answer.status == OCSP_GOOD) {
        return true;
    }
    return before->answer.status == OCSP_UNKNOWN &&
           (status == OCSP_REVOKED || before->failure != OCSP_FAULT_NONE);
}

void finding_keep(const struct finding_place *place, struct finding *finding, int64_t now_seconds,
                  struct ocsp_state *ret_state)
{
    const struct ocsp_id id = finding->question->id;
    struct ocsp_cache *cache = place->settings->cache;
    const struct ocsp_record *before = ocsp_cache_peek(cache, &id);
    struct ocsp_state state = before != NULL ? before->state : (struct ocsp_state){0};
    const struct ocsp_state former = state;
    int64_t retry_at_seconds = now_seconds + ocsp_life_seconds(finding->manner->retry_after_ms);
    struct bytes response = before != NULL ? before->response : (struct bytes){0};
    struct ocsp_answer answer = {0};
    finding->fault = judge(finding, &state, now_seconds, &answer);
    if (finding->fault == OCSP_FAULT_NONE) {
        note_answer(&state, &answer, retry_at_seconds, now_seconds);
        response = finding->response;
    } else {
        note_failure(&state, finding->fault, retry_at_seconds, now_seconds);
    }
    count_outcome(place, &state, finding->fault);
    if (finding->fault == OCSP_FAULT_OVERLOAD) {
        ocsp_question_destroy(finding->question);
    } else {
        put(place, finding, response, &state);
    }
    finding->question = NULL;
    if (finding->is_waited_for) {
        (void)ocsp_cache_find(cache, &id, now_seconds); /* it is in use: touched */
    }
    /* A failure says nothing that was not known. */
    finding->is_withdrawal = finding->fault == OCSP_FAULT_NONE &&
                             state.answer.status != OCSP_GOOD &&
                             may_be_inside(&former, state.answer.status);
    *ret_state = state;
}
