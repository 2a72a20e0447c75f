/* The measures as rows; see the header. Read by reports, comparison and limits. */
#include "results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mode.h"
#include "quantity.h"

#define NS_PER_SECOND 1e9
#define BUSY_SHARE_MAX \
    0.93 /* what is left of the time passes in calls to epoll that find something */
#define STORM_SHARE_MIN 0.95

static double or_absent(double value, bool is_present)
{
    return is_present ? value : (double)NAN;
}

double results_rate(const struct results *results)
{
    return or_absent((double)results->tally->operations * NS_PER_SECOND /
                         (double)results->elapsed_ns,
                     results->elapsed_ns > 0 && !mode_of(results->plan->mode)->holds);
}

static double bytes_rate(const struct results *results)
{
    double bytes = (double)results->tally->bytes_received + (double)results->tally->bytes_sent;
    return or_absent(bytes * NS_PER_SECOND / (double)results->elapsed_ns,
                     results->elapsed_ns > 0 && results->plan->mode == MODE_BULK);
}

double results_storm_rate(const struct results *results)
{
    return or_absent((double)results->tally->storm_handshakes * NS_PER_SECOND /
                         (double)results->storm_elapsed_ns,
                     results->storm_elapsed_ns > 0 && mode_of(results->plan->mode)->storms);
}

static double percentile_us(const struct histogram *histogram, double part)
{
    return or_absent((double)histogram_at(histogram, part) / 1000, histogram->count > 0);
}

#define PERCENTILE(name, member, part)                       \
    static double name(const struct results *results)        \
    {                                                        \
        return percentile_us(&results->tally->member, part); \
    }
PERCENTILE(latency_p50, latency, 0.5)
PERCENTILE(latency_p90, latency, 0.9)
PERCENTILE(latency_p99, latency, 0.99)
PERCENTILE(latency_p999, latency, 0.999)
PERCENTILE(latency_p9999, latency, 0.9999)
PERCENTILE(latency_max, latency, 1)
PERCENTILE(handshake_p50, handshakes, 0.5)
PERCENTILE(handshake_p99, handshakes, 0.99)
#undef PERCENTILE

static double latency_mean(const struct results *results)
{
    return or_absent(histogram_mean(&results->tally->latency) / 1000,
                     results->tally->latency.count > 0);
}

static double errors(const struct results *results)
{
    return (double)tally_errors(results->tally);
}

/* In mode mix an operation's share of the server would say nothing: the storm's is in it. */
static bool has_server_share(const struct results *results)
{
    return results->has_server && results->tally->operations > 0 &&
           !mode_of(results->plan->mode)->storms;
}

double results_server_cpu_ns(const struct results *results)
{
    double used = (double)(results->server_after.cpu_ns - results->server_before.cpu_ns);
    return or_absent(used / (double)results->tally->operations, has_server_share(results));
}

static double server_cpu_us(const struct results *results)
{
    return results_server_cpu_ns(results) / 1000;
}

static double server_cpu_share(const struct results *results)
{
    double used = (double)(results->server_after.cpu_ns - results->server_before.cpu_ns);
    return or_absent(100 * used / (double)results->elapsed_ns,
                     results->has_server && results->elapsed_ns > 0);
}

static double server_cpu_per_gb(const struct results *results)
{
    double bytes = (double)results->tally->bytes_received + (double)results->tally->bytes_sent;
    double used = (double)(results->server_after.cpu_ns - results->server_before.cpu_ns);
    return or_absent(used / bytes,
                     results->has_server && bytes > 0 && results->plan->mode == MODE_BULK);
}

static double server_calls(const struct results *results)
{
    double calls =
        (double)(results->server_after.system_calls - results->server_before.system_calls);
    return or_absent(calls / (double)results->tally->operations,
                     has_server_share(results) && results->server_after.has_system_calls);
}

static double server_resident(const struct results *results)
{
    return or_absent((double)results->server_after.resident_bytes, results->has_server);
}

static double server_bytes_per_connection(const struct results *results)
{
    double grown = (double)results->server_after.resident_bytes -
                   (double)results->server_before.resident_bytes;
    return or_absent(grown / (double)results->held_count,
                     results->has_server && results->held_count > 0);
}

static double kernel_bytes_per_connection(const struct results *results)
{
    return or_absent(((double)results->kernel_after - (double)results->kernel_before) /
                         (double)results->held_count,
                     results->held_count > 0);
}

static double client_cpu_us(const struct results *results)
{
    double used = 0;
    for (size_t i = 0; i < results->lane_count; i++) {
        used += (double)results->lanes[i].cpu_ns;
    }
    return or_absent(used / 1000 / (double)results->tally->operations,
                     results->tally->operations > 0 && !mode_of(results->plan->mode)->storms);
}

static double client_busy(const struct results *results)
{
    double busiest = 0;
    for (size_t i = 0; i < results->lane_count; i++) {
        busiest = fmax(busiest, results_busy(&results->lanes[i]));
    }
    return 100 * busiest;
}

