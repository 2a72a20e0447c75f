/*
 * What a gateway said of itself at one moment, read from its /stats. The main thread's; a plain
 * value, large: not for a stack.
 *
 * The text is another program's: what is not known is passed over, what is missing is 0 or empty,
 * and what is too much is counted but not kept. Strings may hold anything.
 */
#ifndef CLI_GATEWAY_FIGURES_H
#define CLI_GATEWAY_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define GATEWAY_FIGURES_WORDS_MAX        64
#define GATEWAY_FIGURES_BUCKETS_MAX      128
#define GATEWAY_FIGURES_SERVERS_MAX      256
#define GATEWAY_FIGURES_CERTIFICATES_MAX 64
#define GATEWAY_FIGURES_WORD_SIZE        48
#define GATEWAY_FIGURES_PATH_SIZE        1024
#define GATEWAY_FIGURES_ERROR_SIZE       256

/* clang-format off */
#define GATEWAY_NUMBER_LIST(X)                                                          \
    X(GATEWAY_TIME_SECONDS,        "time_seconds")                                      \
    X(GATEWAY_UPTIME_SECONDS,      "uptime_seconds")                                    \
    X(GATEWAY_WORKERS,             "workers")                                           \
    X(GATEWAY_HANDSHAKES_FAILED,   "counters.handshakes_failed")                        \
    X(GATEWAY_REQUESTS,            "counters.requests")                                 \
    X(GATEWAY_ANSWERS_2XX,         "counters.answers_2xx")                              \
    X(GATEWAY_ANSWERS_3XX,         "counters.answers_3xx")                              \
    X(GATEWAY_ANSWERS_4XX,         "counters.answers_4xx")                              \
    X(GATEWAY_ANSWERS_5XX,         "counters.answers_5xx")                              \
    X(GATEWAY_UNANSWERED,          "counters.requests_unanswered")                      \
    X(GATEWAY_BYTES_RECEIVED,      "counters.client_bytes_received")                    \
    X(GATEWAY_BYTES_SENT,          "counters.client_bytes_sent")                        \
    X(GATEWAY_CONNECT_FAILURES,    "counters.backend_connect_failures")                 \
    X(GATEWAY_CLIENTS_OPEN,        "gauges.connections_open")                           \
    X(GATEWAY_REQUESTS_OPEN,       "gauges.exchanges_open")                             \
    X(GATEWAY_BACKENDS_OPEN,       "gauges.backend_connections_open")                   \
    X(GATEWAY_TRUST_ENTRIES,       "trust_cache.entries")                               \
    X(GATEWAY_TRUST_HITS,          "trust_cache.trust_cache_hits")                      \
    X(GATEWAY_TRUST_MISSES,        "trust_cache.trust_cache_misses")                    \
    X(GATEWAY_OCSP_ASKED,          "ocsp.ocsp_asked")                                   \
    X(GATEWAY_OCSP_FETCHES,        "ocsp.ocsp_fetches")                                 \
    X(GATEWAY_OCSP_GOOD,           "ocsp.ocsp_good")                                    \
    X(GATEWAY_OCSP_REVOKED,        "ocsp.ocsp_revoked")                                 \
    X(GATEWAY_OCSP_UNKNOWN,        "ocsp.ocsp_unknown")                                 \
    X(GATEWAY_OCSP_FAILED,         "ocsp.ocsp_failed")                                  \
    X(GATEWAY_OCSP_ENTRIES,        "ocsp_cache.entries")                                \
    X(GATEWAY_LOG_DROPPED,         "log.dropped_lines")                                 \
    X(GATEWAY_RELOAD_SECONDS,      "config.last_reload_timestamp_seconds")              \
    X(GATEWAY_RELOAD_FURTHER,      "config.last_reload_further_errors")                \
    X(GATEWAY_RELOADS_GOOD,        "config.reloads_good")                               \
    X(GATEWAY_RELOADS_BAD,         "config.reloads_bad")                                \
    X(GATEWAY_CPU_SECONDS,         "program.cpu_seconds")                               \
    X(GATEWAY_RESIDENT_BYTES,      "program.resident_bytes")                            \
    X(GATEWAY_START_SECONDS,       "program.start_seconds")

#define GATEWAY_TIMING_LIST(X)                                                          \
    X(GATEWAY_HANDSHAKE_FULL,      "handshake_full")                                    \
    X(GATEWAY_HANDSHAKE_RESUMED,   "handshake_resumed")                                 \
    X(GATEWAY_JUDGING,             "judging")                                           \
    X(GATEWAY_REQUEST,             "request")                                           \
    X(GATEWAY_BACKEND,             "backend")
/* clang-format on */

#define GATEWAY_FIGURES_ENUM_ROW(name, word) name,
enum gateway_number { GATEWAY_NUMBER_LIST(GATEWAY_FIGURES_ENUM_ROW) GATEWAY_NUMBER_COUNT };
enum gateway_timing { GATEWAY_TIMING_LIST(GATEWAY_FIGURES_ENUM_ROW) GATEWAY_TIMING_COUNT };

struct gateway_word {
    char word[GATEWAY_FIGURES_WORD_SIZE];
    double count;
};

/* Counts by word, in the order of the gateway. */
struct gateway_words {
    struct gateway_word items[GATEWAY_FIGURES_WORDS_MAX];
    size_t count;
};

struct gateway_server {
    char backend[GATEWAY_FIGURES_WORD_SIZE];
    char address[288];                     /* a host name of DNS and a port */
    char state[GATEWAY_FIGURES_WORD_SIZE]; /* empty: it says none */
};

struct gateway_certificate {
    char role[GATEWAY_FIGURES_WORD_SIZE];
    char path[GATEWAY_FIGURES_PATH_SIZE];
    double not_after_seconds; /* since 1970 */
};

struct gateway_figures {
    char version[GATEWAY_FIGURES_WORD_SIZE];
    char state[GATEWAY_FIGURES_WORD_SIZE];
    bool was_reload_good;
    char reload_error[GATEWAY_FIGURES_ERROR_SIZE]; /* empty: there is none, or it does not say */
    double numbers[GATEWAY_NUMBER_COUNT];
    struct gateway_words verdicts;
    struct gateway_words ocsp_faults;
    double bounds_seconds[GATEWAY_FIGURES_BUCKETS_MAX]; /* of the buckets; the last one has none */
    size_t bound_count;
    double timings[GATEWAY_TIMING_COUNT][GATEWAY_FIGURES_BUCKETS_MAX];
    struct gateway_server servers[GATEWAY_FIGURES_SERVERS_MAX];
    size_t server_count; /* also of those that are not kept */
    /* Those that expire first, the first one first. */
    struct gateway_certificate certificates[GATEWAY_FIGURES_CERTIFICATES_MAX];
    size_t certificate_count; /* also of those that are not kept */
};

/* json: the body of GET /stats. False when it is no JSON object, then the figures are unusable. */
bool gateway_figures_read(struct bytes json, struct gateway_figures *ret_figures);

static inline size_t gateway_figures_server_count(const struct gateway_figures *figures)
{
    return figures->server_count < GATEWAY_FIGURES_SERVERS_MAX ? figures->server_count
                                                               : GATEWAY_FIGURES_SERVERS_MAX;
}

static inline size_t gateway_figures_certificate_count(const struct gateway_figures *figures)
{
    return figures->certificate_count < GATEWAY_FIGURES_CERTIFICATES_MAX
               ? figures->certificate_count
               : GATEWAY_FIGURES_CERTIFICATES_MAX;
}

#endif
