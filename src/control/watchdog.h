/*
 * Whether everybody who carries traffic still makes progress. Owner: the control thread; each
 * counter is written by its worker alone.
 *
 * A service manager's watchdog must not be fed by a thread that only feeds it: here one worker that
 * hangs is enough to let it starve.
 */
#ifndef CONTROL_WATCHDOG_H
#define CONTROL_WATCHDOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* A look each quarter of the limit: one that came a moment too early is not the last in time. */
#define WATCHDOG_LOOKS_IN_LIMIT 4

/* What a counter says whose thread has ended as it was told to. */
#define WATCHDOG_ENDED UINT64_MAX

struct watched {
    const _Atomic uint64_t *turn_count;
    uint64_t seen; /* when the watchdog was fed last */
};

struct watchdog {
    uint32_t period_ms; /* between two looks; 0: nobody wants to know */
    uint64_t due_ms;    /* of the next look, by clock_monotonic_ms() */
    struct watched *watched;
    size_t watched_count;
    size_t watched_count_max;
};

/*
 * The limit that WATCHDOG_USEC sets, in milliseconds; 0 for none: it is missing or no number, or
 * WATCHDOG_PID names another process than pid (sd_watchdog_enabled(3)). Either may be NULL.
 */
uint32_t watchdog_read_limit_ms(const char *limit_usec, const char *watched_pid, uint64_t pid);

/* limit_ms 0: never asks for anything. ERROR_OUT_OF_MEMORY. */
struct result watchdog_init(struct watchdog *watchdog, uint32_t limit_ms, size_t watched_count_max);

/* Initialised or zeroed. */
void watchdog_deinit(struct watchdog *watchdog);

/* A counter that must move; it outlives the watchdog. At most watched_count_max. */
void watchdog_watch(struct watchdog *watchdog, const _Atomic uint64_t *turn_count);

/* Whether the service manager is to be told now that all is well: a look is due, and all have
 * moved. */
bool watchdog_look(struct watchdog *watchdog, uint64_t now_ms);

/* Until the next look; UINT32_MAX without a watchdog. */
uint32_t watchdog_wait_ms(const struct watchdog *watchdog, uint64_t now_ms);

#endif
