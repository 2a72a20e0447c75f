/*
 * Threads, clocks and the table; see the header.
 */
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "counted_memory.h"

#define REPETITION_COUNT 5
#define BATCH_MAX        (64 * BENCH_OPERATIONS_BETWEEN_RESTS) /* between two looks at the clock */
#define BATCH_NS         20000                          /* a batch that is over sooner is doubled */
#define WARM_UP_COUNT    BENCH_OPERATIONS_BETWEEN_RESTS /* what is made at first use is not counted \
                                                         */
#define NS_PER_MS          1000000
#define MEASURE_MS_DEFAULT 500

struct thread {
    _Alignas(128) pthread_t id;
    uint32_t number;
    uint64_t operation_count;
    uint64_t allocation_count;
    uint64_t elapsed_ns;
    const struct bench *bench;
    const struct bench_row *row;
};

/* Of one operation. */
struct figures {
    double cost_ns;
    double allocation_count;
    double counted;
};

static struct thread threads[BENCH_THREAD_COUNT_MAX];
static pthread_barrier_t barrier;
static uint64_t measure_ms = MEASURE_MS_DEFAULT;

/* Of this thread alone: other load on the machine counts only as far as it disturbs the caches. */
static uint64_t processor_ns(void)
{
    struct timespec time;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t operate(const struct thread *thread, uint64_t step, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        thread->row->operate(thread->number, step++);
        if (step % BENCH_OPERATIONS_BETWEEN_RESTS == 0 && thread->bench->rest != NULL) {
            thread->bench->rest(thread->number);
        }
    }
    return step;
}

static void *measure(void *argument)
{
    struct thread *thread = argument;
    uint64_t batch = BENCH_OPERATIONS_BETWEEN_RESTS;
    uint64_t step = operate(thread, 0, WARM_UP_COUNT);
    (void)pthread_barrier_wait(&barrier);
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t end_ns = now_ns + measure_ms * NS_PER_MS / REPETITION_COUNT;
    uint64_t allocated_before = counted_memory_count();
    uint64_t start_ns = processor_ns();
    while (now_ns < end_ns) {
        uint64_t before_ns = now_ns;
        step = operate(thread, step, batch);
        now_ns = clock_monotonic_ns();
        batch = batch < BATCH_MAX && now_ns - before_ns < BATCH_NS ? batch * 2 : batch;
    }
    thread->elapsed_ns = processor_ns() - start_ns;
    thread->operation_count = step - WARM_UP_COUNT;
    thread->allocation_count = counted_memory_count() - allocated_before;
    return NULL;
}

static struct figures run(const struct bench *bench, const struct bench_row *row,
                          uint32_t thread_count)
{
    struct figures sum = {0};
    double operation_count = 0;
    CHECK(pthread_barrier_init(&barrier, NULL, thread_count) == 0);
    for (uint32_t i = 0; i < thread_count; i++) {
        threads[i] = (struct thread){.number = i, .bench = bench, .row = row};
        CHECK(pthread_create(&threads[i].id, NULL, measure, &threads[i]) == 0);
    }
    for (uint32_t i = 0; i < thread_count; i++) {
        CHECK(pthread_join(threads[i].id, NULL) == 0);
        sum.cost_ns += (double)threads[i].elapsed_ns;
        sum.allocation_count += (double)threads[i].allocation_count;
        operation_count += (double)threads[i].operation_count;
    }
    (void)pthread_barrier_destroy(&barrier);
    sum.cost_ns /= operation_count;
    sum.allocation_count /= operation_count;
    sum.counted = bench->count == NULL ? 0 : (double)bench->count(thread_count) / operation_count;
    return sum;
}

static void start(const struct bench *bench, uint32_t thread_count)
{
    if (bench->start != NULL) {
        bench->start(thread_count);
    }
}

static void stop(const struct bench *bench, uint32_t thread_count)
{
    if (bench->stop != NULL) {
        bench->stop(thread_count);
    }
}

