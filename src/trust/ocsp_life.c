/*
 * The times of an OCSP answer and of a failure (RFC 6960 4.2.2.1, RFC 5019 6.1). Called by the
 * engine and by whoever judges, on any thread; pure arithmetic.
 */
#include "trust/ocsp_life.h"

static int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t higher(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* One that had ended by our clock when it came was let in by the skew, and lasts as long as that.
 */
static int64_t end_by_responder(const struct ocsp_state *state)
{
    int64_t next_update = state->answer.next_update_seconds;
    if (next_update == 0) {
        return state->received_at_seconds + OCSP_LIFE_SECONDS_DEFAULT;
    }
    return next_update > state->received_at_seconds ? next_update : next_update + OCSP_SKEW_SECONDS;
}

int64_t ocsp_life_end(const struct ocsp_state *state, uint32_t max_age_ms)
{
    int64_t end = state->received_at_seconds + ocsp_life_seconds(max_age_ms);
    end = lower(end, end_by_responder(state));
    end = lower(end, state->answer.signer_until_seconds);
    return state->answer.status == OCSP_UNKNOWN ? lower(end, state->retry_at_seconds) : end;
}

static bool has_believable_answer(const struct ocsp_state *state, int64_t now_seconds)
{
    return state->has_answer && state->received_at_seconds <= now_seconds + OCSP_SKEW_SECONDS;
}

bool ocsp_life_is_current(const struct ocsp_state *state, uint32_t max_age_ms, int64_t now_seconds)
{
    return has_believable_answer(state, now_seconds) &&
           now_seconds < ocsp_life_end(state, max_age_ms);
}

bool ocsp_life_is_presentable(const struct ocsp_state *state, uint32_t max_age_ms,
                              int64_t now_seconds)
{
    const struct ocsp_answer *answer = &state->answer;
    return ocsp_life_is_current(state, max_age_ms, now_seconds) && answer->status == OCSP_GOOD &&
           answer->this_update_seconds <= now_seconds &&
           (answer->next_update_seconds == 0 || now_seconds < answer->next_update_seconds);
}

bool ocsp_life_is_usable(const struct ocsp_state *state, const struct ocsp_manner *manner,
                         int64_t now_seconds)
{
    if (ocsp_life_is_current(state, manner->max_age_ms, now_seconds)) {
        return true;
    }
    /* Grace is for what could not be refreshed, and `unknown` was nothing to hold on to. */
    return has_believable_answer(state, now_seconds) && state->failure != OCSP_FAULT_NONE &&
           state->answer.status != OCSP_UNKNOWN &&
           now_seconds <
               ocsp_life_end(state, manner->max_age_ms) + ocsp_life_seconds(manner->stale_grace_ms);
}

bool ocsp_life_is_barred(const struct ocsp_state *state, int64_t now_seconds)
{
    return state->failure != OCSP_FAULT_NONE && state->failed_at_seconds <= now_seconds &&
           now_seconds < state->retry_at_seconds;
}

bool ocsp_life_is_as_patient(const struct ocsp_manner *manner, const struct ocsp_manner *other)
{
    return manner->timeout_ms >= other->timeout_ms &&
           manner->connect_timeout_ms >= other->connect_timeout_ms &&
           manner->read_timeout_ms >= other->read_timeout_ms;
}

int64_t ocsp_life_refresh_at(const struct ocsp_state *state, uint32_t max_age_ms)
{
    if (state->failure != OCSP_FAULT_NONE) {
        return higher(state->retry_at_seconds, state->failed_at_seconds + 1);
    }
    if (state->answer.status == OCSP_UNKNOWN) {
        return higher(state->retry_at_seconds, state->received_at_seconds + 1);
    }
    int64_t life_seconds = ocsp_life_end(state, max_age_ms) - state->received_at_seconds;
    return state->received_at_seconds + higher(life_seconds / 5 * 4 + life_seconds % 5 * 4 / 5, 1);
}
