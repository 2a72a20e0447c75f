/*
 * The limits of --max-p99 and its kin: which were given, and which the results miss. The main
 * thread's.
 */
#ifndef LOAD_LIMIT_H
#define LOAD_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

/* Places in plan.latency_max_ns. */
enum limit_latency {
    LIMIT_P50,
    LIMIT_P90,
    LIMIT_P99,
    LIMIT_P999,
    LIMIT_MOST,
    LIMIT_LATENCY_COUNT,
};

#define LIMIT_COUNT_MAX (LIMIT_LATENCY_COUNT + 3)
#define LIMIT_TEXT_SIZE 96

struct results;

struct limit_verdict {
    const char *option; /* without the dashes */
    char text[LIMIT_TEXT_SIZE];
    bool is_kept;
};

/* One verdict for each limit that was given; how many. A limit without a measurement is missed. */
size_t limit_judge(const struct plan *plan, const struct results *results,
                   struct limit_verdict ret_verdicts[LIMIT_COUNT_MAX]);

#endif
