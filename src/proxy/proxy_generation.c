/*
 * Making a generation servable, moving clients from one to the next, and noticing when the last has
 * left. Created by the control thread; the rest is called by the worker's steps and turns.
 */
#include "proxy_generation.h"

#include <stdlib.h>

#include "base/check.h"
#include "client_trust.h"
#include "exchange.h"
#include "request_edit.h"
#include "staple.h"
#include "tls/tls_credential.h"

/* Leases of tunnels are looked at after a change, so many milliseconds apart, not all at once. */
#define REVIEW_STEP_MS 16
#define REVIEW_STEPS   64

/* After the limit, as long as a handshake goes on. */
#define LOOK_AGAIN_MS 1000

static struct result init_pools(struct proxy_generation *made)
{
    const struct config *config = made->content->config;
    made->pools = calloc(config->backend_count, sizeof(*made->pools));
    made->edits = calloc(request_edit_count_max(config), sizeof(*made->edits));
    if (made->pools == NULL || made->edits == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->backend_count; i++) {
        backend_pool_init(&made->pools[i], &made->proxy->backend_room, &config->backends[i],
                          &made->content->backends[i]);
    }
    return RESULT_OK;
}

static void find_labels(struct site *site, const struct traffic_labels *labels)
{
    const struct config_listener *listener = site->listener;
    if (labels == NULL) {
        site->profile_label = site->listener_label = site->route_label = LABEL_OTHER;
        return;
    }
    site->profile_label = label_table_find(&labels->profiles, listener->ssl_profile->name);
    site->listener_label = label_table_find(&labels->listeners, listener->name);
    site->route_label = traffic_labels_find_route(labels, listener);
}

static struct result init_site(struct proxy_generation *made,
                               const struct config_listener *listener)
{
    struct proxy *proxy = made->proxy;
    const struct generation *content = made->content;
    const struct config *config = content->config;
    struct site *site = &made->sites[listener->index];
    site->generation = made;
    site->listener = listener;
    find_labels(site, proxy->around.labels);
    site->trust_policy = content->trust_policies[listener->ssl_profile - config->ssl_profiles];
    site->pool = &made->pools[listener->backend - config->backends];
    struct tls_site tls_site = {
        .tickets = proxy->around.ticket_seed == NULL ? NULL : &proxy->tickets,
        .find_staple = staple_is_possible(site) ? staple_find : NULL,
    };
    TRY(trust_policy_bind(site->trust_policy, bytes_from_string(listener->name), tls_site.binding));
    if (listener->ssl_profile->verify_mode != CONFIG_VERIFY_OFF) {
        tls_site.ca_names = trust_policy_ca_name_list(site->trust_policy);
    }
    return tls_context_create(
        (const struct tls_credential *const *)content->tls_credentials[listener->index],
        listener->certificate_count, listener->ssl_profile, &tls_site, &site->tls_context);
}

static struct result init_sites(struct proxy_generation *made)
{
    const struct config *config = made->content->config;
    made->sites = calloc(config->listener_count, sizeof(*made->sites));
    if (made->sites == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < config->listener_count; i++) {
        TRY(init_site(made, &config->listeners[i]));
    }
    return RESULT_OK;
}

static void on_limit(struct timer *timer);

struct result proxy_generation_create(struct proxy *proxy, const struct generation *content,
                                      struct proxy_generation **ret_generation)
{
    struct proxy_generation *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    made->proxy = proxy;
    made->content = content;
    made->limit.expired = on_limit;
    /* Relaxed: the control thread frees nothing that it is still preparing. */
    atomic_fetch_add_explicit(&content->users->trust_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&content->users->count, 1, memory_order_relaxed);
    struct result result = init_pools(made);
    if (result_is_ok(result)) {
        result = init_sites(made);
    }
    if (!result_is_ok(result)) {
        proxy_generation_destroy(made);
        return result;
    }
    *ret_generation = made;
    return RESULT_OK;
}

