/* Reading evidence as the judge does. Called by what shows it. */
#include "revocation_evidence.h"

#include "trust/ocsp_life.h"

struct bytes revocation_evidence_url(const struct revocation_evidence *evidence,
                                     const struct ocsp_manner *manner)
{
    return manner->url[0] != '\0' ? bytes_from_string(manner->url) : evidence->question->url;
}

bool revocation_evidence_is_new(const struct revocation_evidence *evidence)
{
    return evidence->is_fetched && evidence->state.has_answer &&
           evidence->state.failure == OCSP_FAULT_NONE;
}

bool revocation_evidence_has_failed(const struct revocation_evidence *evidence)
{
    return evidence->is_known && !evidence->is_supposed &&
           evidence->state.failure != OCSP_FAULT_NONE;
}

struct revocation_use revocation_evidence_use(const struct revocation_evidence *evidence,
                                              const struct ocsp_manner *manner, int64_t now_seconds)
{
    const struct ocsp_state *state = &evidence->state;
    bool is_unknown = state->answer.status == OCSP_UNKNOWN;
    struct revocation_use use = {
        .until_seconds =
            is_unknown ? state->retry_at_seconds : ocsp_life_end(state, manner->max_age_ms),
        .lacks_nonce = manner->has_nonce && !state->answer.has_nonce,
    };
    use.grace_until_seconds = use.until_seconds + (is_unknown ? 0 : manner->stale_grace_ms / 1000);
    bool has_ended = now_seconds >= use.until_seconds;
    use.is_in_grace =
        has_ended && state->failure != OCSP_FAULT_NONE && now_seconds < use.grace_until_seconds;
    use.is_over = has_ended && !use.is_in_grace;
    return use;
}