/* clang-format off */
const struct results_measure results_measures[] = {
    {"rate",                        "operations a second",               "/s",   RESULTS_MORE_IS_BETTER, results_rate},
    {"bytes_rate",                  "bytes a second",                    "B/s",  RESULTS_MORE_IS_BETTER, bytes_rate},
    {"storm_rate",                  "storm: handshakes a second",        "/s",   RESULTS_MORE_IS_BETTER, results_storm_rate},
    {"latency_mean_us",             "latency, mean",                     "us",   RESULTS_LESS_IS_BETTER, latency_mean},
    {"latency_p50_us",              "latency, 50 %",                     "us",   RESULTS_LESS_IS_BETTER, latency_p50},
    {"latency_p90_us",              "latency, 90 %",                     "us",   RESULTS_LESS_IS_BETTER, latency_p90},
    {"latency_p99_us",              "latency, 99 %",                     "us",   RESULTS_LESS_IS_BETTER, latency_p99},
    {"latency_p999_us",             "latency, 99.9 %",                   "us",   RESULTS_LESS_IS_BETTER, latency_p999},
    {"latency_p9999_us",            "latency, 99.99 %",                  "us",   RESULTS_LESS_IS_BETTER, latency_p9999},
    {"latency_max_us",              "latency, longest",                  "us",   RESULTS_LESS_IS_BETTER, latency_max},
    {"handshake_p50_us",            "TCP and TLS handshake, 50 %",       "us",   RESULTS_LESS_IS_BETTER, handshake_p50},
    {"handshake_p99_us",            "TCP and TLS handshake, 99 %",       "us",   RESULTS_LESS_IS_BETTER, handshake_p99},
    {"errors",                      "errors",                            "",     RESULTS_LESS_IS_BETTER, errors},
    {"server_cpu_us",               "server: CPU time an operation",     "us",   RESULTS_LESS_IS_BETTER, server_cpu_us},
    {"server_cpu_seconds_per_gb",   "server: CPU time a gigabyte",       "s/GB", RESULTS_LESS_IS_BETTER, server_cpu_per_gb},
    {"server_cpu_percent",          "server: of one CPU",                "%",    RESULTS_LESS_IS_BETTER, server_cpu_share},
    {"server_system_calls",         "server: system calls an operation", "",     RESULTS_LESS_IS_BETTER, server_calls},
    {"server_resident_bytes",       "server: resident memory",           "B",    RESULTS_LESS_IS_BETTER, server_resident},
    {"server_bytes_per_connection", "server: memory an idle connection", "B",    RESULTS_LESS_IS_BETTER, server_bytes_per_connection},
    {"kernel_bytes_per_connection", "kernel: memory of both its ends",   "B",    RESULTS_LESS_IS_BETTER, kernel_bytes_per_connection},
    {"client_cpu_us",               "client: CPU time an operation",     "us",   RESULTS_LESS_IS_BETTER, client_cpu_us},
    {"client_busy_percent",         "client: busiest thread",            "%",    RESULTS_LESS_IS_BETTER, client_busy},
};
/* clang-format on */
const size_t results_measure_count = sizeof(results_measures) / sizeof(results_measures[0]);

double results_busy(const struct results_lane *lane)
{
    return lane->window_ns == 0
               ? 0
               : (double)(lane->cpu_ns + lane->waiting_ns) / (double)lane->window_ns;
}

bool results_client_was_limit(const struct results *results)
{
    for (size_t i = 0; i < results->lane_count; i++) {
        if (results_busy(&results->lanes[i]) > BUSY_SHARE_MAX) {
            return true;
        }
    }
    return false;
}

bool results_storm_fell_short(const struct results *results)
{
    double rate = results_storm_rate(results);
    return !isnan(rate) && rate < STORM_SHARE_MIN * (double)results->plan->storm_rate;
}

const char *results_write(const struct results_measure *measure, double value, char memory[32])
{
    char inner[QUANTITY_SIZE];
    if (isnan(value)) {
        (void)snprintf(memory, 32, "-");
    } else if (strcmp(measure->unit, "us") == 0) {
        (void)snprintf(memory, 32, "%s", quantity_write_duration(value * 1000, inner));
    } else if (measure->unit[0] == 'B') {
        (void)snprintf(memory, 32, "%s%s", quantity_write_size(value, inner), measure->unit + 1);
    } else if (value >= 1000 && measure->unit[0] != '%') {
        (void)snprintf(memory, 32, "%s%s%s",
                       quantity_write_count((uint64_t)fmin(value + 0.5, 1e18), inner),
                       measure->unit[0] == '\0' ? "" : " ", measure->unit);
    } else {
        (void)snprintf(memory, 32, "%.*f%s%s",
                       value == floor(value) ? 0
                       : value < 10          ? 2
                                             : 1,
                       value, measure->unit[0] == '\0' ? "" : " ", measure->unit);
    }
    return memory;
}
