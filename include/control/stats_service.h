/*
 * The stats server of a gateway: takes its figures from running workers and says of a generation
 * what there is to say. Control thread.
 */
#ifndef CONTROL_STATS_SERVICE_H
#define CONTROL_STATS_SERVICE_H

#include "control/reload_desk.h"
#include "control/shared_services.h"
#include "control/stats_server.h"

struct stats_service;

/* What is pointed to outlives the service, but the generation. */
struct stats_service_settings {
    const struct generation *generation;    /* its configuration says where to listen */
    uint32_t client_count_max;              /* from 1 to STATS_CLIENT_COUNT_MAX */
    const struct shared_services *services; /* with the labels of the generation */
    const struct log_writer *log_writer;
    struct reload_desk
        *desk; /* where reloads are asked for; closed before the service is stopped */
};

/* How many clients are reasonable for a program that may have so many descriptors. */
uint32_t stats_service_client_count(uint64_t descriptor_count_max);

/* No service at all, and RESULT_OK, when none is configured. Errors and reason as of
 * stats_server_start(). Before the workers are started: an instance that runs already shows here.
 */
struct result stats_service_start(const struct stats_service_settings *settings,
                                  struct text *reason, struct stats_service **ret_service);

/* A NULL service is accepted by all of these: nobody wants to know. */

/* The workers, once they are started. They stay until stats_service_stop(). ERROR_OUT_OF_MEMORY. */
struct result stats_service_watch(struct stats_service *service, const struct worker_group *group);

void stats_service_enter(struct stats_service *service, enum stats_phase phase);

/* A reload has ended with that result and those messages; generation is the one that is in use now.
 * When memory runs out only reports are lost. */
void stats_service_note_reload(struct stats_service *service, const struct generation *generation,
                               struct result result, const struct diagnostics *diagnostics);

/* Before the shared services are stopped and the workers destroyed. */
void stats_service_stop(struct stats_service *service);

#endif
