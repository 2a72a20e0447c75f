/*
 * Ejection: a row of failed requests, unless too many servers are missing already; a time that
 * doubles; then one request as a trial. Checks: a row of bad ones, a row of good ones. Each reason
 * is a bar of its own in the word that workers look at, and a server gets requests when it has
 * none.
 */
#include "health_judge.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

/* Relaxed throughout, as server_health.h says: each word stands for itself. */

static uint32_t bars_of(const struct health_server *server)
{
    return server_health_bars(server->shared);
}

static void set_bars(struct health_server *server, uint32_t bars)
{
    atomic_fetch_or_explicit(&server->shared->bars, bars, memory_order_relaxed);
}

static void clear_bars(struct health_server *server, uint32_t bars)
{
    atomic_fetch_and_explicit(&server->shared->bars, ~bars, memory_order_relaxed);
}

[[gnu::format(printf, 3, 4)]] static void say(const struct health_server *server, struct text *log,
                                              const char *format, ...)
{
    char memory[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(memory, sizeof(memory), format, arguments);
    va_end(arguments);
    text_append_format(log, "backend %s: server %s %s\n", server->backend->name, server->text,
                       memory);
}

static void note_reason(struct health_server *server, const char *reason)
{
    (void)snprintf(server->reason, sizeof(server->reason), "%s", reason);
}

void health_judge_begin(struct health_server *server)
{
    atomic_store_explicit(&server->shared->bars, 0, memory_order_relaxed);
    atomic_store_explicit(&server->shared->failures_in_row, 0, memory_order_relaxed);
    atomic_store_explicit(&server->shared->trial, SERVER_TRIAL_NONE, memory_order_relaxed);
    server->ejected_until_ms = 0;
    server->returned_ms = 0;
    server->ejected_ms = 0;
    server->ejection_count = 0;
    server->is_trial_offered = false;
    server->checks_in_row = 0;
    server->next_check_ms = 0;
    server->reason[0] = '\0';
}

/* Ejection. */

static uint32_t next_time_ms(const struct health_server *server)
{
    const struct config_ejection *ejection = &server->backend->config->ejection;
    uint64_t time_ms = ejection->time_ms;
    for (uint32_t i = 1; i < server->ejection_count && time_ms < ejection->time_max_ms; i++) {
        time_ms *= 2;
    }
    return time_ms < ejection->time_max_ms ? (uint32_t)time_ms : ejection->time_max_ms;
}

static const char *latest_failure(const struct health_server *server)
{
    uint32_t failure = atomic_load_explicit(&server->shared->latest_failure, memory_order_relaxed);
    return server_health_failure_text((enum server_failure)failure);
}

static void eject(struct health_server *server, uint64_t now_ms)
{
    server->ejection_count++;
    server->ejections_total++;
    server->ejected_ms = next_time_ms(server);
    server->ejected_until_ms = now_ms + server->ejected_ms;
    server->is_trial_offered = false;
    note_reason(server, latest_failure(server));
    set_bars(server, SERVER_EJECTED);
}

static void take_back(struct health_server *server, uint64_t now_ms)
{
    server->returned_ms = now_ms;
    server->is_trial_offered = false;
    atomic_store_explicit(&server->shared->failures_in_row, 0, memory_order_relaxed);
    clear_bars(server, SERVER_EJECTED | SERVER_ON_TRIAL);
}

static void offer_trial(struct health_server *server)
{
    server->is_trial_offered = true;
    set_bars(server, SERVER_ON_TRIAL);
}

/* Whoever failed a while ago and was well since begins anew. */
static void consider_ejection(struct health_server *server, uint64_t now_ms, struct text *log)
{
    uint32_t count = server->backend->config->ejection.failure_count;
    if (server->returned_ms + server->ejected_ms <= now_ms) {
        server->ejection_count = 0;
    }
    /* One of an earlier time may have ended only now. */
    atomic_store_explicit(&server->shared->trial, SERVER_TRIAL_NONE, memory_order_relaxed);
    eject(server, now_ms);
    say(server, log, "is left out for %u ms: %u %s, the latest: %s", server->ejected_ms, count,
        text_noun(count, "request failed", "requests in a row failed"), latest_failure(server));
}

static void take_trial(struct health_server *server, uint64_t now_ms, struct text *log)
{
    bool is_due = !server->is_trial_offered && now_ms >= server->ejected_until_ms;
    uint32_t trial =
        atomic_exchange_explicit(&server->shared->trial, SERVER_TRIAL_NONE, memory_order_relaxed);
    if (trial == SERVER_TRIAL_GOOD) {
        take_back(server, now_ms);
        say(server, log, "is back: its trial succeeded");
    } else if (trial == SERVER_TRIAL_BAD) {
        eject(server, now_ms);
        say(server, log, "is left out for another %u ms: its trial failed: %s", server->ejected_ms,
            latest_failure(server));
    } else if (trial == SERVER_TRIAL_GIVEN_UP || is_due) {
        offer_trial(server);
    }
}

static uint32_t allowed_count(const struct health_backend *backend, uint32_t server_count)
{
    return (uint32_t)((uint64_t)server_count * backend->config->ejection.share_percent / 100);
}

struct missing {
    uint32_t server_count;
    uint32_t count;                /* of those that get no requests */
    struct health_server *ejected; /* the one for the longest time; for nothing else */
};

static struct missing count_missing(struct health_backend *backend)
{
    struct missing missing = {0};
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        struct health_server *server = health_server_of(node);
        uint32_t bars = bars_of(server) & ~(uint32_t)SERVER_ON_TRIAL;
        if (server->address == NULL) {
            continue;
        }
        missing.server_count++;
        missing.count += bars != 0;
        if (bars == SERVER_EJECTED &&
            (missing.ejected == NULL ||
             server->ejected_until_ms < missing.ejected->ejected_until_ms)) {
            missing.ejected = server;
        }
    }
    return missing;
}

