/*
 * A trust cache with two workers, and short words for what is done to it. Time is passed in;
 * identities are blocks of memory of a chosen size. One include a program.
 */
#ifndef TESTS_UNIT_TRUST_CACHE_FIXTURE_H
#define TESTS_UNIT_TRUST_CACHE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trust/trust_cache.h"

#define NOW           INT64_C(1700000000)
#define AGE_SECONDS   3600
#define VALID_SECONDS 86400
#define ENTRY_COUNT   1024
#define FAILURE_COUNT 64
#define IDENTITY_SIZE 1000
#define ENTRY_SIZE    (IDENTITY_SIZE + sizeof(struct trust_entry))

struct fixture {
    struct reclaim *reclaim;
    struct trust_cache *cache;
    struct trust_cache_counters counters;
    struct trust_cache_user user;
    struct reclaim_member *other; /* a second worker, awake */
};

static inline struct fixture *start(size_t entry_count_max, size_t size_bytes_max)
{
    static struct fixture fixture;
    struct trust_cache_settings settings = {entry_count_max, size_bytes_max, FAILURE_COUNT};
    memset(&fixture, 0, sizeof(fixture));
    assert_true(result_is_ok(reclaim_create(2, &fixture.reclaim)));
    assert_true(result_is_ok(trust_cache_create(&settings, &fixture.cache)));
    fixture.user = (struct trust_cache_user){.cache = fixture.cache,
                                             .member = reclaim_join(fixture.reclaim),
                                             .counters = &fixture.counters};
    fixture.other = reclaim_join(fixture.reclaim);
    reclaim_wake(fixture.user.member);
    reclaim_wake(fixture.other);
    return &fixture;
}

static inline void stop(struct fixture *fixture)
{
    reclaim_sleep(fixture->user.member);
    reclaim_sleep(fixture->other);
    reclaim_destroy(fixture->reclaim);
    trust_cache_destroy(fixture->cache);
}

static inline int set_up(void **state)
{
    *state = start(ENTRY_COUNT, ENTRY_COUNT * ENTRY_SIZE);
    return 0;
}

static inline int tear_down(void **state)
{
    stop(*state);
    return 0;
}

/* Both workers pass a quiet point, and the first one that destroys. */
static inline void turn(struct fixture *fixture)
{
    reclaim_quiet(fixture->other);
    reclaim_quiet(fixture->user.member);
}

static inline uint64_t counted(const struct fixture *fixture, enum trust_cache_counter counter)
{
    return fixture->counters.values[counter];
}

static inline struct trust_key key_of(uint64_t number, uint8_t policy)
{
    struct trust_key key = {.policy_id = {policy}};
    memcpy(key.chain_digest, &number, sizeof(number));
    return key;
}

static inline struct identity *make_identity(size_t size_bytes)
{
    struct identity *identity = calloc(1, size_bytes);
    assert_non_null(identity);
    identity->size_bytes = size_bytes;
    return identity;
}

static inline struct trust_judgement judgement_of(const struct fixture *fixture, uint64_t number,
                                                  int64_t now_seconds)
{
    struct trust_judgement judgement = {
        .key = key_of(number, 1),
        .identity = make_identity(IDENTITY_SIZE),
        .verdict = verdict_for(VERDICT_SUCCESS),
        .judged_at_seconds = now_seconds,
        .age_seconds_max = AGE_SECONDS,
        .revision = trust_cache_revision(fixture->cache),
    };
    judgement.verdict.valid_until_seconds = NOW + VALID_SECONDS;
    return judgement;
}

static inline struct trust_entry *insert(struct fixture *fixture,
                                         const struct trust_judgement *judgement)
{
    struct trust_entry *entry;
    assert_true(result_is_ok(trust_cache_insert(&fixture->user, judgement, &entry)));
    return entry;
}

/* Lets number in at now_seconds; the caller's count. */
static inline struct trust_entry *let_in(struct fixture *fixture, uint64_t number,
                                         int64_t now_seconds)
{
    struct trust_judgement judgement = judgement_of(fixture, number, now_seconds);
    return insert(fixture, &judgement);
}

static inline void let_in_and_forget(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    trust_entry_release(let_in(fixture, number, now_seconds));
}

static inline struct trust_entry *refuse(struct fixture *fixture, uint64_t number,
                                         int64_t now_seconds)
{
    struct trust_judgement judgement = judgement_of(fixture, number, now_seconds);
    judgement.verdict = verdict_for(VERDICT_SIGNATURE_FAILURE);
    return insert(fixture, &judgement);
}

static inline struct trust_entry *find(struct fixture *fixture, uint64_t number,
                                       int64_t now_seconds)
{
    struct trust_key key = key_of(number, 1);
    return trust_cache_find(&fixture->user, &key, now_seconds);
}

static inline bool is_refused(struct fixture *fixture, uint64_t number, int64_t now_seconds)
{
    struct trust_key key = key_of(number, 1);
    struct verdict verdict;
    int64_t until_seconds;
    return trust_cache_find_failure(&fixture->user, &key, now_seconds, &verdict, &until_seconds);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
