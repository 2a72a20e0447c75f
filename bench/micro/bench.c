/*
 * Threads, clocks and the table; see the header. Nothing static is written once a run has begun.
 *
 * Arguments: [threads at most (the CPUs)] [milliseconds of each measurement (500)]. The exit status
 * is 1 when a row allocated that should not.
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

#define REPETITION_COUNT   5
#define BATCH_MAX          (64 * BENCH_OPERATIONS_BETWEEN_RESTS) /* between two looks at the clock */
#define BATCH_NS           20000 /* a batch that is over sooner is doubled */
#define WARM_UP_COUNT      BENCH_OPERATIONS_BETWEEN_RESTS /* what first use makes is not counted */
#define NS_PER_MS          1000000
#define MEASURE_MS_DEFAULT 500

struct run;

struct thread {
    _Alignas(128) pthread_t id;
    struct run *run;
    void *own;
    uint64_t operation_count;
    uint64_t allocation_count;
    uint64_t elapsed_ns;
};

/* What is started, and stopped again. */
struct run {
    const struct bench *bench;
    const struct bench_row *row;
    uint32_t thread_count;
    pthread_barrier_t barrier;
    struct thread threads[BENCH_THREAD_COUNT_MAX];
};

/* Of one operation. */
struct figures {
    double cost_ns;
    double allocation_count;
    double counted;
};

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
    const struct run *run = thread->run;
    for (uint64_t i = 0; i < count; i++) {
        run->row->operate(thread->own, step++);
        if (step % BENCH_OPERATIONS_BETWEEN_RESTS == 0 && run->bench->rest != NULL) {
            run->bench->rest(thread->own);
        }
    }
    return step;
}

static void *measure(void *argument)
{
    struct thread *thread = argument;
    uint64_t batch = BENCH_OPERATIONS_BETWEEN_RESTS;
    uint64_t step = operate(thread, 0, WARM_UP_COUNT);
    (void)pthread_barrier_wait(&thread->run->barrier);
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
    thread->allocation_count = counted_memory_count() - allocated_before;
    thread->operation_count = step - WARM_UP_COUNT;
    return NULL;
}

/* What start() makes goes into the first arena, what is a thread's own into one of its own. */
static struct run *start(const struct bench *bench, uint32_t thread_count, bool is_in_arenas)
{
    struct run *run = aligned_alloc(_Alignof(struct run), sizeof(*run));
    CHECK(run != NULL);
    *run = (struct run){.bench = bench, .thread_count = thread_count};
    for (uint32_t i = 0; i <= thread_count; i++) {
        if (is_in_arenas) {
            counted_memory_open(i);
        }
        if (i == 0 && bench->start != NULL) {
            bench->start();
        } else if (i > 0 && bench->start_own != NULL) {
            run->threads[i - 1].own = bench->start_own(i - 1);
        }
        if (is_in_arenas) {
            counted_memory_close();
        }
    }
    for (uint32_t i = 0; i < thread_count; i++) {
        run->threads[i].run = run;
    }
    return run;
}

static void stop(struct run *run)
{
    for (uint32_t i = 0; i < run->thread_count && run->bench->stop_own != NULL; i++) {
        run->bench->stop_own(run->threads[i].own);
    }
    if (run->bench->stop != NULL) {
        run->bench->stop();
    }
    free(run);
}

/* Threads first to last - 1, all at once. Returns how many operations they did. */
static uint64_t go(struct run *run, uint32_t first, uint32_t last)
{
    uint64_t operation_count = 0;
    CHECK(pthread_barrier_init(&run->barrier, NULL, last - first) == 0);
    for (uint32_t i = first; i < last; i++) {
        CHECK(pthread_create(&run->threads[i].id, NULL, measure, &run->threads[i]) == 0);
    }
    for (uint32_t i = first; i < last; i++) {
        CHECK(pthread_join(run->threads[i].id, NULL) == 0);
        operation_count += run->threads[i].operation_count;
    }
    (void)pthread_barrier_destroy(&run->barrier);
    return operation_count;
}

static struct figures run_once(const struct bench *bench, const struct bench_row *row,
                               uint32_t thread_count)
{
    struct figures sum = {0};
    struct run *run = start(bench, thread_count, false);
    run->row = row;
    double operation_count = (double)go(run, 0, thread_count);
    for (uint32_t i = 0; i < thread_count; i++) {
        sum.cost_ns += (double)run->threads[i].elapsed_ns;
        sum.allocation_count += (double)run->threads[i].allocation_count;
        sum.counted += bench->count == NULL ? 0 : (double)bench->count(run->threads[i].own);
    }
    stop(run);
    return (struct figures){sum.cost_ns / operation_count, sum.allocation_count / operation_count,
                            sum.counted / operation_count};
}

