/*
 * The last check on a client: is a certificate of its path revoked? Decided from what is known at
 * this moment; what is not known is named, for the caller to ask and to come back. No state, no
 * I/O; any thread.
 */
#ifndef TRUST_REVOCATION_H
#define TRUST_REVOCATION_H

#include "trust/judge.h"
#include "trust/ocsp_cache.h"

/* Every certificate of a path but its root. */
#define REVOCATION_COUNT_MAX (JUDGE_PATH_MAX - 1)

/* What is known of a certificate; false: nothing. */
typedef bool (*revocation_look_up)(void *owner, const struct ocsp_id *id,
                                   struct ocsp_state *ret_state);

struct revocation_input {
    const struct judge_path *path; /* of a success */
    int64_t now_seconds;
    revocation_look_up look_up;
    void *owner;
    bool is_last_word; /* everything was asked before: what is not known now is a failure */
};

struct revocation_outcome {
    struct ocsp_id ids[REVOCATION_COUNT_MAX]; /* by depth: what the verdict rests on */
    uint32_t id_count;
    uint32_t asked_depths[REVOCATION_COUNT_MAX]; /* whose responders should be asked now */
    uint32_t asked_count;
    bool must_wait;        /* for their answers: there is no verdict yet */
    int64_t until_seconds; /* how long the outcome may be used; INT64_MAX: nothing limits it */
};

/*
 * verdict comes with the success of the path; it stays one, which holds no longer than what was
 * answered, or becomes what is wrong. With must_wait it means nothing yet. Nothing is done when the
 * profile asks for no revocation, or the path is a root alone.
 */
void revocation_judge(const struct trust_policy *policy, const struct revocation_input *input,
                      struct verdict *verdict, struct revocation_outcome *ret_outcome);

/* Whether the profile asks for it. */
bool revocation_is_wanted(const struct trust_policy *policy);

/* How the policy's questions are to be put. */
const struct ocsp_manner *revocation_manner(const struct trust_policy *policy);

#endif
