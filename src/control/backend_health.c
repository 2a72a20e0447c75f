/*
 * The accounts of servers: found by the name of their backend and their address, kept while a
 * generation names them, counting from the start of the generation in use.
 */
#include "backend_health.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "health_register.h"
#include "health_thread.h"

/* One check at a time for so many descriptors. */
#define DESCRIPTORS_OF_PROBE 64
#define PROBE_COUNT_MIN      4

uint32_t backend_health_probe_count(uint64_t descriptor_count_max)
{
    uint64_t count = descriptor_count_max / DESCRIPTORS_OF_PROBE;
    if (count < PROBE_COUNT_MIN) {
        return PROBE_COUNT_MIN;
    }
    return count < HEALTH_PROBE_COUNT_MAX ? (uint32_t)count : HEALTH_PROBE_COUNT_MAX;
}

/* Begin and end. */

struct result backend_health_create(const struct backend_health_settings *settings,
                                    struct backend_health **ret_health)
{
    struct backend_health *health = calloc(1, sizeof(*health));
    if (health == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    health->settings = *settings;
    list_init(&health->backends);
    health->log = text_over(health->log_memory, sizeof(health->log_memory));
    (void)pthread_mutex_init(&health->lock, NULL); /* cannot fail without attributes */
    health->probes = calloc(settings->probe_count_max, sizeof(*health->probes));
    health->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (health->probes == NULL || health->bell < 0) {
        enum error code = health->probes == NULL ? ERROR_OUT_OF_MEMORY : ERROR_LIMIT_REACHED;
        backend_health_destroy(health);
        return result_failure(code);
    }
    *ret_health = health;
    return RESULT_OK;
}

struct result backend_health_start(struct backend_health *health)
{
    if (pthread_create(&health->thread, NULL, health_thread_run, health) != 0) {
        return result_failure(ERROR_THREAD);
    }
    (void)pthread_setname_np(health->thread, "health"); /* only what top shows */
    health->is_running = true;
    return RESULT_OK;
}

static void wake(const struct backend_health *health)
{
    (void)eventfd_write(health->bell, 1);
}

void backend_health_stop(struct backend_health *health)
{
    if (health != NULL && health->is_running) {
        atomic_store(&health->must_stop, true);
        wake(health);
        (void)pthread_join(health->thread, NULL);
        health->is_running = false;
    }
}

static void free_server(struct health_server *server)
{
    if (server->probe != NULL) {
        server->probe->server = NULL; /* its check is closed in the thread's next turn */
    }
    server_health_destroy(server->shared);
    free(server);
}

void backend_health_destroy(struct backend_health *health)
{
    if (health == NULL) {
        return;
    }
    CHECK(list_is_empty(&health->backends)); /* the last generation has released what it had */
    for (uint32_t i = 0; health->probes != NULL && i < health->settings.probe_count_max; i++) {
        health_probe_close(&health->probes[i]);
    }
    if (health->bell >= 0) {
        (void)close(health->bell);
    }
    (void)pthread_mutex_destroy(&health->lock);
    free(health->probes);
    free(health);
}

/* Finding and making accounts; under the lock. */

static struct health_backend *find_backend(const struct backend_health *health, const char *name)
{
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        if (strcmp(health_backend_of(at)->name, name) == 0) {
            return health_backend_of(at);
        }
    }
    return NULL;
}

static struct health_backend *need_backend(struct backend_health *health, const char *name)
{
    struct health_backend *backend = find_backend(health, name);
    if (backend != NULL) {
        return backend;
    }
    backend = calloc(1, sizeof(*backend));
    if (backend != NULL) {
        memcpy(backend->name, name, strlen(name) + 1); /* the loader bounds it */
        list_init(&backend->servers);
        list_add_last(&health->backends, &backend->place);
    }
    return backend;
}

static struct health_server *find_server(const struct health_backend *backend, const char *text)
{
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        if (strcmp(health_server_of(node)->text, text) == 0) {
            return health_server_of(node);
        }
    }
    return NULL;
}

static struct health_server *need_server(const struct backend_health *health,
                                         struct health_backend *backend, const char *text)
{
    struct health_server *server = find_server(backend, text);
    if (server != NULL) {
        return server;
    }
    server = calloc(1, sizeof(*server));
    struct server_health *shared =
        server_health_create(health->settings.worker_count, health->bell);
    if (server == NULL || shared == NULL) {
        free(server);
        server_health_destroy(shared);
        return NULL;
    }
    server->backend = backend;
    server->shared = shared;
    memcpy(server->text, text, strlen(text) + 1); /* both are as long */
    list_add_last(&backend->servers, &server->place);
    return server;
}

