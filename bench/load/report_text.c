/* Results for people, in the order of the table of measures. Called by main(). */
#include <math.h>

#include "base/text.h"
#include "identity_set.h"
#include "mode.h"
#include "quantity.h"
#include "report.h"
#include "results.h"
#include "target.h"

/* Not from the server: what it sent may hold anything. */
static void print_plain(FILE *output, const char *text)
{
    for (; *text != '\0'; text++) {
        (void)fputc(*text >= ' ' && *text <= '~' ? *text : '?', output);
    }
}

static void print_what(FILE *output, const struct results *results)
{
    const struct plan *plan = results->plan;
    char time[QUANTITY_SIZE];
    char url[TARGET_URL_SIZE];
    char count[QUANTITY_SIZE];
    (void)fprintf(output, "%s%s%s %s\n", plan->label == NULL ? "" : plan->label,
                  plan->label == NULL ? "" : ": ", mode_of(plan->mode)->name,
                  target_write_url(results->target, url));
    (void)fprintf(
        output, "  %s; %s client certificate%s; the server's certificate is %schecked\n",
        results->description[0] == '\0' ? "no handshake succeeded" : results->description,
        results->identity_count == 0 ? "no" : quantity_write_count(results->identity_count, count),
        results->identity_count > 1 ? "s" : "", plan->server_ca == NULL ? "not " : "");
    (void)fprintf(output, "  connections: %llu, threads: %llu, ",
                  (unsigned long long)plan->connection_count,
                  (unsigned long long)plan->thread_count);
    if (plan->rate > 0) {
        (void)fprintf(output, "open loop at %s /s", quantity_write_count(plan->rate, count));
    } else {
        (void)fputs("closed loop", output);
    }
    (void)fprintf(output, ", %s measured%s\n\n",
                  quantity_write_duration((double)results->elapsed_ns, time),
                  results->was_interrupted ? " (interrupted)" : "");
}

static void print_counts(FILE *output, const struct results *results)
{
    const struct tally *tally = results->tally;
    char count[QUANTITY_SIZE];
    (void)fprintf(output, "  %-36s %s\n", mode_of(results->plan->mode)->unit,
                  quantity_write_count(tally->operations, count));
    if (tally->late > 0) {
        (void)fprintf(output, "  %-36s %s\n", "that ended after the run's end",
                      quantity_write_count(tally->late, count));
    }
    if (tally->waiting > 0) {
        (void)fprintf(output, "  %-36s %s\n", "under way at the end, the longest",
                      quantity_write_count(tally->waiting, count));
    }
    (void)fprintf(output, "  %-36s %s", "TLS handshakes, full",
                  quantity_write_count(tally->handshakes_full, count));
    (void)fprintf(output, "; resumed %s\n", quantity_write_count(tally->handshakes_resumed, count));
    if (mode_of(results->plan->mode)->holds) {
        (void)fprintf(output, "  %-36s %s\n", "open at the end",
                      quantity_write_count(results->held_count, count));
    }
}

static void print_measures(FILE *output, const struct results *results)
{
    for (size_t i = 0; i < results_measure_count; i++) {
        char memory[32];
        double value = results_measures[i].value(results);
        if (!isnan(value)) {
            (void)fprintf(output, "  %-36s %s\n", results_measures[i].label,
                          results_write(&results_measures[i], value, memory));
        }
    }
}

static void print_faults(FILE *output, const struct tally *tally)
{
    for (int i = 1; i < FAULT_COUNT; i++) {
        char count[QUANTITY_SIZE];
        if (tally->faults[i] == 0) {
            continue;
        }
        (void)fprintf(output, "    %-18s %10s  %s", fault_word((enum fault)i),
                      quantity_write_count(tally->faults[i], count), fault_text((enum fault)i));
        if (tally->examples[i][0] != '\0') {
            (void)fputs(" (", output);
            print_plain(output, tally->examples[i]);
            (void)fputc(')', output);
        }
        (void)fputc('\n', output);
    }
}

static void print_short_storm(FILE *output, const struct results *results)
{
    char found[QUANTITY_SIZE];
    char wanted[QUANTITY_SIZE];
    uint64_t rate = (uint64_t)results_storm_rate(results);
    (void)fprintf(output,
                  "\nthe storm fell short: %s %s a second, not %s, so that the latency is "
                  "that of a lesser\nstorm. The server, or the CPU time that the traffic leaves to "
                  "the storm's threads, allows no more.\n",
                  quantity_write_count(rate, found), text_noun(rate, "handshake", "handshakes"),
                  quantity_write_count(results->plan->storm_rate, wanted));
}

static void print_notes(FILE *output, const struct results *results)
{
    if (results->tally->operations == 0) {
        (void)fputs("\nno operation succeeded\n", output);
    }
    if (results->server_ended) {
        (void)fputs("\na process of --server-pid has ended: nothing is said of the server\n",
                    output);
    }
    if (results_client_was_limit(results)) {
        (void)fputs(
            "\nthe client was the limit: a thread of it was busy all the time, so that rate "
            "and latency are its\nown; CPU time of the server holds. Give it more CPUs and "
            "threads (-t), or a lower --rate.\n",
            output);
    }
    if (results_storm_fell_short(results)) {
        print_short_storm(output, results);
    }
    for (size_t i = 0; i < results->limit_count; i++) {
        const struct limit_verdict *limit = &results->limits[i];
        (void)fprintf(output, "%s--%s %s: %s\n", i == 0 ? "\n" : "", limit->option,
                      limit->is_kept ? "kept" : "MISSED", limit->text);
    }
}

void report_text(FILE *output, const struct results *results)
{
    print_what(output, results);
    print_counts(output, results);
    print_measures(output, results);
    print_faults(output, results->tally);
    print_notes(output, results);
}
