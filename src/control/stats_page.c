/*
 * The page as tables. Called by stats_paths.c. A cell with data-figure is kept up to date by the
 * script from the member of /stats that it names; the bodies with an id are filled anew by it.
 */
#include "stats_page.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"

#include "stats_backends.h"

#define SECONDS_OF_DAY 86400
#define DAYS_BAD       7
#define DAYS_WARNING   30
#define NONCE_BYTES    16

/* The bytes of a file, from the top of the project, and a NUL behind them. */
#define EMBED(name, path)                                                                      \
    __asm__(".pushsection .rodata\n" #name ":\n.incbin \"" path "\"\n.byte 0\n.popsection\n"); \
    extern const char name[]

EMBED(stats_page_style, "src/control/page/style.css");
EMBED(stats_page_script, "src/control/page/script.js");

struct result stats_page_make_nonce(char ret_nonce[STATS_PAGE_NONCE_SIZE])
{
    uint8_t random[NONCE_BYTES];
    TRY(random_fill(random, sizeof(random)));
    struct text text = text_over(ret_nonce, STATS_PAGE_NONCE_SIZE);
    text_append_base64(&text, bytes_from(random, sizeof(random)));
    (void)text_terminate(&text);
    return RESULT_OK;
}

void stats_page_print_policy(const char *nonce, FILE *output)
{
    (void)fprintf(output,
                  "Content-Security-Policy: default-src 'none'; style-src 'nonce-%s'; script-src "
                  "'nonce-%s'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types\r\n"
                  "Referrer-Policy: no-referrer\r\n",
                  nonce, nonce);
}

/* Names of files and sections hold anything. Bytes beyond ASCII go as they are: a browser makes
 * U+FFFD of what is no UTF-8, and nothing that matters here begins with one. */
static void print_escaped(FILE *output, const char *text)
{
    static const char *const entities[] = {
        ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&#39;"};
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < sizeof(entities) / sizeof(entities[0]) && entities[byte] != NULL) {
            (void)fputs(entities[byte], output);
        } else {
            (void)fputc(byte < ' ' || byte == 0x7F ? '?' : byte, output);
        }
    }
}

static void open_card(FILE *output, const char *title)
{
    (void)fprintf(output, "<section class=\"card\"><h2>%s</h2>\n<table>", title);
}

static void close_card(FILE *output)
{
    (void)fputs("</table></section>\n", output);
}

/* A figure of a list: member is the object of /stats that has it, word its name there. */
static void print_figure(FILE *output, const char *member, const char *word, const char *help,
                         uint64_t value)
{
    (void)fprintf(output,
                  "<tr><th scope=\"row\">%s</th><td class=\"number\" data-figure=\"%s.%s\">%llu"
                  "</td></tr>\n",
                  help, member, word, (unsigned long long)value);
}

static void print_head(const struct stats_figures *figures, const char *nonce, FILE *output)
{
    const char *phase = stats_figures_phase_word(figures->phase);
    (void)fprintf(
        output,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Sallyport: %s</title>\n<style nonce=\"%s\">\n%s</style>\n</head>\n<body>\n",
        phase, nonce, stats_page_style);
    (void)fprintf(output,
                  "<header><h1>Sallyport <small>%s</small></h1>\n<p><span id=\"state\" "
                  "class=\"state %s\">%s</span></p>\n",
                  stats_figures_version(), phase, phase);
    (void)fprintf(output,
                  "<p>up <span data-figure=\"uptime_seconds\" data-text=\"age\">%.0f s</span></p>\n"
                  "<p>%zu %s</p>\n<p>memory <span data-figure=\"program.resident_bytes\" "
                  "data-text=\"size\">%llu MiB</span></p>\n</header>\n"
                  "<p id=\"notice\" role=\"status\" hidden></p>\n"
                  "<div id=\"charts\" hidden></div>\n<main>\n",
                  (double)clock_wall_microseconds() / 1e6 - figures->program.start_seconds,
                  figures->worker_count, text_noun(figures->worker_count, "worker", "workers"),
                  (unsigned long long)figures->program.resident_bytes >> 20);
}

