/*
 * Workers, a control thread and a flood of bad chains on one trust cache. To be run under
 * ThreadSanitizer and AddressSanitizer: an entry that is found or held is whole and of its key, the
 * bounds hold at every moment, what was revoked stays out, and the flood costs no identity its
 * place and no memory.
 *
 * Usage: stress_trust_cache [operations of each worker] [bad chains]
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fake/dice.h"
#include "base/check.h"
#include "trust/trust_cache.h"

#define WORKER_COUNT      4
#define KEY_COUNT         300 /* more than there is room for */
#define HOT_COUNT         3
#define REVOKED_COUNT     20 /* the first keys: revoked half-way */
#define ENTRY_COUNT       256
#define FAILURE_COUNT     64
#define SIZE_BYTES        200000
#define IDENTITY_SIZE_MIN (sizeof(struct identity) + 64)
#define HELD_COUNT        16
#define START_SECONDS     1700000000
#define GOOD_COUNT        100 /* of the flood */

struct run {
    struct reclaim *reclaim;
    struct trust_cache *cache;
    _Atomic int64_t now_seconds;
    atomic_bool is_revoked;
    atomic_uint running_count;
    uint64_t operation_count;
};

struct worker {
    struct run *run;
    struct trust_cache_counters counters;
    struct trust_cache_user user;
    struct dice dice;
    struct trust_entry *held[HELD_COUNT];
    pthread_t thread;
};

static struct trust_key key_of(uint64_t number)
{
    struct trust_key key = {.policy_id = {(uint8_t)(number % 2)}};
    memcpy(key.chain_digest, &number, sizeof(number));
    return key;
}

static uint64_t number_of(const struct trust_entry *entry)
{
    uint64_t number;
    memcpy(&number, entry->key.chain_digest, sizeof(number));
    return number;
}

/* Its last bytes tell whose it is. */
static struct identity *make_identity(uint64_t number, size_t size_bytes)
{
    struct identity *identity = calloc(1, size_bytes);
    CHECK(identity != NULL);
    identity->size_bytes = size_bytes;
    memcpy((char *)identity + size_bytes - sizeof(number), &number, sizeof(number));
    return identity;
}

static void check_whole(const struct trust_entry *entry)
{
    uint64_t number;
    memcpy(&number, (char *)entry->identity + entry->identity->size_bytes - sizeof(number),
           sizeof(number));
    CHECK(number == number_of(entry));
    CHECK(entry->size_bytes == sizeof(*entry) + entry->identity->size_bytes);
    CHECK(verdict_is_success(&entry->verdict));
}

static void check_bounds(const struct trust_cache *cache)
{
    struct trust_cache_usage usage = trust_cache_usage(cache);
    CHECK(usage.entry_count <= ENTRY_COUNT && usage.size_bytes <= SIZE_BYTES);
    CHECK(usage.failure_count <= FAILURE_COUNT);
}

static bool is_refused(const struct run *run, uint64_t number)
{
    return number >= KEY_COUNT || (number < REVOKED_COUNT && atomic_load(&run->is_revoked));
}

static struct trust_entry *judge(struct worker *worker, uint64_t number)
{
    struct trust_judgement judgement = {
        .key = key_of(number),
        .revision = trust_cache_revision(worker->run->cache), /* before anything is looked at */
        .judged_at_seconds = atomic_load(&worker->run->now_seconds),
        .age_seconds_max = 1 + dice_below(&worker->dice, 10),
    };
    struct trust_entry *entry;
    if (is_refused(worker->run, number)) {
        judgement.verdict = verdict_for(VERDICT_REVOKED);
    } else {
        judgement.verdict = verdict_for(VERDICT_SUCCESS);
        judgement.verdict.valid_until_seconds = INT64_MAX;
        judgement.identity =
            make_identity(number, IDENTITY_SIZE_MIN + dice_below(&worker->dice, 1000));
    }
    CHECK(result_is_ok(trust_cache_insert(&worker->user, &judgement, &entry)));
    return entry;
}

