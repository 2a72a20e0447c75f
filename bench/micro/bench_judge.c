/*
 * What a verdict costs: judging a presented chain anew (a miss of the trust cache), making the
 * identity that is kept of it, and what a hit asks for instead, its digest.
 */
#include <string.h>

#include "../../tests/unit/trust/trust_fixture.h"
#include "bench.h"
#include "trust/identity.h"
#include "trust/trust_key.h"

enum { LEAF, CA, ROOT, CHAIN_COUNT };

static struct built built_chain[CHAIN_COUNT];
static struct bytes chain[CHAIN_COUNT];
static struct bytes forged[CHAIN_COUNT];
static struct built forged_leaf;
static struct trust_policy *policy;
static struct trust_policy *policy_with_ca;

/* A leaf, an intermediate and a root, P-256. */
static void make_chain(void)
{
    static const char *const names[CHAIN_COUNT] = {"client", "Intermediate", "Root"};
    struct builder_key *keys[CHAIN_COUNT];
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        keys[i] = builder_key_create();
    }
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        size_t above = i == ROOT ? ROOT : i + 1;
        struct plan plan = {
            .subject = names[i], .issuer = names[above], .key = keys[i], .signer = keys[above]};
        if (i != LEAF) {
            plan_ca(&plan, -1);
        }
        built_chain[i] = build(plan);
        chain[i] = built_bytes(&built_chain[i]);
        plan.has_bad_signature = true;
        if (i == LEAF) {
            forged_leaf = build(plan);
        }
    }
    forged[LEAF] = built_bytes(&forged_leaf);
    forged[CA] = chain[CA];
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        builder_key_destroy(keys[i]);
    }
}

static void judge(void *own, uint64_t step)
{
    (void)own;
    (void)step;
    struct verdict verdict = judge_chain(policy, chain, ROOT, BUILDER_NOW);
    CHECK(verdict.reason == VERDICT_SUCCESS);
}

static void judge_below_stored(void *own, uint64_t step)
{
    (void)own;
    (void)step;
    struct verdict verdict = judge_chain(policy_with_ca, chain, ROOT, BUILDER_NOW);
    CHECK(verdict.reason == VERDICT_SUCCESS && verdict.signature_check_count == 1);
}

static void refuse(void *own, uint64_t step)
{
    (void)own;
    (void)step;
    struct verdict verdict = judge_chain(policy, forged, ROOT, BUILDER_NOW);
    CHECK(verdict.reason != VERDICT_SUCCESS);
}

static void make_identity(void *own, uint64_t step)
{
    struct identity *identity;
    (void)own;
    (void)step;
    CHECK(result_is_ok(identity_create(chain, ROOT, &identity)));
    identity_destroy(identity);
}

static void take_digest(void *own, uint64_t step)
{
    static const uint8_t policy_id[TRUST_POLICY_ID_SIZE] = {1};
    struct trust_key key;
    (void)own;
    (void)step;
    CHECK(result_is_ok(trust_key_from_chain(chain, ROOT, policy_id, &key)));
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"digest of a chain of two (a hit)",          take_digest,        BENCH_OWN_WRITES},
    {"judge a chain of two (a miss)",             judge,              BENCH_OWN_WRITES},
    {"the same below a CA of the trusted file",   judge_below_stored, BENCH_OWN_WRITES},
    {"refuse one with a bad signature",           refuse,             BENCH_OWN_WRITES},
    {"make the identity that is kept",            make_identity,      BENCH_ALLOCATES | BENCH_OWN_WRITES},
};
/* clang-format on */

static void start(void)
{
    const struct built *const cas[] = {&built_chain[ROOT], &built_chain[CA]};
    policy = fixture_policy(cas, 1, false);
    policy_with_ca = fixture_policy(cas, 2, false);
}

static void stop(void)
{
    trust_policy_destroy(policy);
    trust_policy_destroy(policy_with_ca);
}

const struct bench bench_subject = {BENCH_ROWS(rows), .prepare = make_chain, .start = start,
                                    .stop = stop};
