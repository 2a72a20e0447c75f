/*
 * The lanes of a run with their threads: made, pinned, started and joined together. The main
 * thread's; a lane is its own thread's from the start to the join.
 *
 * In mode mix the storm has lanes of its own, as many as the traffic as far as it has connections
 * for them.
 */
#ifndef LOAD_LANE_SET_H
#define LOAD_LANE_SET_H

#include <pthread.h>

#include "lane.h"

#define LANE_SET_MAX (2 * PLAN_THREADS_MAX)

struct lane_set {
    struct lane *lanes[LANE_SET_MAX]; /* those of traffic first */
    pthread_t threads[LANE_SET_MAX];
    size_t count;
    size_t traffic_count;
    size_t thread_count; /* that were started */
    /* Of traffic; pairs with pthread_join(): this only says that it is time. */
    _Atomic size_t ended_count;
};

/*
 * The lanes of the run's plan, in turn on the CPUs it names; without such a list the storm's are on
 * those of the traffic. ERROR_BAD_INPUT and its like with a message when something of the plan
 * cannot be used; lane_set_deinit() is due all the same.
 */
struct result lane_set_init(struct lane_set *set, struct lane_run *run,
                            char message[LANE_MESSAGE_SIZE]);
void lane_set_deinit(struct lane_set *set);

/* Also when it fails, what was started is to be joined. */
struct result lane_set_start(struct lane_set *set);

/* Returns when the lanes have ended, which they do by the times of the run. */
void lane_set_join(struct lane_set *set);

/* Whether all traffic has ended; a storm goes on to the end of the run. */
bool lane_set_has_ended(const struct lane_set *set);

#endif
