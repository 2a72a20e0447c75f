/*
 * When operations begin. Closed loop: as soon as a connection is free. Open loop: at fixed times,
 * whether one is free or not, so that a server's stall is not hidden by the clients that wait for
 * it
 * ("coordinated omission"). One thread.
 */
#ifndef LOAD_PACE_H
#define LOAD_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t start_ns;
    uint64_t end_ns; /* none begins from then on */
    uint64_t rate;   /* a second, of all lanes; 0: closed loop */
    uint64_t lane;   /* of lane_count */
    uint64_t lane_count;
    uint64_t taken; /* how many have begun */
    uint64_t most;  /* may begin */
};

/* Whether one may begin now; *ret_intended_ns is when it should have, from which it is counted. */
bool pace_take(struct pace *pace, uint64_t now_ns, uint64_t *ret_intended_ns);

/* One that was taken is not what was wanted: one more may begin. */
void pace_give_back(struct pace *pace);

/* When the next one is due; UINT64_MAX when none will be. In closed loop now_ns. */
uint64_t pace_next_ns(const struct pace *pace, uint64_t now_ns);

/* When the operation of that number (from 0 on, of this lane) was to begin. Of an open loop. */
uint64_t pace_due_ns(const struct pace *pace, uint64_t number);

/* How many should have begun by now_ns and have not; 0 in closed loop. */
uint64_t pace_behind(const struct pace *pace, uint64_t now_ns);

#endif
