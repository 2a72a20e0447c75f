/*
 * One server of a backend as all workers see it: whether it gets requests, and what came of those
 * that it got. Made by backend_health.c of the control folder, which alone decides; lives as long
 * as a generation names the server.
 *
 * Shared by the workers and the health thread because a server that one worker has found dead is
 * dead for all of them. A worker looks at one word for a request; it writes when a request fails,
 * ends a row of failures or is a trial, and, with balance = least_connections, when one begins and
 * ends. No order between these words matters to anybody: every access is relaxed.
 */
#ifndef PROXY_SERVER_HEALTH_H
#define PROXY_SERVER_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Why a server gets no new requests: a set, empty for one that gets them. */
enum server_bar {
    SERVER_DISABLED = 1,     /* somebody has said so */
    SERVER_CHECKED_DOWN = 2, /* its checks fail */
    SERVER_EJECTED = 4,      /* requests to it failed */
    SERVER_ON_TRIAL = 8,     /* ejected long enough: whoever takes this away may send one request */
};

/* clang-format off */
#define SERVER_FAILURE_LIST(X)                                                                  \
    X(SERVER_FAILURE_CONNECT,         "connect",         "the connection was refused")          \
    X(SERVER_FAILURE_CONNECT_TIMEOUT, "connect_timeout", "the connection took too long")        \
    X(SERVER_FAILURE_TIMEOUT,         "timeout",         "no answer came in time")              \
    X(SERVER_FAILURE_CLOSED,          "closed",          "it closed before its answer")         \
    X(SERVER_FAILURE_BAD_ANSWER,      "bad_answer",      "its answer was not HTTP")             \
    X(SERVER_FAILURE_STATUS,          "status_5xx",      "it answered with a status of 5xx")
/* clang-format on */

#define SERVER_FAILURE_ENUM_ROW(name, word, text) name,
enum server_failure { SERVER_FAILURE_LIST(SERVER_FAILURE_ENUM_ROW) SERVER_FAILURE_COUNT };

/* Of the one request that may try an ejected server. */
enum server_trial { SERVER_TRIAL_NONE, SERVER_TRIAL_GOOD, SERVER_TRIAL_BAD, SERVER_TRIAL_GIVEN_UP };

/* One worker's; any thread reads. */
struct server_figures {
    _Alignas(64) _Atomic uint64_t request_count; /* given to it */
    _Atomic uint64_t under_way_count;
    _Atomic uint64_t failure_counts[SERVER_FAILURE_COUNT];
};

struct server_health {
    /* Written by the health thread and whoever disables; SERVER_ON_TRIAL is taken by a worker. */
    _Alignas(64) _Atomic uint32_t bars;
    int bell;              /* eventfd of the health thread; -1: it learns by looking */
    uint32_t worker_count; /* and so many figures */
    /* Written by any worker whose request failed, and by the first that succeeds after. */
    _Alignas(64) _Atomic uint32_t failures_in_row;
    _Atomic uint32_t latest_failure; /* enum server_failure */
    _Atomic uint32_t trial;          /* enum server_trial; the worker's, then the health thread's */
    /* Written by all workers, with balance = least_connections only: a count of each worker's own
     * would have to be added up for every request. */
    _Alignas(64) _Atomic uint32_t under_way_count;
    struct server_figures figures[];
};

/* A server that gets requests; NULL without memory. bell is an eventfd that outlives it, or -1. */
struct server_health *server_health_create(uint32_t worker_count, int bell);

/* Accepts NULL. */
void server_health_destroy(struct server_health *health);

/* A set of enum server_bar. */
static inline uint32_t server_health_bars(const struct server_health *health)
{
    return atomic_load_explicit(&health->bars, memory_order_relaxed);
}

/* Whether it would be given a request now; for a trial somebody else may be faster. */
static inline bool server_health_is_open(const struct server_health *health)
{
    uint32_t bars = server_health_bars(health);
    return bars == 0 || bars == (SERVER_EJECTED | SERVER_ON_TRIAL);
}

/* Whether this is the one request that tries an ejected server. */
bool server_health_take_trial(struct server_health *health);

/* A trial has come to its end. */
void server_health_end_trial(struct server_health *health, enum server_trial trial);

/* A request succeeded. */
void server_health_succeed(struct server_health *health);

/* A request failed; every count_max-th in a row (0: none) the health thread is woken. */
void server_health_fail(struct server_health *health, enum server_failure failure,
                        uint32_t count_max);

/* As in the list above. */
const char *server_health_failure_word(enum server_failure failure);
const char *server_health_failure_text(enum server_failure failure);

#endif
