/* Orders for every worker, and the sums of their figures. Called by the control thread. */
#include "control/worker_group.h"

#include <stdlib.h>

struct result worker_group_init(struct worker_group *group, uint32_t capacity)
{
    *group = (struct worker_group){.capacity = capacity};
    group->workers = calloc(capacity, sizeof(struct worker *));
    group->log_queues = calloc(capacity, sizeof(struct log_queue *));
    return group->workers == NULL || group->log_queues == NULL ? result_failure(ERROR_OUT_OF_MEMORY)
                                                               : RESULT_OK;
}

void worker_group_deinit(struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_destroy(group->workers[i]);
    }
    free(group->log_queues);
    free(group->workers);
}

struct result worker_group_add(struct worker_group *group, const struct worker_settings *settings)
{
    TRY(worker_start(settings, &group->workers[group->count]));
    group->log_queues[group->count] = worker_log_queue(group->workers[group->count]);
    group->count++;
    return RESULT_OK;
}

void worker_group_open(const struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_open(group->workers[i]);
    }
}

void worker_group_drain(const struct worker_group *group, uint32_t limit_ms)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_drain(group->workers[i], limit_ms);
    }
}

void worker_group_stop(const struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_stop(group->workers[i]);
    }
}

void worker_group_join(const struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_join(group->workers[i]);
    }
}

static bool is_true_of_all(const struct worker_group *group,
                           bool (*is_true)(const struct worker *worker))
{
    for (uint32_t i = 0; i < group->count; i++) {
        if (!is_true(group->workers[i])) {
            return false;
        }
    }
    return true;
}

bool worker_group_is_deserted(const struct worker_group *group)
{
    return is_true_of_all(group, worker_is_deserted);
}

bool worker_group_has_ended(const struct worker_group *group)
{
    return is_true_of_all(group, worker_has_ended);
}

void worker_group_review_leases(const struct worker_group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        worker_review_leases(group->workers[i]);
    }
}

static void add_trust_cache(uint64_t sum[TRUST_CACHE_COUNTER_COUNT], const struct worker *worker)
{
    const struct trust_cache_counters *counters = worker_trust_cache_counters(worker);
    for (size_t i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        /* Relaxed: mere figures. */
        sum[i] += atomic_load_explicit(&counters->values[i], memory_order_relaxed);
    }
}

void worker_group_read(const struct worker_group *group, struct worker_figures *ret_figures)
{
    *ret_figures = (struct worker_figures){0};
    for (uint32_t i = 0; i < group->count; i++) {
        counters_sum(&ret_figures->counters, worker_counters(group->workers[i]));
        add_trust_cache(ret_figures->trust_cache, group->workers[i]);
        ret_figures->log_lines_dropped += log_queue_dropped_count(group->log_queues[i]);
    }
}
