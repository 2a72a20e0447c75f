/* Reports from the lists of counters: a new counter shows up in them by itself. */
#include "stats_report.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "config/json_print.h"
#include "stats_backends.h"
#include "tls/tls_library.h"

#define SECONDS_OF_DAY 86400

struct figure {
    const char *word;
    uint64_t value;
};

static void print_object(FILE *output, const char *name, const struct figure *figures, size_t count)
{
    (void)fprintf(output, ",\n  \"%s\": {", name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(output, "%s\"%s\": %llu", i == 0 ? "" : ", ", figures[i].word,
                      (unsigned long long)figures[i].value);
    }
    (void)fputc('}', output);
}

static void print_counters(const struct counters *counters, FILE *output)
{
    struct figure values[COUNTER_COUNT];
    struct figure gauges[GAUGE_COUNT];
    struct figure closed[CLOSE_REASON_COUNT - 1];
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        values[i] = (struct figure){counters_word(i), stats_figures_read(&counters->values[i])};
    }
    for (enum gauge i = 0; i < GAUGE_COUNT; i++) {
        gauges[i] =
            (struct figure){counters_gauge_word(i), stats_figures_read(&counters->gauges[i])};
    }
    for (enum close_reason i = CLOSE_NONE + 1; i < CLOSE_REASON_COUNT; i++) {
        closed[i - 1] =
            (struct figure){close_reason_word(i), stats_figures_read(&counters->closed[i])};
    }
    print_object(output, "counters", values, COUNTER_COUNT);
    print_object(output, "gauges", gauges, GAUGE_COUNT);
    print_object(output, "closed", closed, CLOSE_REASON_COUNT - 1);
}

static void gather_verdicts(const _Atomic uint64_t *counts,
                            struct figure ret_figures[VERDICT_REASON_COUNT])
{
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        ret_figures[i] = (struct figure){verdict_word(i), stats_figures_read(&counts[i])};
    }
}

/* Of the buckets, from the shortest durations on; the last one has none. */
static void print_bounds(FILE *output)
{
    (void)fputs(",\n  \"timing_bounds_seconds\": [", output);
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT - 1; i++) {
        (void)fprintf(output, "%s%.9g", i == 0 ? "" : ", ", (double)histogram_bound_ns(i) / 1e9);
    }
    (void)fputc(']', output);
}

static void print_buckets(const struct histogram *timing, FILE *output)
{
    (void)fputs(", \"counts\": [", output);
    for (size_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++) {
        (void)fprintf(output, "%s%llu", i == 0 ? "" : ", ",
                      (unsigned long long)stats_figures_read(&timing->counts[i]));
    }
    (void)fputs("]}", output);
}

static void print_timings(const struct counters *counters, FILE *output)
{
    print_bounds(output);
    (void)fputs(",\n  \"timings\": {", output);
    for (enum timing i = 0; i < TIMING_COUNT; i++) {
        const struct histogram *timing = &counters->timings[i];
        (void)fprintf(output,
                      "%s\n    \"%s\": {\"count\": %llu, \"sum_seconds\": %.9g, \"p50_seconds\": "
                      "%.9g, \"p90_seconds\": %.9g, \"p99_seconds\": %.9g, \"p999_seconds\": %.9g",
                      i == 0 ? "" : ",", counters_timing_word(i),
                      (unsigned long long)histogram_count(timing),
                      (double)stats_figures_read(&timing->sum_ns) / 1e9,
                      (double)histogram_quantile_ns(timing, 500) / 1e9,
                      (double)histogram_quantile_ns(timing, 900) / 1e9,
                      (double)histogram_quantile_ns(timing, 990) / 1e9,
                      (double)histogram_quantile_ns(timing, 999) / 1e9);
        print_buckets(timing, output);
    }
    (void)fputs("\n  }", output);
}

#define WORD_ROW(name, word, help) [name] = word,

