/*
 * What finding and inserting cost in the trust cache, from one thread to many; a hit, a miss and a
 * look at a lease write no shared memory, the quiet points between them included.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "bench.h"
#include "trust/trust_cache.h"

#define IDENTITY_COUNT     1000
#define IDENTITY_SIZE      6000 /* as that of a leaf and an intermediate */
#define ENTRY_COUNT        4096
#define START_SECONDS      1700000000
#define INSERTS_FOR_SECOND 10000

struct user {
    struct trust_cache_user trust;
    struct trust_cache_counters counters;
    uint32_t number;
};

static struct reclaim *reclaim;
static struct trust_cache *cache;
static struct trust_entry *held;

static struct trust_key key_of(uint64_t number)
{
    struct trust_key key = {.policy_id = {1}};
    number *= 0x9E3779B97F4A7C15U;
    memcpy(key.chain_digest, &number, sizeof(number));
    return key;
}

static struct trust_judgement judgement_of(uint64_t number)
{
    struct trust_judgement judgement = {
        .key = key_of(number),
        .verdict = verdict_for(VERDICT_SUCCESS),
        .judged_at_seconds = START_SECONDS,
        .age_seconds_max = 1000000,
        .revision = trust_cache_revision(cache),
    };
    judgement.verdict.valid_until_seconds = INT64_MAX;
    judgement.identity = malloc(IDENTITY_SIZE);
    CHECK(judgement.identity != NULL);
    judgement.identity->size_bytes = IDENTITY_SIZE;
    return judgement;
}

static void find_any(void *own, uint64_t step)
{
    struct user *user = own;
    struct trust_key key = key_of((step * 7 + user->number * 131) % IDENTITY_COUNT);
    CHECK(trust_cache_find(&user->trust, &key, START_SECONDS) != NULL);
}

static void find_one(void *own, uint64_t step)
{
    struct user *user = own;
    struct trust_key key = key_of(0);
    (void)step;
    CHECK(trust_cache_find(&user->trust, &key, START_SECONDS) != NULL);
}

static void look_at_lease(void *own, uint64_t step)
{
    (void)own;
    CHECK(trust_cache_lease_holds(cache, held, START_SECONDS + (int64_t)(step & 1)));
}

static void find_and_hold_one(void *own, uint64_t step)
{
    struct user *user = own;
    struct trust_key key = key_of(0);
    (void)step;
    struct trust_entry *entry = trust_cache_find(&user->trust, &key, START_SECONDS);
    trust_entry_acquire(entry);
    trust_entry_release(entry);
}

static void miss(void *own, uint64_t step)
{
    struct user *user = own;
    struct trust_key key = key_of((UINT64_C(1) << 40) + step);
    CHECK(trust_cache_find(&user->trust, &key, START_SECONDS) == NULL);
}

static void insert_one(void *own, uint64_t step)
{
    struct user *user = own;
    uint64_t number = ((uint64_t)(user->number + 1) << 44) + step;
    struct trust_judgement judgement = judgement_of(number);
    struct trust_entry *entry;
    judgement.judged_at_seconds += (int64_t)(step / INSERTS_FOR_SECOND);
    CHECK(result_is_ok(trust_cache_insert(&user->trust, &judgement, &entry)));
    trust_entry_release(entry);
}

static void refuse_one(void *own, uint64_t step)
{
    struct user *user = own;
    struct trust_judgement judgement = {
        .key = key_of(((uint64_t)(user->number + 1) << 44) + step),
        .verdict = verdict_for(VERDICT_SIGNATURE_FAILURE),
        .judged_at_seconds = START_SECONDS + (int64_t)(step / INSERTS_FOR_SECOND),
        .age_seconds_max = 10,
        .revision = trust_cache_revision(cache),
    };
    struct trust_entry *entry;
    CHECK(result_is_ok(trust_cache_insert(&user->trust, &judgement, &entry)));
    trust_entry_release(entry);
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"lease of a held entry (a request)",       look_at_lease,     BENCH_OWN_WRITES},
    {"find, 1000 identities",                   find_any,          BENCH_OWN_WRITES},
    {"find, all threads the same",              find_one,          BENCH_OWN_WRITES},
    {"find and hold, all threads the same",     find_and_hold_one, 0},
    {"miss",                                    miss,              BENCH_OWN_WRITES},
    {"insert an identity, pushing one out",     insert_one,        BENCH_ALLOCATES},
    {"insert a refusal, pushing one out",       refuse_one,        BENCH_ALLOCATES},
};
/* clang-format on */

static void rest(void *own)
{
    reclaim_quiet(((struct user *)own)->trust.member);
}

static void *start_own(uint32_t thread)
{
    struct user *user = calloc(1, sizeof(*user));
    CHECK(user != NULL);
    user->number = thread;
    user->trust = (struct trust_cache_user){.cache = cache,
                                            .member = reclaim_join(reclaim),
                                            .counters = &user->counters,
                                            .hand = thread * 1000};
    reclaim_wake(user->trust.member);
    return user;
}

static void stop_own(void *own)
{
    reclaim_sleep(((struct user *)own)->trust.member);
    free(own);
}

static void start(void)
{
    static const struct trust_cache_settings settings = {ENTRY_COUNT, (size_t)64 << 20, 1024};
    CHECK(result_is_ok(reclaim_create(BENCH_THREAD_COUNT_MAX + 1, &reclaim)));
    CHECK(result_is_ok(trust_cache_create(&settings, &cache)));
    struct user *founder = start_own(BENCH_THREAD_COUNT_MAX);
    for (uint64_t i = 0; i < IDENTITY_COUNT; i++) {
        struct trust_judgement judgement = judgement_of(i);
        struct trust_entry *entry;
        CHECK(result_is_ok(trust_cache_insert(&founder->trust, &judgement, &entry)));
        if (i == 0) {
            held = entry;
        } else {
            trust_entry_release(entry);
        }
    }
    stop_own(founder);
}

static void stop(void)
{
    trust_entry_release(held);
    reclaim_destroy(reclaim);
    trust_cache_destroy(cache);
}

/* What was added: less than one an operation when others were not quiet in time, as when they have
 * no processor. */
static uint64_t count_kept(const void *own)
{
    const struct user *user = own;
    return user->counters.values[TRUST_CACHE_INSERTS] +
           user->counters.values[TRUST_CACHE_FAILURE_INSERTS];
}

const struct bench bench_subject = {BENCH_ROWS(rows),       .start = start,       .stop = stop,
                                    .start_own = start_own, .stop_own = stop_own, .rest = rest,
                                    .count = count_kept,    .counted = "kept/op"};
