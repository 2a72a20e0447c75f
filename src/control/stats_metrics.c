/*
 * The metrics, family by family. Names and help come from the lists of counters; what is told apart
 * by a label, or is called otherwise there, has a row here. A label never has a value that a client
 * chooses.
 */
#include "stats_metrics.h"

#include <string.h>

#include "metric_text.h"
#include "stats_backends.h"
#include "stats_traffic.h"
#include "tls/tls_library.h"

/* Counters that are called otherwise here, and those that stats_traffic.c has by listener. */
/* clang-format off */
static const struct {
    enum counter counter;
    const char *family; /* NULL: none */
} spellings[] = {
    {COUNTER_CONNECTIONS_CLOSED,    "connections_reaped_total"},
    {COUNTER_CLIENT_BYTES_RECEIVED, "client_received_bytes_total"},
    {COUNTER_CLIENT_BYTES_SENT,     "client_sent_bytes_total"},
    {COUNTER_HANDSHAKES_COMPLETED,  NULL},
    {COUNTER_HANDSHAKES_FAILED,     NULL},
    {COUNTER_HANDSHAKES_RESUMED,    NULL},
    {COUNTER_ANSWERS_1XX,           NULL},
    {COUNTER_ANSWERS_2XX,           NULL},
    {COUNTER_ANSWERS_3XX,           NULL},
    {COUNTER_ANSWERS_4XX,           NULL},
    {COUNTER_ANSWERS_5XX,           NULL},
};
/* clang-format on */

static void print_counter(FILE *output, enum counter counter, uint64_t value)
{
    char family[64];
    struct metric_series series = {family, "counter", counters_help(counter), NULL, value};
    (void)snprintf(family, sizeof(family), "%s_total", counters_word(counter));
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (spellings[i].counter == counter) {
            series.family = spellings[i].family;
        }
    }
    if (series.family != NULL) {
        metric_text_print_alone(output, &series);
    }
}

static void print_counters(const struct stats_figures *figures, FILE *output)
{
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        print_counter(output, i, stats_figures_read(&figures->counters.values[i]));
    }
    for (enum gauge i = 0; i < GAUGE_COUNT; i++) {
        metric_text_print_alone(
            output,
            &(struct metric_series){counters_gauge_word(i), "gauge", counters_gauge_help(i), NULL,
                                    stats_figures_read(&figures->counters.gauges[i])});
    }
}

static void print_verdicts_of(const struct stats_figures *figures, size_t label, FILE *output)
{
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        (void)fputs(METRIC_PREFIX "verdicts_total{profile=\"", output);
        metric_text_print_escaped(
            output, bytes_from_string(label_table_name(&figures->labels->profiles, label)));
        (void)fprintf(
            output, "\",reason=\"%s\"} %llu\n", verdict_word(i),
            (unsigned long long)stats_figures_read(&figures->counters.profile_verdicts[label][i]));
    }
}

static void print_verdicts(const struct stats_figures *figures, FILE *output)
{
    size_t count = label_table_count(&figures->labels->profiles);
    metric_text_print_family(output, "verdicts_total", "counter",
                             "clients judged, by SSL profile and reason; success: let in");
    for (size_t i = 0; i < count; i++) {
        print_verdicts_of(figures, i, output);
    }
    if (count == LABEL_OTHER) {
        print_verdicts_of(figures, LABEL_OTHER, output);
    }
}

/* Shared things. */

#define OCSP_HELP_ROW(name, word, help)       [name] = {word "_total", "counter", help, NULL, 0},
#define OCSP_FAULT_WORD_ROW(name, word, text) [name] = word,

static void print_trust(const struct stats_figures *figures, FILE *output)
{
    const struct trust_cache_usage *usage = &figures->trust_cache_usage;
    const struct metric_series levels[] = {
        {"trust_cache_entries", "gauge", "identities in the trust cache", NULL, usage->entry_count},
        {"trust_cache_size_bytes", "gauge", "memory that they take", NULL, usage->size_bytes},
        {"trust_cache_refusals", "gauge", "refusals in the trust cache", NULL,
         usage->failure_count},
    };
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        char family[64];
        (void)snprintf(family, sizeof(family), "%s_total", trust_cache_counter_word(i));
        metric_text_print_alone(output, &(struct metric_series){family, "counter",
                                                                trust_cache_counter_help(i), NULL,
                                                                figures->trust_cache[i]});
    }
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        metric_text_print_alone(output, &levels[i]);
    }
}

