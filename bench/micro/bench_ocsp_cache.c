/*
 * What finding and putting in cost in the OCSP cache, and a proof that a hit writes no shared
 * memory: cache, records and reclaim domain are read-only while every thread finds and passes quiet
 * points. A write would end the program.
 *
 * Times are processor time, the least of five runs; scaling is the work that N threads do in the
 * time of one.
 *
 * Usage: bench_ocsp_cache [threads at most] [milliseconds of each measurement]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../tests/fake/ocsp_fakes.h"
#include "base/clock.h"
#include "counted_memory.h"
#include "trust/ocsp_cache.h"

#define THREAD_COUNT_MAX 64
#define RECORD_COUNT     1000
#define RESPONSE_SIZE    2000
#define ENTRY_COUNT      4096
#define TURN_COUNT       64 /* operations between two quiet points, and turns between two clocks */
#define REPETITION_COUNT 5
#define START_SECONDS    1700000000
#define PUTS_FOR_SECOND  10000

struct thread {
    _Alignas(128) pthread_t id;
    uint32_t number;
    uint64_t operation_count;
    uint64_t elapsed_ns;
    struct reclaim_member *member;
    void (*operate)(struct thread *thread, uint64_t step);
};

static struct thread threads[THREAD_COUNT_MAX];
static pthread_barrier_t barrier;
static uint64_t measure_ms = 500;
static struct reclaim *reclaim;
static struct ocsp_cache *cache;
static struct ocsp_id ids[RECORD_COUNT];

static struct ocsp_record *make_record(uint64_t number, int64_t now_seconds)
{
    static const uint8_t response[RESPONSE_SIZE];
    static const struct ocsp_manner manner;
    struct ocsp_state state = {.has_answer = true, .received_at_seconds = now_seconds};
    struct ocsp_question *question;
    struct ocsp_record *record;
    CHECK(result_is_ok(ocsp_question_restore(bytes_from(&number, sizeof(number)),
                                             BYTES_OF("issuer"), (struct bytes){0}, &question)));
    CHECK(result_is_ok(ocsp_record_create(&state, question, &manner,
                                          bytes_from(response, sizeof(response)), &record)));
    return record;
}

static void find_any(struct thread *thread, uint64_t step)
{
    size_t index = (step * 7 + thread->number * 131) % RECORD_COUNT;
    CHECK(ocsp_cache_find(cache, &ids[index], START_SECONDS) != NULL);
}

static void find_one(struct thread *thread, uint64_t step)
{
    (void)thread;
    (void)step;
    CHECK(ocsp_cache_find(cache, &ids[0], START_SECONDS) != NULL);
}

static void miss(struct thread *thread, uint64_t step)
{
    struct ocsp_id id = {{(uint8_t)thread->number}};
    memcpy(id.bytes + 8, &step, sizeof(step));
    CHECK(ocsp_cache_find(cache, &id, START_SECONDS) == NULL);
}

/* There is one writer. */
static void put_new(struct thread *thread, uint64_t step)
{
    int64_t now_seconds = START_SECONDS + (int64_t)(step / PUTS_FOR_SECOND);
    (void)ocsp_cache_put(cache, thread->member,
                         make_record((UINT64_C(1) << 40) + step, now_seconds));
}

static void put_again(struct thread *thread, uint64_t step)
{
    (void)ocsp_cache_put(cache, thread->member, make_record(step % RECORD_COUNT, START_SECONDS));
}

/* clang-format off */
static const struct {
    const char *name;
    void (*operate)(struct thread *thread, uint64_t step);
    bool is_for_one;
} rows[] = {
    {"find, 1000 records",                  find_any,  false},
    {"find, all threads the same",          find_one,  false},
    {"miss",                                miss,      false},
    {"make and put, pushing one out",       put_new,   true},
    {"make and put, replacing one",         put_again, true},
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
        for (size_t i = 0; i < TURN_COUNT * TURN_COUNT; i++) {
            thread->operate(thread, step++);
            if (step % TURN_COUNT == 0) {
                reclaim_quiet(thread->member);
            }
        }
    } while (clock_monotonic_ns() < end_ns);
    thread->elapsed_ns = processor_ns() - start_ns;
    thread->operation_count = step;
    return NULL;
}

