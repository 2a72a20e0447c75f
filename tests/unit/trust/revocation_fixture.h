/*
 * A path of leaf, intermediate and root, a policy that asks whether they are revoked, and a table
 * of what a look-up says of the first two. One include a program.
 */
#ifndef TESTS_UNIT_TRUST_REVOCATION_FIXTURE_H
#define TESTS_UNIT_TRUST_REVOCATION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../src/trust/policy_content.h"
#include "ocsp_fixture.h"
#include "trust/revocation.h"
#include "trust_fixture.h"

#define NOW             BUILDER_NOW
#define NEXT_UPDATE     (NOW + 1000)
#define MAX_AGE_SECONDS 43200
#define RETRY_SECONDS   10
#define VALID_UNTIL     (NOW + 86400)

enum { LEAF, CA, ROOT, PATH_COUNT };

struct world {
    struct builder_key *keys[PATH_COUNT];
    struct built chain[PATH_COUNT];
    struct ocsp_id ids[ROOT];
    struct trust_policy *policy;
    struct judge_path path;
    /* The table, and how often it was looked into. */
    struct ocsp_state states[ROOT];
    bool is_known[ROOT];
    size_t look_count;
    /* What has come out. */
    struct verdict verdict;
    struct revocation_outcome outcome;
};

static inline void put_on_path(struct world *world, size_t index)
{
    world->path.certificates[index] = built_bytes(&world->chain[index]);
    world->path.presented_indexes[index] = index == ROOT ? -1 : (int32_t)index;
    world->path.count = index + 1;
}

static inline void make_chain(struct world *world, const char *url)
{
    static const char *const names[] = {"client", "Intermediate", "Root"};
    for (size_t i = 0; i < PATH_COUNT; i++) {
        size_t above = i == ROOT ? ROOT : i + 1;
        struct plan plan = {.subject = names[i],
                            .issuer = names[above],
                            .key = world->keys[i],
                            .signer = world->keys[above]};
        if (i != LEAF) {
            plan_ca(&plan, -1);
        }
        if (url != NULL) {
            plan_responder(&plan, url);
        }
        world->chain[i] = build(plan);
        put_on_path(world, i);
    }
    for (size_t i = 0; i < ROOT; i++) {
        assert_true(result_is_ok(ocsp_question_identify(
            world->path.certificates[i], world->path.certificates[i + 1], &world->ids[i])));
    }
}

static inline int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    for (size_t i = 0; i < PATH_COUNT; i++) {
        world->keys[i] = builder_key_create();
    }
    make_chain(world, OCSP_RESPONDER);
    world->policy = fixture_policy((const struct built *[]){&world->chain[ROOT]}, 1, false);
    world->policy->revocation = CONFIG_REVOCATION_OCSP;
    world->policy->ocsp_manner = (struct ocsp_manner){.timeout_ms = 5000,
                                                      .retry_after_ms = RETRY_SECONDS * 1000,
                                                      .max_age_ms = MAX_AGE_SECONDS * 1000};
    *state = world;
    return 0;
}

static inline int tear_down(void **state)
{
    struct world *world = *state;
    trust_policy_destroy(world->policy);
    for (size_t i = 0; i < PATH_COUNT; i++) {
        builder_key_destroy(world->keys[i]);
    }
    free(world);
    return 0;
}

static inline bool look_up(void *owner, const struct ocsp_id *id, struct ocsp_state *ret_state)
{
    struct world *world = owner;
    world->look_count++;
    for (size_t i = 0; i < ROOT; i++) {
        if (world->is_known[i] && ocsp_id_equal(&world->ids[i], id)) {
            *ret_state = world->states[i];
            return true;
        }
    }
    return false;
}

/* The state of a certificate from now on, to be refined. */
static inline struct ocsp_state *know(struct world *world, size_t index, enum ocsp_status status)
{
    world->is_known[index] = true;
    world->states[index] = (struct ocsp_state){
        .has_answer = true,
        .answer = {.status = status,
                   .this_update_seconds = NOW - 100,
                   .next_update_seconds = NEXT_UPDATE,
                   .signer_until_seconds = INT64_MAX},
        .received_at_seconds = NOW - 50,
    };
    if (status == OCSP_UNKNOWN) {
        world->states[index].retry_at_seconds = NOW + 7;
    }
    return &world->states[index];
}

static inline void fail_at(struct ocsp_state *state, int64_t failed_at_seconds)
{
    state->failure = OCSP_FAULT_UNREACHABLE;
    state->failed_at_seconds = failed_at_seconds;
    state->retry_at_seconds = failed_at_seconds + RETRY_SECONDS;
}

/* The same for one of which there is no answer. */
static inline struct ocsp_state *know_failure(struct world *world, size_t index,
                                              int64_t failed_at_seconds)
{
    world->is_known[index] = true;
    world->states[index] = (struct ocsp_state){0};
    fail_at(&world->states[index], failed_at_seconds);
    return &world->states[index];
}

static inline void judge_at(struct world *world, int64_t now_seconds, bool is_last_word)
{
    struct revocation_input input = {.path = &world->path,
                                     .now_seconds = now_seconds,
                                     .look_up = look_up,
                                     .owner = world,
                                     .is_last_word = is_last_word};
    memset(&world->outcome, 0xA5, sizeof(world->outcome)); /* whatever was there before */
    world->verdict = verdict_for(VERDICT_SUCCESS);
    world->verdict.valid_until_seconds = VALID_UNTIL;
    world->verdict.signature_check_count = 3;
    world->look_count = 0;
    revocation_judge(world->policy, &input, &world->verdict, &world->outcome);
}

static inline void assert_asked(const struct world *world, uint32_t count, bool must_wait)
{
    assert_int_equal(world->outcome.asked_count, count);
    assert_int_equal(world->outcome.must_wait, must_wait);
}

static inline void assert_in_until(struct world *world, int64_t until_seconds)
{
    assert_int_equal(world->verdict.reason, VERDICT_SUCCESS);
    assert_false(world->outcome.must_wait);
    assert_int_equal(world->outcome.until_seconds, until_seconds);
    assert_int_equal(world->verdict.valid_until_seconds,
                     until_seconds < VALID_UNTIL ? until_seconds : VALID_UNTIL);
}

static inline void assert_out_until(struct world *world, enum verdict_reason reason,
                                    int64_t until_seconds)
{
    assert_int_equal(world->verdict.reason, reason);
    assert_false(world->outcome.must_wait);
    assert_int_equal(world->outcome.until_seconds, until_seconds);
    assert_int_equal(world->verdict.signature_check_count, 3); /* of the path: they were made */
}

/* Now and, where nothing is to be asked any more, as the last word. */
static inline void expect_in(struct world *world, int64_t until_seconds)
{
    judge_at(world, NOW, false);
    assert_in_until(world, until_seconds);
    assert_asked(world, 0, false);
    judge_at(world, NOW, true);
    assert_in_until(world, until_seconds);
}

static inline void expect_out(struct world *world, enum verdict_reason reason,
                              int64_t until_seconds)
{
    judge_at(world, NOW, false);
    assert_out_until(world, reason, until_seconds);
    assert_asked(world, 0, false);
    judge_at(world, NOW, true);
    assert_out_until(world, reason, until_seconds);
}

#endif