static void print_ocsp(const struct stats_figures *figures, FILE *output)
{
    static const struct metric_series rows[] = {OCSP_COUNTER_LIST(OCSP_HELP_ROW)};
    static const char *const faults[] = {OCSP_FAULT_LIST(OCSP_FAULT_WORD_ROW)};
    for (size_t i = 0; i < OCSP_COUNTER_COUNT; i++) {
        struct metric_series series = rows[i];
        series.value = figures->ocsp[i];
        metric_text_print_alone(output, &series);
    }
    const struct ocsp_cache_usage *usage = &figures->ocsp_cache_usage;
    const struct metric_series cache[] = {
        {"ocsp_cache_entries", "gauge", "certificates in the OCSP cache", NULL, usage->entry_count},
        {"ocsp_cache_size_bytes", "gauge", "memory that their answers take", NULL,
         usage->size_bytes},
        {"ocsp_cache_evicted_total", "counter", "answers pushed out for others", NULL,
         usage->evicted_count},
        {"ocsp_cache_rejected_total", "counter", "answers for which there was no room", NULL,
         usage->rejected_count},
        {"ocsp_cache_lost_revocations_total", "counter",
         "revocations pushed out for other ones, or for which there was no room", NULL,
         usage->lost_revocation_count},
        {"ocsp_cache_file_failures_total", "counter",
         "writings of the OCSP cache's file that failed", NULL, figures->ocsp_store_failures},
    };
    for (size_t i = 0; i < sizeof(cache) / sizeof(cache[0]); i++) {
        metric_text_print_alone(output, &cache[i]);
    }
    metric_text_print_family(output, "ocsp_faults_total", "counter",
                             "OCSP fetches that came to nothing, by what went wrong");
    for (size_t i = OCSP_FAULT_NONE + 1; i < OCSP_FAULT_COUNT; i++) {
        (void)fprintf(output, METRIC_PREFIX "ocsp_faults_total{fault=\"%s\"} %llu\n", faults[i],
                      (unsigned long long)figures->ocsp_faults[i]);
    }
}

static void write_responder(const struct ocsp_counters *counters, size_t label,
                            char ret_labels[static METRIC_OWNER_BYTES_MAX])
{
    (void)snprintf(ret_labels, METRIC_OWNER_BYTES_MAX, "responder=\"%s\"",
                   label_table_name(&counters->responder_labels, label));
}

static void print_outcomes(const struct ocsp_counters *counters, size_t label, FILE *output)
{
    char responder[METRIC_OWNER_BYTES_MAX];
    char labels[METRIC_LABELS_BYTES_MAX];
    write_responder(counters, label, responder);
    for (enum ocsp_outcome i = 0; i < OCSP_OUTCOME_COUNT; i++) {
        struct metric_series series = {
            .family = "ocsp_responder_fetches_total",
            .labels = labels,
            .value = stats_figures_read(&counters->responders[label].outcomes[i])};
        (void)snprintf(labels, sizeof(labels), "%s,outcome=\"%s\"", responder,
                       ocsp_counter_outcome_word(i));
        metric_text_print_sample(output, &series);
    }
}

static void print_fetch_times(const struct ocsp_counters *counters, size_t label, FILE *output)
{
    char labels[METRIC_OWNER_BYTES_MAX];
    write_responder(counters, label, labels);
    metric_text_print_histogram(output, "ocsp_responder_seconds", labels,
                                &counters->responders[label].times);
}

/* Those that were asked so far, then the label of all others if it is in use. Their names are of
 * host names' characters. */
static void print_responders(const struct stats_figures *figures, FILE *output)
{
    static const struct {
        const char *family;
        const char *type;
        const char *help;
        void (*print)(const struct ocsp_counters *counters, size_t label, FILE *output);
    } families[] = {
        {"ocsp_responder_fetches_total", "counter",
         "OCSP fetches that have ended, by responder and what they came to", print_outcomes},
        {"ocsp_responder_seconds", "histogram", "how long the responder took to answer, or to fail",
         print_fetch_times},
    };
    const struct ocsp_counters *counters = figures->ocsp_counters;
    size_t count = counters == NULL ? 0 : label_table_count(&counters->responder_labels);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        metric_text_print_family(output, families[i].family, families[i].type, families[i].help);
        for (size_t label = 0; label < count; label++) {
            families[i].print(counters, label, output);
        }
        if (count == LABEL_OTHER) {
            families[i].print(counters, LABEL_OTHER, output);
        }
    }
}

static void print_certificates(const struct stats_figures *figures, FILE *output)
{
    metric_text_print_family(output, "certificate_expiration_timestamp_seconds", "gauge",
                             "when the first certificate of a file expires, in seconds since 1970");
    for (size_t i = 0; figures->catalogue != NULL && i < figures->catalogue->expiry_count; i++) {
        const struct stats_expiry *expiry = &figures->catalogue->expiries[i];
        if (expiry->not_after_seconds == INT64_MAX) {
            continue; /* no date could be read */
        }
        (void)fprintf(output,
                      METRIC_PREFIX "certificate_expiration_timestamp_seconds{role=\"%s\",path=\"",
                      expiry->role);
        metric_text_print_escaped(output, bytes_from_string(expiry->path));
        (void)fprintf(output, "\"} %lld\n", (long long)expiry->not_after_seconds);
    }
}