static struct result adopt_backend(struct backend_health *health, const char *name,
                                   struct backend_addresses *addresses)
{
    struct health_backend *backend = need_backend(health, name);
    if (backend == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < addresses->count; i++) {
        struct health_server *server = need_server(health, backend, addresses->items[i].text);
        if (server == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        server->generation_count++;
        addresses->items[i].health = server->shared;
    }
    return RESULT_OK;
}

struct result backend_health_adopt(struct backend_health *health, struct generation *generation)
{
    struct result result = RESULT_OK;
    (void)pthread_mutex_lock(&health->lock);
    generation->health = health;
    for (size_t i = 0; i < generation->config->backend_count && result_is_ok(result); i++) {
        result =
            adopt_backend(health, generation->config->backends[i].name, &generation->backends[i]);
    }
    (void)pthread_mutex_unlock(&health->lock);
    return result;
}

/* Without those that were not adopted because memory ran out. */
static void release_backend(struct backend_health *health, const char *name,
                            struct backend_addresses *addresses)
{
    struct health_backend *backend = find_backend(health, name);
    for (size_t i = 0; backend != NULL && i < addresses->count; i++) {
        struct backend_address *address = &addresses->items[i];
        struct health_server *server =
            address->health == NULL ? NULL : find_server(backend, address->text);
        if (server != NULL && --server->generation_count == 0) {
            list_remove(&server->place);
            free_server(server);
        }
        address->health = NULL;
    }
    if (backend != NULL && list_is_empty(&backend->servers)) {
        list_remove(&backend->place);
        free(backend);
    }
}

void backend_health_release(struct backend_health *health, struct generation *generation)
{
    (void)pthread_mutex_lock(&health->lock);
    for (size_t i = 0; i < generation->config->backend_count; i++) {
        release_backend(health, generation->config->backends[i].name, &generation->backends[i]);
    }
    generation->health = NULL;
    (void)pthread_mutex_unlock(&health->lock);
}

/* Publishing; under the lock. */

/* Another address of the same server has been disabled: a name that resolves anew stays so. */
static bool is_disabled_by_name(const struct health_server *newcomer, const char *written)
{
    for (struct list *node = newcomer->backend->servers.next; node != &newcomer->backend->servers;
         node = node->next) {
        const struct health_server *server = health_server_of(node);
        if (server != newcomer && server->address != NULL &&
            strcmp(server->address->server->source.text, written) == 0 &&
            (server_health_bars(server->shared) & SERVER_DISABLED) != 0) {
            return true;
        }
    }
    return false;
}

static void begin_server(struct backend_health *health, struct health_server *server,
                         const struct backend_address *address)
{
    health_judge_begin(server);
    bool is_disabled =
        server->backend->is_disabled || is_disabled_by_name(server, address->server->source.text);
    health_judge_disable(server, is_disabled, &health->log);
}

static void publish_backend(struct backend_health *health, struct health_backend *backend,
                            const struct config_backend *config,
                            const struct backend_addresses *addresses)
{
    bool has_other_interval =
        backend->config == NULL ||
        backend->config->health_check.interval_ms != config->health_check.interval_ms;
    backend->config = config;
    for (size_t i = 0; i < addresses->count; i++) {
        struct health_server *server = find_server(backend, addresses->items[i].text);
        if (server->address == NULL) {
            begin_server(health, server, &addresses->items[i]);
        } else if (config->health_check.kind == CONFIG_CHECK_OFF) {
            health_judge_forget_checks(server, &health->log);
        } else if (has_other_interval) {
            server->next_check_ms = 0;
        }
    }
}

/* Marks what the former generation had alone, and puts the rest into the order of this one. */
static void order_servers(struct health_backend *backend, const struct backend_addresses *addresses)
{
    for (struct list *node = backend->servers.next; node != &backend->servers; node = node->next) {
        health_server_of(node)->address = NULL;
    }
    for (size_t i = 0; addresses != NULL && i < addresses->count; i++) {
        struct health_server *server = find_server(backend, addresses->items[i].text);
        server->address = &addresses->items[i];
        list_remove(&server->place);
        list_add_last(&backend->servers, &server->place);
    }
}

static void retire_backends(struct backend_health *health, const struct config *config)
{
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        struct health_backend *backend = health_backend_of(at);
        bool is_there = false;
        for (size_t i = 0; i < config->backend_count; i++) {
            is_there |= strcmp(config->backends[i].name, backend->name) == 0;
        }
        if (!is_there) {
            backend->config = NULL;
            backend->is_disabled = false;
            backend->is_without_server = false;
            order_servers(backend, NULL);
        }
    }
}

void backend_health_publish(struct backend_health *health, const struct generation *generation)
{
    const struct config *config = generation->config;
    (void)pthread_mutex_lock(&health->lock);
    retire_backends(health, config);
    for (size_t i = 0; i < config->backend_count; i++) {
        struct health_backend *backend = find_backend(health, config->backends[i].name);
        publish_backend(health, backend, &config->backends[i], &generation->backends[i]);
        order_servers(backend, &generation->backends[i]);
        list_remove(&backend->place);
        list_add_last(&health->backends, &backend->place);
    }
    (void)pthread_mutex_unlock(&health->lock);
    wake(health);
}