/* The least cost, and the most allocations. */
static struct figures best_of_runs(const struct bench *bench, const struct bench_row *row,
                                   uint32_t thread_count)
{
    struct figures best = run_once(bench, row, thread_count);
    for (size_t i = 1; i < REPETITION_COUNT; i++) {
        struct figures figures = run_once(bench, row, thread_count);
        double allocations = figures.allocation_count > best.allocation_count
                                 ? figures.allocation_count
                                 : best.allocation_count;
        best = figures.cost_ns < best.cost_ns ? figures : best;
        best.allocation_count = allocations;
    }
    return best;
}

/* False: it allocated and should not. */
static bool print_row(const struct bench *bench, const struct bench_row *row,
                      uint32_t thread_count_max)
{
    double cost_of_one = 0;
    double allocations = 0;
    uint32_t count_max = row->manner & BENCH_ONE_THREAD ? 1 : thread_count_max;
    for (uint32_t count = 1; count <= count_max; count *= 2) {
        struct figures figures = best_of_runs(bench, row, count);
        cost_of_one = count == 1 ? figures.cost_ns : cost_of_one;
        allocations += figures.allocation_count;
        (void)printf("%-42s %3u %10.1f %8.2f %9.3f", row->name, count, figures.cost_ns,
                     count * cost_of_one / figures.cost_ns, figures.allocation_count);
        (void)(bench->count == NULL ? 0 : printf(" %9.3f", figures.counted));
        (void)putchar('\n');
    }
    if (allocations > 0 && !(row->manner & BENCH_ALLOCATES)) {
        (void)fprintf(stderr, "'%s' allocates, and should not\n", row->name);
        return false;
    }
    return true;
}

/*
 * All at once, with what is shared and what is static read-only; then each thread alone, with what
 * is the others' read-only too. The kernel tells of a write by SIGSEGV.
 */
static uint64_t run_protected(struct run *run)
{
    uint64_t operation_count;
    counted_memory_protect(0, true);
    counted_memory_protect_static(true);
    operation_count = go(run, 0, run->thread_count);
    for (uint32_t i = 0; i < run->thread_count; i++) {
        for (uint32_t j = 0; j < run->thread_count; j++) {
            counted_memory_protect(1 + j, i != j);
        }
        operation_count += go(run, i, i + 1);
    }
    for (uint32_t i = 0; i <= run->thread_count; i++) {
        counted_memory_protect(i, false);
    }
    counted_memory_protect_static(false);
    return operation_count;
}

static void prove(const struct bench *bench, uint32_t thread_count)
{
    uint64_t operation_count = 0;
    size_t row_count = 0;
    for (size_t i = 0; i < bench->row_count; i++) {
        if (bench->rows[i].manner & BENCH_OWN_WRITES) {
            struct run *run = start(bench, thread_count, true);
            run->row = &bench->rows[i];
            operation_count += run_protected(run);
            stop(run);
            row_count++;
        }
    }
    if (row_count > 0) {
        (void)printf("%zu rows again, %llu operations of %u threads, all read-only but what is the "
                     "thread's own: no shared line is written\n",
                     row_count, (unsigned long long)operation_count, thread_count);
    }
}

static uint64_t argument_or(int argument_count, char **arguments, int index, uint64_t otherwise)
{
    return argument_count > index ? strtoull(arguments[index], NULL, 10) : otherwise;
}

int main(int argument_count, char **arguments)
{
    const struct bench *bench = &bench_subject;
    long cpu_count = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t thread_count_max = argument_or(argument_count, arguments, 1, (uint64_t)cpu_count);
    bool is_good = true;
    measure_ms = argument_or(argument_count, arguments, 2, MEASURE_MS_DEFAULT);
    CHECK(thread_count_max >= 1 && thread_count_max <= BENCH_THREAD_COUNT_MAX);
    if (bench->prepare != NULL) {
        bench->prepare();
    }
    (void)printf("%-42s %3s %10s %8s %9s %9s\n", program_invocation_short_name, "thr", "ns/op",
                 "scaling", "allocs/op", bench->count == NULL ? "" : bench->counted);
    for (size_t i = 0; i < bench->row_count; i++) {
        is_good = print_row(bench, &bench->rows[i], (uint32_t)thread_count_max) && is_good;
    }
    (void)fflush(stdout);
    prove(bench, (uint32_t)(thread_count_max < COUNTED_MEMORY_ARENA_COUNT
                                ? thread_count_max
                                : COUNTED_MEMORY_ARENA_COUNT - 1));
    if (bench->clear != NULL) {
        bench->clear();
    }
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
