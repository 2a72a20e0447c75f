/*
 * The end of a gateway that lets requests finish: first it is not ready any more, then nobody is
 * let in, then there is a limit. Control thread; everything that is pointed to outlives the call.
 */
#ifndef CONTROL_DRAIN_H
#define CONTROL_DRAIN_H

#include "control/service.h"
#include "control/shared_services.h"
#include "control/stats_service.h"
#include "control/worker_group.h"

struct drain {
    const struct config_gateway *settings;
    const struct worker_group *group;
    const struct shared_services *services;
    struct stats_service *stats; /* NULL: none is configured */
    struct service *service;
    /* The next signal, or -1 after limit_ms at most. */
    int (*await_signal)(void *owner, uint32_t limit_ms);
    /* One that ends nothing, or -1. */
    void (*take_signal)(void *owner, int signal_number);
    void *owner;
};

/* Returns when every worker has ended. A signal that ends a gateway (SIGTERM, SIGINT, SIGQUIT)
 * means now. */
void drain_run(const struct drain *drain);

/* Nobody waits for anybody any more: the workers end at once. */
void drain_cut(const struct worker_group *group, const struct shared_services *services);

#endif
