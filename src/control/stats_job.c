/* Calling what the gateway has given for an action. */
#include "stats_job.h"

#include <sys/eventfd.h>

typedef struct result (*action_function)(void *owner, struct text *report);

static action_function function_of(const struct stats_actions *actions, enum stats_action action)
{
    switch (action) {
    case STATS_RELOAD:
        return actions->reload;
    case STATS_DRAIN:
        return actions->drain;
    case STATS_STOP:
        return actions->stop;
    case STATS_NO_ACTION:
    case STATS_ACTION_COUNT:
    default:
        return NULL;
    }
}

bool stats_job_is_possible(const struct stats_actions *actions, enum stats_action action)
{
    return function_of(actions, action) != NULL;
}

static void *run(void *argument)
{
    struct stats_job *job = argument;
    job->result = function_of(&job->actions, job->action)(job->actions.owner, &job->report);
    /* Pairs with the acquire in stats_job_is_done. */
    atomic_store_explicit(&job->is_done, true, memory_order_release);
    (void)eventfd_write(job->done_event, 1);
    return NULL;
}

struct result stats_job_start(struct stats_job *job, enum stats_action action, uint64_t number)
{
    job->action = action;
    job->number = number;
    job->report = text_over(job->memory, sizeof(job->memory));
    atomic_store_explicit(&job->is_done, false, memory_order_relaxed); /* no thread is there yet */
    if (pthread_create(&job->thread, NULL, run, job) != 0) {
        return result_failure(ERROR_THREAD);
    }
    (void)pthread_setname_np(job->thread, "action"); /* only what top shows */
    job->is_running = true;
    return RESULT_OK;
}

bool stats_job_is_done(const struct stats_job *job)
{
    /* Pairs with the release in run. */
    return job->is_running && atomic_load_explicit(&job->is_done, memory_order_acquire);
}

void stats_job_end(struct stats_job *job)
{
    if (job->is_running) {
        (void)pthread_join(job->thread, NULL);
        job->is_running = false;
    }
}
