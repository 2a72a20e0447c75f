/*
 * The thread of a struct backend_health: wakes for reports of workers, for checks that are due and
 * for what comes back of them. Started and ended by backend_health.c.
 */
#ifndef CONTROL_HEALTH_THREAD_H
#define CONTROL_HEALTH_THREAD_H

#include "health_register.h"

/* The whole of the thread; argument is a struct backend_health. Returns when must_stop is set. */
void *health_thread_run(void *argument);

#endif
