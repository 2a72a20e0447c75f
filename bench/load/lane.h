/*
 * A thread of load with its connections: an epoll loop that starts operations when they are due and
 * counts how they end. Created by the main thread, run by its own, read by the main thread once
 * that has ended; only the atomics are read before.
 *
 * A lane is of traffic, which is measured, or of mode mix's storm: its thread runs when no other
 * wants the CPU, so that what is measured waits for the server alone.
 */
#ifndef LOAD_LANE_H
#define LOAD_LANE_H

#include <stdatomic.h>

#include "base/list.h"
#include "base/result.h"
#include "identity_set.h"
#include "pace.h"
#include "plan.h"
#include "tally.h"
#include "target.h"
#include "tls_client.h"

#define LANE_DESCRIPTION_SIZE 128
#define LANE_MESSAGE_SIZE     TLS_CLIENT_MESSAGE_SIZE

struct connection;

/* What all lanes of a run share. */
struct lane_run {
    const struct plan *plan;
    const struct target *target;
    const struct identity_set *identities;
    uint64_t start_ns;   /* monotonic */
    uint64_t measure_ns; /* from then on it is counted */
    /* Written by the main thread (in mode idle when all are open), read by the lanes: a number
     * alone, nothing is published with it, so relaxed on both sides. */
    _Atomic uint64_t end_ns;
    _Atomic uint64_t lanes_open; /* mode idle: lanes whose connections are all open, or failed */
    _Atomic uint64_t source_count;
};

/* Which of how many lanes that share the traffic, or the storm. */
struct lane_place {
    uint64_t number; /* from 0 on */
    uint64_t count;
    bool is_storm;
};

/* Of a thread, since its start: time on a CPU, and time in which it wanted one. */
struct lane_usage {
    uint64_t cpu_ns;
    uint64_t waiting_ns;
};

struct lane {
    struct lane_run *run;
    struct lane_place place;
    int cpu; /* -1: not pinned */

    struct tls_client_context **contexts;
    size_t context_count;
    size_t next_context;
    struct tls_client_pipe pipe;
    uint8_t *received; /* ciphertext, of one connection at a time */
    uint8_t *plain;

    struct connection *connections;
    size_t connection_count;
    size_t active_count; /* operations under way */
    size_t held_count;   /* mode idle */
    int epoll;
    struct pace pace;
    struct list free;    /* have no operation */
    struct list timing;  /* operations under way, the oldest first */
    struct list pausing; /* after a fault, the first to wake first */
    struct list again;   /* may have more to receive than one turn took */
    uint64_t now_ns;

    struct tally *tally;
    uint64_t window_ns;      /* that was measured */
    struct lane_usage begin; /* at its begin and its end */
    struct lane_usage end;
    char description[LANE_DESCRIPTION_SIZE]; /* of the first handshake: version, suite, group */
};

/*
 * A lane with its part of the plan's connections. ERROR_BAD_INPUT and its like with a message when
 * something of the plan cannot be used.
 */
struct result lane_create(struct lane_run *run, struct lane_place place, struct lane **ret_lane,
                          char message[LANE_MESSAGE_SIZE]);
void lane_destroy(struct lane *lane);

/* Runs to the end of the run. */
void lane_work(struct lane *lane);

/* For connection.c: the measured time is now. */
bool lane_measures(const struct lane *lane);
uint64_t lane_end_ns(const struct lane *lane);

#endif
