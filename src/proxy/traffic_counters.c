/* Summing what is counted by listener and route. */
#include "proxy/traffic_counters.h"

#include <string.h>

#include "proxy/counters.h"

#define FIGURES(array) (&(array)), sizeof(array) / sizeof(_Atomic uint64_t)

/* Any array of figures, however many dimensions it has. */
static void sum_figures(void *sum, size_t count, const void *from)
{
    _Atomic uint64_t *to = sum;
    const _Atomic uint64_t *figures = from;
    for (size_t i = 0; i < count; i++) {
        counters_add_to(&to[i], atomic_load_explicit(&figures[i], memory_order_relaxed));
    }
}

static void sum_listener(struct listener_counters *sum, const struct listener_counters *from)
{
    sum_figures(FIGURES(sum->closed), from->closed);
    sum_figures(FIGURES(sum->handshakes), from->handshakes);
    sum_figures(FIGURES(sum->handshake_failures), from->handshake_failures);
    sum_figures(&sum->connections, 1, &from->connections);
    for (size_t i = 0; i < HANDSHAKE_KIND_COUNT; i++) {
        histogram_sum(&sum->handshake_times[i], &from->handshake_times[i]);
    }
    histogram_sum(&sum->judging_times, &from->judging_times);
}

static void sum_route(struct route_counters *sum, const struct route_counters *from)
{
    sum_figures(FIGURES(sum->answers), from->answers);
    histogram_sum(&sum->request_times, &from->request_times);
    histogram_sum(&sum->backend_times, &from->backend_times);
}

void traffic_counters_sum(struct traffic_counters *sum, const struct traffic_counters *from)
{
    for (size_t i = 0; i < LABEL_COUNT_MAX; i++) {
        sum_listener(&sum->listeners[i], &from->listeners[i]);
        sum_route(&sum->routes[i], &from->routes[i]);
    }
}

static const char *const version_words[TRAFFIC_VERSION_COUNT] = {"TLSv1.2", "TLSv1.3"};

size_t traffic_counters_version(const char *word)
{
    return strcmp(word, version_words[0]) == 0 ? 0 : 1;
}

const char *traffic_counters_version_word(size_t version)
{
    return version_words[version];
}

const char *traffic_counters_kind_word(enum handshake_kind kind)
{
    static const char *const words[HANDSHAKE_KIND_COUNT] = {"full", "resumed"};
    return words[kind];
}
