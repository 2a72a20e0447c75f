/*
 * What finding and inserting cost in the trust cache, from one thread to many, and a proof that a
 * hit writes no shared memory: the cache, its entries and the reclaim domain are made read-only
 * while every thread finds, asks for leases and passes quiet points. A write would end the program.
 *
 * Times are processor time, the least of five runs; scaling is the work that N threads do in the
 * time of one.
 *
 * Usage: bench_trust_cache [threads at most] [milliseconds of each measurement]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "counted_memory.h"
#include "trust/trust_cache.h"

#define THREAD_COUNT_MAX   64
#define IDENTITY_COUNT     1000
#define IDENTITY_SIZE      6000 /* as that of a leaf and an intermediate */
#define ENTRY_COUNT        4096
#define OPERATION_COUNT    64 /* between two quiet points */
#define TURN_COUNT         64 /* between two looks at the clock */
#define REPETITION_COUNT   5
#define START_SECONDS      1700000000
#define INSERTS_FOR_SECOND 10000

struct bench {
    struct reclaim *reclaim;
    struct trust_cache *cache;
};

struct thread {
    _Alignas(128) pthread_t id;
    uint32_t number;
    uint64_t operation_count;
    uint64_t elapsed_ns;
    struct trust_cache_user user;
    struct trust_cache_counters counters;
    void (*operate)(struct thread *thread, uint64_t step);
};

static struct thread threads[THREAD_COUNT_MAX];
static pthread_barrier_t barrier;
static uint64_t measure_ms = 500;
static struct trust_entry *held;

static struct trust_key key_of(uint64_t number)
{
    struct trust_key key = {.policy_id = {1}};
    number *= 0x9E3779B97F4A7C15U;
    memcpy(key.chain_digest, &number, sizeof(number));
    return key;
}

static struct trust_judgement judgement_of(struct trust_cache *cache, uint64_t number)
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

static void find_any(struct thread *thread, uint64_t step)
{
    struct trust_key key = key_of((step * 7 + thread->number * 131) % IDENTITY_COUNT);
    CHECK(trust_cache_find(&thread->user, &key, START_SECONDS) != NULL);
}

static void find_one(struct thread *thread, uint64_t step)
{
    struct trust_key key = key_of(0);
    (void)step;
    CHECK(trust_cache_find(&thread->user, &key, START_SECONDS) != NULL);
}

static void look_at_lease(struct thread *thread, uint64_t step)
{
    CHECK(trust_cache_lease_holds(thread->user.cache, held, START_SECONDS + (int64_t)(step & 1)));
}

static void find_and_hold_one(struct thread *thread, uint64_t step)
{
    struct trust_key key = key_of(0);
    (void)step;
    struct trust_entry *entry = trust_cache_find(&thread->user, &key, START_SECONDS);
    trust_entry_acquire(entry);
    trust_entry_release(entry);
}

static void miss(struct thread *thread, uint64_t step)
{
    struct trust_key key = key_of((UINT64_C(1) << 40) + step);
    CHECK(trust_cache_find(&thread->user, &key, START_SECONDS) == NULL);
}

static void insert_one(struct thread *thread, uint64_t step)
{
    uint64_t number = ((uint64_t)(thread->number + 1) << 44) + step;
    struct trust_judgement judgement = judgement_of(thread->user.cache, number);
    struct trust_entry *entry;
    judgement.judged_at_seconds += (int64_t)(step / INSERTS_FOR_SECOND);
    CHECK(result_is_ok(trust_cache_insert(&thread->user, &judgement, &entry)));
    trust_entry_release(entry);
}

static void refuse_one(struct thread *thread, uint64_t step)
{
    struct trust_judgement judgement = {
        .key = key_of(((uint64_t)(thread->number + 1) << 44) + step),
        .verdict = verdict_for(VERDICT_SIGNATURE_FAILURE),
        .judged_at_seconds = START_SECONDS + (int64_t)(step / INSERTS_FOR_SECOND),
        .age_seconds_max = 10,
        .revision = trust_cache_revision(thread->user.cache),
    };
    struct trust_entry *entry;
    CHECK(result_is_ok(trust_cache_insert(&thread->user, &judgement, &entry)));
    trust_entry_release(entry);
}

