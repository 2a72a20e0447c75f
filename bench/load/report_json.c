/* Results as one JSON object; "measures" is what --compare reads. Called by main(). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "mode.h"
#include "report.h"
#include "results.h"
#include "target.h"

#define ESCAPED_MAX 8192

/* The parts of the latency that a plot is made from. */
static const double parts[] = {0,     0.1,    0.2,   0.3,    0.4,    0.5,     0.6,   0.7,
                               0.75,  0.8,    0.85,  0.9,    0.925,  0.95,    0.975, 0.99,
                               0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999, 1};

static void print_string(FILE *output, const char *key, const char *text, const char *after)
{
    char memory[ESCAPED_MAX];
    struct text escaped = text_over(memory, sizeof(memory));
    text_append_json_escaped(&escaped, bytes_from_string(text));
    (void)fprintf(output, "\"%s\": \"%.*s\"%s", key, (int)escaped.length, escaped.at, after);
}

/* JSON has no NAN (RFC 8259 section 6). */
static void print_number(FILE *output, double value)
{
    if (isnan(value) || isinf(value)) {
        (void)fputs("null", output);
    } else {
        (void)fprintf(output, "%.10g", value);
    }
}

static void print_plan(FILE *output, const struct results *results)
{
    const struct plan *plan = results->plan;
    char url[TARGET_URL_SIZE];
    print_string(output, "tool", "sallyport-load", ",\n  ");
    print_string(output, "label", plan->label == NULL ? "" : plan->label, ",\n  ");
    print_string(output, "mode", mode_of(plan->mode)->name, ",\n  ");
    print_string(output, "url", target_write_url(results->target, url), ",\n  ");
    print_string(output, "tls", results->description, ",\n  ");
    (void)fprintf(
        output,
        "\"started_at\": %lld,\n  \"seconds\": %.6f,\n  \"interrupted\": %s,\n  \"plan\": "
        "{\"connections\": %llu, \"threads\": %llu, \"rate\": %llu, \"storm\": %llu, "
        "\"storm_rate\": %llu, \"body_bytes\": %llu, \"identities\": %zu, \"server_is_checked\": "
        "%s},\n",
        (long long)results->started_at, (double)results->elapsed_ns / 1e9,
        results->was_interrupted ? "true" : "false", (unsigned long long)plan->connection_count,
        (unsigned long long)plan->thread_count, (unsigned long long)plan->rate,
        (unsigned long long)(mode_of(plan->mode)->storms ? plan->storm_connection_count : 0),
        (unsigned long long)plan->storm_rate, (unsigned long long)plan->body_bytes,
        results->identity_count, plan->server_ca == NULL ? "false" : "true");
}

static void print_counts(FILE *output, const struct results *results)
{
    const struct tally *tally = results->tally;
    (void)fprintf(
        output,
        "  \"operations\": %llu,\n  \"late\": %llu,\n  \"waiting\": %llu,\n  "
        "\"handshakes_full\": %llu,\n"
        "  \"handshakes_resumed\": %llu,\n  \"storm_handshakes\": %llu,\n"
        "  \"storm_fell_short\": %s,\n  \"server_ended\": %s,\n"
        "  \"bytes_received\": %llu,\n  \"bytes_sent\": %llu,\n  \"held\": %llu,\n",
        (unsigned long long)tally->operations, (unsigned long long)tally->late,
        (unsigned long long)tally->waiting, (unsigned long long)tally->handshakes_full,
        (unsigned long long)tally->handshakes_resumed, (unsigned long long)tally->storm_handshakes,
        results_storm_fell_short(results) ? "true" : "false",
        results->server_ended ? "true" : "false", (unsigned long long)tally->bytes_received,
        (unsigned long long)tally->bytes_sent, (unsigned long long)results->held_count);
}

static void print_faults(FILE *output, const struct tally *tally)
{
    const char *comma = "";
    (void)fputs("  \"errors\": {", output);
    for (int i = 1; i < FAULT_COUNT; i++) {
        if (tally->faults[i] > 0) {
            (void)fprintf(output, "%s\"%s\": {\"count\": %llu, ", comma, fault_word((enum fault)i),
                          (unsigned long long)tally->faults[i]);
            print_string(output, "example", tally->examples[i], "}");
            comma = ", ";
        }
    }
    (void)fputs("},\n", output);
}

static void print_measures(FILE *output, const struct results *results)
{
    (void)fputs("  \"measures\": {", output);
    for (size_t i = 0; i < results_measure_count; i++) {
        (void)fprintf(output, "%s\n    \"%s\": ", i == 0 ? "" : ",", results_measures[i].key);
        print_number(output, results_measures[i].value(results));
    }
    (void)fputs("\n  },\n", output);
}

static void print_client(FILE *output, const struct results *results)
{
    (void)fprintf(output, "  \"client\": {\"was_the_limit\": %s, \"threads\": [",
                  results_client_was_limit(results) ? "true" : "false");
    for (size_t i = 0; i < results->lane_count; i++) {
        const struct results_lane *lane = &results->lanes[i];
        (void)fprintf(output,
                      "%s{\"cpu_seconds\": %.6f, \"waiting_seconds\": %.6f, \"busy\": %.4f}",
                      i == 0 ? "" : ", ", (double)lane->cpu_ns / 1e9,
                      (double)lane->waiting_ns / 1e9, results_busy(lane));
    }
    (void)fputs("]},\n", output);
}

static void print_percentiles(FILE *output, const struct histogram *latency)
{
    (void)fputs("  \"latency_us\": [", output);
    for (size_t i = 0; latency->count > 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
        uint64_t ns = parts[i] <= 0 ? latency->least_ns : histogram_at(latency, parts[i]);
        (void)fprintf(output, "%s[%.7g, %.3f]", i == 0 ? "" : ", ", parts[i], (double)ns / 1000);
    }
    (void)fputs("],\n", output);
}

static void print_course(FILE *output, const struct results *results)
{
    const struct tally *tally = results->tally;
    size_t count = (size_t)((results->elapsed_ns + tally->slice_ns - 1) / tally->slice_ns);
    count = count < TALLY_SLICES_MAX ? count : TALLY_SLICES_MAX;
    (void)fprintf(output,
                  "  \"course\": {\"slice_seconds\": %.3f, \"operations_and_slowest_us\": [",
                  (double)tally->slice_ns / 1e9);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(output, "%s[%llu, %.3f]", i == 0 ? "" : ", ",
                      (unsigned long long)tally->slices[i].operations,
                      (double)tally->slices[i].slowest_ns / 1000);
    }
    (void)fputs("]},\n", output);
}

static void print_limits(FILE *output, const struct results *results)
{
    (void)fputs("  \"limits\": [", output);
    for (size_t i = 0; i < results->limit_count; i++) {
        (void)fputs(i == 0 ? "{" : ", {", output);
        print_string(output, "option", results->limits[i].option, ", ");
        print_string(output, "text", results->limits[i].text, ", ");
        (void)fprintf(output, "\"kept\": %s}", results->limits[i].is_kept ? "true" : "false");
    }
    (void)fputs("]\n", output);
}

void report_json(FILE *output, const struct results *results)
{
    (void)fputs("{\n  ", output);
    print_plan(output, results);
    print_counts(output, results);
    print_faults(output, results->tally);
    print_measures(output, results);
    print_client(output, results);
    print_percentiles(output, &results->tally->latency);
    print_course(output, results);
    print_limits(output, results);
    (void)fputs("}\n", output);
}