/* Contexts are destroyed where their sessions live: the library frees one with its last session. */
static void leave_trust(struct proxy_generation *generation)
{
    if (generation->has_left_trust) {
        return;
    }
    generation->has_left_trust = true;
    size_t count = generation->sites == NULL ? 0 : generation->content->config->listener_count;
    for (size_t i = 0; i < count; i++) {
        tls_context_destroy(generation->sites[i].tls_context);
        generation->sites[i].tls_context = NULL;
        generation->sites[i].trust_policy = NULL;
    }
    /* Release, here and below: pairs with the control thread's acquire before it frees. */
    atomic_fetch_sub_explicit(&generation->content->users->trust_count, 1, memory_order_release);
}

void proxy_generation_destroy(struct proxy_generation *generation)
{
    if (generation == NULL) {
        return;
    }
    struct generation_users *users = generation->content->users;
    leave_trust(generation);
    free(generation->sites);
    free(generation->pools);
    free(generation->edits);
    free(generation);
    atomic_fetch_sub_explicit(&users->count, 1, memory_order_release);
}

const struct generation *proxy_generation_content(const struct proxy_generation *generation)
{
    return generation->content;
}

/* Moving. */

static const struct config_listener *find_listener(const struct endpoint *endpoint,
                                                   const char *name)
{
    for (size_t i = 0; endpoint != NULL && i < endpoint->listener_count; i++) {
        if (strcmp(endpoint->listeners[i]->name, name) == 0) {
            return endpoint->listeners[i];
        }
    }
    return NULL;
}

static bool has_endpoint(const struct proxy_generation *generation, const struct endpoint *endpoint)
{
    const struct generation *content = generation->content;
    return endpoint >= content->endpoints &&
           endpoint < content->endpoints + content->endpoint_count;
}

/* A client that was in the queue of a socket that is being closed may still be served. */
struct proxy_generation *proxy_generation_of_endpoint(const struct proxy *proxy,
                                                      const struct endpoint *endpoint)
{
    if (has_endpoint(proxy->current, endpoint)) {
        return proxy->current;
    }
    for (struct list *node = proxy->retired.next; node != &proxy->retired; node = node->next) {
        struct proxy_generation *generation = LIST_OWNER(node, struct proxy_generation, place);
        if (has_endpoint(generation, endpoint) && !generation->has_left_trust) {
            return generation;
        }
    }
    return NULL;
}

void proxy_generation_enter(struct connection *connection, struct proxy_generation *generation,
                            const struct endpoint *endpoint)
{
    connection->generation = generation;
    generation->client_count++;
    connection->endpoint = endpoint;
}

void proxy_generation_leave(struct connection *connection)
{
    if (connection->generation != NULL) {
        connection->generation->client_count--;
        connection->generation = NULL;
    }
}

bool proxy_generation_follow(struct connection *connection)
{
    struct proxy_generation *current = connection->proxy->current;
    if (connection->generation == current) {
        return true;
    }
    const struct endpoint *endpoint =
        generation_find_endpoint(current->content, &connection->endpoint->address);
    const struct config_listener *listener =
        find_listener(endpoint, connection->site->listener->name);
    if (listener == NULL) {
        connection->is_last_request = true;
        return false;
    }
    proxy_generation_leave(connection);
    proxy_generation_enter(connection, current, endpoint);
    connection->site = &current->sites[listener->index];
    return true;
}

void proxy_generation_serve(struct exchange *exchange, const struct site *site)
{
    if (exchange->site != NULL) {
        exchange->site->generation->exchange_count--;
    }
    if (site != NULL) {
        site->generation->exchange_count++;
    }
    exchange->site = site;
}

/* Publishing. */

