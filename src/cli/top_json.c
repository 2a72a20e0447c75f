/* One look as JSON, in ASCII alone. Called by command_top.c. */
#include "top_json.h"

#include <math.h>

#include "json_member.h"
#include "top_section.h"

/* A member that is not the first one: , "name": value. What is not known is null. */
static void print_number(FILE *output, const char *name, double number)
{
    if (isfinite(number)) {
        (void)fprintf(output, ", \"%s\": %.12g", name, number);
    } else {
        (void)fprintf(output, ", \"%s\": null", name);
    }
}

/* clang-format off */
static const struct {
    const char *name;
    enum gateway_number number;
} levels[] = {
    {"time_seconds",        GATEWAY_TIME_SECONDS},
    {"uptime_seconds",      GATEWAY_UPTIME_SECONDS},
    {"workers",             GATEWAY_WORKERS},
    {"resident_bytes",      GATEWAY_RESIDENT_BYTES},
    {"clients",             GATEWAY_CLIENTS_OPEN},
    {"requests_open",       GATEWAY_REQUESTS_OPEN},
    {"backend_connections", GATEWAY_BACKENDS_OPEN},
    {"log_dropped_lines",   GATEWAY_LOG_DROPPED},
}, rates[] = {
    {"requests",                 GATEWAY_REQUESTS},
    {"answers_2xx",              GATEWAY_ANSWERS_2XX},
    {"answers_3xx",              GATEWAY_ANSWERS_3XX},
    {"answers_4xx",              GATEWAY_ANSWERS_4XX},
    {"answers_5xx",              GATEWAY_ANSWERS_5XX},
    {"requests_unanswered",      GATEWAY_UNANSWERED},
    {"handshakes_failed",        GATEWAY_HANDSHAKES_FAILED},
    {"backend_connect_failures", GATEWAY_CONNECT_FAILURES},
    {"received_bytes",           GATEWAY_BYTES_RECEIVED},
    {"sent_bytes",               GATEWAY_BYTES_SENT},
    {"cpu_seconds",              GATEWAY_CPU_SECONDS},
    {"ocsp_asked",               GATEWAY_OCSP_ASKED},
    {"ocsp_fetches",             GATEWAY_OCSP_FETCHES},
}, ocsp[] = {
    {"good",    GATEWAY_OCSP_GOOD},
    {"revoked", GATEWAY_OCSP_REVOKED},
    {"unknown", GATEWAY_OCSP_UNKNOWN},
    {"failed",  GATEWAY_OCSP_FAILED},
};

static const char *const timing_names[GATEWAY_TIMING_COUNT] = {
    [GATEWAY_HANDSHAKE_FULL]    = "handshakes_full",
    [GATEWAY_HANDSHAKE_RESUMED] = "handshakes_resumed",
    [GATEWAY_JUDGING]           = "judged",
    [GATEWAY_REQUEST]           = "requests",
    [GATEWAY_BACKEND]           = "backend_answers",
};
/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void print_head(FILE *output, const struct top_view *view)
{
    (void)fputs("{\"version\": ", output);
    json_member_print_string(output, bytes_from_string(view->latest->version));
    json_member_print_text(output, "state", view->latest->state);
    print_number(output, "interval_seconds",
                 view->interval.seconds > 0 ? view->interval.seconds : NAN);
    for (size_t i = 0; i < COUNT(levels); i++) {
        print_number(output, levels[i].name, view->latest->numbers[levels[i].number]);
    }
}

static void print_rates(FILE *output, const struct top_view *view)
{
    const struct gateway_interval *interval = &view->interval;
    (void)fputs(", \"per_second\": {", output);
    for (size_t i = 0; i < COUNT(rates); i++) {
        (void)fprintf(output, "%s\"%s\": %.6g", i == 0 ? "" : ", ", rates[i].name,
                      interval->numbers[rates[i].number]);
    }
    (void)fputs("}, \"timings\": {", output);
    for (size_t i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        (void)fprintf(output, "%s\"%s\": {\"per_second\": %.6g", i == 0 ? "" : ", ",
                      timing_names[i], interval->timings[i]);
        print_number(output, "p50_seconds", interval->p50_seconds[i]);
        print_number(output, "p99_seconds", interval->p99_seconds[i]);
        (void)fputc('}', output);
    }
    (void)fputc('}', output);
}

static void print_refusals(FILE *output, const struct top_view *view)
{
    struct top_refusal refusals[GATEWAY_FIGURES_WORDS_MAX];
    size_t count = top_section_refusals(view, refusals);
    (void)fputs(", \"refusals\": [", output);
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i == 0 ? "{\"reason\": " : ", {\"reason\": ", output);
        json_member_print_string(output, bytes_from_string(refusals[i].reason));
        (void)fprintf(output, ", \"per_second\": %.6g, \"total\": %.0f}", refusals[i].rate,
                      refusals[i].total);
    }
    (void)fputc(']', output);
}

static void print_servers(FILE *output, const struct gateway_figures *latest)
{
    (void)fputs(", \"backends\": [", output);
    for (size_t i = 0; i < gateway_figures_server_count(latest); i++) {
        const struct gateway_server *server = &latest->servers[i];
        (void)fputs(i == 0 ? "{\"name\": " : ", {\"name\": ", output);
        json_member_print_string(output, bytes_from_string(server->backend));
        json_member_print_text(output, "server", server->address);
        json_member_print_text(output, "state", server->state[0] == '\0' ? NULL : server->state);
        (void)fputc('}', output);
    }
    (void)fputc(']', output);
}

static void print_certificates(FILE *output, const struct gateway_figures *latest)
{
    (void)fputs(", \"certificates\": [", output);
    for (size_t i = 0; i < gateway_figures_certificate_count(latest); i++) {
        const struct gateway_certificate *certificate = &latest->certificates[i];
        (void)fputs(i == 0 ? "{\"role\": " : ", {\"role\": ", output);
        json_member_print_string(output, bytes_from_string(certificate->role));
        json_member_print_text(output, "path", certificate->path);
        print_number(output, "not_after_seconds", certificate->not_after_seconds);
        (void)fputc('}', output);
    }
    (void)fputc(']', output);
}

static void print_ends(FILE *output, const struct gateway_figures *latest)
{
    (void)fprintf(output, ", \"ocsp\": {\"entries\": %.0f", latest->numbers[GATEWAY_OCSP_ENTRIES]);
    for (size_t i = 0; i < COUNT(ocsp); i++) {
        print_number(output, ocsp[i].name, latest->numbers[ocsp[i].number]);
    }
    (void)fprintf(output, "}, \"reload\": {\"successful\": %s",
                  latest->was_reload_good ? "true" : "false");
    print_number(output, "time_seconds", latest->numbers[GATEWAY_RELOAD_SECONDS]);
    print_number(output, "good", latest->numbers[GATEWAY_RELOADS_GOOD]);
    print_number(output, "bad", latest->numbers[GATEWAY_RELOADS_BAD]);
    json_member_print_text(output, "error",
                           latest->reload_error[0] == '\0' ? NULL : latest->reload_error);
    print_number(output, "further_errors", latest->numbers[GATEWAY_RELOAD_FURTHER]);
    (void)fputs("}}\n", output);
}

void top_json_print(FILE *output, const struct top_view *view)
{
    print_head(output, view);
    print_rates(output, view);
    print_refusals(output, view);
    print_servers(output, view->latest);
    print_certificates(output, view->latest);
    print_ends(output, view->latest);
}
