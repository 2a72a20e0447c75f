/*
 * The part that all micro benchmarks share: rows of operations, measured from one thread to many,
 * printed with their cost, how they scale and how often they allocate. main() is here; a benchmark
 * is the rest of its program.
 *
 * Times are processor time, the least of five runs: what it costs when nothing else disturbs.
 * Scaling is the work that N threads do in the time of one.
 *
 * Rows of BENCH_OWN_WRITES are run again where a write to anything but what is the thread's own
 * ends the program: what the threads share, what is another's, and all static variables, those of
 * the libraries that are linked in too, are read-only then.
 */
#ifndef BENCH_MICRO_BENCH_H
#define BENCH_MICRO_BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_THREAD_COUNT_MAX 64

/* How many operations a thread does before it rests. */
#define BENCH_OPERATIONS_BETWEEN_RESTS 64

enum bench_manner {
    BENCH_ONE_THREAD = 1 << 0, /* there is never a second one */
    BENCH_ALLOCATES = 1 << 1,  /* any other row that does fails the program */
    BENCH_OWN_WRITES = 1 << 2, /* it is to be proven */
};

struct bench_row {
    const char *name;
    void (*operate)(void *own, uint64_t step); /* step: how many this thread did before */
    unsigned manner;                           /* of enum bench_manner */
};

struct bench {
    const struct bench_row *rows;
    size_t row_count;
    /* What all runs share, on the main thread before the first and after the last; or NULL. */
    void (*prepare)(void);
    void (*clear)(void);
    /* What all threads share, on the main thread before and after each run; NULL: nothing. */
    void (*start)(void);
    void (*stop)(void);
    /* What is one thread's own, after start() and before stop(), there too; NULL: nothing. */
    void *(*start_own)(uint32_t thread);
    void (*stop_own)(void *own);
    /* On each thread, now and then, such as to pass a quiet point; or NULL. */
    void (*rest)(void *own);
    /* Another figure of an operation, counted by the run, and its head; or NULL. */
    uint64_t (*count)(const void *own);
    const char *counted;
};

/* rows and row_count, in the initialiser of a struct bench. */
#define BENCH_ROWS(table) .rows = (table), .row_count = sizeof(table) / sizeof((table)[0])

/* The benchmark of this program, which it defines. */
extern const struct bench bench_subject;

#endif