static void move(struct connection *connection)
{
    bool is_tunnel = connection->state == CONNECTION_TUNNELLING;
    if (connection->state != CONNECTION_SERVING && !is_tunnel) {
        return; /* a handshake ends where it began */
    }
    if (!proxy_generation_follow(connection)) {
        connection->proxy->has_farewells = true; /* its listener is gone */
    } else if (is_tunnel) { /* with a certificate or without: it may be asked for now */
        timer_wheel_set(connection->proxy->around.wheel, &connection->lease_timer,
                        (connection->number % REVIEW_STEPS + 1) * REVIEW_STEP_MS);
    }
}

static void move_all(struct proxy *proxy)
{
    for (struct list *node = proxy->open.next; node != &proxy->open; node = node->next) {
        move(LIST_OWNER(node, struct connection, place));
    }
}

/* Idle connections to servers that are still there go on being of use. */
static void inherit_pools(struct proxy_generation *heir, struct proxy_generation *former)
{
    const struct config *config = former->content->config;
    const struct config *new_config = heir->content->config;
    for (size_t i = 0; i < config->backend_count; i++) {
        for (size_t j = 0; j < new_config->backend_count; j++) {
            if (strcmp(config->backends[i].name, new_config->backends[j].name) == 0) {
                backend_pool_inherit(&heir->pools[j], &former->pools[i]);
            }
        }
        backend_pool_retire(&former->pools[i]);
    }
}

void proxy_generation_publish(struct proxy *proxy, struct proxy_generation *generation)
{
    struct proxy_generation *former = proxy->current;
    proxy->current = generation;
    if (proxy->around.ticket_seed != NULL) {
        ticket_keys_refit(&proxy->tickets.keys, proxy->around.ticket_seed,
                          generation->content->ticket_keys, generation->content->ticket_key_count);
    }
    inherit_pools(generation, former);
    list_add_last(&proxy->retired, &former->place);
    timer_wheel_set(proxy->around.wheel, &former->limit,
                    former->content->config->gateway.drain_timeout_ms + 1);
    move_all(proxy);
}

/* An answer that is cut off must not look like a whole one. */
static void cut(struct connection *connection)
{
    connection->must_break = connection->exchange != NULL;
    (void)connection_close(connection, CLOSE_DRAINING);
    connection_advance(connection);
}

/* Whoever could not move has had the time of a drain. A handshake has a limit of its own, and moves
 * when it is done; if it cannot, the next look finds it. */
static void on_limit(struct timer *timer)
{
    struct proxy_generation *generation = LIST_OWNER(timer, struct proxy_generation, limit);
    struct proxy *proxy = generation->proxy;
    bool has_handshakes = false;
    for (struct list *node = proxy->open.next, *next = node->next; node != &proxy->open;
         node = next, next = node->next) {
        struct connection *connection = LIST_OWNER(node, struct connection, place);
        if (connection->generation != generation) {
            continue;
        }
        if (connection->state < CONNECTION_SERVING) {
            has_handshakes = true;
        } else {
            cut(connection);
        }
    }
    if (has_handshakes) {
        timer_wheel_set(proxy->around.wheel, timer, LOOK_AGAIN_MS);
    }
}

/* Retiring. */

static bool has_backend_connections(const struct proxy_generation *generation)
{
    for (size_t i = 0; i < generation->content->config->backend_count; i++) {
        if (generation->pools[i].connection_count > 0) {
            return true;
        }
    }
    return false;
}

/* Whether nobody uses it any more; trust is left before, with the last client. */
static bool is_left(struct proxy_generation *generation)
{
    if (generation->client_count > 0) {
        return false;
    }
    leave_trust(generation);
    return generation->exchange_count == 0 && !has_backend_connections(generation);
}

void proxy_generation_collect(struct proxy *proxy)
{
    for (struct list *node = proxy->retired.next, *next = node->next; node != &proxy->retired;
         node = next, next = node->next) {
        struct proxy_generation *generation = LIST_OWNER(node, struct proxy_generation, place);
        if (is_left(generation)) {
            list_remove(&generation->place);
            timer_wheel_clear(proxy->around.wheel, &generation->limit);
            proxy_generation_destroy(generation);
        }
    }
}
