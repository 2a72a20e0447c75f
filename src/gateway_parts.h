/*
 * The running gateway's state, for the file that starts it and the one that runs and stops it.
 * Control thread; it lives in gateway_run().
 */
#ifndef GATEWAY_PARTS_H
#define GATEWAY_PARTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "control/endpoint_sockets.h"
#include "control/file_watch.h"
#include "control/generations.h"
#include "control/log_writer.h"
#include "control/privileges.h"
#include "control/reload_desk.h"
#include "control/service.h"
#include "control/shared_services.h"
#include "control/stats_service.h"
#include "control/worker_group.h"

struct gateway {
    const char *config_path;
    struct service *service;
    struct generations generations;
    struct config_restarts *restarts;
    struct log_writer *log_writer;
    struct worker_group group;
    struct shared_services services;
    struct privileges privileges;
    struct inherited_sockets inherited;
    struct endpoint_sockets sockets; /* until they are the workers' */
    struct traffic_labels labels;
    struct stats_service *stats; /* NULL: none is configured */
    uint32_t stats_client_count;
    uint32_t connections_max;
    struct file_watch *watch;
    sigset_t signals;
    bool has_left_reading; /* some thread may still read a configuration */
    struct reload_desk desk;
};

/*
 * Starts everything and lets clients in. What keeps it from starting is said before it returns;
 * what was started by then is the caller's to end, as after RESULT_OK. Returns the failure of what
 * did not start.
 */
struct result gateway_start(struct gateway *gateway);

/* Of the configuration in use. */
static inline const struct config_gateway *gateway_settings(const struct gateway *gateway)
{
    return &gateway->generations.current->config->gateway;
}

#endif
