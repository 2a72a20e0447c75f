/*
 * Starting and stopping, and the signals in between. Nothing is bound before everything that can be
 * checked has been, and no client is let in before every worker is ready.
 */
#include "gateway.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/allocator_arenas.h"
#include "base/clock.h"
#include "control/control_signals.h"
#include "control/counter_lines.h"
#include "control/descriptor_limit.h"
#include "control/drain.h"
#include "control/endpoint_sockets.h"
#include "control/file_watch.h"
#include "control/generation_builder.h"
#include "control/log_writer.h"
#include "control/message_log.h"
#include "control/privileges.h"
#include "control/reload.h"
#include "control/reload_desk.h"
#include "control/service.h"
#include "control/shared_services.h"
#include "control/stats_service.h"
#include "control/worker_group.h"
#include "net/ring_features.h"
#include "tls/tls_library.h"

/* Descriptors for everything that is not a connection: rings, logs, listening sockets, files read
 * on reload. */
#define RESERVED_DESCRIPTORS 32

/* The longest sleep of a worker; nothing else depends on it. */
#define TURN_LIMIT_MS 1000

/* How often it looks whether what reloads have left is still used. */
#define COLLECT_LOOK_MS 100

struct gateway {
    const char *config_path;
    struct service *service;
    struct generations generations;
    struct config_restarts *restarts;
    struct log_writer *log_writer;
    struct worker_group group;
    struct shared_services services;
    struct privileges privileges;
    struct inherited_sockets inherited;
    struct endpoint_sockets sockets; /* until they are the workers' */
    struct traffic_labels labels;
    struct stats_service *stats; /* NULL: none is configured */
    uint32_t stats_client_count;
    uint32_t connections_max;
    struct file_watch *watch;
    sigset_t signals;
    bool has_left_reading; /* some thread may still read a configuration */
    struct reload_desk desk;
};

[[gnu::format(printf, 1, 2)]] static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    message_log_say_list(format, arguments);
    va_end(arguments);
}

/* Of other threads too. */
static void say_line(const char *line)
{
    say("%s", line);
}

static const struct config_gateway *settings(const struct gateway *gateway)
{
    return &gateway->generations.current->config->gateway;
}

/* Starting. */

static struct result check_ring(void)
{
    char memory[512];
    struct text reason = text_over(memory, sizeof(memory));
    struct result result = ring_features_check(&reason);
    if (!result_is_ok(result)) {
        say("error: %s", text_terminate(&reason));
    }
    return result;
}

static struct result load(struct gateway *gateway)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct generation *generation = NULL;
    struct result result =
        generation_builder_build(gateway->config_path, &diagnostics, &generation);
    generations_replace(&gateway->generations, generation); /* NULL: there is none */
    if (result_is_ok(result)) {
        result = privileges_find(settings(gateway), &diagnostics, &gateway->privileges);
    }
    message_log_say_diagnostics(&diagnostics);
    if (!result_is_ok(result)) {
        say("%zu %s in %s; nothing was started", diagnostics.error_count,
            diagnostics.error_count == 1 ? "error" : "errors", gateway->config_path);
    }
    diagnostics_deinit(&diagnostics);
    return result;
}

static void fit_connections_to_descriptors(struct gateway *gateway)
{
    const struct config_gateway *wanted = settings(gateway);
    uint64_t limit = descriptor_limit_raise();
    gateway->stats_client_count = stats_service_client_count(limit);
    uint64_t reserved = RESERVED_DESCRIPTORS + gateway->stats_client_count +
                        shared_services_descriptor_count(limit) +
                        wanted->worker_count * (4 + gateway->generations.current->endpoint_count);
    gateway->connections_max = descriptor_limit_fit(wanted->connections_max, limit, reserved);
}

/* Of the user that the gateway has become by now. */
static struct result open_logs(struct gateway *gateway)
{
    struct log_change logs;
    struct diagnostics diagnostics;
    TRY(log_writer_create(message_log_queue(), &gateway->log_writer));
    diagnostics_init(&diagnostics);
    struct result result =
        log_writer_prepare(gateway->log_writer, settings(gateway), &diagnostics, &logs);
    message_log_say_diagnostics(&diagnostics);
    diagnostics_deinit(&diagnostics);
    if (result_is_ok(result)) {
        log_writer_publish(gateway->log_writer, &logs);
    }
    return result;
}

/* For every worker, before the first is started; from the service manager, where it has passed
 * some. */
static struct result open_sockets(struct gateway *gateway)
{
    char memory[160];
    struct text reason = text_over(memory, sizeof(memory));
    struct result result = inherited_sockets_receive(&gateway->inherited, &reason);
    if (!result_is_ok(result)) {
        say("error: %s", text_terminate(&reason));
        return result;
    }
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct endpoint_wish wish = {
        .generation = gateway->generations.current,
        .worker_count = settings(gateway)->worker_count,
        .inherited = &gateway->inherited,
        .diagnostics = &diagnostics,
    };
    result = endpoint_sockets_open(&gateway->sockets, &wish);
    message_log_say_diagnostics(&diagnostics);
    diagnostics_deinit(&diagnostics);
    return result;
}

/* Before any thread is started; what the gateway opens from now on must be within the user's reach.
 */
static struct result drop_privileges(const struct gateway *gateway)
{
    struct result result = privileges_drop(&gateway->privileges);
    if (!result_is_ok(result)) {
        say("error: cannot become user '%s': %s; start as root, or as that user",
            gateway->privileges.user_name, result_text(result));
        return result;
    }
    if (privileges_are_root()) {
        say("warning: running as root, which nothing here needs: set user in [gateway]");
    }
    return check_ring(); /* io_uring may be allowed to root alone */
}

