/*
 * A thread that hangs in the kernel or in a resolver cannot be stopped, only left: what it works
 * with is its own, and whichever of the two sides lets go of it last frees it.
 */
#include "control/generation_reading.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "control/generation_builder.h"

/* Between two looks at whether all is read. */
#define LOOK_US 1000

enum progress { READING, READ, LEFT_BEHIND };

struct generation_reading {
    const char *path;
    struct diagnostics diagnostics;
    struct generation *generation;
    struct result result;
    _Atomic enum progress progress; /* both threads'; all else is the reader's until READ */
};

static void destroy(struct generation_reading *reading)
{
    generation_builder_destroy(reading->generation);
    diagnostics_deinit(&reading->diagnostics);
    free(reading);
}

static void *run(void *argument)
{
    struct generation_reading *reading = argument;
    reading->result =
        generation_builder_build(reading->path, &reading->diagnostics, &reading->generation);
    if (atomic_exchange(&reading->progress, READ) == LEFT_BEHIND) {
        destroy(reading);
    }
    return NULL;
}

static void leave(struct generation_reading *reading, pthread_t thread)
{
    (void)pthread_detach(thread);
    if (atomic_exchange(&reading->progress, LEFT_BEHIND) == READ) {
        destroy(reading);
    }
}

/* False: it went on for too long although nobody wanted it any more. */
static bool await(const struct generation_reading *reading, generation_reading_look look,
                  void *owner)
{
    const struct timespec pause = {.tv_nsec = LOOK_US * 1000L};
    uint64_t end_ms = UINT64_MAX;
    while (atomic_load(&reading->progress) != READ) {
        (void)nanosleep(&pause, NULL);
        bool is_wanted = look == NULL || look(owner);
        if (!is_wanted && end_ms == UINT64_MAX) {
            end_ms = clock_monotonic_ms() + GENERATION_READING_GRACE_MS;
        }
        if (end_ms != UINT64_MAX && clock_monotonic_ms() >= end_ms) {
            return false;
        }
    }
    return true;
}

static struct result hand_over(struct generation_reading *reading, struct diagnostics *diagnostics,
                               struct generation **ret_generation)
{
    struct result result = reading->result;
    diagnostics_deinit(diagnostics);
    *diagnostics = reading->diagnostics;
    if (result_is_ok(result)) {
        *ret_generation = reading->generation;
    }
    free(reading);
    return result;
}

struct result generation_reading_run(const char *path, generation_reading_look look, void *owner,
                                     struct diagnostics *diagnostics,
                                     struct generation **ret_generation)
{
    struct generation_reading *reading = calloc(1, sizeof(*reading));
    pthread_t thread;
    CHECK(diagnostics->count == 0 && diagnostics->error_count == 0);
    if (reading == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    reading->path = path;
    diagnostics_init(&reading->diagnostics);
    if (pthread_create(&thread, NULL, run, reading) != 0) {
        destroy(reading);
        return result_failure(ERROR_THREAD);
    }
    if (!await(reading, look, owner)) {
        leave(reading, thread);
        return result_failure(ERROR_CANCELLED);
    }
    (void)pthread_join(thread, NULL);
    return hand_over(reading, diagnostics, ret_generation);
}
