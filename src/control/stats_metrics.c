/*
 * The metrics, family by family. Names and help come from the lists of counters; what is told apart
 * by a label, or is called otherwise there, has a row here. A label never has a value that a client
 * chooses.
 */
#include "stats_metrics.h"

#include <string.h>

#include "stats_backends.h"
#include "tls/tls_library.h"

#define PREFIX STATS_METRICS_PREFIX

/* Prometheus gets every second bucket: 1 and 1.5 times each power of two from 16 us to 34 s. */
#define FIRST_BUCKET 8
#define LAST_BUCKET  92
#define BUCKET_STEP  2

/* One series of a family: a figure that is a whole number. */
struct series {
    const char *family; /* without prefix */
    const char *type;
    const char *help;
    const char *labels; /* name="value"; NULL: none */
    uint64_t value;
};

void stats_metrics_print_family(FILE *output, const char *family, const char *type,
                                const char *help)
{
    (void)fprintf(output, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", family, help, family,
                  type);
}

static void print_sample(FILE *output, const struct series *series)
{
    (void)fprintf(output, PREFIX "%s", series->family);
    if (series->labels != NULL) {
        (void)fprintf(output, "{%s}", series->labels);
    }
    (void)fprintf(output, " %llu\n", (unsigned long long)series->value);
}

/* A family of one series. */
static void print_alone(FILE *output, const struct series *series)
{
    stats_metrics_print_family(output, series->family, series->type, series->help);
    print_sample(output, series);
}

/* Backslash, quote and line end are escaped (text format 0.0.4). */
void stats_metrics_print_escaped(FILE *output, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            (void)fputs("\\n", output);
            continue;
        }
        if (*value == '\\' || *value == '"') {
            (void)fputc('\\', output);
        }
        (void)fputc(*value, output);
    }
}

/* Counters that are called otherwise here, or are one series of a family; those of one family stand
 * together, as they do in their list. */
/* clang-format off */
static const struct {
    enum counter counter;
    const char *family;
    const char *labels;
    const char *help; /* of the family; NULL: the counter's */
} spellings[] = {
    {COUNTER_CONNECTIONS_CLOSED,    "connections_reaped_total",     NULL,              NULL},
    {COUNTER_ANSWERS_1XX,           "answers_total",                "class=\"1xx\"",   "answers by the class of their status"},
    {COUNTER_ANSWERS_2XX,           "answers_total",                "class=\"2xx\"",   NULL},
    {COUNTER_ANSWERS_3XX,           "answers_total",                "class=\"3xx\"",   NULL},
    {COUNTER_ANSWERS_4XX,           "answers_total",                "class=\"4xx\"",   NULL},
    {COUNTER_ANSWERS_5XX,           "answers_total",                "class=\"5xx\"",   NULL},
    {COUNTER_CLIENT_BYTES_RECEIVED, "client_received_bytes_total",  NULL,              NULL},
    {COUNTER_CLIENT_BYTES_SENT,     "client_sent_bytes_total",      NULL,              NULL},
};
/* clang-format on */

static void print_counter(FILE *output, enum counter counter, uint64_t value)
{
    char family[64];
    struct series series = {family, "counter", counters_help(counter), NULL, value};
    (void)snprintf(family, sizeof(family), "%s_total", counters_word(counter));
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        if (spellings[i].counter != counter) {
            continue;
        }
        series.family = spellings[i].family;
        series.labels = spellings[i].labels;
        if (series.labels != NULL && spellings[i].help == NULL) {
            print_sample(output, &series); /* its family has begun */
            return;
        }
        series.help = spellings[i].help == NULL ? series.help : spellings[i].help;
        break;
    }
    print_alone(output, &series);
}

static void print_counters(const struct stats_figures *figures, FILE *output)
{
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        print_counter(output, i, stats_figures_read(&figures->counters.values[i]));
    }
    for (enum gauge i = 0; i < GAUGE_COUNT; i++) {
        print_alone(output,
                    &(struct series){counters_gauge_word(i), "gauge", counters_gauge_help(i), NULL,
                                     stats_figures_read(&figures->counters.gauges[i])});
    }
}

static void print_closed(const struct stats_figures *figures, FILE *output)
{
    stats_metrics_print_family(output, "connections_closed_total", "counter",
                               "clients' connections that began to close, by cause");
    for (enum close_reason i = CLOSE_NONE + 1; i < CLOSE_REASON_COUNT; i++) {
        (void)fprintf(output, PREFIX "connections_closed_total{cause=\"%s\"} %llu\n",
                      close_reason_word(i),
                      (unsigned long long)stats_figures_read(&figures->counters.closed[i]));
    }
}

