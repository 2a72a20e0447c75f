/* The table of paths. To add one: a row, and a function that prints. */
#include "stats_paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/visible_text.h"
#include "http/answer.h"
#include "stats_backends.h"
#include "stats_metrics.h"
#include "stats_report.h"

static const char plain[] = "text/plain; charset=utf-8";
static const char html[] = "text/html; charset=utf-8";
static const char json[] = "application/json";
static const char prometheus[] = "text/plain; version=0.0.4; charset=utf-8";

static void print_health(const struct stats_figures *figures, FILE *output)
{
    (void)figures;
    (void)fputs("ok\n", output);
}

static void print_readiness(const struct stats_figures *figures, FILE *output)
{
    (void)fprintf(output, "%s\n", stats_figures_phase_word(figures->phase));
}

static void print_paths(const struct stats_figures *figures, FILE *output);

/* clang-format off */
static const struct path {
    const char *path;
    bool is_change; /* POST, with the right to; else GET */
    bool wants_readiness; /* 503 unless clients are let in */
    enum stats_action action;
    const char *content_type;
    void (*print)(const struct stats_figures *figures, FILE *output);
    const char *help;
} paths[] = {
    {"/metrics",      false, false, STATS_NO_ACTION, prometheus, stats_metrics_print,             "metrics for Prometheus"},
    {"/stats",        false, false, STATS_NO_ACTION, json,       stats_report_print_stats,        "all figures"},
    {"/status",       false, false, STATS_NO_ACTION, plain,      stats_report_print_status,       "the same for people"},
    {"/",             false, false, STATS_NO_ACTION, html,       NULL,                            "the same as a page with charts, for browsers"},
    {"/profiles",     false, false, STATS_NO_ACTION, json,       stats_report_print_profiles,     "SSL profiles and their verdicts"},
    {"/certificates", false, false, STATS_NO_ACTION, json,       stats_report_print_certificates, "certificates in use"},
    {"/backends",     false, false, STATS_NO_ACTION, json,       stats_backends_print_json,       "servers of the backends and their health"},
    {"/servers",      false, false, STATS_NO_ACTION, plain,      stats_backends_print_status,     "the same for people"},
    {"/healthz",      false, false, STATS_NO_ACTION, plain,      print_health,                    "200 while the program lives"},
    {"/readyz",       false, true,  STATS_NO_ACTION, plain,      print_readiness,                 "200 while clients are let in, else 503"},
    {"/reload",       true,  false, STATS_RELOAD,    plain,      NULL,                            "reads the configuration anew; 422: it cannot be used, 500: the gateway failed"},
    {"/backends/disable", true, false, STATS_DISABLE, plain,     NULL,                            "?BACKEND[/SERVER]: gives it no new requests"},
    {"/backends/enable",  true, false, STATS_ENABLE,  plain,     NULL,                            "?BACKEND[/SERVER]: gives it requests again"},
    {"/drain",        true,  false, STATS_DRAIN,     plain,      NULL,                            "lets no client in any more, ends when the last has gone"},
    {"/stop",         true,  false, STATS_STOP,      plain,      NULL,                            "ends at once"},
    {"/help",         false, false, STATS_NO_ACTION, plain,      print_paths,                     "this list"},
};
/* clang-format on */

#define PATH_COUNT (sizeof(paths) / sizeof(paths[0]))

static void print_paths(const struct stats_figures *figures, FILE *output)
{
    (void)figures;
    for (size_t i = 0; i < PATH_COUNT; i++) {
        (void)fprintf(output, "%-4s %-17s %s\n", paths[i].is_change ? "POST" : "GET", paths[i].path,
                      paths[i].help);
    }
}

void stats_paths_each(stats_paths_callback each, void *owner)
{
    for (size_t i = 0; i < PATH_COUNT; i++) {
        each(owner, paths[i].is_change ? "POST" : "GET", paths[i].path, paths[i].help);
    }
}

static const struct path *find_path(struct bytes wanted)
{
    for (size_t i = 0; i < PATH_COUNT; i++) {
        if (bytes_equal(wanted, bytes_from_string(paths[i].path))) {
            return &paths[i];
        }
    }
    return NULL;
}

/* Two hexadecimal digits, or -1. */
static int escaped_byte(struct bytes digits)
{
    int value = 0;
    for (size_t i = 0; i < 2; i++) {
        static const char hex[] = "0123456789abcdef0123456789ABCDEF";
        const char *found =
            i < digits.length && digits.at[i] != '\0' ? strchr(hex, digits.at[i]) : NULL;
        if (found == NULL) {
            return -1;
        }
        value = value * 16 + (int)((found - hex) % 16);
    }
    return value;
}

void stats_paths_operand(struct bytes query, struct text *operand)
{
    for (size_t i = 0; i < query.length; i++) {
        int byte = query.at[i] == '%' ? escaped_byte(bytes_slice(query, i + 1, 2)) : -1;
        text_append_char(operand, byte < 0 ? (char)query.at[i] : (char)byte);
        i += byte < 0 ? 0 : 2;
    }
}

/* A name of another's that leads here (DNS rebinding) would let web pages read us. */
static bool is_loopback_name(struct bytes host)
{
    static const char *const names[] = {"localhost", "::1"};
    bool is_ours = bytes_equal(bytes_slice(host, 0, 4), BYTES_OF("127."));
    for (size_t i = 0; is_ours && i < host.length; i++) {
        is_ours = (host.at[i] >= '0' && host.at[i] <= '9') || host.at[i] == '.';
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        is_ours |= bytes_equal(host, bytes_from_string(names[i]));
    }
    return is_ours;
}

