/*
 * One allocation for all questions of a judgement. Each goes to the engine as a letter and comes
 * back as one, on this worker's thread; the last to come back frees what nobody needs any more.
 */
#include "revocation_wait.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client_lease.h"
#include "ocsp/ocsp_engine.h"

/* What could not be asked in time is not asked again for a moment. */
#define GIVEN_UP_SECONDS 1

struct question {
    struct ocsp_ask ask;
    struct revocation_wait *wait;
    bool is_answered; /* ask.state is ours to read */
};

struct revocation_wait {
    struct connection *connection; /* NULL: nobody waits */
    struct proxy *proxy;
    uint8_t policy_id[TRUST_POLICY_ID_SIZE]; /* by which it was asked */
    uint32_t question_count;
    uint32_t pending_count;
    bool is_given_up;
    struct ocsp_state given_up; /* what is said of pending ones then */
    struct question questions[];
};

static void on_answered(struct ocsp_ask *ask)
{
    struct question *question = LIST_OWNER(ask, struct question, ask);
    struct revocation_wait *wait = question->wait;
    question->is_answered = true;
    wait->pending_count--;
    wait->proxy->ocsp_question_count--;
    if (wait->pending_count > 0) {
        return;
    }
    if (wait->connection == NULL) {
        free(wait);
    } else {
        client_lease_answered(wait->connection);
    }
}

/* False: there is no memory for it. */
static bool prepare(struct revocation_wait *wait, const struct trust_policy *policy,
                    const struct judge_path *path, uint32_t depth)
{
    struct question *question = &wait->questions[wait->question_count];
    question->wait = wait;
    question->ask.manner = *revocation_manner(policy);
    question->ask.answer_to = wait->proxy->around.mailbox;
    question->ask.answered = on_answered;
    if (!result_is_ok(ocsp_question_create(path->certificates[depth], path->certificates[depth + 1],
                                           &question->ask.question))) {
        return false;
    }
    question->ask.id = question->ask.question->id;
    wait->question_count++;
    return true;
}

static void discard(struct revocation_wait *wait)
{
    for (uint32_t i = 0; i < wait->question_count; i++) {
        ocsp_question_destroy(wait->questions[i].ask.question);
    }
    free(wait);
}

static void send_questions(struct revocation_wait *wait)
{
    struct proxy *proxy = wait->proxy;
    wait->pending_count = wait->question_count;
    proxy->ocsp_question_count += wait->question_count;
    for (uint32_t i = 0; i < wait->question_count; i++) {
        ocsp_engine_ask(proxy->around.ocsp_engine, &wait->questions[i].ask);
    }
}

bool revocation_wait_start(struct connection *connection, struct proxy *proxy,
                           const struct trust_policy *policy, const struct judge_path *path,
                           const struct revocation_outcome *outcome)
{
    size_t count = outcome->asked_count;
    CHECK(count > 0);
    if (proxy->around.ocsp_engine == NULL) {
        return false;
    }
    struct revocation_wait *wait = calloc(1, sizeof(*wait) + count * sizeof(wait->questions[0]));
    if (wait == NULL) {
        return false;
    }
    wait->proxy = proxy;
    memcpy(wait->policy_id, trust_policy_id(policy), sizeof(wait->policy_id));
    for (size_t i = 0; i < count; i++) {
        if (!prepare(wait, policy, path, outcome->asked_depths[i])) {
            discard(wait);
            return false;
        }
    }
    wait->connection = connection;
    if (connection != NULL) {
        connection->revocation = wait;
    }
    send_questions(wait);
    return true;
}

bool revocation_wait_is_of(const struct revocation_wait *wait, const struct trust_policy *policy)
{
    return memcmp(wait->policy_id, trust_policy_id(policy), sizeof(wait->policy_id)) == 0;
}

bool revocation_wait_is_pending(const struct revocation_wait *wait)
{
    return wait->pending_count > 0 && !wait->is_given_up;
}

void revocation_wait_give_up(struct revocation_wait *wait, int64_t now_seconds)
{
    wait->is_given_up = true;
    wait->given_up = (struct ocsp_state){
        .failure = OCSP_FAULT_TIMEOUT,
        .failed_at_seconds = now_seconds,
        .retry_at_seconds = now_seconds + GIVEN_UP_SECONDS,
    };
}

bool revocation_wait_look_up(const struct revocation_wait *wait, const struct ocsp_id *id,
                             struct ocsp_state *ret_state)
{
    for (uint32_t i = 0; i < wait->question_count; i++) {
        const struct question *question = &wait->questions[i];
        if (!ocsp_id_equal(&question->ask.id, id)) {
            continue;
        }
        if (question->is_answered) {
            *ret_state = question->ask.state;
            return true;
        }
        *ret_state = wait->given_up;
        return wait->is_given_up;
    }
    return false;
}

void revocation_wait_end(struct revocation_wait *wait)
{
    if (wait == NULL) {
        return;
    }
    wait->connection = NULL;
    if (wait->pending_count == 0) {
        free(wait);
    }
}
