/* A page of one run, in one file that needs no other. Called by main(). */
#include <math.h>
#include <time.h>

#include "base/text.h"
#include "base/utf8.h"
#include "mode.h"
#include "quantity.h"
#include "report.h"
#include "results.h"
#include "target.h"

static const char *const head =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" "
    "content=\"width=device-width\">\n<title>sallyport-load</title>\n<style>\n"
    ":root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #d0d7de; --line: "
    "#0b62c4; --bar: #f0b37e; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: "
    "#30363d; --line: #58a6ff; "
    "--bar: #7a4a1e; } }\n"
    "body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); "
    "max-width: 900px; "
    "margin: 2em auto; padding: 0 1em; }\n"
    "table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .2em "
    ".6em; "
    "border-bottom: 1px solid var(--soft); } td + td { font-variant-numeric: tabular-nums; }\n"
    "svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, "
    "sans-serif; }\n"
    ".grid { stroke: var(--soft); } .line { fill: none; stroke: var(--line); stroke-width: 2; } "
    ".bar { fill: var(--bar); }\n"
    ".left { text-anchor: end; } .below { text-anchor: middle; } .bad { color: #c62828; "
    "font-weight: 600; }\n"
    "</style>\n</head>\n<body>\n";

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static const char *entity_of(uint8_t byte)
{
    static const struct {
        uint8_t byte;
        const char *entity;
    } entities[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (entities[i].byte == byte) {
            return entities[i].entity;
        }
    }
    return NULL;
}

void report_html_escaped(FILE *output, const char *text)
{
    struct bytes left = bytes_from_string(text);
    while (left.length > 0) {
        size_t length = utf8_visible_length(left);
        const char *instead = length == 0 ? REPLACEMENT : entity_of(left.at[0]);
        if (instead != NULL) {
            (void)fputs(instead, output);
        } else {
            (void)fwrite(left.at, 1, length, output);
        }
        left = bytes_slice(left, length == 0 ? 1 : length, left.length);
    }
}

static void print_title(FILE *output, const struct results *results)
{
    const struct plan *plan = results->plan;
    char when[64];
    char url[TARGET_URL_SIZE];
    struct tm broken;
    time_t started_at = results->started_at;
    (void)gmtime_r(&started_at, &broken);
    (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &broken);
    (void)fputs("<h1>", output);
    report_html_escaped(output, plan->label == NULL ? mode_of(plan->mode)->name : plan->label);
    (void)fputs("</h1>\n<p>", output);
    report_html_escaped(output, mode_of(plan->mode)->name);
    (void)fputc(' ', output);
    report_html_escaped(output, target_write_url(results->target, url));
    (void)fputs("<br>", output);
    report_html_escaped(output, results->description);
    (void)fprintf(
        output, "<br>%llu %s, %llu %s, %s%s; %s</p>\n", (unsigned long long)plan->connection_count,
        text_noun(plan->connection_count, "connection", "connections"),
        (unsigned long long)plan->thread_count, text_noun(plan->thread_count, "thread", "threads"),
        plan->rate > 0 ? "open loop" : "closed loop",
        results->was_interrupted ? ", interrupted" : "", when);
}

static void print_notes(FILE *output, const struct results *results)
{
    if (results->server_ended) {
        (void)fputs("<p class=\"bad\">A process of --server-pid has ended: nothing is said of the "
                    "server.</p>\n",
                    output);
    }
    if (results_client_was_limit(results)) {
        (void)fputs(
            "<p class=\"bad\">The client was the limit: rate and latency are its own.</p>\n",
            output);
    }
    if (results_storm_fell_short(results)) {
        (void)fputs("<p class=\"bad\">The storm fell short of its rate: the latency is that of a "
                    "lesser one.</p>\n",
                    output);
    }
    for (size_t i = 0; i < results->limit_count; i++) {
        const struct limit_verdict *limit = &results->limits[i];
        (void)fprintf(output, "<p%s>--%s %s: ", limit->is_kept ? "" : " class=\"bad\"",
                      limit->option, limit->is_kept ? "kept" : "missed");
        report_html_escaped(output, limit->text);
        (void)fputs("</p>\n", output);
    }
}

static void print_measures(FILE *output, const struct results *results)
{
    (void)fputs("<table>\n", output);
    for (size_t i = 0; i < results_measure_count; i++) {
        char memory[32];
        double value = results_measures[i].value(results);
        if (!isnan(value)) {
            (void)fprintf(output, "<tr><td>%s</td><td>%s</td></tr>\n", results_measures[i].label,
                          results_write(&results_measures[i], value, memory));
        }
    }
    (void)fputs("</table>\n", output);
}

static void print_faults(FILE *output, const struct tally *tally)
{
    if (tally_errors(tally) == 0) {
        return;
    }
    (void)fputs("<h2>Errors</h2>\n<table>\n", output);
    for (int i = 1; i < FAULT_COUNT; i++) {
        char count[QUANTITY_SIZE];
        if (tally->faults[i] > 0) {
            (void)fprintf(output, "<tr><td>%s</td><td>%s</td><td>%s; ", fault_word((enum fault)i),
                          quantity_write_count(tally->faults[i], count), fault_text((enum fault)i));
            report_html_escaped(output, tally->examples[i]);
            (void)fputs("</td></tr>\n", output);
        }
    }
    (void)fputs("</table>\n", output);
}

void report_html(FILE *output, const struct results *results)
{
    (void)fputs(head, output);
    print_title(output, results);
    print_notes(output, results);
    print_measures(output, results);
    print_faults(output, results->tally);
    if (results->tally->latency.count > 0) {
        (void)fputs("<h2>Latency by percentile</h2>\n", output);
        report_svg_percentiles(output, results);
        (void)fputs("<h2>Course of the run</h2>\n<p>Line: operations a second. Bars: the slowest "
                    "operation of the time, as a part of the longest of all.</p>\n",
                    output);
        report_svg_course(output, results);
    }
    (void)fputs("</body>\n</html>\n", output);
}
