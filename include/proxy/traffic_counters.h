/*
 * What a worker counts apart for each listener, and for each route: a listener with the backend
 * behind it. A part of its counters; the same rules hold.
 *
 * A client belongs to a listener as soon as it has said which server name it wants, at the latest
 * when it closes: one that never said it is the first listener's of the address.
 */
#ifndef PROXY_TRAFFIC_COUNTERS_H
#define PROXY_TRAFFIC_COUNTERS_H

#include "base/histogram.h"
#include "base/label_table.h"
#include "proxy/close_reason.h"
#include "proxy/handshake_failure.h"

/* 1.2 and 1.3: no other is spoken. */
#define TRAFFIC_VERSION_COUNT      2
#define TRAFFIC_ANSWER_CLASS_COUNT 5

enum handshake_kind { HANDSHAKE_FULL, HANDSHAKE_RESUMED, HANDSHAKE_KIND_COUNT };

struct listener_counters {
    _Atomic uint64_t connections;
    _Atomic uint64_t closed[CLOSE_REASON_COUNT];
    _Atomic uint64_t handshakes[TRAFFIC_VERSION_COUNT][HANDSHAKE_KIND_COUNT];
    _Atomic uint64_t handshake_failures[HANDSHAKE_FAILURE_COUNT];
    struct histogram handshake_times[HANDSHAKE_KIND_COUNT];
    struct histogram judging_times;
};

struct route_counters {
    _Atomic uint64_t answers[TRAFFIC_ANSWER_CLASS_COUNT]; /* 1xx first */
    struct histogram request_times;
    struct histogram backend_times;
};

/* By the labels of traffic_labels.h. */
struct traffic_counters {
    struct listener_counters listeners[LABEL_COUNT_MAX];
    struct route_counters routes[LABEL_COUNT_MAX];
};

/* Any thread: adds what from has counted to sum, which is the caller's alone. */
void traffic_counters_sum(struct traffic_counters *sum, const struct traffic_counters *from);

/* The number of a version by its name, TLSv1.2 or TLSv1.3, and back. */
size_t traffic_counters_version(const char *word);
const char *traffic_counters_version_word(size_t version);
const char *traffic_counters_kind_word(enum handshake_kind kind);

#endif
