/* Calling what the gateway has given for an action. */
#include "stats_job.h"

#include <sys/eventfd.h>

/* What one of the gateway's actions takes. */
static struct result act(struct stats_job *job)
{
    const struct stats_actions *actions = &job->actions;
    switch (job->action) {
    case STATS_RELOAD:
        return actions->reload(actions->owner, &job->report);
    case STATS_DRAIN:
        return actions->drain(actions->owner, &job->report);
    case STATS_STOP:
        return actions->stop(actions->owner, &job->report);
    case STATS_DISABLE:
    case STATS_ENABLE:
        return actions->disable(actions->owner, text_bytes(&job->operand),
                                job->action == STATS_DISABLE, &job->report);
    case STATS_NO_ACTION:
    case STATS_ACTION_COUNT:
    default:
        return RESULT_OK;
    }
}

bool stats_job_is_possible(const struct stats_actions *actions, enum stats_action action)
{
    const bool is_possible[STATS_ACTION_COUNT] = {
        [STATS_RELOAD] = actions->reload != NULL,  [STATS_DRAIN] = actions->drain != NULL,
        [STATS_STOP] = actions->stop != NULL,      [STATS_DISABLE] = actions->disable != NULL,
        [STATS_ENABLE] = actions->disable != NULL,
    };
    return is_possible[action];
}

static void *run(void *argument)
{
    struct stats_job *job = argument;
    job->result = act(job);
    /* Pairs with the acquire in stats_job_is_done. */
    atomic_store_explicit(&job->is_done, true, memory_order_release);
    (void)eventfd_write(job->done_event, 1);
    return NULL;
}

struct result stats_job_start(struct stats_job *job, enum stats_action action, uint64_t number,
                              struct bytes query)
{
    job->action = action;
    job->number = number;
    job->operand = text_over(job->operand_memory, sizeof(job->operand_memory));
    stats_paths_operand(query, &job->operand);
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

uint16_t stats_job_status(const struct stats_job *job)
{
    /* What the operator can mend is said to him; all that is not here is a failure of ours. */
    static const uint16_t statuses[ERROR_COUNT] = {
        [ERROR_NONE] = 200,
        [ERROR_BAD_CONFIG] = 422,
        [ERROR_BAD_INPUT] = 422,
        [ERROR_NOT_FOUND] = 404,
        [ERROR_NOT_PERMITTED] = 422,
        [ERROR_ADDRESS_IN_USE] = 422,
        [ERROR_ADDRESS_UNAVAILABLE] = 422,
        [ERROR_NAME_UNRESOLVED] = 422,
        [ERROR_FILE] = 422,
        [ERROR_CANCELLED] = 503, /* the gateway is stopping */
    };
    uint16_t status = statuses[job->result.code];
    return status == 0 ? 500 : status;
}

void stats_job_end(struct stats_job *job)
{
    if (job->is_running) {
        (void)pthread_join(job->thread, NULL);
        job->is_running = false;
    }
}
