/* The threads of a run; see the header. Called by run.c. */
#include "lane_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu_list.h"
#include "mode.h"

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct result add_lanes(struct lane_set *set, struct lane_run *run, struct lane_place place,
                               char message[LANE_MESSAGE_SIZE])
{
    for (place.number = 0; place.number < place.count; place.number++) {
        TRY(lane_create(run, place, &set->lanes[set->count], message));
        set->count++;
    }
    return RESULT_OK;
}

static struct result pin(struct lane_set *set, const struct plan *plan,
                         char message[LANE_MESSAGE_SIZE])
{
    struct cpu_list cpus = cpu_list_allowed();
    if (plan->cpus != NULL && !result_is_ok(cpu_list_read(plan->cpus, &cpus))) {
        (void)snprintf(message, LANE_MESSAGE_SIZE, "--cpus %.60s: expected a list such as 1,3-5",
                       plan->cpus);
        return result_failure(ERROR_BAD_INPUT);
    }
    /* A server's workers are on the other CPUs, if it is here: the storm must not go there. */
    if (plan->cpus == NULL) {
        cpus.count = (size_t)lesser(cpus.count, plan->thread_count);
    }
    for (size_t i = 0; i < set->count; i++) {
        set->lanes[i]->cpu = plan->is_unpinned || cpus.count == 0 ? -1 : cpus.at[i % cpus.count];
    }
    return RESULT_OK;
}

struct result lane_set_init(struct lane_set *set, struct lane_run *run,
                            char message[LANE_MESSAGE_SIZE])
{
    const struct plan *plan = run->plan;
    struct lane_place traffic = {.count = plan->thread_count};
    struct lane_place storm = {.count = lesser(plan->thread_count, plan->storm_connection_count),
                               .is_storm = true};
    *set = (struct lane_set){.count = 0};
    TRY(add_lanes(set, run, traffic, message));
    set->traffic_count = set->count;
    if (mode_of(plan->mode)->storms) {
        TRY(add_lanes(set, run, storm, message));
    }
    return pin(set, plan, message);
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
    if (!start.lane->place.is_storm) {
        atomic_fetch_add(&start.set->ended_count, 1);
    }
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
    return atomic_load(&set->ended_count) == set->traffic_count;
}
