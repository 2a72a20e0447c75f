/*
 * The last check of an explanation, by the code that judges for the gateway and in its order: what
 * is known, what is asked about the rest, and the last word. Called by explanation.c in two steps,
 * so that many clients' questions are under way at once.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "explanation.h"

static struct revocation_evidence *find_evidence(const struct explanation *explanation,
                                                 const struct ocsp_id *id)
{
    for (size_t i = 0; i < explanation->evidence_count; i++) {
        if (ocsp_id_equal(&explanation->evidence[i].question->id, id)) {
            return &explanation->evidence[i];
        }
    }
    return NULL;
}

static bool look_up(void *owner, const struct ocsp_id *id, struct ocsp_state *ret_state)
{
    const struct revocation_evidence *evidence = find_evidence(owner, id);
    if (evidence == NULL || !evidence->is_known) {
        return false;
    }
    *ret_state = evidence->state;
    return true;
}

static void judge(struct explanation *explanation, bool is_last_word)
{
    struct revocation_input input = {
        .path = &explanation->judge_path,
        .now_seconds = explanation->revocation_seconds,
        .look_up = look_up,
        .owner = explanation,
        .is_last_word = is_last_word,
    };
    explanation->verdict = explanation->path_verdict;
    revocation_judge(explanation->question->policy, &input, &explanation->verdict,
                     &explanation->revocation);
}

/* One for each certificate that the profile may want to know of. */
static struct result gather(struct explanation *explanation)
{
    const struct judge_path *path = &explanation->judge_path;
    size_t count = explanation->question->profile->ocsp.checks_chain ? path->count - 1 : 1;
    explanation->evidence = calloc(count, sizeof(explanation->evidence[0]));
    if (explanation->evidence == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t depth = 0; depth < count; depth++) {
        struct revocation_evidence *evidence = &explanation->evidence[depth];
        TRY(ocsp_question_create(path->certificates[depth], path->certificates[depth + 1],
                                 &evidence->question));
        explanation->evidence_count++;
        revocation_inquiry_look_up(explanation->question->inquiry, evidence);
    }
    return RESULT_OK;
}

/* Only what the verdict waits for: the rest the gateway asks for others who may come. */
static struct result ask(struct explanation *explanation)
{
    const struct explanation_question *question = explanation->question;
    const struct revocation_outcome *outcome = &explanation->revocation;
    for (size_t i = 0; outcome->must_wait && i < outcome->asked_count; i++) {
        TRY(revocation_inquiry_ask(question->inquiry,
                                   &explanation->evidence[outcome->asked_depths[i]],
                                   revocation_manner(question->policy)));
    }
    return RESULT_OK;
}

struct result explanation_revocation_begin(struct explanation *explanation)
{
    const struct explanation_question *question = explanation->question;
    const struct client_file *file = &explanation->file;
    explanation->path_verdict = explanation->verdict;
    explanation->revocation_seconds = question->now_seconds;
    if (!revocation_is_wanted(question->policy) || !verdict_is_success(&explanation->verdict)) {
        return RESULT_OK;
    }
    (void)judge_chain_path(question->policy, file->chain, file->count, question->now_seconds,
                           &explanation->judge_path);
    if (explanation->judge_path.count < 2) {
        return RESULT_OK; /* a root, or somebody whose issuer nobody knows */
    }
    TRY(gather(explanation));
    judge(explanation, false);
    return ask(explanation);
}

/* The answers are of now, which is later than when we began. */
static void take_answers(struct explanation *explanation)
{
    bool is_fetched = false;
    for (size_t i = 0; i < explanation->evidence_count; i++) {
        is_fetched |= explanation->evidence[i].is_fetched;
    }
    if (is_fetched) {
        explanation->revocation_seconds = clock_wall_seconds();
    }
}

void explanation_revocation_finish(struct explanation *explanation)
{
    if (explanation->evidence_count == 0) {
        return;
    }
    revocation_inquiry_wait(explanation->question->inquiry);
    if (explanation->revocation.must_wait) {
        take_answers(explanation);
        judge(explanation, true);
    }
    judge_trace_add_revocation(&explanation->trace, &explanation->verdict);
}

void explanation_revocation_deinit(struct explanation *explanation)
{
    if (explanation->evidence_count > 0) {
        revocation_inquiry_wait(explanation->question->inquiry); /* the engine may hold an ask */
    }
    for (size_t i = 0; i < explanation->evidence_count; i++) {
        ocsp_question_destroy(explanation->evidence[i].question);
    }
    free(explanation->evidence);
    explanation->evidence = NULL;
    explanation->evidence_count = 0;
}

size_t explanation_revocation_count(const struct explanation *explanation)
{
    return explanation->revocation.id_count;
}

const struct revocation_evidence *
explanation_revocation_decisive(const struct explanation *explanation)
{
    uint32_t depth = explanation->verdict.depth;
    return explanation->trace.decisive == JUDGE_CHECK_REVOCATION &&
                   depth < explanation->evidence_count
               ? &explanation->evidence[depth]
               : NULL;
}
