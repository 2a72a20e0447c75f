/*
 * What a worker counts. One writer, the worker; any thread reads. Sums are made by the reader.
 *
 * Each worker's counters lie on cache lines of their own, so counting costs a plain store.
 */
#ifndef PROXY_COUNTERS_H
#define PROXY_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "base/histogram.h"
#include "base/label_table.h"
#include "proxy/close_reason.h"
#include "proxy/traffic_counters.h"
#include "trust/verdict.h"

/* clang-format off */
#define COUNTER_LIST(X)                                                                        \
    X(COUNTER_CONNECTIONS_ACCEPTED,    "connections_accepted",    "clients accepted")          \
    X(COUNTER_CONNECTIONS_CLOSED,      "connections_closed",      "clients wholly gone")       \
    X(COUNTER_CONNECTIONS_REJECTED,    "connections_rejected",    "clients closed at once, no slot was free") \
    X(COUNTER_HANDSHAKES_COMPLETED,    "handshakes_completed",    "TLS handshakes completed")  \
    X(COUNTER_HANDSHAKES_FAILED,       "handshakes_failed",       "TLS handshakes that did not complete") \
    X(COUNTER_HANDSHAKES_RESUMED,      "handshakes_resumed",      "TLS handshakes that went on from a ticket; completed ones too") \
    X(COUNTER_VERDICTS_RENEWED,        "verdicts_renewed",        "verdicts asked for again because their lease had ended") \
    X(COUNTER_CHAIN_SIGNATURE_CHECKS,  "chain_signature_checks",  "signatures checked on client chains") \
    X(COUNTER_REVOCATION_KNOWN,        "revocation_known",        "lookups of a certificate's revocation status that the OCSP cache answered") \
    X(COUNTER_REVOCATION_NOT_KNOWN,    "revocation_not_known",    "lookups of a certificate's revocation status that it did not answer") \
    X(COUNTER_REQUESTS,                "requests",                "requests whose head was complete or wrong") \
    X(COUNTER_REQUESTS_FORWARDED,      "requests_forwarded",      "requests given to a backend") \
    X(COUNTER_REQUESTS_RETRIED,        "requests_retried",        "requests given to a backend a second time") \
    X(COUNTER_ANSWERS_1XX,             "answers_1xx",             "interim answers passed on") \
    X(COUNTER_ANSWERS_2XX,             "answers_2xx",             "answers with a status of 200 to 299") \
    X(COUNTER_ANSWERS_3XX,             "answers_3xx",             "answers with a status of 300 to 399") \
    X(COUNTER_ANSWERS_4XX,             "answers_4xx",             "answers with a status of 400 to 499") \
    X(COUNTER_ANSWERS_5XX,             "answers_5xx",             "answers with a status of 500 to 599") \
    X(COUNTER_REQUESTS_UNANSWERED,     "requests_unanswered",     "requests that ended without an answer") \
    X(COUNTER_TUNNELS,                 "tunnels",                 "connections upgraded to a tunnel") \
    X(COUNTER_CLIENT_BYTES_RECEIVED,   "client_bytes_received",   "bytes from clients, as on the wire") \
    X(COUNTER_CLIENT_BYTES_SENT,       "client_bytes_sent",       "bytes to clients, as on the wire") \
    X(COUNTER_BACKEND_CONNECTS,        "backend_connects",        "connections to backends tried") \
    X(COUNTER_BACKEND_CONNECT_FAILURES, "backend_connect_failures", "connections to backends that failed") \
    X(COUNTER_BACKEND_REUSES,          "backend_reuses",          "requests sent on a pooled connection") \
    X(COUNTER_BACKEND_EVICTIONS,       "backend_evictions",       "idle connections closed to make room for others") \
    X(COUNTER_BACKEND_CLOSED,          "backend_closed",          "connections to backends wholly gone") \
    X(COUNTER_ACCEPT_PAUSES,           "accept_pauses",           "times accepting was paused") \
    X(COUNTER_ACCESS_LINES_CUT,        "access_lines_cut",        "lines of the access log with a value cut short") \
    X(COUNTER_ACCESS_LINES_LOST,       "access_lines_lost",       "lines of the access log that were longer than one may be")
