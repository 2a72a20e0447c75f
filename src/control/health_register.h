/*
 * The parts of a struct backend_health, for the files that work on it. Everything but the probes is
 * under the lock; the probes are the health thread's, and what they point to is under the lock.
 */
#ifndef CONTROL_HEALTH_REGISTER_H
#define CONTROL_HEALTH_REGISTER_H

#include <pthread.h>

#include "backend_health.h"
#include "health_probe.h"
#include "health_record.h"

/* Lines of one turn; more are cut. */
#define HEALTH_LOG_BYTES_MAX 16384

struct backend_health {
    struct backend_health_settings settings;
    pthread_mutex_t lock;
    struct list backends; /* of struct health_backend, those in use last, in their order */
    int bell;             /* an eventfd: something was reported or changed */
    bool is_running;
    _Atomic bool must_stop;
    pthread_t thread;
    /* What is to be said: without the lock, which nobody may hold while a terminal is stuck. */
    struct text log;
    char log_memory[HEALTH_LOG_BYTES_MAX];
    struct health_probe *probes; /* settings.probe_count_max */
};

static inline struct health_backend *health_backend_of(struct list *place)
{
    return LIST_OWNER(place, struct health_backend, place);
}

#endif
