/*
 * What a run has found, and the figures that reports, comparisons and limits take from it: one
 * table of measures. The main thread's; constant once a run has ended.
 */
#ifndef LOAD_RESULTS_H
#define LOAD_RESULTS_H

#include "limit.h"
#include "plan.h"
#include "server_watch.h"
#include "tally.h"

#define RESULTS_DESCRIPTION_SIZE 128

struct target;

struct results_lane {
    uint64_t window_ns;
    uint64_t cpu_ns;
    uint64_t waiting_ns; /* for a CPU */
};

struct results {
    const struct plan *plan;
    const struct target *target;
    struct tally *tally;
    int64_t started_at; /* seconds since 1970 */
    uint64_t elapsed_ns;
    uint64_t storm_elapsed_ns; /* mode mix */
    bool was_interrupted;
    size_t identity_count;
    char description[RESULTS_DESCRIPTION_SIZE]; /* version, suite, group */

    struct results_lane lanes[PLAN_THREADS_MAX]; /* of traffic */
    size_t lane_count;

    bool has_server;                   /* it was watched, and has not ended meanwhile */
    bool server_ended;                 /* it was, and has */
    struct server_usage server_before; /* the begin of the measured time; in mode idle of the run */
    struct server_usage server_after;
    uint64_t kernel_before; /* bytes; mode idle */
    uint64_t kernel_after;
    uint64_t held_count; /* mode idle: connections that were open at the end */

    struct limit_verdict limits[LIMIT_COUNT_MAX];
    size_t limit_count;
};

enum results_better {
    RESULTS_LESS_IS_BETTER,
    RESULTS_MORE_IS_BETTER,
};

/* One figure. Absent: NAN. */
struct results_measure {
    const char *key;   /* in JSON */
    const char *label; /* for people */
    const char *unit;  /* "us", "/s", "B/s", "B", "s/GB", "" */
    enum results_better better;
    double (*value)(const struct results *results);
};

/* In the order of reports. */
extern const struct results_measure results_measures[];
extern const size_t results_measure_count;

double results_rate(const struct results *results);
double results_storm_rate(const struct results *results);    /* NAN: there was none */
double results_server_cpu_ns(const struct results *results); /* an operation; NAN: not known */

/* The share of time (0 to 1) in which a lane used or wanted a CPU. */
double results_busy(const struct results_lane *lane);

/* Whether a lane was busy nearly all the time: what was measured then is the client. */
bool results_client_was_limit(const struct results *results);

/* Whether there was less than 95 % of --storm-rate: the latency is that of a lesser storm. */
bool results_storm_fell_short(const struct results *results);

/* A value with its unit, as for people; "-" when absent. */
const char *results_write(const struct results_measure *measure, double value, char memory[32]);

#endif
