/*
 * A row for each family, a function that prints it for one listener or route. The values of labels
 * are names of the configuration (letters, digits, `_`, `-`, `.`) and words: nothing to escape.
 */
#include "stats_traffic.h"

#include "metric_text.h"

static uint64_t read_figure(const _Atomic uint64_t *figure)
{
    return stats_figures_read(figure);
}

static void print_count(FILE *output, const char *family, const char *labels, uint64_t value)
{
    metric_text_print_sample(
        output, &(struct metric_series){.family = family, .labels = labels, .value = value});
}

/* Listeners. owner: the label that all samples have. */

static void print_connections(FILE *output, const char *family, const char *owner,
                              const struct listener_counters *listener)
{
    print_count(output, family, owner, read_figure(&listener->connections));
}

/* Read at two moments, the earlier one first, so that what has just come may seem not to be there.
 */
static void print_open(FILE *output, const char *family, const char *owner,
                       const struct listener_counters *listener)
{
    uint64_t closed = 0;
    uint64_t begun = read_figure(&listener->connections);
    for (size_t i = 0; i < CLOSE_REASON_COUNT; i++) {
        closed += read_figure(&listener->closed[i]);
    }
    print_count(output, family, owner, begun > closed ? begun - closed : 0);
}

static void print_closed(FILE *output, const char *family, const char *owner,
                         const struct listener_counters *listener)
{
    char labels[METRIC_LABELS_BYTES_MAX];
    for (enum close_reason i = CLOSE_NONE + 1; i < CLOSE_REASON_COUNT; i++) {
        (void)snprintf(labels, sizeof(labels), "%s,cause=\"%s\"", owner, close_reason_word(i));
        print_count(output, family, labels, read_figure(&listener->closed[i]));
    }
}

static void print_handshakes(FILE *output, const char *family, const char *owner,
                             const struct listener_counters *listener)
{
    char labels[METRIC_LABELS_BYTES_MAX];
    for (size_t version = 0; version < TRAFFIC_VERSION_COUNT; version++) {
        for (enum handshake_kind kind = 0; kind < HANDSHAKE_KIND_COUNT; kind++) {
            (void)snprintf(labels, sizeof(labels), "%s,version=\"%s\",kind=\"%s\"", owner,
                           traffic_counters_version_word(version),
                           traffic_counters_kind_word(kind));
            print_count(output, family, labels, read_figure(&listener->handshakes[version][kind]));
        }
    }
}

static void print_failures(FILE *output, const char *family, const char *owner,
                           const struct listener_counters *listener)
{
    char labels[METRIC_LABELS_BYTES_MAX];
    for (size_t i = TLS_FAILURE_NONE + 1; i < HANDSHAKE_FAILURE_COUNT; i++) {
        (void)snprintf(labels, sizeof(labels), "%s,reason=\"%s\"", owner,
                       handshake_failure_word(i));
        print_count(output, family, labels, read_figure(&listener->handshake_failures[i]));
    }
}

static void print_handshake_times(FILE *output, const char *family, const char *owner,
                                  const struct listener_counters *listener)
{
    char labels[METRIC_LABELS_BYTES_MAX];
    for (enum handshake_kind kind = 0; kind < HANDSHAKE_KIND_COUNT; kind++) {
        (void)snprintf(labels, sizeof(labels), "%s,kind=\"%s\"", owner,
                       traffic_counters_kind_word(kind));
        metric_text_print_histogram(output, family, labels, &listener->handshake_times[kind]);
    }
}

static void print_judging_times(FILE *output, const char *family, const char *owner,
                                const struct listener_counters *listener)
{
    metric_text_print_histogram(output, family, owner, &listener->judging_times);
}