static void print_verdicts_of(const struct stats_figures *figures, size_t label, FILE *output)
{
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        (void)fputs(PREFIX "verdicts_total{profile=\"", output);
        stats_metrics_print_escaped(output, label_table_name(figures->profile_labels, label));
        (void)fprintf(
            output, "\",reason=\"%s\"} %llu\n", verdict_word(i),
            (unsigned long long)stats_figures_read(&figures->counters.profile_verdicts[label][i]));
    }
}

static void print_verdicts(const struct stats_figures *figures, FILE *output)
{
    size_t count = label_table_count(figures->profile_labels);
    stats_metrics_print_family(output, "verdicts_total", "counter",
                               "clients judged, by SSL profile and reason; success: let in");
    for (size_t i = 0; i < count; i++) {
        print_verdicts_of(figures, i, output);
    }
    if (count == LABEL_OTHER) {
        print_verdicts_of(figures, LABEL_OTHER, output);
    }
}

/* Histograms. */

/* clang-format off */
static const struct {
    enum timing timing;
    const char *family;
    const char *labels; /* with a comma behind, or "" */
    const char *help;   /* NULL: the family of the row before */
} timings[] = {
    {TIMING_HANDSHAKE_FULL,    "tls_handshake_seconds", "kind=\"full\",",    "from accepting a client to the end of its TLS handshake"},
    {TIMING_HANDSHAKE_RESUMED, "tls_handshake_seconds", "kind=\"resumed\",", NULL},
    {TIMING_JUDGING,           "judging_seconds",       "",                  "from the end of a TLS handshake to the verdict on the client"},
    {TIMING_REQUEST,           "request_seconds",       "",                  "from the first byte of a request to the end of its answer"},
    {TIMING_BACKEND,           "backend_seconds",       "",                  "from giving a request to a backend to the head of its answer"},
};
/* clang-format on */

_Static_assert(sizeof(timings) / sizeof(timings[0]) == TIMING_COUNT, "each timing has a row");

static void print_end(FILE *output, const char *end, const char *labels)
{
    size_t length = strlen(labels);
    (void)fputs(end, output);
    if (length > 0) {
        (void)fprintf(output, "{%.*s}", (int)length - 1, labels); /* without the comma */
    }
}

static void print_histogram(const struct histogram *histogram, const char *family,
                            const char *labels, FILE *output)
{
    uint64_t count = 0;
    size_t bucket = 0;
    for (size_t last = FIRST_BUCKET; last <= LAST_BUCKET; last += BUCKET_STEP) {
        for (; bucket <= last; bucket++) {
            count += stats_figures_read(&histogram->counts[bucket]);
        }
        (void)fprintf(output, PREFIX "%s_bucket{%sle=\"%.9g\"} %llu\n", family, labels,
                      (double)histogram_bound_ns(last) / 1e9, (unsigned long long)count);
    }
    for (; bucket < HISTOGRAM_BUCKET_COUNT; bucket++) {
        count += stats_figures_read(&histogram->counts[bucket]);
    }
    (void)fprintf(output, PREFIX "%s_bucket{%sle=\"+Inf\"} %llu\n" PREFIX "%s", family, labels,
                  (unsigned long long)count, family);
    print_end(output, "_sum", labels);
    (void)fprintf(output, " %.9g\n" PREFIX "%s",
                  (double)stats_figures_read(&histogram->sum_ns) / 1e9, family);
    print_end(output, "_count", labels);
    (void)fprintf(output, " %llu\n", (unsigned long long)count);
}

static void print_timings(const struct stats_figures *figures, FILE *output)
{
    for (size_t i = 0; i < TIMING_COUNT; i++) {
        if (timings[i].help != NULL) {
            stats_metrics_print_family(output, timings[i].family, "histogram", timings[i].help);
        }
        print_histogram(&figures->counters.timings[timings[i].timing], timings[i].family,
                        timings[i].labels, output);
    }
}

/* Shared things. */

#define OCSP_HELP_ROW(name, word, help)       [name] = {word "_total", "counter", help, NULL, 0},
#define OCSP_FAULT_WORD_ROW(name, word, text) [name] = word,

static void print_trust(const struct stats_figures *figures, FILE *output)
{
    const struct trust_cache_usage *usage = &figures->trust_cache_usage;
    const struct series levels[] = {
        {"trust_cache_entries", "gauge", "identities in the trust cache", NULL, usage->entry_count},
        {"trust_cache_size_bytes", "gauge", "memory that they take", NULL, usage->size_bytes},
        {"trust_cache_refusals", "gauge", "refusals in the trust cache", NULL,
         usage->failure_count},
    };
    for (enum trust_cache_counter i = 0; i < TRUST_CACHE_COUNTER_COUNT; i++) {
        char family[64];
        (void)snprintf(family, sizeof(family), "%s_total", trust_cache_counter_word(i));
        print_alone(output, &(struct series){family, "counter", trust_cache_counter_help(i), NULL,
                                             figures->trust_cache[i]});
    }
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        print_alone(output, &levels[i]);
    }
}

