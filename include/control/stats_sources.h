/*
 * Where reports take their figures from. The sources belong to whoever starts the stats server and
 * outlive it; all of them may be read by any thread at any time.
 */
#ifndef CONTROL_STATS_SOURCES_H
#define CONTROL_STATS_SOURCES_H

#include "base/log_queue.h"
#include "control/reload_failure.h"
#include "ocsp/ocsp_engine.h"
#include "ocsp/ocsp_store.h"
#include "proxy/counters.h"
#include "proxy/traffic_labels.h"
#include "trust/trust_cache.h"

struct backend_health;
struct log_writer;

struct stats_worker_source {
    const struct counters *counters;
    const struct trust_cache_counters *trust_cache;
    const struct log_queue *log_queue;
};

struct stats_sources {
    const struct stats_worker_source *workers;
    size_t worker_count;
    const struct trust_cache *trust_cache;                 /* NULL: none yet */
    const struct log_writer *log_writer;                   /* NULL: no logs */
    const struct trust_cache_counters *engine_trust_cache; /* of the OCSP engine; NULL: none */
    const struct ocsp_counters *ocsp;                      /* NULL: nobody is asked */
    const struct ocsp_cache *ocsp_cache;                   /* NULL: none */
    const struct ocsp_store *ocsp_store;                   /* NULL: nothing is kept on disk */
    const struct traffic_labels *labels;
    struct backend_health *backend_health; /* NULL: nobody keeps account of servers */
};

enum stats_phase { STATS_STARTING, STATS_READY, STATS_DRAINING };

/* What became of reloads. The first start counts as a good one, but is not counted. */
struct stats_reloads {
    bool was_latest_good;
    int64_t latest_seconds;      /* since 1970 */
    int64_t latest_good_seconds; /* likewise */
    uint64_t good_count;
    uint64_t bad_count;
    struct reload_failure latest_failure; /* of the latest one, when that was not good */
};

#endif
