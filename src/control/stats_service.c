/* Between the gateway's parts and the stats server, which knows neither workers nor generations. */
#include "control/stats_service.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend_switch.h"

/* One client for so many descriptors. */
#define DESCRIPTORS_OF_CLIENT 64
#define CLIENT_COUNT_MIN      4

struct stats_service {
    struct stats_server *server;
    struct stats_worker_source *workers; /* one a worker */
    struct stats_sources sources;
    struct reload_desk *desk;
    _Atomic bool is_draining; /* by signal, or asked for */
};

static struct result publish(struct stats_service *service, const struct generation *generation)
{
    struct stats_catalogue *catalogue = NULL;
    TRY(stats_catalogue_create(generation, service->sources.labels, &catalogue));
    stats_server_publish(service->server, catalogue);
    return RESULT_OK;
}

uint32_t stats_service_client_count(uint64_t descriptor_count_max)
{
    uint64_t count = descriptor_count_max / DESCRIPTORS_OF_CLIENT;
    if (count < CLIENT_COUNT_MIN) {
        return CLIENT_COUNT_MIN;
    }
    return count < STATS_CLIENT_COUNT_MAX ? (uint32_t)count : STATS_CLIENT_COUNT_MAX;
}

/* What is said of the result stands behind whatever else there is to say. */
#define OUTCOME_BYTES_MAX 64
_Static_assert(RELOAD_DESK_REPORT_BYTES_MAX + OUTCOME_BYTES_MAX <= STATS_REPORT_BYTES_MAX,
               "the outcome of a reload always fits its answer");

static struct result ask_to_reload(void *owner, struct text *report)
{
    const struct stats_service *service = owner;
    struct result result = reload_desk_ask(service->desk, report);
    if (result.code == ERROR_CANCELLED) {
        text_append_string(report, "not reloaded: the gateway is stopping\n");
    }
    text_append_string(report, result_is_ok(result) ? "the new configuration is in use\n"
                                                    : "the configuration in use stays\n");
    return result;
}

/* As if the signal had come: the control thread alone takes it. */
static struct result raise_signal(int number)
{
    return kill(getpid(), number) == 0 ? RESULT_OK : result_failure(ERROR_SYSTEM);
}

/* Whoever asks again wants no other thing: a second signal would cut off all that is under way. */
static struct result ask_to_drain(void *owner, struct text *report)
{
    struct stats_service *service = owner;
    if (atomic_exchange(&service->is_draining, true)) {
        text_append_string(report, "draining already; `sallyport stop` ends it at once\n");
        return RESULT_OK;
    }
    text_append_string(report, "draining: no new clients after drain_delay, at most drain_timeout "
                               "for those here\n");
    return raise_signal(SIGTERM);
}

static struct result ask_to_stop(void *owner, struct text *report)
{
    (void)owner;
    text_append_string(report, "stopping\n");
    return raise_signal(SIGQUIT);
}

static struct result disable(void *owner, struct bytes target, bool is_disabled,
                             struct text *report)
{
    const struct stats_service *service = owner;
    return backend_switch_set(service->sources.backend_health, target, is_disabled, report);
}

static struct result start(struct stats_service *service,
                           const struct stats_service_settings *settings, struct text *reason)
{
    const struct config_gateway *gateway = &settings->generation->config->gateway;
    struct stats_catalogue *catalogue = NULL;
    TRY(stats_catalogue_create(settings->generation, service->sources.labels, &catalogue));
    struct stats_server_settings server_settings = {
        .socket_path = gateway->stats_socket,
        .address = gateway->stats_address.length_bytes > 0 ? &gateway->stats_address : NULL,
        .client_count_max = settings->client_count_max,
        .sources = service->sources,
        .catalogue = catalogue,
        .actions = {.owner = service,
                    .reload = ask_to_reload,
                    .drain = ask_to_drain,
                    .stop = ask_to_stop,
                    .disable = disable},
    };
    struct result result = stats_server_start(&server_settings, reason, &service->server);
    if (!result_is_ok(result)) {
        stats_catalogue_destroy(catalogue);
    }
    return result;
}

struct result stats_service_start(const struct stats_service_settings *settings,
                                  struct text *reason, struct stats_service **ret_service)
{
    const struct config_gateway *gateway = &settings->generation->config->gateway;
    if (gateway->stats_socket == NULL && gateway->stats_address.length_bytes == 0) {
        return RESULT_OK;
    }
    struct stats_service *service = calloc(1, sizeof(*service));
    if (service == NULL) {
        text_append_string(reason, result_text(result_failure(ERROR_OUT_OF_MEMORY)));
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    const struct worker_shared *shared = &settings->services->shared;
    service->desk = settings->desk;
    service->sources = (struct stats_sources){
        .trust_cache = shared->trust_cache,
        .engine_trust_cache = &settings->services->engine_trust_counters,
        .log_writer = settings->log_writer,
        .ocsp = ocsp_engine_counters(shared->ocsp_engine),
        .ocsp_cache = shared->ocsp_cache,
        .ocsp_store = settings->services->ocsp_store,
        .labels = shared->labels,
        .backend_health = settings->services->backend_health,
    };
    struct result result = start(service, settings, reason);
    if (!result_is_ok(result)) {
        text_append_string(reason, reason->length == 0 ? result_text(result) : "");
        stats_service_stop(service);
        return result;
    }
    *ret_service = service;
    return RESULT_OK;
}

struct result stats_service_watch(struct stats_service *service, const struct worker_group *group)
{
    if (service == NULL) {
        return RESULT_OK;
    }
    service->workers = calloc(group->count + 1, sizeof(*service->workers));
    if (service->workers == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (uint32_t i = 0; i < group->count; i++) {
        const struct worker *worker = group->workers[i];
        service->workers[i] = (struct stats_worker_source){
            worker_counters(worker), worker_trust_cache_counters(worker), group->log_queues[i]};
    }
    service->sources.workers = service->workers;
    service->sources.worker_count = group->count;
    stats_server_watch(service->server, &service->sources);
    return RESULT_OK;
}

void stats_service_enter(struct stats_service *service, enum stats_phase phase)
{
    if (service != NULL) {
        if (phase == STATS_DRAINING) {
            atomic_store(&service->is_draining, true);
        }
        stats_server_enter(service->server, phase);
    }
}

void stats_service_note_reload(struct stats_service *service, const struct generation *generation,
                               struct result result, const struct diagnostics *diagnostics)
{
    if (service == NULL) {
        return;
    }
    bool is_good = result_is_ok(result);
    if (is_good && !result_is_ok(publish(service, generation))) {
        stats_server_publish(service->server, NULL); /* nothing is better than what was */
    }
    struct reload_failure failure = reload_failure_of(result, diagnostics);
    stats_server_note_reload(service->server, is_good ? NULL : &failure);
}

void stats_service_stop(struct stats_service *service)
{
    if (service == NULL) {
        return;
    }
    stats_server_stop(service->server);
    free(service->workers);
    free(service);
}
