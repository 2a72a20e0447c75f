/*
 * The part that all micro benchmarks share: rows of operations, measured from one thread to many,
 * printed with their cost, how they scale and how often they allocate.
 *
 * Times are processor time, the least of five runs: what it costs when nothing else disturbs.
 * Scaling is the work that N threads do in the time of one. Called by each benchmark's main().
 */
#ifndef BENCH_MICRO_BENCH_H
#define BENCH_MICRO_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_THREAD_COUNT_MAX 64

/* How many operations a row may pass before it rests. */
#define BENCH_OPERATIONS_BETWEEN_RESTS 64

enum bench_manner {
    BENCH_ONE_THREAD = 1 << 0, /* there is never a second one */
    BENCH_ALLOCATES = 1 << 1,  /* any other row that does fails the program */
    BENCH_READS_ONLY = 1 << 2, /* run once more with all that start() has allocated read-only */
};

struct bench_row {
    const char *name;
    /* One operation: the step-th of this thread, both counted from 0. */
    void (*operate)(uint32_t thread, uint64_t step);
    unsigned manner; /* of enum bench_manner */
};

struct bench {
    const struct bench_row *rows;
    size_t row_count;
    /* Before and after each run, on the main thread; NULL: nothing to do. */
    void (*start)(uint32_t thread_count);
    void (*stop)(uint32_t thread_count);
    /* On each thread, now and then, such as to pass a quiet point; or NULL. */
    void (*rest)(uint32_t thread);
    /* Another figure of an operation, counted since start(), and its head; or NULL. */
    uint64_t (*count)(uint32_t thread_count);
    const char *counted;
};

/*
 * Arguments: [threads at most (the CPUs)] [milliseconds of each measurement (500)]. Returns the
 * exit status: 1 when a row allocated that should not.
 */
int bench_main(const struct bench *bench, int argument_count, char **arguments);

#endif
