/*
 * All figures of one moment, gathered for one report. The stats thread's; a plain value, large: not
 * for a stack.
 */
#ifndef CONTROL_STATS_FIGURES_H
#define CONTROL_STATS_FIGURES_H

#include "control/log_writer.h"
#include "control/stats_catalogue.h"
#include "control/stats_sources.h"
#include "program_figures.h"

struct backend_view;

struct stats_figures {
    struct counters counters; /* of all workers together */
    uint64_t trust_cache[TRUST_CACHE_COUNTER_COUNT];
    struct trust_cache_usage trust_cache_usage;
    uint64_t ocsp[OCSP_COUNTER_COUNT];
    uint64_t ocsp_faults[OCSP_FAULT_COUNT];
    const struct ocsp_counters *ocsp_counters; /* read where they are; NULL: nobody is asked */
    struct ocsp_cache_usage ocsp_cache_usage;
    uint64_t ocsp_store_failures;
    uint64_t log_lost_lines[LOG_KIND_COUNT]; /* not written, whatever kept them from it */
    uint64_t log_lost_bytes[LOG_KIND_COUNT]; /* that could not be written */
    size_t worker_count;
    struct program_figures program;
    const struct traffic_labels *labels;
    struct backend_health *backend_health;     /* NULL: nobody keeps account of servers */
    const struct backend_view *example_server; /* then shown, for the manual; NULL: none */
    /* Filled in by the caller. */
    const struct stats_catalogue *catalogue; /* NULL: none was published yet */
    enum stats_phase phase;
    struct stats_reloads reloads;
    uint64_t stats_request_count;
    uint64_t stats_dropped_count;
};

void stats_figures_gather(const struct stats_sources *sources, struct stats_figures *ret_figures);

static inline uint64_t stats_figures_read(const _Atomic uint64_t *figure)
{
    return atomic_load_explicit(figure, memory_order_relaxed); /* a mere figure */
}

const char *stats_figures_phase_word(enum stats_phase phase);

/* Of the program, and of what it was built with. */
const char *stats_figures_version(void);
const char *stats_figures_liburing_version(void);

#endif
