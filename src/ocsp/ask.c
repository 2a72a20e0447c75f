/*
 * The ends of an ask. It is answered exactly once, for whoever answers hands it back and keeps no
 * pointer to it.
 */
#include "ask.h"

#include "trust/ocsp_life.h"

struct bytes ask_url(const struct ocsp_question *question, const struct ocsp_manner *manner)
{
    return manner->url[0] != '\0' ? bytes_from_string(manner->url) : question->url;
}

/* Of a certificate that was issued anew under its number, with another responder in it, too. */
static bool is_same_responder(const struct ocsp_ask *ask, const struct ocsp_record *record)
{
    return bytes_equal(ask_url(ask->question, &ask->manner),
                       ask_url(record->question, &record->manner));
}

bool ask_is_answered_by(const struct ocsp_ask *ask, const struct ocsp_record *record,
                        int64_t now_seconds)
{
    if (record == NULL) {
        return false;
    }
    const struct ocsp_state *state = &record->state;
    bool has_what_is_wanted = !ask->manner.has_nonce || state->answer.has_nonce;
    if (has_what_is_wanted && ocsp_life_is_current(state, ask->manner.max_age_ms, now_seconds)) {
        return true;
    }
    return ocsp_life_is_barred(state, now_seconds) && is_same_responder(ask, record) &&
           ocsp_record_failure_counts(record, &ask->manner);
}

static void on_answer(struct letter *letter)
{
    struct ocsp_ask *ask = LIST_OWNER(letter, struct ocsp_ask, letter);
    ask->answered(ask);
}

void ask_answer(struct ocsp_ask *ask, const struct ocsp_state *state)
{
    ocsp_question_destroy(ask->question);
    ask->question = NULL;
    ask->state = *state;
    ask->letter.deliver = on_answer;
    mailbox_post(ask->answer_to, &ask->letter);
}

void ask_refuse(struct ocsp_ask *ask, const struct ocsp_record *record, enum ocsp_fault fault,
                int64_t now_seconds)
{
    struct ocsp_state state = {0};
    if (record != NULL) {
        state = record->state;
    }
    state.failure = fault;
    state.failed_at_seconds = now_seconds;
    state.retry_at_seconds = now_seconds;
    ask_answer(ask, &state);
}
