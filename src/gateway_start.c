/*
 * Starting a gateway, in its order. Nothing is bound before everything that can be checked has
 * been, and no client is let in before every worker is ready.
 */
#include <string.h>

#include "base/allocator_arenas.h"
#include "base/text.h"
#include "config/config_restarts.h"
#include "control/descriptor_limit.h"
#include "control/generation_builder.h"
#include "control/message_log.h"
#include "gateway_parts.h"
#include "net/ring_features.h"

/* Descriptors for everything that is not a connection: rings, logs, listening sockets, files read
 * on reload. */
#define RESERVED_DESCRIPTORS 32

/* The longest sleep of a worker; nothing else depends on it. */
#define TURN_LIMIT_MS 1000

/* Of other threads too. */
static void say_line(const char *line)
{
    message_log_tell("%s", line);
}

static struct result check_ring(void)
{
    char memory[512];
    struct text reason = text_over(memory, sizeof(memory));
    struct result result = ring_features_check(&reason);
    if (!result_is_ok(result)) {
        message_log_tell("error: %s", text_terminate(&reason));
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
        result = privileges_find(gateway_settings(gateway), &diagnostics, &gateway->privileges);
    }
    message_log_say_diagnostics(&diagnostics);
    if (!result_is_ok(result)) {
        message_log_tell("%zu %s in %s; nothing was started", diagnostics.error_count,
                         text_noun(diagnostics.error_count, "error", "errors"),
                         gateway->config_path);
    }
    diagnostics_deinit(&diagnostics);
    return result;
}

static void fit_connections_to_descriptors(struct gateway *gateway)
{
    const struct config_gateway *wanted = gateway_settings(gateway);
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
        log_writer_prepare(gateway->log_writer, gateway_settings(gateway), &diagnostics, &logs);
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
        message_log_tell("error: %s", text_terminate(&reason));
        return result;
    }
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct endpoint_wish wish = {
        .generation = gateway->generations.current,
        .worker_count = gateway_settings(gateway)->worker_count,
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
        message_log_tell("error: cannot become user '%s': %s; start as root, or as that user",
                         gateway->privileges.user_name, result_text(result));
        return result;
    }
    if (privileges_are_root()) {
        message_log_tell(
            "warning: running as root, which nothing here needs: set user in [gateway]");
    }
    return check_ring(); /* io_uring may be allowed to root alone */
}

static struct result start_worker(struct gateway *gateway)
{
    const struct config_gateway *wanted = gateway_settings(gateway);
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
        message_log_tell("error: worker %u cannot start: %s%s", index, result_text(result),
                         result.code == ERROR_LIMIT_REACHED
                             ? "; raise `ulimit -n`, or LimitNOFILE in the unit"
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
        message_log_tell("error: the caches and their threads cannot start: %s",
                         result_text(result));
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
        message_log_tell("error: %s", text_terminate(&reason));
    }
    return result;
}

struct result gateway_start(struct gateway *gateway)
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
    TRY(worker_group_init(&gateway->group, gateway_settings(gateway)->worker_count));
    TRY(start_services(gateway));
    TRY(service_create(gateway_settings(gateway)->worker_count, &gateway->service));
    TRY(start_stats(gateway));
    TRY(start_workers(gateway));
    TRY(log_writer_start(gateway->log_writer, gateway->group.log_queues, gateway->group.count));
    TRY(stats_service_watch(gateway->stats, &gateway->group));
    allocator_arenas_reserve();
    worker_group_open(&gateway->group);
    shared_services_forget_ticket_seed(&gateway->services);
    stats_service_enter(gateway->stats, STATS_READY);
    file_watch_enable(gateway->watch, gateway_settings(gateway)->watches_files);
    return RESULT_OK;
}
