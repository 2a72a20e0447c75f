/* A family, a member, a column: each is a row. Labels are the operator's own names and addresses.
 */
#include "stats_backends.h"

#include "backend_view.h"
#include "config/config_limits.h"
#include "config/json_print.h"
#include "metric_text.h"

/* clang-format off */
static const struct family {
    const char *name; /* without prefix */
    const char *type;
    const char *help;
    size_t figure;    /* offset in struct backend_view, of a uint64_t */
} families[] = {
    {"backend_requests_total",          "counter", "requests given to a server",                            offsetof(struct backend_view, request_count)},
    {"backend_requests_under_way",      "gauge",   "requests that a server is at, tunnels too",             offsetof(struct backend_view, under_way_count)},
    {"backend_checks_total",            "counter", "health checks of a server",                             offsetof(struct backend_view, check_count)},
    {"backend_checks_failed_total",     "counter", "health checks that were not good",                      offsetof(struct backend_view, bad_check_count)},
    {"backend_ejections_total",         "counter", "times a server was left out because requests failed",   offsetof(struct backend_view, ejection_count)},
};

static const char *const states[] = {"up", "disabled", "down", "ejected", "trial"};
/* clang-format on */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What a visit is for. */
struct printing {
    FILE *output;
    const struct family *family;
    size_t count;                            /* of servers so far */
    char backend[CONFIG_NAME_BYTES_MAX + 1]; /* of the latest */
};

void stats_backends_visit(const struct stats_figures *figures,
                          void (*print)(void *owner, const struct backend_view *view), void *owner)
{
    if (figures->backend_health != NULL) {
        backend_view_visit(figures->backend_health, print, owner);
    } else if (figures->example_server != NULL) {
        print(owner, figures->example_server);
    }
}

static uint64_t figure_of(const struct backend_view *view, const struct family *family)
{
    return *(const uint64_t *)(const void *)((const char *)view + family->figure);
}

/* Metrics. */

static void open_sample(FILE *output, const char *family, const struct backend_view *view)
{
    (void)fprintf(output, METRIC_PREFIX "%s{backend=\"", family);
    metric_text_print_escaped(output, bytes_from_string(view->backend));
    (void)fputs("\",address=\"", output);
    metric_text_print_escaped(output, bytes_from_string(view->server));
    (void)fputc('"', output);
}

static void print_up(void *owner, const struct backend_view *view)
{
    const struct printing *printing = owner;
    open_sample(printing->output, "backend_up", view);
    (void)fprintf(printing->output, "} %d\n", view->is_up);
}

static void print_states(void *owner, const struct backend_view *view)
{
    const struct printing *printing = owner;
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        open_sample(printing->output, "backend_state", view);
        (void)fprintf(printing->output, ",state=\"%s\"} %d\n", states[i],
                      strcmp(states[i], view->state) == 0);
    }
}

static void print_failures(void *owner, const struct backend_view *view)
{
    const struct printing *printing = owner;
    for (enum server_failure i = 0; i < SERVER_FAILURE_COUNT; i++) {
        open_sample(printing->output, "backend_failures_total", view);
        (void)fprintf(printing->output, ",reason=\"%s\"} %llu\n", server_health_failure_word(i),
                      (unsigned long long)view->failure_counts[i]);
    }
}

static void print_figure(void *owner, const struct backend_view *view)
{
    const struct printing *printing = owner;
    open_sample(printing->output, printing->family->name, view);
    (void)fprintf(printing->output, "} %llu\n",
                  (unsigned long long)figure_of(view, printing->family));
}

void stats_backends_print_metrics(const struct stats_figures *figures, FILE *output)
{
    struct printing printing = {.output = output};
    metric_text_print_family(output, "backend_up", "gauge", "whether a server gets requests");
    stats_backends_visit(figures, print_up, &printing);
    metric_text_print_family(output, "backend_state", "gauge",
                             "the state of a server: the one that is 1");
    stats_backends_visit(figures, print_states, &printing);
    metric_text_print_family(output, "backend_failures_total", "counter",
                             "requests that a server let fail, by reason");
    stats_backends_visit(figures, print_failures, &printing);
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        printing.family = &families[i];
        metric_text_print_family(output, families[i].name, families[i].type, families[i].help);
        stats_backends_visit(figures, print_figure, &printing);
    }
}

