/* The figures of all workers together, then those of what they share. */
#include "control/counter_lines.h"

static void print_figure(FILE *output, const char *word, uint64_t figure)
{
    (void)fprintf(output, "counter %s %llu\n", word, (unsigned long long)figure);
}

static void print_trust_cache(const struct shared_services *services,
                              const struct worker_figures *figures, FILE *output)
{
    struct trust_cache_usage usage = trust_cache_usage(services->shared.trust_cache);
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        print_figure(output, trust_cache_counter_word(i), figures->trust_cache[i]);
    }
    print_figure(output, "trust_cache_entries", usage.entry_count);
    print_figure(output, "trust_cache_bytes", usage.size_bytes);
}

static void print_ocsp(const struct shared_services *services, FILE *output)
{
    const struct ocsp_counters *counters = ocsp_engine_counters(services->shared.ocsp_engine);
    struct ocsp_cache_usage usage = ocsp_cache_usage(services->shared.ocsp_cache);
    for (enum ocsp_counter i = 0; i < OCSP_COUNTER_COUNT; i++) {
        /* Relaxed: mere figures. */
        print_figure(output, ocsp_counter_word(i),
                     atomic_load_explicit(&counters->values[i], memory_order_relaxed));
    }
    print_figure(output, "ocsp_cache_entries", usage.entry_count);
    print_figure(output, "ocsp_cache_bytes", usage.size_bytes);
}

void counter_lines_print(const struct worker_group *group, const struct shared_services *services,
                         const struct log_writer *log_writer, FILE *output)
{
    /* The control thread's alone; too large for its stack, which could not grow any more. */
    static struct worker_figures figures;
    worker_group_read(group, &figures);
    counters_print(&figures.counters, output);
    print_trust_cache(services, &figures, output);
    print_ocsp(services, output);
    print_figure(output, "log_lines_dropped", figures.log_lines_dropped);
    print_figure(output, "log_lines_lost", log_writer_lost_lines(log_writer, LOG_ACCESS));
    print_figure(output, "log_bytes_lost", log_writer_lost_bytes(log_writer, LOG_ACCESS));
    print_figure(output, "error_log_lines_lost", log_writer_lost_lines(log_writer, LOG_ERROR));
    print_figure(output, "error_log_bytes_lost", log_writer_lost_bytes(log_writer, LOG_ERROR));
    print_figure(output, "end", 0);
}