static void print_shared(const struct stats_figures *figures, FILE *output)
{
    static const char *const ocsp_words[] = {OCSP_COUNTER_LIST(WORD_ROW)};
    static const char *const fault_words[] = {OCSP_FAULT_LIST(WORD_ROW)};
    const struct trust_cache_usage *usage = &figures->trust_cache_usage;
    struct figure cache[TRUST_CACHE_COUNTER_COUNT + 3] = {
        {"entries", usage->entry_count},
        {"size_bytes", usage->size_bytes},
        {"refusals", usage->failure_count},
    };
    struct figure ocsp[OCSP_COUNTER_COUNT];
    struct figure faults[OCSP_FAULT_COUNT];
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        cache[i + 3] = (struct figure){trust_cache_counter_word(i), figures->trust_cache[i]};
    }
    for (size_t i = 0; i < OCSP_COUNTER_COUNT; i++) {
        ocsp[i] = (struct figure){ocsp_words[i], figures->ocsp[i]};
    }
    for (size_t i = 0; i < OCSP_FAULT_COUNT; i++) {
        faults[i] = (struct figure){fault_words[i], figures->ocsp_faults[i]};
    }
    print_object(output, "trust_cache", cache, TRUST_CACHE_COUNTER_COUNT + 3);
    print_object(output, "ocsp", ocsp, OCSP_COUNTER_COUNT);
    const struct figure ocsp_cache[] = {
        {"entries", figures->ocsp_cache_usage.entry_count},
        {"size_bytes", figures->ocsp_cache_usage.size_bytes},
        {"evicted", figures->ocsp_cache_usage.evicted_count},
        {"rejected", figures->ocsp_cache_usage.rejected_count},
        {"lost_revocations", figures->ocsp_cache_usage.lost_revocation_count},
        {"file_failures", figures->ocsp_store_failures},
    };
    print_object(output, "ocsp_cache", ocsp_cache, sizeof(ocsp_cache) / sizeof(ocsp_cache[0]));
    print_object(output, "ocsp_faults", faults + 1, OCSP_FAULT_COUNT - 1);
}

/* The end of each file's life. */
static void print_expiries_json(const struct stats_catalogue *catalogue, FILE *output)
{
    (void)fputs(",\n  \"certificates\": [", output);
    for (size_t i = 0; catalogue != NULL && i < catalogue->expiry_count; i++) {
        const struct stats_expiry *expiry = &catalogue->expiries[i];
        (void)fprintf(output, "%s\n    {\"role\": \"%s\", \"path\": ", i == 0 ? "" : ",",
                      expiry->role);
        json_print_string(output, expiry->path);
        if (expiry->not_after_seconds == INT64_MAX) { /* no date could be read */
            (void)fputs(", \"not_after_seconds\": null}", output);
        } else {
            (void)fprintf(output, ", \"not_after_seconds\": %lld}",
                          (long long)expiry->not_after_seconds);
        }
    }
    (void)fputs("\n  ]", output);
}

static void print_reloads(const struct stats_reloads *reloads, FILE *output)
{
    (void)fprintf(output,
                  ",\n  \"config\": {\"last_reload_successful\": %s, "
                  "\"last_reload_timestamp_seconds\": %lld, "
                  "\"last_reload_success_timestamp_seconds\": %lld, \"last_reload_error\": ",
                  reloads->was_latest_good ? "true" : "false", (long long)reloads->latest_seconds,
                  (long long)reloads->latest_good_seconds);
    json_print_string(output,
                      reloads->was_latest_good ? NULL : reloads->latest_failure.first_error);
    (void)fprintf(output,
                  ", \"last_reload_further_errors\": %llu, \"reloads_good\": %llu, "
                  "\"reloads_bad\": %llu}",
                  (unsigned long long)reloads->latest_failure.further_count,
                  (unsigned long long)reloads->good_count, (unsigned long long)reloads->bad_count);
}

