/* Summing what the workers and the others have counted. Nobody is disturbed: all of it is read as
 * it lies there. */
#include "stats_figures.h"

#include <string.h>

/* The Makefile says it when it compiles this file; linters and fuzzers compile it without. */
#ifndef SALLYPORT_VERSION
#define SALLYPORT_VERSION "unknown"
#endif
#ifndef LIBURING_VERSION
#define LIBURING_VERSION "unknown"
#endif

static void add_trust_cache(struct stats_figures *figures,
                            const struct trust_cache_counters *counters)
{
    for (size_t i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        figures->trust_cache[i] += stats_figures_read(&counters->values[i]);
    }
}

static void add_worker(struct stats_figures *figures, const struct stats_worker_source *worker)
{
    counters_sum(&figures->counters, worker->counters);
    add_trust_cache(figures, worker->trust_cache);
    figures->log_lost_lines[LOG_ACCESS] += log_queue_dropped_count(worker->log_queue);
}

static void add_ocsp(struct stats_figures *figures, const struct stats_sources *sources)
{
    for (size_t i = 0; sources->ocsp != NULL && i < OCSP_COUNTER_COUNT; i++) {
        figures->ocsp[i] = stats_figures_read(&sources->ocsp->values[i]);
    }
    for (size_t i = 0; sources->ocsp != NULL && i < OCSP_FAULT_COUNT; i++) {
        figures->ocsp_faults[i] = stats_figures_read(&sources->ocsp->faults[i]);
    }
    figures->ocsp_counters = sources->ocsp;
    if (sources->ocsp_cache != NULL) {
        figures->ocsp_cache_usage = ocsp_cache_usage(sources->ocsp_cache);
    }
    if (sources->ocsp_store != NULL) {
        figures->ocsp_store_failures = ocsp_store_failed_count(sources->ocsp_store);
    }
}

void stats_figures_gather(const struct stats_sources *sources, struct stats_figures *ret_figures)
{
    memset(ret_figures, 0, sizeof(*ret_figures));
    ret_figures->worker_count = sources->worker_count;
    ret_figures->labels = sources->labels;
    ret_figures->backend_health = sources->backend_health;
    for (size_t i = 0; i < sources->worker_count; i++) {
        add_worker(ret_figures, &sources->workers[i]);
    }
    if (sources->trust_cache != NULL) {
        ret_figures->trust_cache_usage = trust_cache_usage(sources->trust_cache);
    }
    if (sources->engine_trust_cache != NULL) {
        add_trust_cache(ret_figures, sources->engine_trust_cache);
    }
    add_ocsp(ret_figures, sources);
    for (enum log_kind i = 0; sources->log_writer != NULL && i < LOG_KIND_COUNT; i++) {
        ret_figures->log_lost_lines[i] += log_writer_lost_lines(sources->log_writer, i);
        ret_figures->log_lost_bytes[i] = log_writer_lost_bytes(sources->log_writer, i);
    }
    program_figures_read(&ret_figures->program);
}

const char *stats_figures_phase_word(enum stats_phase phase)
{
    static const char *const words[] = {
        [STATS_STARTING] = "starting", [STATS_READY] = "ready", [STATS_DRAINING] = "draining"};
    return words[phase];
}

const char *stats_figures_version(void)
{
    return SALLYPORT_VERSION;
}

const char *stats_figures_liburing_version(void)
{
    return LIBURING_VERSION;
}
