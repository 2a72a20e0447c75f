/* The threads of a run; see the header. Called by run.c. */
#include "lane_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu_list.h"

static struct result pin(struct lane_set *set, const struct plan *plan,
                         char message[LANE_MESSAGE_SIZE])
{
    struct cpu_list cpus = cpu_list_allowed();
    if (plan->cpus != NULL && !result_is_ok(cpu_list_read(plan->cpus, &cpus))) {
        (void)snprintf(message, LANE_MESSAGE_SIZE, "--cpus %.60s: expected a list such as 1,3-5",
                       plan->cpus);
        return result_failure(ERROR_BAD_INPUT);
    }
    for (size_t i = 0; i < set->count; i++) {
        set->lanes[i]->cpu = plan->is_unpinned || cpus.count == 0 ? -1 : cpus.at[i % cpus.count];
    }
    return RESULT_OK;
}

struct result lane_set_init(struct lane_set *set, struct lane_run *run,
                            char message[LANE_MESSAGE_SIZE])
{
    uint64_t count = run->plan->thread_count;
    *set = (struct lane_set){.count = 0};
    for (uint64_t i = 0; i < count; i++) {
        struct lane_place place = {.number = i, .count = count};
        TRY(lane_create(run, place, &set->lanes[i], message));
        set->count++;
    }
    return pin(set, run->plan, message);
}

void lane_set_deinit(struct lane_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        lane_destroy(set->lanes[i]);
    }
    set->count = 0;
}

/* ------------------------------------------------------------------ the threads */

struct thread_start {
    struct lane_set *set;
    struct lane *lane;
};

static void *work(void *start_pointer)
{
    struct thread_start start = *(struct thread_start *)start_pointer;
    free(start_pointer);
    lane_work(start.lane);
    atomic_fetch_add(&start.set->ended_count, 1);
    return NULL;
}

struct result lane_set_start(struct lane_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct thread_start *start = malloc(sizeof(*start));
        if (start == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        *start = (struct thread_start){set, set->lanes[i]};
        if (pthread_create(&set->threads[i], NULL, work, start) != 0) {
            free(start);
            return result_failure(ERROR_THREAD);
        }
        set->thread_count++;
    }
    return RESULT_OK;
}

void lane_set_join(struct lane_set *set)
{
    for (size_t i = 0; i < set->thread_count; i++) {
        (void)pthread_join(set->threads[i], NULL);
    }
    set->thread_count = 0;
}

bool lane_set_has_ended(const struct lane_set *set)
{
    return atomic_load(&set->ended_count) == set->count;
}
