/*
 * What reports say of one generation: its profiles, its certificates and when they expire. A copy,
 * so that a report never looks into a generation that a reload has replaced.
 *
 * Made by the control thread, immutable; given to stats_server_publish(), or destroyed.
 */
#ifndef CONTROL_STATS_CATALOGUE_H
#define CONTROL_STATS_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "config/config_limits.h"
#include "proxy/generation.h"
#include "proxy/traffic_labels.h"

/* A file, and the earliest end of a certificate in it. */
struct stats_expiry {
    const char *role; /* server, client_ca */
    char *path;
    int64_t not_after_seconds;
};

struct stats_profile {
    char *name;
    size_t label; /* of the counters of its verdicts */
    char *json;   /* members of an object */
};

struct stats_catalogue {
    char *certificates_json; /* an array */
    struct stats_expiry *expiries;
    size_t expiry_count;
    struct stats_profile *profiles;
    size_t profile_count;
    size_t listener_count;
    size_t backend_count;
};

/* ERROR_OUT_OF_MEMORY. */
struct result stats_catalogue_create(const struct generation *generation,
                                     const struct traffic_labels *labels,
                                     struct stats_catalogue **ret_catalogue);

/* Accepts NULL. */
void stats_catalogue_destroy(struct stats_catalogue *catalogue);

#endif