static void print_reloads(const struct stats_figures *figures, FILE *output)
{
    const struct stats_reloads *reloads = &figures->reloads;
    metric_text_print_alone(
        output, &(struct metric_series){"config_last_reload_successful", "gauge",
                                        "whether the latest reading of the configuration was good",
                                        NULL, reloads->was_latest_good});
    metric_text_print_alone(
        output, &(struct metric_series){"config_last_reload_success_timestamp_seconds", "gauge",
                                        "when the configuration in use was read, in seconds since "
                                        "1970",
                                        NULL, (uint64_t)reloads->latest_good_seconds});
    struct metric_series count = {"config_reloads_total", "counter",
                                  "reloads of the configuration, by result", "result=\"success\"",
                                  reloads->good_count};
    metric_text_print_alone(output, &count);
    count.labels = "result=\"failure\"";
    count.value = reloads->bad_count;
    metric_text_print_sample(output, &count);
}

static void print_gateway(const struct stats_figures *figures, FILE *output)
{
    const struct metric_series rows[] = {
        {"workers", "gauge", "threads that carry the traffic", NULL, figures->worker_count},
        {"ready", "gauge", "whether clients are let in", NULL, figures->phase == STATS_READY},
        {"draining", "gauge", "whether the gateway is about to stop", NULL,
         figures->phase == STATS_DRAINING},
        {"stats_requests_total", "counter", "requests to the stats socket and address", NULL,
         figures->stats_request_count},
        {"stats_dropped_total", "counter",
         "clients of the stats socket and address that were too slow, or too many", NULL,
         figures->stats_dropped_count},
    };
    metric_text_print_family(output, "build_info", "gauge",
                             "versions of the program and of its libraries");
    (void)fprintf(
        output, METRIC_PREFIX "build_info{version=\"%s\",wolfssl=\"%s\",liburing=\"%s\"} 1\n",
        stats_figures_version(), tls_library_version_running(), stats_figures_liburing_version());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        metric_text_print_alone(output, &rows[i]);
    }
}

static void print_logs(const struct stats_figures *figures, FILE *output)
{
    static const char *const labels[LOG_KIND_COUNT] = {
        [LOG_ACCESS] = "log=\"access\"", [LOG_ERROR] = "log=\"error\""};
    const struct {
        const char *family;
        const char *help;
        const uint64_t *values;
    } rows[] = {
        {"log_dropped_total",
         "lines of a log that were not written: no room, a full disk, a reader that is stuck",
         figures->log_lost_lines},
        {"log_lost_bytes_total", "bytes of lines that could not be written",
         figures->log_lost_bytes},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        metric_text_print_family(output, rows[i].family, "counter", rows[i].help);
        for (enum log_kind kind = 0; kind < LOG_KIND_COUNT; kind++) {
            metric_text_print_sample(output,
                                     &(struct metric_series){.family = rows[i].family,
                                                             .labels = labels[kind],
                                                             .value = rows[i].values[kind]});
        }
    }
}

/* The names that every exporter uses, without our prefix. */
static void print_program(const struct stats_figures *figures, FILE *output)
{
    const struct program_figures *program = &figures->program;
    const struct {
        const char *name;
        const char *type;
        const char *help;
        double value;
    } rows[] = {
        {"process_cpu_seconds_total", "counter", "user and system time", program->cpu_seconds},
        {"process_resident_memory_bytes", "gauge", "memory in use",
         (double)program->resident_bytes},
        {"process_virtual_memory_bytes", "gauge", "memory mapped", (double)program->virtual_bytes},
        {"process_open_fds", "gauge", "file descriptors open", (double)program->descriptor_count},
        {"process_max_fds", "gauge", "file descriptors allowed",
         (double)program->descriptor_count_max},
        {"process_threads", "gauge", "threads", (double)program->thread_count},
        {"process_start_time_seconds", "gauge", "when the program was started, since 1970",
         program->start_seconds},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)fprintf(output, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", rows[i].name, rows[i].help,
                      rows[i].name, rows[i].type, rows[i].name, rows[i].value);
    }
}

void stats_metrics_print(const struct stats_figures *figures, FILE *output)
{
    static void (*const parts[])(const struct stats_figures *figures, FILE *output) = {
        print_gateway,  print_logs,          print_reloads,    print_certificates,
        print_counters, stats_traffic_print, print_verdicts,   stats_backends_print_metrics,
        print_trust,    print_ocsp,          print_responders, print_program,
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i](figures, output);
    }
}
