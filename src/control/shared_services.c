/*
 * Starting and ending the services in their order: the domain of reclaiming first and last, the
 * caches, then the threads that write into them. Called by the control thread.
 */
#include "control/shared_services.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "backend_health.h"
#include "base/clock.h"
#include "base/text.h"
#include "control/staple_list.h"

/* A refusal is remembered for seconds only; more at once is a flood. */
#define REFUSALS_REMEMBERED_MAX 4096

/* Beside the workers: the engine, the store, and the control thread. */
#define OTHER_MEMBERS 3

/* Questions that may wait at once, all responders together. */
#define OCSP_QUESTIONS_MAX 65536

/* Between two writings of the OCSP cache's file. */
#define STORE_INTERVAL_MS 30000

static struct result create_caches(struct shared_services *services,
                                   const struct config_gateway *wanted)
{
    struct worker_shared *shared = &services->shared;
    struct trust_cache_settings trust_settings = {
        .entry_count_max = wanted->trust_cache_entries,
        .size_bytes_max = wanted->trust_cache_size_bytes,
        .failure_count_max = REFUSALS_REMEMBERED_MAX,
    };
    struct ocsp_cache_settings ocsp_settings = {
        .entry_count_max = wanted->ocsp_cache_entries,
        .size_bytes_max = wanted->ocsp_cache_size_bytes,
    };
    TRY(reclaim_create(wanted->worker_count + OTHER_MEMBERS, &shared->reclaim));
    services->member = reclaim_join(shared->reclaim);
    TRY(trust_cache_create(&trust_settings, &shared->trust_cache));
    return ocsp_cache_create(&ocsp_settings, &shared->ocsp_cache);
}

static struct result create_ticket_keys(struct shared_services *services,
                                        const struct generation *generation)
{
    const struct config_gateway *wanted = &generation->config->gateway;
    if (!wanted->has_session_tickets) {
        return RESULT_OK;
    }
    TRY(ticket_seed_init(&services->ticket_seed, wanted->ticket_key_lifetime_ms,
                         clock_monotonic_ms()));
    memcpy(services->ticket_seed.fixed, generation->ticket_keys, sizeof(generation->ticket_keys));
    services->ticket_seed.fixed_count = generation->ticket_key_count;
    services->shared.ticket_seed = &services->ticket_seed;
    return RESULT_OK;
}

/* On the engine's thread. The lease is over before anybody is told to look. */
static void on_withdrawn(void *owner, struct reclaim_member *member, const struct ocsp_id *ids,
                         size_t count)
{
    struct shared_services *services = owner;
    struct trust_cache_user user = {.cache = services->shared.trust_cache,
                                    .member = member,
                                    .counters = &services->engine_trust_counters};
    trust_cache_remove_certificates(&user, ids, count);
    worker_group_review_leases(services->group);
}

static void on_report(void *owner, const char *line)
{
    struct shared_services *services = owner;
    services->say(line);
}

static void say_loaded(struct shared_services *services, const char *path,
                       const struct ocsp_store_outcome *outcome)
{
    char memory[512];
    struct text line = text_over(memory, sizeof(memory));
    text_append_format(&line, "ocsp_cache_file = %s: %zu %s loaded, %zu too old, %zu bad", path,
                       outcome->loaded_count, text_noun(outcome->loaded_count, "answer", "answers"),
                       outcome->expired_count, outcome->bad_count);
    services->say(text_terminate(&line));
}

/* A file that cannot be read costs fetches, not the start. */
static struct result load_ocsp_cache(struct shared_services *services, const char *path)
{
    struct ocsp_store_outcome outcome = {0};
    struct reclaim_member *member = services->member;
    reclaim_wake(member);
    struct result result =
        ocsp_store_load(path, services->shared.ocsp_cache, member, clock_wall_seconds(), &outcome);
    int error_number = errno;
    reclaim_sleep(member);
    if (result.code == ERROR_FILE) {
        char memory[512];
        struct text line = text_over(memory, sizeof(memory));
        text_append_format(&line, "warning: ocsp_cache_file = %s: %s; starting without it", path,
                           strerror(error_number));
        services->say(text_terminate(&line));
        return RESULT_OK;
    }
    TRY(result);
    say_loaded(services, path, &outcome);
    return RESULT_OK;
}