static void print_ends(const struct stats_figures *figures, FILE *output)
{
    const struct program_figures *program = &figures->program;
    const struct figure log[] = {{"dropped_lines", figures->log_lost_lines[LOG_ACCESS]},
                                 {"lost_bytes", figures->log_lost_bytes[LOG_ACCESS]}};
    const struct figure error_log[] = {{"dropped_lines", figures->log_lost_lines[LOG_ERROR]},
                                       {"lost_bytes", figures->log_lost_bytes[LOG_ERROR]}};
    const struct figure stats[] = {{"requests", figures->stats_request_count},
                                   {"dropped", figures->stats_dropped_count}};
    print_object(output, "log", log, 2);
    print_object(output, "error_log", error_log, 2);
    print_object(output, "stats", stats, 2);
    print_reloads(&figures->reloads, output);
    (void)fprintf(output,
                  ",\n  \"program\": {\"cpu_seconds\": %.3f, \"resident_bytes\": %llu, "
                  "\"virtual_bytes\": %llu, \"descriptors\": %llu, \"descriptors_max\": %llu, "
                  "\"threads\": %llu, \"start_seconds\": %.3f}",
                  program->cpu_seconds, (unsigned long long)program->resident_bytes,
                  (unsigned long long)program->virtual_bytes,
                  (unsigned long long)program->descriptor_count,
                  (unsigned long long)program->descriptor_count_max,
                  (unsigned long long)program->thread_count, program->start_seconds);
}

static double uptime_seconds(const struct stats_figures *figures)
{
    return (double)clock_wall_microseconds() / 1e6 - figures->program.start_seconds;
}

void stats_report_print_stats(const struct stats_figures *figures, FILE *output)
{
    struct figure verdicts[VERDICT_REASON_COUNT];
    (void)fprintf(output,
                  "{\n  \"version\": \"%s\", \"wolfssl\": \"%s\", \"state\": \"%s\", "
                  "\"time_seconds\": %.3f, \"uptime_seconds\": %.3f, \"workers\": %zu",
                  stats_figures_version(), tls_library_version_running(),
                  stats_figures_phase_word(figures->phase), (double)clock_wall_microseconds() / 1e6,
                  uptime_seconds(figures), figures->worker_count);
    print_counters(&figures->counters, output);
    gather_verdicts(figures->counters.verdicts, verdicts);
    print_object(output, "verdicts", verdicts, VERDICT_REASON_COUNT);
    print_timings(&figures->counters, output);
    print_shared(figures, output);
    stats_backends_print_stats(figures, output);
    print_expiries_json(figures->catalogue, output);
    print_ends(figures, output);
    (void)fputs("\n}\n", output);
}

void stats_report_print_profiles(const struct stats_figures *figures, FILE *output)
{
    const struct stats_catalogue *catalogue = figures->catalogue;
    struct figure verdicts[VERDICT_REASON_COUNT];
    (void)fputc('[', output);
    for (size_t i = 0; catalogue != NULL && i < catalogue->profile_count; i++) {
        const struct stats_profile *profile = &catalogue->profiles[i];
        (void)fprintf(output, "%s\n  {%s", i == 0 ? "" : ",", profile->json);
        gather_verdicts(figures->counters.profile_verdicts[profile->label], verdicts);
        print_object(output, "verdicts", verdicts, VERDICT_REASON_COUNT);
        (void)fputc('}', output);
    }
    (void)fputs("\n]\n", output);
}

void stats_report_print_certificates(const struct stats_figures *figures, FILE *output)
{
    const char *json = figures->catalogue == NULL ? "[]\n" : figures->catalogue->certificates_json;
    (void)fputs(json, output);
}

/* For people. */

static void print_duration(FILE *output, double seconds)
{
    unsigned long long whole = seconds > 0 ? (unsigned long long)seconds : 0;
    (void)fprintf(output, "%llud %02lluh %02llum %02llus", whole / SECONDS_OF_DAY,
                  whole / 3600 % 24, whole / 60 % 60, whole % 60);
}