static void print_traffic(const struct stats_figures *figures, FILE *output)
{
    static const enum counter shown[] = {COUNTER_CONNECTIONS_ACCEPTED,
                                         COUNTER_HANDSHAKES_COMPLETED,
                                         COUNTER_HANDSHAKES_RESUMED,
                                         COUNTER_HANDSHAKES_FAILED,
                                         COUNTER_REQUESTS,
                                         COUNTER_ANSWERS_2XX,
                                         COUNTER_ANSWERS_3XX,
                                         COUNTER_ANSWERS_4XX,
                                         COUNTER_ANSWERS_5XX,
                                         COUNTER_REQUESTS_UNANSWERED};
    const struct counters *counters = &figures->counters;
    open_card(output, "Traffic");
    (void)fputs("<tbody>\n", output);
    for (enum gauge i = 0; i < GAUGE_COUNT; i++) {
        print_figure(output, "gauges", counters_gauge_word(i), counters_gauge_help(i),
                     stats_figures_read(&counters->gauges[i]));
    }
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        print_figure(output, "counters", counters_word(shown[i]), counters_help(shown[i]),
                     stats_figures_read(&counters->values[shown[i]]));
    }
    (void)fputs("</tbody>", output);
    close_card(output);
}

static void print_refusals(const struct stats_figures *figures, FILE *output)
{
    bool is_any = false;
    open_card(output, "Clients refused, by reason");
    (void)fputs("<tbody id=\"refusals\">\n", output);
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        uint64_t count = stats_figures_read(&figures->counters.verdicts[i]);
        if (i != VERDICT_SUCCESS && count > 0) {
            is_any = true;
            (void)fprintf(output,
                          "<tr><th scope=\"row\">%s</th><td class=\"number\">%llu</td></tr>\n",
                          verdict_word(i), (unsigned long long)count);
        }
    }
    (void)fputs(is_any ? "</tbody>" : "<tr><td class=\"faint\">nobody so far</td></tr>\n</tbody>",
                output);
    close_card(output);
}

static void print_time_cell(FILE *output, const char *word, const char *member, uint64_t time_ns)
{
    (void)fprintf(output,
                  "<td class=\"number\" data-figure=\"timings.%s.%s\" data-text=\"time\">%.3f ms"
                  "</td>",
                  word, member, (double)time_ns / 1e6);
}

static void print_times(const struct stats_figures *figures, FILE *output)
{
    open_card(output, "Times since the start");
    (void)fputs("<thead><tr><th></th><th class=\"number\">p50</th>"
                "<th class=\"number\">p99</th></tr></thead>\n"
                "<tbody>\n",
                output);
    for (enum timing i = 0; i < TIMING_COUNT; i++) {
        const struct histogram *timing = &figures->counters.timings[i];
        const char *word = counters_timing_word(i);
        (void)fprintf(output, "<tr><th scope=\"row\">%s</th>", word);
        print_time_cell(output, word, "p50_seconds", histogram_quantile_ns(timing, 500));
        print_time_cell(output, word, "p99_seconds", histogram_quantile_ns(timing, 990));
        (void)fputs("</tr>\n", output);
    }
    (void)fputs("</tbody>", output);
    close_card(output);
}

static void print_expiry(const struct stats_expiry *expiry, FILE *output)
{
    int64_t days = (expiry->not_after_seconds - clock_wall_seconds()) / SECONDS_OF_DAY;
    const char *kind = days < DAYS_BAD ? "bad" : days < DAYS_WARNING ? "warning" : "good";
    (void)fprintf(output, "<tr><th scope=\"row\">%s</th><td>", expiry->role);
    print_escaped(output, expiry->path);
    (void)fprintf(output, "</td><td class=\"number %s\">%lld %s</td></tr>\n", kind, (long long)days,
                  text_noun((uint64_t)days, "day", "days"));
}

static void print_certificates(const struct stats_figures *figures, FILE *output)
{
    open_card(output, "Certificates, by the days that are left");
    (void)fputs("<tbody id=\"certificates\">\n", output);
    for (size_t i = 0; figures->catalogue != NULL && i < figures->catalogue->expiry_count; i++) {
        if (figures->catalogue->expiries[i].not_after_seconds != INT64_MAX) {
            print_expiry(&figures->catalogue->expiries[i], output);
        }
    }
    (void)fputs("</tbody>", output);
    close_card(output);
}