static struct result start_ocsp(struct shared_services *services,
                                const struct config_gateway *wanted)
{
    struct ocsp_engine_settings engine_settings = {
        .cache = services->shared.ocsp_cache,
        .reclaim = services->shared.reclaim,
        .inflight_max = wanted->ocsp_inflight_max,
        .question_count_max = OCSP_QUESTIONS_MAX,
        .owner = services,
        .withdrawn = on_withdrawn,
        .report = on_report,
    };
    struct ocsp_store_settings store_settings = {
        .path = wanted->ocsp_cache_file.text,
        .cache = services->shared.ocsp_cache,
        .reclaim = services->shared.reclaim,
        .interval_ms = STORE_INTERVAL_MS,
    };
    if (store_settings.path != NULL) {
        TRY(load_ocsp_cache(services, store_settings.path));
    }
    TRY(ocsp_engine_start(&engine_settings, &services->shared.ocsp_engine));
    return store_settings.path == NULL ? RESULT_OK
                                       : ocsp_store_start(&store_settings, &services->ocsp_store);
}

/* The limit that the gateway has raised as far as it may. */
static uint32_t probe_count(void)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return backend_health_probe_count(limit.rlim_cur);
}

static struct result start_health(struct shared_services *services, struct generation *generation)
{
    struct backend_health_settings settings = {
        .worker_count = generation->config->gateway.worker_count,
        .probe_count_max = probe_count(),
        .say = services->say,
    };
    TRY(backend_health_create(&settings, &services->backend_health));
    TRY(backend_health_adopt(services->backend_health, generation));
    backend_health_publish(services->backend_health, generation);
    return backend_health_start(services->backend_health);
}

struct result shared_services_start(struct shared_services *services, struct generation *generation,
                                    const struct worker_group *group, void (*say)(const char *line))
{
    const struct config_gateway *wanted = &generation->config->gateway;
    *services = (struct shared_services){.group = group, .say = say};
    TRY(create_caches(services, wanted));
    TRY(create_ticket_keys(services, generation));
    TRY(start_ocsp(services, wanted));
    TRY(start_health(services, generation));
    return staple_list_keep(services->shared.ocsp_engine, generation);
}

uint32_t shared_services_descriptor_count(uint64_t descriptor_count_max)
{
    return backend_health_probe_count(descriptor_count_max) + 1; /* its bell */
}

void shared_services_forget_policy(struct shared_services *services, const uint8_t *policy_id)
{
    struct trust_cache_user user = {.cache = services->shared.trust_cache,
                                    .member = services->member,
                                    .counters = &services->control_trust_counters};
    reclaim_wake(services->member);
    trust_cache_remove_policy(&user, policy_id);
    reclaim_sleep(services->member);
}

bool shared_services_reclaim(struct shared_services *services)
{
    size_t before_count;
    do {
        before_count = reclaim_waiting_count(services->member);
        reclaim_wake(services->member);
        reclaim_sleep(services->member);
    } while (reclaim_waiting_count(services->member) < before_count);
    return before_count > 0;
}

struct result shared_services_renew_ticket_seed(struct shared_services *services)
{
    if (services->shared.ticket_seed == NULL) {
        return RESULT_OK;
    }
    return ticket_seed_init(&services->ticket_seed, services->ticket_seed.lifetime_ms,
                            clock_monotonic_ms());
}

void shared_services_forget_ticket_seed(struct shared_services *services)
{
    ticket_seed_forget(&services->ticket_seed);
}

void shared_services_hurry(const struct shared_services *services)
{
    if (services->shared.ocsp_engine != NULL) {
        ocsp_engine_shut(services->shared.ocsp_engine);
    }
}

void shared_services_stop(struct shared_services *services)
{
    backend_health_stop(services->backend_health);
    ocsp_engine_stop(services->shared.ocsp_engine);
    ocsp_store_stop(services->ocsp_store); /* with what came last */
}

void shared_services_deinit(struct shared_services *services)
{
    backend_health_destroy(services->backend_health);
    reclaim_destroy(services->shared.reclaim);
    trust_cache_destroy(services->shared.trust_cache);
    ocsp_cache_destroy(services->shared.ocsp_cache);
    ticket_seed_deinit(&services->ticket_seed);
}
