/* Looking at counters: no message has to reach a worker that may hang, and none is disturbed. */
#include "watchdog.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/check.h"

#define LIMIT_USEC_MAX ((uint64_t)UINT32_MAX * 1000)

uint32_t watchdog_read_limit_ms(const char *limit_usec, const char *watched_pid, uint64_t pid)
{
    uint64_t limit = 0;
    uint64_t wanted_pid = pid;
    if (limit_usec == NULL ||
        !bytes_to_number(bytes_from_string(limit_usec), LIMIT_USEC_MAX, &limit) ||
        (watched_pid != NULL &&
         !bytes_to_number(bytes_from_string(watched_pid), UINT64_MAX, &wanted_pid)) ||
        wanted_pid != pid) {
        return 0;
    }
    return (uint32_t)(limit / 1000);
}

struct result watchdog_init(struct watchdog *watchdog, uint32_t limit_ms, size_t watched_count_max)
{
    *watchdog = (struct watchdog){.watched_count_max = watched_count_max};
    if (limit_ms == 0) {
        return RESULT_OK;
    }
    watchdog->watched = calloc(watched_count_max, sizeof(*watchdog->watched));
    if (watchdog->watched == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    watchdog->period_ms = limit_ms / WATCHDOG_LOOKS_IN_LIMIT;
    watchdog->period_ms += watchdog->period_ms == 0;
    return RESULT_OK;
}

void watchdog_deinit(struct watchdog *watchdog)
{
    free(watchdog->watched);
    *watchdog = (struct watchdog){0};
}

void watchdog_watch(struct watchdog *watchdog, const _Atomic uint64_t *turn_count)
{
    if (watchdog->period_ms == 0) {
        return;
    }
    CHECK(watchdog->watched_count < watchdog->watched_count_max);
    watchdog->watched[watchdog->watched_count++] = (struct watched){.turn_count = turn_count};
}

/* Relaxed: only whether the counter moves is of interest, nothing is read because of it. */
static bool has_moved(const struct watched *watched)
{
    uint64_t now = atomic_load_explicit(watched->turn_count, memory_order_relaxed);
    return now != watched->seen || now == WATCHDOG_ENDED;
}

bool watchdog_look(struct watchdog *watchdog, uint64_t now_ms)
{
    if (watchdog->period_ms == 0 || now_ms < watchdog->due_ms) {
        return false;
    }
    watchdog->due_ms = now_ms + watchdog->period_ms;
    for (size_t i = 0; i < watchdog->watched_count; i++) {
        if (!has_moved(&watchdog->watched[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < watchdog->watched_count; i++) {
        struct watched *watched = &watchdog->watched[i];
        watched->seen = atomic_load_explicit(watched->turn_count, memory_order_relaxed);
    }
    return true;
}

uint32_t watchdog_wait_ms(const struct watchdog *watchdog, uint64_t now_ms)
{
    if (watchdog->period_ms == 0) {
        return UINT32_MAX;
    }
    return now_ms < watchdog->due_ms ? (uint32_t)(watchdog->due_ms - now_ms) : 0;
}