/* JSON. */

static void print_string(FILE *output, const char *name, const char *value)
{
    (void)fprintf(output, ", \"%s\": ", name);
    json_print_string(output, value);
}

/* Its members, without braces. */
static void print_members(FILE *output, const struct backend_view *view)
{
    (void)fputs("\"address\": ", output);
    json_print_string(output, view->server);
    print_string(output, "written", view->written);
    print_string(output, "state", view->state);
    print_string(output, "reason", view->reason);
    (void)fprintf(output,
                  ", \"up\": %s, \"requests\": %llu, \"under_way\": %llu, \"checks\": %llu, "
                  "\"checks_failed\": %llu, \"ejections\": %llu, \"failures\": {",
                  view->is_up ? "true" : "false", (unsigned long long)view->request_count,
                  (unsigned long long)view->under_way_count, (unsigned long long)view->check_count,
                  (unsigned long long)view->bad_check_count,
                  (unsigned long long)view->ejection_count);
    for (enum server_failure i = 0; i < SERVER_FAILURE_COUNT; i++) {
        (void)fprintf(output, "%s\"%s\": %llu", i == 0 ? "" : ", ", server_health_failure_word(i),
                      (unsigned long long)view->failure_counts[i]);
    }
    (void)fputc('}', output);
}

static void print_object(void *owner, const struct backend_view *view)
{
    struct printing *printing = owner;
    FILE *output = printing->output;
    (void)fprintf(output, "%s\n  {\"backend\": ", printing->count == 0 ? "" : ",");
    json_print_string(output, view->backend);
    (void)fputs(", ", output);
    print_members(output, view);
    (void)fputc('}', output);
    printing->count++;
}

void stats_backends_print_json(const struct stats_figures *figures, FILE *output)
{
    struct printing printing = {.output = output};
    (void)fputc('[', output);
    stats_backends_visit(figures, print_object, &printing);
    (void)fputs("\n]\n", output);
}

/* The servers of one backend come one after another. */
static void print_in_backend(void *owner, const struct backend_view *view)
{
    struct printing *printing = owner;
    FILE *output = printing->output;
    if (printing->count == 0 || strcmp(printing->backend, view->backend) != 0) {
        (void)fprintf(output, "%s\n    {\"name\": ", printing->count == 0 ? "" : "]},");
        json_print_string(output, view->backend);
        (void)fputs(", \"servers\": [{", output);
        (void)snprintf(printing->backend, sizeof(printing->backend), "%s", view->backend);
    } else {
        (void)fputs(", {", output);
    }
    print_members(output, view);
    (void)fputc('}', output);
    printing->count++;
}

void stats_backends_print_stats(const struct stats_figures *figures, FILE *output)
{
    struct printing printing = {.output = output};
    (void)fputs(",\n  \"backends\": [", output);
    stats_backends_visit(figures, print_in_backend, &printing);
    (void)fputs(printing.count == 0 ? "]" : "]}\n  ]", output);
}

/* For people. */

static uint64_t failure_count(const struct backend_view *view)
{
    uint64_t count = 0;
    for (size_t i = 0; i < SERVER_FAILURE_COUNT; i++) {
        count += view->failure_counts[i];
    }
    return count;
}

static void print_row(void *owner, const struct backend_view *view)
{
    const struct printing *printing = owner;
    bool is_same = strcmp(view->written, view->server) == 0;
    (void)fprintf(printing->output, "  %-8s %10llu %10llu %10llu  %s/%s%s%s%s%s%s\n", view->state,
                  (unsigned long long)view->request_count,
                  (unsigned long long)view->under_way_count,
                  (unsigned long long)failure_count(view), view->backend, view->server,
                  is_same ? "" : " (", is_same ? "" : view->written, is_same ? "" : ")",
                  view->reason[0] == '\0' ? "" : ": ", view->reason);
}

void stats_backends_print_status(const struct stats_figures *figures, FILE *output)
{
    struct printing printing = {.output = output};
    (void)fprintf(output, "%-10s %10s %10s %10s\n", "servers", "requests", "under way", "failures");
    stats_backends_visit(figures, print_row, &printing);
}