/* clang-format on */

/* Levels, not counts: published by the worker once a turn. */
/* clang-format off */
#define GAUGE_LIST(X)                                                                          \
    X(GAUGE_CONNECTIONS_OPEN,          "connections_open",          "clients connected")       \
    X(GAUGE_EXCHANGES_OPEN,            "exchanges_open",            "requests under way")      \
    X(GAUGE_BACKEND_CONNECTIONS_OPEN,  "backend_connections_open",  "connections to backends") \
    X(GAUGE_BUFFERS_LENT,              "buffers_lent",              "buffers that hold bytes on their way")
/* clang-format on */

#define GAUGE_ENUM_ROW(name, word, help) name,
enum gauge { GAUGE_LIST(GAUGE_ENUM_ROW) GAUGE_COUNT };

/* How long things took. */
/* clang-format off */
#define TIMING_LIST(X)                                                                         \
    X(TIMING_HANDSHAKE_FULL,           "handshake_full",       "from accepting a client to the end of its TLS handshake, with a certificate") \
    X(TIMING_HANDSHAKE_RESUMED,        "handshake_resumed",    "the same, from a ticket")          \
    X(TIMING_JUDGING,                  "judging",              "from the end of a TLS handshake to the verdict on the client") \
    X(TIMING_REQUEST,                  "request",              "from the first byte of a request to the end of its answer") \
    X(TIMING_BACKEND,                  "backend",              "from giving a request to a backend to the head of its answer")
/* clang-format on */

#define TIMING_ENUM_ROW(name, word, help) name,
enum timing { TIMING_LIST(TIMING_ENUM_ROW) TIMING_COUNT };

#define COUNTER_ENUM_ROW(name, word, help) name,
enum counter { COUNTER_LIST(COUNTER_ENUM_ROW) COUNTER_COUNT };

struct counters {
    _Alignas(64) _Atomic uint64_t values[COUNTER_COUNT];
    _Atomic uint64_t gauges[GAUGE_COUNT];
    _Atomic uint64_t closed[CLOSE_REASON_COUNT];     /* by reason */
    _Atomic uint64_t verdicts[VERDICT_REASON_COUNT]; /* one a connection that was judged */
    /* The same by the label of the profile that judged. */
    _Atomic uint64_t profile_verdicts[LABEL_COUNT_MAX][VERDICT_REASON_COUNT];
    struct histogram timings[TIMING_COUNT];
    struct traffic_counters traffic;
};

/* For a counter with one writer: no read-modify-write; the reader needs no order between figures.
 */
static inline void counters_add_to(_Atomic uint64_t *counter, uint64_t amount)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + amount, memory_order_relaxed);
}

static inline void counters_add(struct counters *counters, enum counter counter, uint64_t amount)
{
    counters_add_to(&counters->values[counter], amount);
}

static inline void counters_count(struct counters *counters, enum counter counter)
{
    counters_add(counters, counter, 1);
}

static inline void counters_set(struct counters *counters, enum gauge gauge, uint64_t level)
{
    atomic_store_explicit(&counters->gauges[gauge], level,
                          memory_order_relaxed); /* a mere figure */
}

/* Any thread: adds what from has counted to sum, which is the caller's alone. */
void counters_sum(struct counters *sum, const struct counters *from);

/* As in the lists above. */
const char *counters_word(enum counter counter);
const char *counters_help(enum counter counter);
const char *counters_gauge_word(enum gauge gauge);
const char *counters_gauge_help(enum gauge gauge);
const char *counters_timing_word(enum timing timing);

/* One line a figure: `counter requests 12`. */
void counters_print(const struct counters *counters, FILE *output);

#endif