/* clang-format off */
static const struct {
    const char *name;
    void (*operate)(struct thread *thread, uint64_t step);
} rows[] = {
    {"lease of a held entry (a request)",          look_at_lease},
    {"find, 1000 identities",                      find_any},
    {"find, all threads the same",                 find_one},
    {"find and hold, all threads the same",        find_and_hold_one},
    {"miss",                                       miss},
    {"insert an identity, pushing one out",        insert_one},
    {"insert a refusal, pushing one out",          refuse_one},
};
/* clang-format on */

/* Of this thread alone: other load on the machine counts only as far as it disturbs the caches. */
static uint64_t processor_ns(void)
{
    struct timespec time;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void *measure(void *argument)
{
    struct thread *thread = argument;
    uint64_t step = 0;
    (void)pthread_barrier_wait(&barrier);
    uint64_t end_ns = clock_monotonic_ns() + measure_ms * 1000000 / REPETITION_COUNT;
    uint64_t start_ns = processor_ns();
    do {
        for (size_t i = 0; i < TURN_COUNT * OPERATION_COUNT; i++) {
            thread->operate(thread, step++);
            if (step % OPERATION_COUNT == 0) {
                reclaim_quiet(thread->user.member);
            }
        }
    } while (clock_monotonic_ns() < end_ns);
    thread->elapsed_ns = processor_ns() - start_ns;
    thread->operation_count = step;
    return NULL;
}

/* Returns the nanoseconds of processor time for one operation. */
static double run(uint32_t thread_count, void (*operate)(struct thread *thread, uint64_t step))
{
    double elapsed_ns = 0;
    double operation_count = 0;
    CHECK(pthread_barrier_init(&barrier, NULL, thread_count) == 0);
    for (uint32_t i = 0; i < thread_count; i++) {
        threads[i].operate = operate;
        CHECK(pthread_create(&threads[i].id, NULL, measure, &threads[i]) == 0);
    }
    for (uint32_t i = 0; i < thread_count; i++) {
        CHECK(pthread_join(threads[i].id, NULL) == 0);
        elapsed_ns += (double)threads[i].elapsed_ns;
        operation_count += (double)threads[i].operation_count;
    }
    (void)pthread_barrier_destroy(&barrier);
    return elapsed_ns / operation_count;
}

static uint64_t count_operations(uint32_t thread_count)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < thread_count; i++) {
        count += threads[i].operation_count;
    }
    return count;
}

static void start(struct bench *bench)
{
    static const struct trust_cache_settings settings = {ENTRY_COUNT, (size_t)64 << 20, 1024};
    CHECK(result_is_ok(reclaim_create(THREAD_COUNT_MAX, &bench->reclaim)));
    CHECK(result_is_ok(trust_cache_create(&settings, &bench->cache)));
    for (uint32_t i = 0; i < THREAD_COUNT_MAX; i++) {
        threads[i] = (struct thread){.number = i};
        threads[i].user = (struct trust_cache_user){.cache = bench->cache,
                                                    .member = reclaim_join(bench->reclaim),
                                                    .counters = &threads[i].counters,
                                                    .hand = i * 1000};
    }
    reclaim_wake(threads[0].user.member);
    for (uint64_t i = 0; i < IDENTITY_COUNT; i++) {
        struct trust_judgement judgement = judgement_of(bench->cache, i);
        struct trust_entry *entry;
        CHECK(result_is_ok(trust_cache_insert(&threads[0].user, &judgement, &entry)));
        if (i == 0) {
            held = entry;
        } else {
            trust_entry_release(entry);
        }
    }
    reclaim_quiet(threads[0].user.member);
    reclaim_sleep(threads[0].user.member);
}