static struct trust_entry *find_or_judge(struct worker *worker, uint64_t number)
{
    struct trust_key key = key_of(number);
    int64_t now_seconds = atomic_load(&worker->run->now_seconds);
    int64_t until_seconds;
    struct verdict verdict;
    struct trust_entry *entry = trust_cache_find(&worker->user, &key, now_seconds);
    if (entry != NULL) {
        CHECK(number_of(entry) == number);
        trust_entry_acquire(entry);
        return entry;
    }
    if (trust_cache_find_failure(&worker->user, &key, now_seconds, &verdict, &until_seconds)) {
        CHECK(verdict.reason == VERDICT_REVOKED);
        return NULL;
    }
    return judge(worker, number);
}

/* A few that all workers want at once, many, and some that are refused. */
static uint64_t choose_number(struct dice *dice)
{
    switch (dice_below(dice, 8)) {
    case 0:
        return KEY_COUNT + dice_below(dice, 1000);
    case 1:
    case 2:
    case 3:
        return dice_below(dice, HOT_COUNT);
    default:
        return dice_below(dice, KEY_COUNT);
    }
}

/* A connection comes or goes; another has a request. */
static void operate(struct worker *worker)
{
    struct trust_entry **held = &worker->held[dice_below(&worker->dice, HELD_COUNT)];
    if (*held != NULL && dice_one_in(&worker->dice, 2)) {
        (void)trust_cache_lease_holds(worker->run->cache, *held,
                                      atomic_load(&worker->run->now_seconds));
        if ((*held)->identity != NULL) {
            check_whole(*held);
        }
        return;
    }
    trust_entry_release(*held);
    *held = find_or_judge(worker, choose_number(&worker->dice));
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    reclaim_wake(worker->user.member);
    for (uint64_t i = 0; i < worker->run->operation_count; i++) {
        operate(worker);
        if (dice_one_in(&worker->dice, 4)) {
            check_bounds(worker->run->cache);
            reclaim_quiet(worker->user.member);
        }
        if (dice_one_in(&worker->dice, 20)) {
            reclaim_sleep(worker->user.member);
            (void)sched_yield();
            reclaim_wake(worker->user.member);
        }
    }
    for (size_t i = 0; i < HELD_COUNT; i++) {
        trust_entry_release(worker->held[i]);
    }
    reclaim_sleep(worker->user.member);
    atomic_fetch_sub(&worker->run->running_count, 1);
    return NULL;
}

/* Time goes on, policies go and come back, and half-way some keys are revoked. */
static void *control(void *argument)
{
    struct worker *worker = argument;
    struct run *run = worker->run;
    for (uint64_t turn = 0; atomic_load(&run->running_count) > 0; turn++) {
        const uint8_t policy_id[TRUST_POLICY_ID_SIZE] = {(uint8_t)(turn % 2)};
        atomic_fetch_add(&run->now_seconds, 1);
        reclaim_wake(worker->user.member);
        if (turn % 16 == 15) {
            trust_cache_remove_policy(&worker->user, policy_id);
        }
        if (turn == 50) {
            atomic_store(&run->is_revoked, true);
            for (uint64_t i = 0; i < REVOKED_COUNT; i++) {
                struct trust_key key = key_of(i);
                trust_cache_remove(&worker->user, &key);
            }
        }
        reclaim_quiet(worker->user.member);
        reclaim_sleep(worker->user.member);
        check_bounds(run->cache);
        (void)usleep(200);
    }
    return NULL;
}

static void init(struct worker *worker, struct run *run, uint64_t seed)
{
    *worker = (struct worker){.run = run, .dice.state = seed};
    worker->user = (struct trust_cache_user){.cache = run->cache,
                                             .member = reclaim_join(run->reclaim),
                                             .counters = &worker->counters,
                                             .hand = seed * 64};
}

static uint64_t sum(const struct worker *workers, enum trust_cache_counter counter)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= WORKER_COUNT; i++) {
        total += workers[i].counters.values[counter];
    }
    return total;
}

static void check_revoked_are_out(struct worker *worker)
{
    reclaim_wake(worker->user.member);
    for (uint64_t i = 0; i < REVOKED_COUNT && atomic_load(&worker->run->is_revoked); i++) {
        struct trust_key key = key_of(i);
        CHECK(trust_cache_find(&worker->user, &key, worker->run->now_seconds) == NULL);
    }
    reclaim_sleep(worker->user.member);
}