/* Returns the nanoseconds of processor time for one operation. */
static double run(uint32_t thread_count, void (*operate)(struct thread *thread, uint64_t step),
                  double *ret_operation_count)
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
    *ret_operation_count = operation_count;
    return elapsed_ns / operation_count;
}

static void start(uint32_t awake_count)
{
    static const struct ocsp_cache_settings settings = {ENTRY_COUNT, (size_t)64 << 20};
    CHECK(result_is_ok(reclaim_create(THREAD_COUNT_MAX, &reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&settings, &cache)));
    for (uint32_t i = 0; i < THREAD_COUNT_MAX; i++) {
        threads[i] = (struct thread){.number = i, .member = reclaim_join(reclaim)};
    }
    for (uint32_t i = 0; i < awake_count; i++) {
        reclaim_wake(threads[i].member);
    }
    for (uint64_t i = 0; i < RECORD_COUNT; i++) {
        struct ocsp_record *record = make_record(i, START_SECONDS);
        ids[i] = record->question->id;
        CHECK(ocsp_cache_put(cache, threads[0].member, record));
    }
}

static void stop(uint32_t awake_count)
{
    for (uint32_t i = 0; i < awake_count; i++) {
        reclaim_sleep(threads[i].member);
    }
    reclaim_destroy(reclaim);
    ocsp_cache_destroy(cache);
}

static void print_row(size_t row, uint32_t thread_count_max)
{
    double cost_of_one = 0;
    for (uint32_t count = 1; count <= thread_count_max; count *= 2) {
        double best = 0;
        double allocations = 0;
        for (size_t i = 0; i < REPETITION_COUNT; i++) {
            double operation_count = 0;
            start(count);
            uint64_t allocated_before = allocation_count;
            double cost = run(count, rows[row].operate, &operation_count);
            allocations = (double)(allocation_count - allocated_before) / operation_count;
            best = i == 0 || cost < best ? cost : best;
            stop(count);
        }
        cost_of_one = count == 1 ? best : cost_of_one;
        (void)printf("%-38s %3u %9.1f %9.2f %9.3f\n", rows[row].name, count, best,
                     count * cost_of_one / best, allocations);
        if (rows[row].is_for_one) {
            return;
        }
    }
}

/* A write to anything that was allocated while the arena was open ends the program. */
static void prove(uint32_t thread_count)
{
    double operation_count = 0;
    open_arena();
    start(thread_count);
    is_arena_open = false;
    for (uint32_t i = 0; i < thread_count; i++) {
        reclaim_quiet(threads[i].member);
    }
    CHECK(mprotect(arena, ARENA_SIZE, PROT_READ) == 0);
    (void)run(thread_count, find_any, &operation_count);
    CHECK(mprotect(arena, ARENA_SIZE, PROT_READ | PROT_WRITE) == 0);
    (void)printf("read-only: %.0f hits and quiet points of %u threads on %zu KiB of protected "
                 "cache: shared lines written 0\n",
                 operation_count, thread_count, arena_used / 1024);
    stop(thread_count);
}

int main(int argument_count, char **arguments)
{
    long cpu_count = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t thread_count_max =
        argument_count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : (uint32_t)cpu_count;
    measure_ms = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : measure_ms;
    CHECK(thread_count_max >= 1 && thread_count_max <= THREAD_COUNT_MAX);
    (void)printf("%ld CPUs\n%-38s %3s %9s %9s %9s\n", cpu_count, "", "thr", "ns/op", "scaling",
                 "allocs/op");
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        print_row(row, thread_count_max);
    }
    prove(thread_count_max);
    return 0;
}
