/*
 * A putter and a taker on one log queue, as a worker and the log writer are. To be run under
 * ThreadSanitizer: every line that was not dropped must come out whole and in order, and none that
 * was dropped.
 *
 * Usage: stress_log_queue [lines]
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/log_queue.h"

#define QUEUE_BYTES    4096 /* small: it is full, and wraps, all the time */
#define LINE_BYTES_MAX 300
#define HEADER_BYTES   5 /* length, then the number of the line */

struct run {
    struct log_queue queue;
    uint32_t line_count;
    uint32_t put_count; /* the putter's; read after it was joined */
    atomic_bool is_over;
};

static uint8_t byte_of(uint32_t number, size_t place)
{
    return (uint8_t)(number * 31 + place);
}

static size_t length_of(uint32_t number)
{
    return HEADER_BYTES + number * 7919 % (LINE_BYTES_MAX - HEADER_BYTES);
}

static void *put_all(void *argument)
{
    struct run *run = argument;
    uint8_t line[LINE_BYTES_MAX];
    for (uint32_t number = 0; number < run->line_count; number++) {
        size_t length = length_of(number);
        line[0] = (uint8_t)(length & 0xFF);
        memcpy(line + 1, &number, sizeof(number));
        for (size_t i = HEADER_BYTES; i < length; i++) {
            line[i] = byte_of(number, i);
        }
        bool is_put = log_queue_put(&run->queue, bytes_from(line, length));
        run->put_count += is_put;
        if (!is_put) {
            (void)sched_yield();
        }
    }
    atomic_store(&run->is_over, true);
    return NULL;
}

/* Lines are put together from what is shown; returns their number. */
static uint32_t take_all(struct run *run)
{
    uint8_t line[LINE_BYTES_MAX];
    size_t have = 0;
    uint32_t count = 0;
    int64_t latest = -1;
    for (;;) {
        bool is_over =
            atomic_load(&run->is_over); /* before the look: what was put earlier is seen */
        struct bytes shown = log_queue_peek(&run->queue);
        if (shown.length == 0 && is_over) {
            CHECK(have == 0);
            return count;
        }
        size_t taken = shown.length / 2 + shown.length % 2; /* and a part only */
        for (size_t i = 0; i < taken; i++) {
            uint32_t number = 0;
            line[have++] = shown.at[i];
            CHECK(have <= LINE_BYTES_MAX);
            if (have < HEADER_BYTES) {
                continue;
            }
            memcpy(&number, line + 1, sizeof(number));
            if (have == HEADER_BYTES) {
                CHECK((int64_t)number > latest);
                CHECK(line[0] == (uint8_t)(length_of(number) & 0xFF));
            } else {
                CHECK(line[have - 1] == byte_of(number, have - 1));
            }
            if (have == length_of(number)) {
                latest = number;
                count++;
                have = 0;
            }
        }
        log_queue_take(&run->queue, taken);
    }
}

int main(int argument_count, char **arguments)
{
    static struct run run;
    pthread_t putter;
    run.line_count = argument_count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 200000;
    CHECK(result_is_ok(log_queue_init(&run.queue, QUEUE_BYTES)));
    CHECK(pthread_create(&putter, NULL, put_all, &run) == 0);
    uint32_t taken_count = take_all(&run);
    CHECK(pthread_join(putter, NULL) == 0);
    CHECK(taken_count == run.put_count);
    CHECK(run.put_count + log_queue_dropped_count(&run.queue) == run.line_count);
    log_queue_deinit(&run.queue);
    (void)printf("stress_log_queue: %u lines, %u dropped\n", run.line_count,
                 run.line_count - taken_count);
    return 0;
}