/* clang-format off */
static const struct {
    const char *family;
    const char *type;
    const char *help;
    void (*print)(FILE *output, const char *family, const char *owner, const struct listener_counters *listener);
} listener_families[] = {
    {"connections_total",            "counter",   "clients that came to a listener: those that said its server name, and those that never said one at its address", print_connections},
    {"connections",                  "gauge",     "clients that are at a listener", print_open},
    {"connections_closed_total",     "counter",   "clients of a listener whose connection began to close, by cause", print_closed},
    {"tls_handshakes_total",         "counter",   "TLS handshakes completed, by version, and full or resumed", print_handshakes},
    {"tls_handshake_failures_total", "counter",   "TLS handshakes that did not complete, by reason", print_failures},
    {"tls_handshake_seconds",        "histogram", "from accepting a client to the end of its TLS handshake", print_handshake_times},
    {"judging_seconds",              "histogram", "from the end of a TLS handshake to the verdict on the client", print_judging_times},
};
/* clang-format on */

static void print_listener(const struct stats_figures *figures, size_t family, size_t label,
                           FILE *output)
{
    char owner[METRIC_OWNER_BYTES_MAX];
    (void)snprintf(owner, sizeof(owner), "listener=\"%s\"",
                   label_table_name(&figures->labels->listeners, label));
    listener_families[family].print(output, listener_families[family].family, owner,
                                    &figures->counters.traffic.listeners[label]);
}

/* Routes. */

static void print_answers(FILE *output, const char *family, const char *owner,
                          const struct route_counters *route)
{
    char labels[METRIC_LABELS_BYTES_MAX];
    for (size_t i = 0; i < TRAFFIC_ANSWER_CLASS_COUNT; i++) {
        (void)snprintf(labels, sizeof(labels), "%s,class=\"%zuxx\"", owner, i + 1);
        print_count(output, family, labels, read_figure(&route->answers[i]));
    }
}

static void print_request_times(FILE *output, const char *family, const char *owner,
                                const struct route_counters *route)
{
    metric_text_print_histogram(output, family, owner, &route->request_times);
}

static void print_backend_times(FILE *output, const char *family, const char *owner,
                                const struct route_counters *route)
{
    metric_text_print_histogram(output, family, owner, &route->backend_times);
}

/* clang-format off */
static const struct {
    const char *family;
    const char *type;
    const char *help;
    void (*print)(FILE *output, const char *family, const char *owner, const struct route_counters *route);
} route_families[] = {
    {"answers_total",   "counter",   "answers by the class of their status; interim ones are 1xx", print_answers},
    {"request_seconds", "histogram", "from the first byte of a request to the end of its answer", print_request_times},
    {"backend_seconds", "histogram", "from giving a request to a backend to the head of its answer", print_backend_times},
};
/* clang-format on */

static void print_route(const struct stats_figures *figures, size_t family, size_t label,
                        FILE *output)
{
    char owner[METRIC_OWNER_BYTES_MAX];
    struct traffic_route_name name = traffic_labels_route(figures->labels, label);
    (void)snprintf(owner, sizeof(owner), "listener=\"%.*s\",backend=\"%.*s\"",
                   (int)name.listener.length, (const char *)name.listener.at,
                   (int)name.backend.length, (const char *)name.backend.at);
    route_families[family].print(output, route_families[family].family, owner,
                                 &figures->counters.traffic.routes[label]);
}

/* All labels, then the one for all others if it is in use. */
static void print_each(const struct stats_figures *figures, size_t family, FILE *output,
                       const struct label_table *table,
                       void (*print)(const struct stats_figures *figures, size_t family,
                                     size_t label, FILE *output))
{
    size_t count = label_table_count(table);
    for (size_t i = 0; i < count; i++) {
        print(figures, family, i, output);
    }
    if (count == LABEL_OTHER) {
        print(figures, family, LABEL_OTHER, output);
    }
}

void stats_traffic_print(const struct stats_figures *figures, FILE *output)
{
    for (size_t i = 0; i < sizeof(listener_families) / sizeof(listener_families[0]); i++) {
        metric_text_print_family(output, listener_families[i].family, listener_families[i].type,
                                 listener_families[i].help);
        print_each(figures, i, output, &figures->labels->listeners, print_listener);
    }
    for (size_t i = 0; i < sizeof(route_families) / sizeof(route_families[0]); i++) {
        metric_text_print_family(output, route_families[i].family, route_families[i].type,
                                 route_families[i].help);
        print_each(figures, i, output, &figures->labels->routes, print_route);
    }
}
