/*
 * The lanes of a run with their threads: made, pinned, started and joined together. The main
 * thread's; a lane is its own thread's from the start to the join.
 */
#ifndef LOAD_LANE_SET_H
#define LOAD_LANE_SET_H

#include <pthread.h>

#include "lane.h"

struct lane_set {
    struct lane *lanes[PLAN_THREADS_MAX];
    pthread_t threads[PLAN_THREADS_MAX];
    size_t count;
    size_t thread_count;        /* that were started */
    _Atomic size_t ended_count; /* pairs with pthread_join(): this only says that it is time */
};

/*
 * As many lanes as the run's plan has threads, on the CPUs it names. ERROR_BAD_INPUT and its like
 * with a message when something of the plan cannot be used; lane_set_deinit() is due all the same.
 */
struct result lane_set_init(struct lane_set *set, struct lane_run *run,
                            char message[LANE_MESSAGE_SIZE]);
void lane_set_deinit(struct lane_set *set);

/* Also when it fails, what was started is to be joined. */
struct result lane_set_start(struct lane_set *set);

/* Returns when the lanes have ended, which they do by the times of the run. */
void lane_set_join(struct lane_set *set);

/* Whether all have ended, while their threads may not be joined yet. */
bool lane_set_has_ended(const struct lane_set *set);

#endif
