/*
 * A putter that raises fences, as a worker does at each reload, and a taker that goes on to another
 * place at each, as the log writer does. To be run under ThreadSanitizer: every line is taken once,
 * whole, in order, and at the place that it was put for.
 *
 * Usage: stress_log_fence [lines]
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log_queue.h"

#define QUEUE_BYTES     4096 /* small: it wraps all the time */
#define LINES_OF_PLACE  37
#define LINE_BYTES_MAX  64
#define TAKEN_BYTES_MAX 1024 /* at once: less than there may be */

struct run {
    struct log_queue queue;
    unsigned line_count;
    atomic_bool is_changing; /* from the fence to its lifting; as the control thread mediates */
    atomic_bool is_over;
};

static void *put_all(void *argument)
{
    struct run *run = argument;
    unsigned place = 0;
    for (unsigned number = 0; number < run->line_count; number++) {
        char line[LINE_BYTES_MAX];
        int length = snprintf(line, sizeof(line), "%u %u\n", place, number);
        while (!log_queue_put(&run->queue, bytes_from(line, (size_t)length))) {
            (void)sched_yield();
        }
        if (number % LINES_OF_PLACE == 0 && !atomic_load(&run->is_changing)) {
            log_queue_fence(&run->queue);
            place++;
            atomic_store(&run->is_changing, true);
        }
    }
    atomic_store(&run->is_over, true);
    return NULL;
}

/* Returns how many lines were there, which come on from number. */
static unsigned take_some(struct run *run, unsigned place, unsigned number)
{
    static uint8_t memory[TAKEN_BYTES_MAX + 1];
    unsigned count = 0;
    size_t length = log_queue_take_lines(&run->queue, memory, TAKEN_BYTES_MAX);
    memory[length] = '\0';
    for (char *at = (char *)memory; *at != '\0'; count++) {
        CHECK(strtoul(at, &at, 10) == place && *at == ' ');
        CHECK(strtoul(at, &at, 10) == number + count && *at == '\n');
        at++;
    }
    return count;
}

int main(int argument_count, char **arguments)
{
    static struct run run;
    pthread_t putter;
    unsigned place = 0;
    unsigned number = 0;
    unsigned count = 0;
    bool is_over = false;
    run.line_count = argument_count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 200000;
    CHECK(result_is_ok(log_queue_init(&run.queue, QUEUE_BYTES)));
    CHECK(pthread_create(&putter, NULL, put_all, &run) == 0);
    while (!is_over || count > 0 || atomic_load(&run.is_changing)) {
        is_over = atomic_load(&run.is_over);
        /* Read before the lines: all that is before the fence is taken at the former place. */
        bool is_changing = atomic_load(&run.is_changing);
        count = take_some(&run, place, number);
        number += count;
        if (count == 0 && is_changing) {
            place++;
            log_queue_lift_fence(&run.queue);
            atomic_store(&run.is_changing, false);
            count = 1; /* look again: what was hidden is in sight */
        }
    }
    CHECK(pthread_join(putter, NULL) == 0);
    CHECK(number == run.line_count);
    log_queue_deinit(&run.queue);
    (void)printf("stress_log_fence: %u lines at %u places\n", number, place + 1);
    return 0;
}
