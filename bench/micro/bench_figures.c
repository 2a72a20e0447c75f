/*
 * What a worker pays for being looked at: a duration into a histogram, a counter, a line for the
 * access log; and what the reader pays, who sums over workers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/log_queue.h"
#include "bench.h"
#include "proxy/counters.h"

#define QUEUE_BYTES (1U << 20)
#define LINE_BYTES  300

struct user {
    struct counters counters; /* first: it is aligned */
    struct counters sum;
    struct log_queue log_queue;
    uint64_t quantile_ns; /* only so that it is not optimised away */
};

static void record(void *own, uint64_t step)
{
    struct user *user = own;
    histogram_record(&user->counters.timings[TIMING_REQUEST], step, step * 3);
}

static void count(void *own, uint64_t step)
{
    struct user *user = own;
    counters_add(&user->counters, COUNTER_CLIENT_BYTES_SENT, step);
}

static void put_line(void *own, uint64_t step)
{
    static const uint8_t line[LINE_BYTES];
    struct user *user = own;
    (void)step;
    (void)log_queue_put(&user->log_queue, bytes_from(line, sizeof(line)));
}

static void take_lines(struct user *user)
{
    log_queue_take(&user->log_queue, log_queue_peek(&user->log_queue).length);
}

static void sum(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    counters_sum(&user->sum, &user->counters);
}

static void find_quantile(void *own, uint64_t step)
{
    struct user *user = own;
    user->quantile_ns +=
        histogram_quantile_ns(&user->counters.timings[TIMING_REQUEST], (unsigned)(step % 1000));
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"record a duration in a histogram",          record,        BENCH_OWN_WRITES},
    {"add to a counter",                          count,         BENCH_OWN_WRITES},
    {"put a line of 300 bytes into the log queue", put_line,     BENCH_OWN_WRITES},
    {"sum all figures of a worker (reader)",      sum,           BENCH_OWN_WRITES},
    {"find a quantile (reader)",                  find_quantile, BENCH_OWN_WRITES},
};
/* clang-format on */

static void rest(void *own)
{
    take_lines(own);
}

static void *start_own(uint32_t thread)
{
    struct user *user = aligned_alloc(_Alignof(struct user), sizeof(*user));
    (void)thread;
    CHECK(user != NULL);
    memset(user, 0, sizeof(*user));
    CHECK(result_is_ok(log_queue_init(&user->log_queue, QUEUE_BYTES)));
    for (uint64_t i = 0; i < LINE_BYTES; i++) {
        record(user, i * i);
    }
    return user;
}

static void stop_own(void *own)
{
    log_queue_deinit(&((struct user *)own)->log_queue);
    free(own);
}

const struct bench bench_subject = {BENCH_ROWS(rows), .start_own = start_own, .stop_own = stop_own,
                                    .rest = rest};
