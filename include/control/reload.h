/*
 * From one generation to the next while clients are served. Called by the control thread; blocks
 * it, and nobody else.
 */
#ifndef CONTROL_RELOAD_H
#define CONTROL_RELOAD_H

#include "base/text.h"
#include "config/config_restarts.h"
#include "config/diagnostics.h"
#include "control/generation_reading.h"
#include "control/generations.h"
#include "control/log_writer.h"
#include "control/shared_services.h"
#include "net/inherited_sockets.h"
#include "proxy/traffic_labels.h"

struct reload {
    const char *config_path;
    struct generations *generations;
    struct worker_group *group; /* open */
    struct shared_services *services;
    struct log_writer *log_writer;
    const struct inherited_sockets *inherited;
    struct config_restarts *restarts; /* of the configuration that the gateway was started with */
    struct diagnostics *diagnostics; /* every mistake, and what takes effect after a restart only */
    struct traffic_labels *labels;   /* get those of the new generation before it is served */
    /* While files are read and names are asked for, which may take long; false gives it up. */
    generation_reading_look look; /* NULL: none */
    void *owner;
};

/*
 * Reads everything anew and gives it to the workers, all or nothing: with any error the former
 * generation goes on as if nothing had been asked. ERROR_BAD_CONFIG and whatever starting a gateway
 * may fail with; the diagnostics say why. ERROR_CANCELLED: it was given up while something hung
 * (generation_reading_run()).
 */
struct result reload_apply(const struct reload *reload);

/* The line that says what came of it, after the diagnostics. */
void reload_append_outcome(const char *config_path, struct result result, size_t error_count,
                           struct text *text);

#endif