static void start(struct run *run, uint64_t operation_count)
{
    static const struct trust_cache_settings settings = {ENTRY_COUNT, SIZE_BYTES, FAILURE_COUNT};
    *run = (struct run){.now_seconds = START_SECONDS, .operation_count = operation_count};
    CHECK(result_is_ok(reclaim_create(WORKER_COUNT + 1, &run->reclaim)));
    CHECK(result_is_ok(trust_cache_create(&settings, &run->cache)));
    atomic_store(&run->running_count, WORKER_COUNT);
}

static void stop(struct run *run)
{
    reclaim_destroy(run->reclaim);
    trust_cache_destroy(run->cache);
}

static void mix(uint64_t operation_count)
{
    static struct worker workers[WORKER_COUNT + 1];
    static struct run run;
    start(&run, operation_count);
    for (size_t i = 0; i <= WORKER_COUNT; i++) {
        init(&workers[i], &run, i + 1);
        CHECK(pthread_create(&workers[i].thread, NULL, i < WORKER_COUNT ? work : control,
                             &workers[i]) == 0);
    }
    for (size_t i = 0; i <= WORKER_COUNT; i++) {
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
    }
    check_revoked_are_out(&workers[0]);
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        (void)printf("  %-32s %llu\n", trust_cache_counter_word(i),
                     (unsigned long long)sum(workers, i));
    }
    stop(&run);
}

static size_t resident_bytes(void)
{
    unsigned long total = 0;
    unsigned long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%lu %lu", &total, &resident) == 2);
    (void)fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void *flood(void *argument)
{
    struct worker *worker = argument;
    reclaim_wake(worker->user.member);
    for (uint64_t i = 0; i < worker->run->operation_count; i++) {
        uint64_t number = KEY_COUNT + (i << 8) + worker->dice.state;
        trust_entry_release(find_or_judge(worker, number));
        reclaim_quiet(worker->user.member);
    }
    reclaim_sleep(worker->user.member);
    atomic_fetch_sub(&worker->run->running_count, 1);
    return NULL;
}

static size_t count_good(struct worker *worker)
{
    size_t count = 0;
    reclaim_wake(worker->user.member);
    for (uint64_t i = 0; i < GOOD_COUNT; i++) {
        struct trust_key key = key_of(i);
        count += trust_cache_find(&worker->user, &key, worker->run->now_seconds) != NULL;
    }
    reclaim_sleep(worker->user.member);
    return count;
}

static void withstand(uint64_t bad_count)
{
    static struct worker workers[WORKER_COUNT + 1];
    static struct run run;
    start(&run, bad_count / WORKER_COUNT);
    for (size_t i = 0; i <= WORKER_COUNT; i++) {
        init(&workers[i], &run, i + 1);
    }
    struct worker *watch = &workers[WORKER_COUNT];
    reclaim_wake(watch->user.member);
    for (uint64_t i = 0; i < GOOD_COUNT; i++) {
        trust_entry_release(judge(watch, i));
    }
    reclaim_sleep(watch->user.member);
    size_t good_before = count_good(watch);
    size_t resident_before = resident_bytes();
    for (size_t i = 0; i < WORKER_COUNT; i++) {
        CHECK(pthread_create(&workers[i].thread, NULL, flood, &workers[i]) == 0);
    }
    while (atomic_load(&run.running_count) > 0) {
        check_bounds(run.cache);
        CHECK(count_good(watch) == good_before);
        (void)usleep(1000);
    }
    for (size_t i = 0; i < WORKER_COUNT; i++) {
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
    }
    size_t resident_after = resident_bytes();
    struct trust_cache_usage usage = trust_cache_usage(run.cache);
    CHECK(sum(workers, TRUST_CACHE_EVICTED) == GOOD_COUNT - good_before);
    (void)printf("  %llu bad chains: %zu of %zu identities stay, %zu refusals in %zu bytes, "
                 "resident %+lld KiB\n",
                 (unsigned long long)bad_count, count_good(watch), good_before, usage.failure_count,
                 usage.failure_size_bytes,
                 ((long long)resident_after - (long long)resident_before) / 1024);
    stop(&run);
}

int main(int argument_count, char **arguments)
{
    uint64_t operation_count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 200000;
    uint64_t bad_count = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 1000000;
    (void)printf("stress_trust_cache: %d workers, %llu operations each\n", WORKER_COUNT,
                 (unsigned long long)operation_count);
    mix(operation_count);
    withstand(bad_count);
    return 0;
}