static struct result start_worker(struct gateway *gateway)
{
    const struct config_gateway *wanted = settings(gateway);
    uint32_t index = gateway->group.count;
    struct worker_settings worker_settings = {
        .generation = gateway->generations.current,
        .shared = &gateway->services.shared,
        .listen_sockets = endpoint_sockets_of(&gateway->sockets, index),
        .shares_sockets = gateway->sockets.are_shared,
        .index = index,
        .cpu = wanted->cpus == NULL ? -1 : (int32_t)wanted->cpus[index],
        .connections_max =
            (gateway->connections_max + wanted->worker_count - 1) / wanted->worker_count,
        .turn_limit_ms = service_sleep_limit_ms(gateway->service, TURN_LIMIT_MS),
    };
    struct result result = worker_group_add(&gateway->group, &worker_settings);
    endpoint_sockets_give(&gateway->sockets, index);
    if (!result_is_ok(result)) {
        say("error: worker %u cannot start: %s%s", index, result_text(result),
            result.code == ERROR_LIMIT_REACHED ? "; raise `ulimit -n`, or LimitNOFILE in the unit"
                                               : "");
        return result;
    }
    service_watch(gateway->service, worker_turn_count(gateway->group.workers[index]));
    return RESULT_OK;
}

static struct result start_workers(struct gateway *gateway)
{
    struct result result = RESULT_OK;
    for (uint32_t i = 0; i < gateway->group.capacity && result_is_ok(result); i++) {
        result = start_worker(gateway);
    }
    return result;
}

static struct result start_services(struct gateway *gateway)
{
    struct result result = shared_services_start(&gateway->services, gateway->generations.current,
                                                 &gateway->group, say_line);
    if (!result_is_ok(result)) {
        say("error: the caches and their threads cannot start: %s", result_text(result));
    }
    traffic_labels_add(&gateway->labels, gateway->generations.current->config);
    gateway->services.shared.labels = &gateway->labels;
    return result;
}

/* Before the workers: an instance that runs already shows here. */
static struct result start_stats(struct gateway *gateway)
{
    char memory[512];
    struct text reason = text_over(memory, sizeof(memory));
    struct stats_service_settings stats_settings = {
        .generation = gateway->generations.current,
        .client_count_max = gateway->stats_client_count,
        .services = &gateway->services,
        .log_writer = gateway->log_writer,
        .desk = &gateway->desk,
    };
    struct result result = stats_service_start(&stats_settings, &reason, &gateway->stats);
    if (!result_is_ok(result)) {
        say("error: %s", text_terminate(&reason));
    }
    return result;
}

static struct result start(struct gateway *gateway)
{
    TRY(check_ring());
    TRY(file_watch_create(gateway->config_path, &gateway->watch));
    file_watch_note(gateway->watch);
    TRY(load(gateway));
    TRY(config_restarts_create(gateway->generations.current->config, &gateway->restarts));
    fit_connections_to_descriptors(gateway);
    TRY(open_sockets(gateway));
    TRY(drop_privileges(gateway));
    TRY(open_logs(gateway));
    TRY(worker_group_init(&gateway->group, settings(gateway)->worker_count));
    TRY(start_services(gateway));
    TRY(service_create(settings(gateway)->worker_count, &gateway->service));
    TRY(start_stats(gateway));
    TRY(start_workers(gateway));
    TRY(log_writer_start(gateway->log_writer, gateway->group.log_queues, gateway->group.count));
    TRY(stats_service_watch(gateway->stats, &gateway->group));
    allocator_arenas_reserve();
    worker_group_open(&gateway->group);
    shared_services_forget_ticket_seed(&gateway->services);
    stats_service_enter(gateway->stats, STATS_READY);
    file_watch_enable(gateway->watch, settings(gateway)->watches_files);
    return RESULT_OK;
}

static void tell_ready(const struct gateway *gateway)
{
    service_ready(gateway->service, "serving %zu %s with %u %s, at most %u clients",
                  gateway->generations.current->endpoint_count,
                  gateway->generations.current->endpoint_count == 1 ? "address" : "addresses",
                  gateway->group.count, gateway->group.count == 1 ? "worker" : "workers",
                  gateway->connections_max);
}

static void say_ready(const struct gateway *gateway)
{
    tell_ready(gateway);
    say("ready: %u %s, at most %u clients", gateway->group.count,
        gateway->group.count == 1 ? "worker" : "workers", gateway->connections_max);
    for (size_t i = 0; i < gateway->generations.current->endpoint_count; i++) {
        say("listening on %s", gateway->generations.current->endpoints[i].address.source.text);
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
    say("%s", text_terminate(&outcome));
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
    file_watch_enable(gateway->watch, settings(gateway)->watches_files);
    tell_ready(gateway);
    reload_desk_answer(&gateway->desk, asked_count, result, &diagnostics);
    diagnostics_deinit(&diagnostics);
}

static void reload_if_changed(struct gateway *gateway)
{
    const char *changed = file_watch_find_change(gateway->watch);
    if (changed != NULL) {
        say("%s has changed: reloading", changed);
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
        say("not reloaded: the gateway is stopping");
    }
}

static int await_signal_of_drain(void *owner, uint32_t limit_ms)
{
    return await_signal(owner, limit_ms);
}

static void drain(struct gateway *gateway)
{
    drain_run(&(struct drain){
        .settings = settings(gateway),
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
        say("stopped");
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
    struct result result = start(&gateway);
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
