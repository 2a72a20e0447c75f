/*
 * A gateway from its start to its end, and the signals in between.
 */
#include "gateway.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "control/control_signals.h"
#include "control/counter_lines.h"
#include "control/drain.h"
#include "control/message_log.h"
#include "control/reload.h"
#include "gateway_parts.h"
#include "tls/tls_library.h"

/* How often it looks whether what reloads have left is still used. */
#define COLLECT_LOOK_MS 100

static void tell_ready(const struct gateway *gateway)
{
    size_t address_count = gateway->generations.current->endpoint_count;
    service_ready(gateway->service, "serving %zu %s with %u %s, at most %u %s", address_count,
                  text_noun(address_count, "address", "addresses"), gateway->group.count,
                  text_noun(gateway->group.count, "worker", "workers"), gateway->connections_max,
                  text_noun(gateway->connections_max, "client", "clients"));
}

static void say_ready(const struct gateway *gateway)
{
    tell_ready(gateway);
    message_log_tell("ready: %u %s, at most %u %s", gateway->group.count,
                     text_noun(gateway->group.count, "worker", "workers"), gateway->connections_max,
                     text_noun(gateway->connections_max, "client", "clients"));
    for (size_t i = 0; i < gateway->generations.current->endpoint_count; i++) {
        message_log_tell("listening on %s",
                         gateway->generations.current->endpoints[i].address.source.text);
    }
}

/* Running. */

static void print_counters(const void *subject, FILE *output)
{
    const struct gateway *gateway = subject;
    counter_lines_print(&gateway->group, &gateway->services, gateway->log_writer, output);
}

static void say_reload(const struct gateway *gateway, struct result result,
                       const struct diagnostics *diagnostics)
{
    char memory[PATH_MAX + 256];
    struct text outcome = text_over(memory, sizeof(memory));
    message_log_say_diagnostics(diagnostics);
    reload_append_outcome(gateway->config_path, result, diagnostics->error_count, &outcome);
    message_log_tell("%s", text_terminate(&outcome));
}

/* Whoever stops the gateway does not wait for a name server. */
static bool look_after_service(void *owner)
{
    service_look(((struct gateway *)owner)->service);
    return !control_signals_is_end_pending();
}

static void reload(struct gateway *gateway)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct reload reload = {
        .config_path = gateway->config_path,
        .generations = &gateway->generations,
        .group = &gateway->group,
        .services = &gateway->services,
        .log_writer = gateway->log_writer,
        .inherited = &gateway->inherited,
        .restarts = gateway->restarts,
        .diagnostics = &diagnostics,
        .labels = &gateway->labels,
        .look = look_after_service,
        .owner = gateway,
    };
    uint64_t asked_count = reload_desk_begin(&gateway->desk);
    file_watch_note(gateway->watch);
    service_reloading(gateway->service);
    struct result result = reload_apply(&reload);
    gateway->has_left_reading |= result.code == ERROR_CANCELLED;
    say_reload(gateway, result, &diagnostics);
    log_writer_flush(gateway->log_writer); /* whoever is told below may look there */
    stats_service_note_reload(gateway->stats, gateway->generations.current, result, &diagnostics);
    file_watch_enable(gateway->watch, gateway_settings(gateway)->watches_files);
    tell_ready(gateway);
    reload_desk_answer(&gateway->desk, asked_count, result, &diagnostics);
    diagnostics_deinit(&diagnostics);
}

static void reload_if_changed(struct gateway *gateway)
{
    const char *changed = file_watch_find_change(gateway->watch);
    if (changed != NULL) {
        message_log_tell("%s has changed: reloading", changed);
        reload(gateway);
    }
}

/* The next signal, or -1 after limit_ms at most; looks after the watchdog and what reloads have
 * left meanwhile. */
