/*
 * One action at a time, on a thread of its own, so that reports go on meanwhile. Started and ended
 * by the stats thread.
 */
#ifndef CONTROL_STATS_JOB_H
#define CONTROL_STATS_JOB_H

#include <pthread.h>

#include "control/stats_server.h"
#include "stats_paths.h"

/* More than any name that there can be. */
#define STATS_OPERAND_BYTES_MAX 512

struct stats_job {
    bool is_running; /* or done and not yet ended */
    uint64_t number; /* of the client that asked */
    struct stats_actions actions;
    enum stats_action action;
    int done_event; /* an eventfd, rung at the end */
    _Atomic bool is_done;
    pthread_t thread;
    struct text operand; /* what the question asks it for */
    char operand_memory[STATS_OPERAND_BYTES_MAX];
    /* Of the action's thread until is_done. */
    struct result result;
    struct text report;
    char memory[STATS_REPORT_BYTES_MAX];
};

/* Whether there is anybody to do it. */
bool stats_job_is_possible(const struct stats_actions *actions, enum stats_action action);

/* None is running; query: of the question. ERROR_THREAD. */
struct result stats_job_start(struct stats_job *job, enum stats_action action, uint64_t number,
                              struct bytes query);

bool stats_job_is_done(const struct stats_job *job);

/* The HTTP status that tells what came of it, once it is done. */
uint16_t stats_job_status(const struct stats_job *job);

/* Waits for its end; result and report are there until the next start. Nothing when none runs. */
void stats_job_end(struct stats_job *job);

#endif