static bool has_failed(const struct health_server *server)
{
    uint32_t count = server->backend->config->ejection.failure_count;
    return count > 0 && bars_of(server) == 0 &&
           atomic_load_explicit(&server->shared->failures_in_row, memory_order_relaxed) >= count;
}

/* Others were disabled or found dead since: there would be too few. */
static void end_surplus(struct health_backend *backend, uint64_t now_ms, struct text *log)
{
    struct missing missing = count_missing(backend);
    while (missing.ejected != NULL &&
           missing.count > allowed_count(backend, missing.server_count)) {
        take_back(missing.ejected, now_ms);
        say(missing.ejected, log, "is back: too few others are left");
        missing = count_missing(backend);
    }
}

static void look_at_server(struct health_server *server, uint64_t now_ms, struct text *log)
{
    bool is_ejected = (bars_of(server) & SERVER_EJECTED) != 0;
    if (is_ejected && server->backend->config->ejection.failure_count == 0) {
        take_back(server, now_ms);
        say(server, log, "is back: eject_after = 0");
    } else if (is_ejected) {
        take_trial(server, now_ms, log);
    } else if (has_failed(server)) {
        struct missing missing = count_missing(server->backend);
        if (missing.count < allowed_count(server->backend, missing.server_count)) {
            consider_ejection(server, now_ms, log);
        }
    }
}

static uint64_t due_ms(const struct health_server *server)
{
    bool waits = (bars_of(server) & SERVER_EJECTED) != 0 && !server->is_trial_offered;
    return waits ? server->ejected_until_ms : UINT64_MAX;
}

uint64_t health_judge_look(struct health_backend *backend, uint64_t now_ms, struct text *log)
{
    uint64_t next_ms = UINT64_MAX;
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        if (health_server_of(node)->address != NULL) {
            look_at_server(health_server_of(node), now_ms, log);
        }
    }
    end_surplus(backend, now_ms, log);
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        const struct health_server *server = health_server_of(node);
        if (server->address != NULL && due_ms(server) < next_ms) {
            next_ms = due_ms(server);
        }
    }
    health_judge_count_servers(backend, log);
    return next_ms;
}

/* Checks. */

/* The first check of all decides alone: until then the server was only taken for well. */
static void fall(struct health_server *server, bool is_first, const char *reason, struct text *log)
{
    note_reason(server, reason);
    set_bars(server, SERVER_CHECKED_DOWN);
    if (is_first) {
        say(server, log, "is down: its first check failed: %s", reason);
    } else {
        say(server, log, "is down: %u %s, the latest: %s", server->checks_in_row,
            text_noun(server->checks_in_row, "check failed", "checks in a row failed"), reason);
    }
}

void health_judge_take_check(struct health_server *server, const struct health_outcome *outcome,
                             struct text *log)
{
    const struct config_health_check *check = &server->backend->config->health_check;
    bool is_down = (bars_of(server) & SERVER_CHECKED_DOWN) != 0;
    bool is_first = server->checks_in_row == 0;
    bool goes_on = !is_first && server->was_latest_check_good == outcome->is_good;
    server->checks_total++;
    server->bad_checks_total += !outcome->is_good;
    server->checks_in_row = goes_on ? server->checks_in_row + 1 : 1;
    server->was_latest_check_good = outcome->is_good;
    if (outcome->is_good && is_down && server->checks_in_row >= check->rise_count) {
        clear_bars(server, SERVER_CHECKED_DOWN);
        say(server, log, "is up: %u %s good", server->checks_in_row,
            text_noun(server->checks_in_row, "check was", "checks in a row were"));
    } else if (!outcome->is_good && !is_down &&
               (is_first || server->checks_in_row >= check->fall_count)) {
        fall(server, is_first, outcome->reason, log);
    }
}

void health_judge_forget_checks(struct health_server *server, struct text *log)
{
    server->checks_in_row = 0;
    server->next_check_ms = 0;
    if ((bars_of(server) & SERVER_CHECKED_DOWN) != 0) {
        clear_bars(server, SERVER_CHECKED_DOWN);
        say(server, log, "is taken for up: it is checked no more");
    }
}

/* The whole. */

void health_judge_count_servers(struct health_backend *backend, struct text *log)
{
    struct missing missing = count_missing(backend);
    bool is_without = missing.count == missing.server_count;
    if (is_without != backend->is_without_server) {
        backend->is_without_server = is_without;
        text_append_format(log, "backend %s: %s\n", backend->name,
                           is_without ? "no server is left: its requests are answered with 502"
                                      : "has a server again");
    }
}

void health_judge_disable(struct health_server *server, bool is_disabled, struct text *log)
{
    bool was_disabled = (bars_of(server) & SERVER_DISABLED) != 0;
    if (is_disabled == was_disabled) {
        return;
    }
    if (is_disabled) {
        set_bars(server, SERVER_DISABLED);
        say(server, log, "is disabled: it gets no new requests");
    } else {
        clear_bars(server, SERVER_DISABLED);
        say(server, log, "is enabled");
    }
}