static void stop(struct bench *bench)
{
    trust_entry_release(held);
    reclaim_destroy(bench->reclaim);
    trust_cache_destroy(bench->cache);
}

static void wake_all(uint32_t thread_count)
{
    for (uint32_t i = 0; i < thread_count; i++) {
        reclaim_wake(threads[i].user.member);
    }
}

static void let_all_sleep(uint32_t thread_count)
{
    for (uint32_t i = 0; i < thread_count; i++) {
        reclaim_sleep(threads[i].user.member);
    }
}

/* What was added while measuring. */
static uint64_t count_kept(uint32_t thread_count)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < thread_count; i++) {
        count += threads[i].counters.values[TRUST_CACHE_INSERTS] +
                 threads[i].counters.values[TRUST_CACHE_FAILURE_INSERTS];
    }
    return count - IDENTITY_COUNT;
}

/* Of one operation. */
struct figures {
    double allocations;
    double kept; /* below 1: others were not quiet in time, as when they have no processor */
};

/* The least of several runs: what it costs when nothing else disturbs. */
static double best_of_runs(size_t row, uint32_t thread_count, struct figures *ret_figures)
{
    double best = 0;
    for (size_t i = 0; i < REPETITION_COUNT; i++) {
        struct bench bench;
        start(&bench);
        wake_all(thread_count);
        uint64_t allocated_before = allocation_count;
        double cost = run(thread_count, rows[row].operate);
        double operation_count = (double)count_operations(thread_count);
        ret_figures->allocations = (double)(allocation_count - allocated_before) / operation_count;
        ret_figures->kept = (double)count_kept(thread_count) / operation_count;
        best = i == 0 || cost < best ? cost : best;
        let_all_sleep(thread_count);
        stop(&bench);
    }
    return best;
}

static void print_row(size_t row, uint32_t thread_count_max)
{
    double cost_of_one = 0;
    for (uint32_t count = 1; count <= thread_count_max; count *= 2) {
        struct figures figures = {0};
        double cost = best_of_runs(row, count, &figures);
        cost_of_one = count == 1 ? cost : cost_of_one;
        (void)printf("%-38s %3u %9.1f %9.2f %9.3f %9.3f\n", rows[row].name, count, cost,
                     count * cost_of_one / cost, figures.allocations, figures.kept);
    }
}

/* A write to anything that was allocated while the arena was open ends the program. */
static void prove(uint32_t thread_count)
{
    struct bench bench;
    uint64_t operation_count = 0;
    open_arena();
    start(&bench);
    is_arena_open = false;
    wake_all(thread_count);
    uint64_t allocated_before = allocation_count;
    CHECK(mprotect(arena, ARENA_SIZE, PROT_READ) == 0);
    (void)run(thread_count, find_any);
    operation_count += count_operations(thread_count);
    (void)run(thread_count, look_at_lease);
    operation_count += count_operations(thread_count);
    CHECK(mprotect(arena, ARENA_SIZE, PROT_READ | PROT_WRITE) == 0);
    (void)printf("read-only: %llu hits, leases and quiet points of %u threads on %zu KiB of "
                 "protected cache: shared lines written 0, allocations %llu\n",
                 (unsigned long long)operation_count, thread_count, arena_used / 1024,
                 (unsigned long long)(allocation_count - allocated_before));
    let_all_sleep(thread_count);
    stop(&bench);
}

int main(int argument_count, char **arguments)
{
    long cpu_count = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t thread_count_max =
        argument_count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : (uint32_t)cpu_count;
    measure_ms = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : measure_ms;
    CHECK(thread_count_max >= 1 && thread_count_max <= THREAD_COUNT_MAX);
    (void)printf("%ld CPUs\n%-38s %3s %9s %9s %9s %9s\n", cpu_count, "", "thr", "ns/op", "scaling",
                 "allocs/op", "kept/op");
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        print_row(row, thread_count_max);
    }
    prove(thread_count_max);
    return 0;
}