static void print_server(void *owner, const struct backend_view *view)
{
    FILE *output = owner;
    (void)fputs("<tr><th scope=\"row\">", output);
    print_escaped(output, view->backend);
    (void)fputs("</th><td>", output);
    print_escaped(output, view->server);
    (void)fprintf(output, "</td><td class=\"number %s\">%s</td></tr>\n",
                  view->is_up ? "good" : "bad", view->state);
}

static void print_backends(const struct stats_figures *figures, FILE *output)
{
    open_card(output, "Backends");
    (void)fputs("<tbody id=\"backends\">\n", output);
    stats_backends_visit(figures, print_server, output);
    (void)fputs("</tbody>", output);
    close_card(output);
}

#define OCSP_ROW(name, word, help) [name] = {word, help},

static void print_ocsp(const struct stats_figures *figures, FILE *output)
{
    static const struct {
        const char *word;
        const char *help;
    } rows[] = {OCSP_COUNTER_LIST(OCSP_ROW)};
    open_card(output, "OCSP");
    (void)fputs("<tbody>\n", output);
    for (size_t i = 0; i < OCSP_COUNTER_COUNT; i++) {
        print_figure(output, "ocsp", rows[i].word, rows[i].help, figures->ocsp[i]);
    }
    print_figure(output, "ocsp_cache", "entries", "certificates in the cache",
                 figures->ocsp_cache_usage.entry_count);
    (void)fputs("</tbody>", output);
    close_card(output);
}

/* The row with the error is always there: the script fills it in when a later reload fails. */
static void print_reload_error(const struct stats_reloads *reloads, FILE *output)
{
    const struct reload_failure *failure = &reloads->latest_failure;
    (void)fprintf(output,
                  "<tr id=\"reload-failure\"%s><th scope=\"row\">why</th>"
                  "<td id=\"reload-error\">",
                  reloads->was_latest_good ? " hidden" : "");
    print_escaped(output, failure->first_error);
    if (failure->further_count > 0) {
        (void)fprintf(output, " (and %llu more)", (unsigned long long)failure->further_count);
    }
    (void)fputs("</td></tr>\n", output);
}

static void print_configuration(const struct stats_figures *figures, FILE *output)
{
    const struct stats_reloads *reloads = &figures->reloads;
    open_card(output, "Configuration and logs");
    (void)fprintf(output,
                  "<tbody>\n<tr><th scope=\"row\">configuration</th><td id=\"reload\" "
                  "class=\"%s\">%s</td></tr>\n",
                  reloads->was_latest_good ? "" : "bad",
                  reloads->was_latest_good ? "as it was read latest"
                                           : "the latest reload failed; the one before is in use");
    print_reload_error(reloads, output);
    print_figure(output, "config", "reloads_good", "reloads", reloads->good_count);
    print_figure(output, "config", "reloads_bad", "reloads that failed", reloads->bad_count);
    print_figure(output, "log", "dropped_lines", "lines of the access log dropped",
                 figures->log_lost_lines[LOG_ACCESS]);
    print_figure(output, "error_log", "dropped_lines", "lines of the error log dropped",
                 figures->log_lost_lines[LOG_ERROR]);
    (void)fputs("</tbody>", output);
    close_card(output);
}

void stats_page_print(const struct stats_figures *figures, const char *nonce, FILE *output)
{
    static void (*const cards[])(const struct stats_figures *figures, FILE *output) = {
        print_refusals, print_backends, print_certificates, print_traffic,
        print_times,    print_ocsp,     print_configuration};
    print_head(figures, nonce, output);
    for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
        cards[i](figures, output);
    }
    (void)fprintf(output,
                  "</main>\n<footer>More: <a href=\"help\">what can be asked</a>, "
                  "<a href=\"metrics\">metrics</a>, <a href=\"stats\">all figures</a>, "
                  "<a href=\"certificates\">certificates</a>, <a href=\"profiles\">profiles</a>"
                  "<noscript>; without scripts: as of this moment</noscript></footer>\n"
                  "<script nonce=\"%s\">\n%s</script>\n</body>\n</html>\n",
                  nonce, stats_page_script);
}