/* NULL: nothing forbids it. */
static const char *refusal_of(const struct stats_question *question, const struct path *path)
{
    if (question->is_over_network && !is_loopback_name(question->host)) {
        return "the Host field names neither localhost nor an address of loopback\n";
    }
    if (question->rights == STATS_MAY_NOTHING) {
        return "to read, be root, the owner of the socket, or in its group\n";
    }
    if (path != NULL && path->is_change && question->is_over_network) {
        return "changes are made over the UNIX socket only: nobody knows who this is\n";
    }
    if (path != NULL && path->is_change && question->rights != STATS_MAY_CHANGE) {
        return "to change anything, be root or the owner of the socket\n";
    }
    return NULL;
}

void stats_paths_refuse(uint16_t status, const char *text, FILE *output,
                        struct stats_reply *ret_reply)
{
    *ret_reply = (struct stats_reply){.status = status, .content_type = plain};
    (void)fputs(text, output);
}

static void reply_page(const struct stats_figures *figures, FILE *output,
                       struct stats_reply *ret_reply)
{
    char nonce[STATS_PAGE_NONCE_SIZE];
    if (!result_is_ok(stats_page_make_nonce(nonce))) {
        stats_paths_refuse(503, "no random bytes\n", output, ret_reply);
        return;
    }
    memcpy(ret_reply->nonce, nonce, sizeof(nonce));
    stats_page_print(figures, nonce, output);
}

static bool is_method_right(enum http_method method, const struct path *path)
{
    return path->is_change ? method == HTTP_METHOD_POST
                           : method == HTTP_METHOD_GET || method == HTTP_METHOD_HEAD;
}

void stats_paths_reply(const struct stats_question *question, const struct stats_figures *figures,
                       FILE *output, struct stats_reply *ret_reply)
{
    const struct path *path = find_path(question->path);
    const char *refusal = refusal_of(question, path);
    if (refusal != NULL) {
        stats_paths_refuse(403, refusal, output, ret_reply);
    } else if (path == NULL) {
        stats_paths_refuse(404, "there are\n", output, ret_reply);
        print_paths(figures, output);
    } else if (!is_method_right(question->method, path)) {
        stats_paths_refuse(405, "this path is asked for by another method\n", output, ret_reply);
        ret_reply->allow = path->is_change ? "POST" : "GET, HEAD";
    } else {
        bool is_unready = path->wants_readiness && figures->phase != STATS_READY;
        *ret_reply = (struct stats_reply){.status = is_unready ? 503 : 200,
                                          .content_type = path->content_type,
                                          .action = path->action};
        if (path->print != NULL) {
            path->print(figures, output);
        } else if (path->content_type == html) {
            reply_page(figures, output, ret_reply);
        }
    }
    ret_reply->without_body = question->method == HTTP_METHOD_HEAD;
}

/* What answer_reason() does not know. */
static const char *reason_of(uint16_t status)
{
    static const struct {
        uint16_t status;
        const char *reason;
    } reasons[] = {
        {200, "OK"}, {403, "Forbidden"}, {404, "Not Found"}, {422, "Unprocessable Content"}};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return NULL;
}

static struct result assemble(const struct stats_reply *reply, struct bytes body, char **ret_answer,
                              size_t *ret_length)
{
    FILE *output = open_memstream(ret_answer, ret_length);
    if (output == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    const char *known = reason_of(reply->status);
    struct bytes reason = known != NULL ? bytes_from_string(known) : answer_reason(reply->status);
    (void)fprintf(output, "HTTP/1.1 %u %.*s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n",
                  reply->status, (int)reason.length, (const char *)reason.at, reply->content_type,
                  body.length);
    if (reply->allow != NULL) {
        (void)fprintf(output, "Allow: %s\r\n", reply->allow);
    }
    if (reply->nonce[0] != '\0') {
        stats_page_print_policy(reply->nonce, output);
    }
    (void)fputs("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                "Connection: close\r\n\r\n",
                output);
    if (!reply->without_body) {
        (void)fwrite(body.at, 1, body.length, output);
    }
    return fclose(output) == 0 ? RESULT_OK : result_failure(ERROR_OUT_OF_MEMORY);
}

/* The memory is the caller's, also of a failure. */
static struct result make_visible(struct bytes text, char **ret_text, size_t *ret_length)
{
    FILE *output = open_memstream(ret_text, ret_length);
    if (output == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    visible_text_print_lines(output, text);
    return fclose(output) == 0 ? RESULT_OK : result_failure(ERROR_OUT_OF_MEMORY);
}

struct result stats_paths_assemble(const struct stats_reply *reply, struct bytes body,
                                   char **ret_answer, size_t *ret_length)
{
    char *shown = NULL;
    size_t length = 0;
    if (strcmp(reply->content_type, plain) != 0) {
        return assemble(reply, body, ret_answer, ret_length);
    }
    /* For people, on a terminal: names of files and sections in it hold anything. */
    struct result result = make_visible(body, &shown, &length);
    if (result_is_ok(result)) {
        result = assemble(reply, bytes_from(shown, length), ret_answer, ret_length);
    }
    free(shown);
    return result;
}
