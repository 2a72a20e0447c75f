/*
 * What sallyport-load pays for a latency that it records, in the time that it measures; and what
 * the end of a run costs, when threads' histograms are merged and percentiles are read.
 */
#include <stdlib.h>

#include "base/check.h"
#include "bench.h"
#include "load/histogram.h"

#define RECORDED_COUNT 1000

struct user {
    struct histogram histogram;
    struct histogram sum;
    uint64_t found_ns; /* only so that it is not optimised away */
};

/* From half a microsecond on, over all doublings up to half a minute. */
static void record(void *own, uint64_t step)
{
    histogram_record(&((struct user *)own)->histogram, (500 + step % 500) << (step % 26));
}

static void merge(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    histogram_merge(&user->sum, &user->histogram);
}

static void find_percentile(void *own, uint64_t step)
{
    struct user *user = own;
    user->found_ns += histogram_at(&user->histogram, (double)(step % 1000) / 1000);
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"record a latency",              record,          BENCH_OWN_WRITES},
    {"merge another histogram (end)", merge,           BENCH_OWN_WRITES},
    {"find a percentile (end)",       find_percentile, BENCH_OWN_WRITES},
};
/* clang-format on */

static void *start_own(uint32_t thread)
{
    struct user *user = calloc(1, sizeof(*user));
    (void)thread;
    CHECK(user != NULL);
    for (uint64_t i = 0; i < RECORDED_COUNT; i++) {
        record(user, i);
    }
    return user;
}

static void stop_own(void *own)
{
    free(own);
}

const struct bench bench_subject = {BENCH_ROWS(rows), .start_own = start_own, .stop_own = stop_own};