/* The least cost, and the most allocations. */
static struct figures best_of_runs(const struct bench *bench, const struct bench_row *row,
                                   uint32_t thread_count)
{
    struct figures best = {0};
    for (size_t i = 0; i < REPETITION_COUNT; i++) {
        start(bench, thread_count);
        struct figures figures = run(bench, row, thread_count);
        double allocations = i == 0 || figures.allocation_count > best.allocation_count
                                 ? figures.allocation_count
                                 : best.allocation_count;
        best = i == 0 || figures.cost_ns < best.cost_ns ? figures : best;
        best.allocation_count = allocations;
        stop(bench, thread_count);
    }
    return best;
}

/* False: it allocated and should not. */
static bool print_row(const struct bench *bench, const struct bench_row *row,
                      uint32_t thread_count_max)
{
    double cost_of_one = 0;
    bool is_good = true;
    uint32_t count_max = row->manner & BENCH_ONE_THREAD ? 1 : thread_count_max;
    for (uint32_t count = 1; count <= count_max; count *= 2) {
        struct figures figures = best_of_runs(bench, row, count);
        cost_of_one = count == 1 ? figures.cost_ns : cost_of_one;
        (void)printf("%-42s %3u %10.1f %8.2f %9.3f", row->name, count, figures.cost_ns,
                     count * cost_of_one / figures.cost_ns, figures.allocation_count);
        (void)(bench->count == NULL ? 0 : printf(" %9.3f", figures.counted));
        (void)putchar('\n');
        is_good = is_good && (row->manner & BENCH_ALLOCATES || figures.allocation_count == 0);
    }
    if (!is_good) {
        (void)fprintf(stderr, "'%s' allocates, and should not\n", row->name);
    }
    return is_good;
}

/* A write to anything that start() has allocated ends the program. */
static void prove(const struct bench *bench, uint32_t thread_count)
{
    double operation_count = 0;
    bool has_rows = false;
    for (size_t i = 0; i < bench->row_count; i++) {
        has_rows = has_rows || bench->rows[i].manner & BENCH_READS_ONLY;
    }
    if (!has_rows) {
        return;
    }
    counted_memory_open(0);
    start(bench, thread_count);
    counted_memory_close();
    counted_memory_protect(0, true);
    for (size_t i = 0; i < bench->row_count; i++) {
        if (bench->rows[i].manner & BENCH_READS_ONLY) {
            (void)run(bench, &bench->rows[i], thread_count);
            for (uint32_t j = 0; j < thread_count; j++) {
                operation_count += (double)threads[j].operation_count;
            }
            (void)printf("read-only: %s\n", bench->rows[i].name);
        }
    }
    counted_memory_protect(0, false);
    (void)printf("read-only: %.0f operations and rests of %u threads on %zu KiB of protected "
                 "memory: shared lines written 0\n",
                 operation_count, thread_count, counted_memory_used_bytes(0) / 1024);
    stop(bench, thread_count);
}

static uint64_t argument_or(int argument_count, char **arguments, int index, uint64_t otherwise)
{
    return argument_count > index ? strtoull(arguments[index], NULL, 10) : otherwise;
}

int bench_main(const struct bench *bench, int argument_count, char **arguments)
{
    long cpu_count = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t thread_count_max = argument_or(argument_count, arguments, 1, (uint64_t)cpu_count);
    bool is_good = true;
    measure_ms = argument_or(argument_count, arguments, 2, MEASURE_MS_DEFAULT);
    CHECK(thread_count_max >= 1 && thread_count_max <= BENCH_THREAD_COUNT_MAX);
    (void)printf("%-42s %3s %10s %8s %9s %9s\n", program_invocation_short_name, "thr", "ns/op",
                 "scaling", "allocs/op", bench->count == NULL ? "" : bench->counted);
    for (size_t i = 0; i < bench->row_count; i++) {
        is_good = print_row(bench, &bench->rows[i], (uint32_t)thread_count_max) && is_good;
    }
    prove(bench, (uint32_t)thread_count_max);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
