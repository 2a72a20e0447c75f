/*
 * Waiting for the last request. Signals come through the gateway's own way to them, which looks
 * after the watchdog meanwhile.
 */
#include "control/drain.h"

#include <signal.h>

#include "base/clock.h"
#include "control/message_log.h"

/* How often it is looked whether the workers have ended. */
#define LOOK_MS 10

void drain_cut(const struct worker_group *group, const struct shared_services *services)
{
    worker_group_stop(group);
    shared_services_hurry(services);
}

static bool means_now(int signal_number)
{
    return signal_number == SIGTERM || signal_number == SIGINT || signal_number == SIGQUIT;
}

/* Whoever spreads the clients sees that the gateway is not ready, and has time to look elsewhere
 * before anybody is refused. False: a second signal means now. */
static bool hold_open(const struct drain *drain)
{
    uint32_t delay_ms = drain->settings->drain_delay_ms;
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t end_ms = now_ms + delay_ms;
    if (delay_ms > 0) {
        message_log_say(MESSAGE_NOTICE, "not ready any more; clients are let in for another %u ms",
                        delay_ms);
    }
    for (; now_ms < end_ms; now_ms = clock_monotonic_ms()) {
        int signal_number = drain->await_signal(drain->owner, (uint32_t)(end_ms - now_ms));
        if (means_now(signal_number)) {
            return false;
        }
        drain->take_signal(drain->owner, signal_number);
    }
    return true;
}

static void begin(const struct drain *drain)
{
    uint32_t limit_ms = drain->settings->drain_timeout_ms;
    message_log_say(MESSAGE_NOTICE,
                    "draining: no new clients, at most %u ms for those that are here", limit_ms);
    worker_group_drain(drain->group, limit_ms);
}

/* The workers know the limit; who waits for OCSP learns of it here, and when no client waits with
 * him any more. */
static void await_workers(const struct drain *drain, bool is_cut)
{
    uint64_t end_ms = clock_monotonic_ms() + drain->settings->drain_timeout_ms;
    bool has_hurried = is_cut;
    while (!worker_group_has_ended(drain->group)) {
        int signal_number = drain->await_signal(drain->owner, LOOK_MS);
        drain->take_signal(drain->owner, signal_number);
        if (!is_cut && means_now(signal_number)) {
            is_cut = has_hurried = true;
            drain_cut(drain->group, drain->services);
        }
        if (!has_hurried &&
            (worker_group_is_deserted(drain->group) || clock_monotonic_ms() >= end_ms)) {
            has_hurried = true;
            shared_services_hurry(drain->services);
        }
    }
}

void drain_run(const struct drain *drain)
{
    const struct config_gateway *settings = drain->settings;
    stats_service_enter(drain->stats, STATS_DRAINING);
    service_stopping(drain->service, "draining for at most %u ms",
                     settings->drain_delay_ms + settings->drain_timeout_ms);
    bool is_open = hold_open(drain);
    if (is_open) {
        begin(drain);
    } else {
        drain_cut(drain->group, drain->services);
    }
    await_workers(drain, !is_open);
}
