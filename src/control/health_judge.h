/*
 * The rules by which servers are put out of service and back: from what workers report, and from
 * checks. No thread and no clock of its own: called by the health thread under the lock of
 * backend_health.c, with the time; each change is a line in log.
 */
#ifndef CONTROL_HEALTH_JUDGE_H
#define CONTROL_HEALTH_JUDGE_H

#include "health_record.h"

/* What has come of a check. reason (one line, NULL: nothing) tells why it was not good. */
struct health_outcome {
    bool is_good;
    const char *reason;
};

/* A server that is new in the configuration in use, or has come back to it: nothing is known. */
void health_judge_begin(struct health_server *server);

/*
 * Takes the reports of the workers about a backend of the configuration in use, and ends what has
 * lasted long enough. Returns when there is something to do again, UINT64_MAX: when somebody
 * reports.
 */
uint64_t health_judge_look(struct health_backend *backend, uint64_t now_ms, struct text *log);

/* A check of the server has ended. */
void health_judge_take_check(struct health_server *server, const struct health_outcome *outcome,
                             struct text *log);

/* Its backend's servers are checked no more: a bad outcome counts no more. */
void health_judge_forget_checks(struct health_server *server, struct text *log);

/* Says once when no server of the backend gets requests any more, and when one does again. */
void health_judge_count_servers(struct health_backend *backend, struct text *log);

/* Disabled or enabled by somebody. */
void health_judge_disable(struct health_server *server, bool is_disabled, struct text *log);

#endif