static int await_signal(struct gateway *gateway, uint32_t limit_ms)
{
    bool is_left = generations_collect(&gateway->generations);
    if (shared_services_reclaim(&gateway->services) || is_left) {
        limit_ms = limit_ms < COLLECT_LOOK_MS ? limit_ms : COLLECT_LOOK_MS;
    }
    service_look(gateway->service);
    uint32_t wait_ms = service_wait_ms(gateway->service);
    wait_ms = wait_ms < limit_ms ? wait_ms : limit_ms;
    const struct timespec limit = {.tv_sec = wait_ms / 1000,
                                   .tv_nsec = (long)(wait_ms % 1000) * 1000000L};
    return sigtimedwait(&gateway->signals, NULL, &limit);
}

/* Until a signal that ends the gateway, which is returned. */
static int serve(struct gateway *gateway)
{
    while (true) {
        int signal_number = await_signal(gateway, file_watch_wait_ms(gateway->watch));
        switch (signal_number) {
        case SIGTERM:
        case SIGINT:
        case SIGQUIT:
            return signal_number;
        case SIGUSR1:
            log_writer_reopen(gateway->log_writer);
            break;
        case SIGUSR2:
            message_log_print(print_counters, gateway);
            break;
        case SIGHUP:
            reload(gateway);
            break;
        case SIGIO:
            file_watch_take(gateway->watch);
            break;
        default:
            break;
        }
        reload_if_changed(gateway);
    }
}

/* Stopping. */

/* A drain may last for an hour: what looks after the logs goes on. */
static void take_signal_of_drain(void *owner, int signal_number)
{
    const struct gateway *gateway = owner;
    if (signal_number == SIGUSR1) {
        log_writer_reopen(gateway->log_writer);
    } else if (signal_number == SIGUSR2) {
        message_log_print(print_counters, gateway);
    } else if (signal_number == SIGHUP) {
        message_log_tell("not reloaded: the gateway is stopping");
    }
}

static int await_signal_of_drain(void *owner, uint32_t limit_ms)
{
    return await_signal(owner, limit_ms);
}

static void drain(struct gateway *gateway)
{
    drain_run(&(struct drain){
        .settings = gateway_settings(gateway),
        .group = &gateway->group,
        .services = &gateway->services,
        .stats = gateway->stats,
        .service = gateway->service,
        .await_signal = await_signal_of_drain,
        .take_signal = take_signal_of_drain,
        .owner = gateway,
    });
}

static void end_threads(struct gateway *gateway, bool was_running)
{
    worker_group_join(&gateway->group);
    stats_service_stop(gateway->stats); /* it looks into all that goes now */
    shared_services_stop(&gateway->services);
    if (was_running) {
        message_log_tell("stopped");
    }
    message_log_unsettle();
    log_writer_stop(gateway->log_writer);
}

static void take_down(struct gateway *gateway)
{
    worker_group_deinit(&gateway->group);
    endpoint_sockets_close(&gateway->sockets);
    inherited_sockets_close(&gateway->inherited);
    log_writer_destroy(gateway->log_writer);
    service_destroy(gateway->service);
    config_restarts_destroy(gateway->restarts);
    file_watch_destroy(gateway->watch);
    generations_deinit(&gateway->generations);
    shared_services_deinit(&gateway->services);
    message_log_close();
}

struct result gateway_run(const char *config_path)
{
    struct gateway gateway = {.config_path = config_path};
    generations_init(&gateway.generations);
    control_signals_take(&gateway.signals);
    TRY(message_log_open());
    reload_desk_open(&gateway.desk);
    TRY(tls_library_start());
    struct result result = gateway_start(&gateway);
    if (result_is_ok(result)) {
        say_ready(&gateway);
        message_log_settle();
        int signal_number = serve(&gateway);
        reload_desk_close(&gateway.desk); /* nobody waits for a reload that does not come */
        if (signal_number == SIGQUIT) {
            service_stopping(gateway.service, "stopping");
            drain_cut(&gateway.group, &gateway.services);
        } else {
            drain(&gateway);
        }
    } else {
        reload_desk_close(&gateway.desk); /* the stats thread may wait for one already */
        drain_cut(&gateway.group, &gateway.services);
    }
    end_threads(&gateway, result_is_ok(result));
    take_down(&gateway);
    if (!gateway.has_left_reading) {
        tls_library_stop();
    }
    return result;
}