static void print_timing_row(FILE *output, const char *name, const struct histogram *timing)
{
    (void)fprintf(output, "  %-20s %12llu %10.3f %10.3f %10.3f\n", name,
                  (unsigned long long)histogram_count(timing),
                  (double)histogram_quantile_ns(timing, 500) / 1e6,
                  (double)histogram_quantile_ns(timing, 990) / 1e6,
                  (double)histogram_quantile_ns(timing, 999) / 1e6);
}

static void print_refusals(const struct counters *counters, FILE *output)
{
    (void)fputs("verdicts\n", output);
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        uint64_t count = stats_figures_read(&counters->verdicts[i]);
        if (count > 0 || i == VERDICT_SUCCESS) {
            (void)fprintf(output, "  %-28s %12llu\n", verdict_word(i), (unsigned long long)count);
        }
    }
}

static void print_expiries(const struct stats_figures *figures, FILE *output)
{
    int64_t now_seconds = clock_wall_seconds();
    (void)fputs("certificates, by the days that are left\n", output);
    for (size_t i = 0; figures->catalogue != NULL && i < figures->catalogue->expiry_count; i++) {
        const struct stats_expiry *expiry = &figures->catalogue->expiries[i];
        if (expiry->not_after_seconds != INT64_MAX) {
            (void)fprintf(output, "  %6lld  %-9s  %s\n",
                          (long long)(expiry->not_after_seconds - now_seconds) / SECONDS_OF_DAY,
                          expiry->role, expiry->path);
        }
    }
}

/* The error is ASCII without control characters already: this goes to a terminal as it is. */
static void print_outcome(const struct stats_reloads *reloads, FILE *output)
{
    const struct reload_failure *failure = &reloads->latest_failure;
    uint64_t count = reloads->good_count + reloads->bad_count;
    (void)fprintf(output, "the latest reading of the configuration was %s; %llu %s, %llu failed\n",
                  reloads->was_latest_good ? "good" : "bad: the one before it is in use",
                  (unsigned long long)count, text_noun(count, "reload", "reloads"),
                  (unsigned long long)reloads->bad_count);
    if (!reloads->was_latest_good) {
        (void)fprintf(output, "  %s\n", failure->first_error);
    }
    if (failure->further_count > 0) {
        (void)fprintf(output, "  and %llu more, which the error log has\n",
                      (unsigned long long)failure->further_count);
    }
}

void stats_report_print_status(const struct stats_figures *figures, FILE *output)
{
    const struct counters *counters = &figures->counters;
    const struct program_figures *program = &figures->program;
    (void)fprintf(output, "sallyport %s, %s for ", stats_figures_version(),
                  stats_figures_phase_word(figures->phase));
    print_duration(output, uptime_seconds(figures));
    (void)fprintf(output, "\n%zu %s, %llu MiB, %llu of %llu descriptors, %.1f s of CPU time\n",
                  figures->worker_count, text_noun(figures->worker_count, "worker", "workers"),
                  (unsigned long long)(program->resident_bytes >> 20),
                  (unsigned long long)program->descriptor_count,
                  (unsigned long long)program->descriptor_count_max, program->cpu_seconds);
    print_outcome(&figures->reloads, output);
    (void)fputs("now\n", output);
    for (enum gauge i = 0; i < GAUGE_COUNT; i++) {
        (void)fprintf(output, "  %-28s %12llu\n", counters_gauge_word(i),
                      (unsigned long long)stats_figures_read(&counters->gauges[i]));
    }
    (void)fputs("since the start\n", output);
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        (void)fprintf(output, "  %-28s %12llu\n", counters_word(i),
                      (unsigned long long)stats_figures_read(&counters->values[i]));
    }
    print_refusals(counters, output);
    (void)fprintf(output, "%-22s %12s %10s %10s %10s\n", "times in milliseconds", "count", "p50",
                  "p99", "p99.9");
    for (enum timing i = 0; i < TIMING_COUNT; i++) {
        print_timing_row(output, counters_timing_word(i), &counters->timings[i]);
    }
    stats_backends_print_status(figures, output);
    print_expiries(figures, output);
}
