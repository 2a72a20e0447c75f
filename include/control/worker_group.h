/*
 * All workers of the gateway, as one. Created, told and destroyed by the control thread; reviewing
 * leases may be ordered by any thread between start and the last join.
 */
#ifndef CONTROL_WORKER_GROUP_H
#define CONTROL_WORKER_GROUP_H

#include "worker/worker.h"

struct worker_group {
    struct worker **workers;
    struct log_queue **log_queues; /* one a worker */
    _Atomic uint32_t count;        /* started, in their order; raised when the worker is there: the
                                      OCSP thread runs before them and may order reviews */
    uint32_t capacity;
};

/* What all of them have counted. */
struct worker_figures {
    struct counters counters;
    uint64_t trust_cache[TRUST_CACHE_COUNTER_COUNT];
    uint64_t log_lines_dropped;
};

/* capacity: how many will be started. ERROR_OUT_OF_MEMORY. */
struct result worker_group_init(struct worker_group *group, uint32_t capacity);

/* Joined, or none was started. */
void worker_group_deinit(struct worker_group *group);

/* Starts one more, as worker_start() says. */
struct result worker_group_add(struct worker_group *group, const struct worker_settings *settings);

void worker_group_open(const struct worker_group *group);
void worker_group_drain(const struct worker_group *group, uint32_t limit_ms);
void worker_group_stop(const struct worker_group *group);
void worker_group_join(const struct worker_group *group);
bool worker_group_is_deserted(const struct worker_group *group);
bool worker_group_has_ended(const struct worker_group *group);

/* Any thread. */
void worker_group_review_leases(const struct worker_group *group);

void worker_group_read(const struct worker_group *group, struct worker_figures *ret_figures);

#endif