static void print_ocsp(const struct stats_figures *figures, FILE *output)
{
    static const struct series rows[] = {OCSP_COUNTER_LIST(OCSP_HELP_ROW)};
    static const char *const faults[] = {OCSP_FAULT_LIST(OCSP_FAULT_WORD_ROW)};
    for (size_t i = 0; i < OCSP_COUNTER_COUNT; i++) {
        struct series series = rows[i];
        series.value = figures->ocsp[i];
        print_alone(output, &series);
    }
    const struct ocsp_cache_usage *usage = &figures->ocsp_cache_usage;
    const struct series cache[] = {
        {"ocsp_cache_entries", "gauge", "certificates in the OCSP cache", NULL, usage->entry_count},
        {"ocsp_cache_size_bytes", "gauge", "memory that their answers take", NULL,
         usage->size_bytes},
        {"ocsp_cache_evicted_total", "counter", "answers pushed out for others", NULL,
         usage->evicted_count},
        {"ocsp_cache_rejected_total", "counter", "answers for which there was no room", NULL,
         usage->rejected_count},
        {"ocsp_cache_file_failures_total", "counter",
         "writings of the OCSP cache's file that failed", NULL, figures->ocsp_store_failures},
    };
    for (size_t i = 0; i < sizeof(cache) / sizeof(cache[0]); i++) {
        print_alone(output, &cache[i]);
    }
    stats_metrics_print_family(output, "ocsp_faults_total", "counter",
                               "OCSP fetches that came to nothing, by what went wrong");
    for (size_t i = OCSP_FAULT_NONE + 1; i < OCSP_FAULT_COUNT; i++) {
        (void)fprintf(output, PREFIX "ocsp_faults_total{fault=\"%s\"} %llu\n", faults[i],
                      (unsigned long long)figures->ocsp_faults[i]);
    }
}

static void print_certificates(const struct stats_figures *figures, FILE *output)
{
    stats_metrics_print_family(
        output, "certificate_expiration_timestamp_seconds", "gauge",
        "when the first certificate of a file expires, in seconds since 1970");
    for (size_t i = 0; figures->catalogue != NULL && i < figures->catalogue->expiry_count; i++) {
        const struct stats_expiry *expiry = &figures->catalogue->expiries[i];
        if (expiry->not_after_seconds == INT64_MAX) {
            continue; /* no date could be read */
        }
        (void)fprintf(output, PREFIX "certificate_expiration_timestamp_seconds{role=\"%s\",path=\"",
                      expiry->role);
        stats_metrics_print_escaped(output, expiry->path);
        (void)fprintf(output, "\"} %lld\n", (long long)expiry->not_after_seconds);
    }
}

static void print_reloads(const struct stats_figures *figures, FILE *output)
{
    const struct stats_reloads *reloads = &figures->reloads;
    print_alone(output, &(struct series){"config_last_reload_successful", "gauge",
                                         "whether the latest reading of the configuration was good",
                                         NULL, reloads->was_latest_good});
    print_alone(output, &(struct series){"config_last_reload_success_timestamp_seconds", "gauge",
                                         "when the configuration in use was read, in seconds since "
                                         "1970",
                                         NULL, (uint64_t)reloads->latest_good_seconds});
    struct series count = {"config_reloads_total", "counter",
                           "reloads of the configuration, by result", "result=\"success\"",
                           reloads->good_count};
    print_alone(output, &count);
    count.labels = "result=\"failure\"";
    count.value = reloads->bad_count;
    print_sample(output, &count);
}

static void print_gateway(const struct stats_figures *figures, FILE *output)
{
    const struct series rows[] = {
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
    stats_metrics_print_family(output, "build_info", "gauge",
                               "version of the program and of its TLS library");
    (void)fprintf(output, PREFIX "build_info{version=\"%s\",wolfssl=\"%s\"} 1\n",
                  stats_figures_version(), tls_library_version_running());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_alone(output, &rows[i]);
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
        stats_metrics_print_family(output, rows[i].family, "counter", rows[i].help);
        for (enum log_kind kind = 0; kind < LOG_KIND_COUNT; kind++) {
            print_sample(output, &(struct series){.family = rows[i].family,
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
        print_gateway, print_logs,     print_reloads, print_certificates,           print_counters,
        print_closed,  print_verdicts, print_timings, stats_backends_print_metrics, print_trust,
        print_ocsp,    print_program,
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i](figures, output);
    }
}
