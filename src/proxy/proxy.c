/* A worker's connections as a whole: making their room, letting clients in, freeing what has ended.
 */
#include "proxy/proxy.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "client_lease.h"
#include "client_trust.h"
#include "connection.h"
#include "exchange.h"
#include "handshake.h"
#include "proxy_generation.h"

/* A backend connection for every client, and some that are just closing. */
#define BACKEND_CONNECTION_MARGIN 256

static struct result init_slabs(struct proxy *proxy)
{
    uint32_t count = proxy->around.connections_max;
    TRY(slab_init(&proxy->connections, sizeof(struct connection), count));
    TRY(slab_init(&proxy->handshakes, sizeof(struct handshake), count));
    TRY(slab_init(&proxy->exchanges, sizeof(struct exchange), count));
    return backend_pool_init_room(&proxy->backend_room, count + BACKEND_CONNECTION_MARGIN);
}

static void init_room(struct proxy *proxy)
{
    proxy->backend_room.ring = proxy->around.ring;
    proxy->backend_room.wheel = proxy->around.wheel;
    proxy->backend_room.buffers = &proxy->buffers;
    proxy->backend_room.counters = proxy->around.counters;
    proxy->backend_room.worker_index = proxy->around.worker_index;
}

static struct result init_tickets(struct proxy *proxy)
{
    proxy->tickets.describe = client_trust_describe;
    proxy->tickets.admit = client_trust_admit;
    return proxy->around.ticket_seed == NULL
               ? RESULT_OK
               : ticket_keys_init(&proxy->tickets.keys, proxy->around.ticket_seed);
}

static struct result init(struct proxy *proxy)
{
    TRY(init_slabs(proxy));
    init_room(proxy);
    TRY(init_tickets(proxy));
    return proxy_generation_create(proxy, proxy->around.generation, &proxy->current);
}

struct result proxy_create(const struct proxy_surroundings *surroundings, struct proxy **ret_proxy)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    if (proxy == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    proxy->around = *surroundings;
    buffer_pool_init(&proxy->buffers);
    list_init(&proxy->open);
    list_init(&proxy->closing);
    list_init(&proxy->reapable);
    list_init(&proxy->retired);
    handshake_queue_init(&proxy->handshake_queue);
    struct result result = init(proxy);
    if (!result_is_ok(result)) {
        proxy_destroy(proxy);
        return result;
    }
    *ret_proxy = proxy;
    return RESULT_OK;
}

void proxy_destroy(struct proxy *proxy)
{
    if (proxy == NULL) {
        return;
    }
    struct list *node;
    while ((node = list_take_first(&proxy->retired)) != NULL) {
        proxy_generation_destroy(LIST_OWNER(node, struct proxy_generation, place));
    }
    proxy_generation_destroy(proxy->current);
    slab_deinit(&proxy->connections);
    slab_deinit(&proxy->handshakes);
    slab_deinit(&proxy->exchanges);
    slab_deinit(&proxy->backend_room.connections);
    buffer_pool_deinit(&proxy->buffers);
    ticket_keys_deinit(&proxy->tickets.keys);
    free(proxy);
}

/* The address of the peer, as the kernel knows it; false when it has gone meanwhile. */
static bool read_client_address(int descriptor, struct client_address *ret_client)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } peer = {0};
    socklen_t length = sizeof(peer);
    if (getpeername(descriptor, &peer.any, &length) != 0) {
        return false;
    }
    ret_client->family = peer.any.sa_family;
    if (peer.any.sa_family == AF_INET) {
        ret_client->port = peer.ipv4.sin_port;
        memcpy(ret_client->bytes, &peer.ipv4.sin_addr, sizeof(peer.ipv4.sin_addr));
    } else {
        ret_client->port = peer.ipv6.sin6_port;
        memcpy(ret_client->bytes, &peer.ipv6.sin6_addr, sizeof(peer.ipv6.sin6_addr));
    }
    return true;
}

void proxy_accept(struct proxy *proxy, int descriptor, const struct endpoint *endpoint)
{
    struct client_address client;
    struct proxy_generation *generation = proxy_generation_of_endpoint(proxy, endpoint);
    struct connection *connection = NULL;
    if (generation != NULL && read_client_address(descriptor, &client)) {
        connection = slab_lend(&proxy->connections);
    }
    if (connection == NULL) {
        counters_count(proxy->around.counters, COUNTER_CONNECTIONS_REJECTED);
        (void)close(descriptor);
        return;
    }
    connection->client = client;
    connection->is_last_request = proxy->is_draining;
    proxy_generation_enter(connection, generation, endpoint);
    connection_start(connection, proxy, descriptor);
}

struct proxy_generation *proxy_current(const struct proxy *proxy)
{
    return proxy->current;
}

bool proxy_has_work(const struct proxy *proxy)
{
    return proxy->handshake_queue.waiting_count > 0;
}

uint32_t proxy_room_count(const struct proxy *proxy)
{
    return proxy->connections.capacity_count - proxy->connections.lent_count;
}

void proxy_log_to(struct proxy *proxy, struct log_queue *queue, enum config_log_format format)
{
    proxy->around.access_log = queue;
    proxy->around.access_log_format = format;
}

void proxy_count_pause(struct proxy *proxy)
{
    counters_count(proxy->around.counters, COUNTER_ACCEPT_PAUSES);
}

static void publish_levels(const struct proxy *proxy)
{
    struct counters *counters = proxy->around.counters;
    counters_set(counters, GAUGE_CONNECTIONS_OPEN, proxy->connections.lent_count);
    counters_set(counters, GAUGE_EXCHANGES_OPEN, proxy->exchanges.lent_count);
    counters_set(counters, GAUGE_BACKEND_CONNECTIONS_OPEN,
                 proxy->backend_room.connections.lent_count);
    counters_set(counters, GAUGE_BUFFERS_LENT, proxy->buffers.lent_count);
}

/* A connection may leave the list meanwhile; no other does. */
static void close_idle(struct proxy *proxy)
{
    proxy->has_farewells = false;
    for (struct list *node = proxy->open.next, *next = node->next; node != &proxy->open;
         node = next, next = node->next) {
        connection_close_idle(LIST_OWNER(node, struct connection, place));
    }
}

void proxy_turn_ended(struct proxy *proxy)
{
    struct list *node;
    if (proxy->has_farewells) {
        close_idle(proxy);
    }
    handshake_queue_advance(&proxy->handshake_queue);
    backend_pool_reap(&proxy->backend_room); /* may end clients that waited for it */
    while ((node = list_take_first(&proxy->reapable)) != NULL) {
        connection_free(LIST_OWNER(node, struct connection, place));
    }
    proxy_generation_collect(proxy);
    if (proxy->around.ticket_seed != NULL) {
        ticket_keys_turn(&proxy->tickets.keys, clock_monotonic_ms());
    }
    publish_levels(proxy);
}

/* Those of retired generations keep nothing anyway. */
static void empty_pools(struct proxy *proxy)
{
    for (size_t i = 0; i < proxy->current->content->config->backend_count; i++) {
        backend_pool_empty(&proxy->current->pools[i]);
    }
}

void proxy_drain(struct proxy *proxy)
{
    proxy->is_draining = true;
    proxy->has_farewells = true;
    for (struct list *node = proxy->open.next; node != &proxy->open; node = node->next) {
        LIST_OWNER(node, struct connection, place)->is_last_request = true;
    }
    empty_pools(proxy);
}

/* It may end its connection, which leaves the list then; no other does. */
void proxy_review_leases(struct proxy *proxy)
{
    for (struct list *node = proxy->open.next, *next = node->next; node != &proxy->open;
         node = next, next = node->next) {
        client_lease_recheck(LIST_OWNER(node, struct connection, place));
    }
}

void proxy_shut(struct proxy *proxy)
{
    proxy->is_draining = true;
    while (!list_is_empty(&proxy->open)) {
        struct connection *connection = LIST_OWNER(proxy->open.next, struct connection, place);
        connection->is_peer_gone =
            true; /* Nobody is waited for, not even to take what is queued. */
        (void)connection_close(connection, CLOSE_DRAINING);
        connection_advance(connection);
    }
    for (struct list *node = proxy->closing.next, *next = node->next; node != &proxy->closing;
         node = next, next = node->next) {
        struct connection *connection = LIST_OWNER(node, struct connection, place);
        connection->is_peer_gone = true;
        connection_advance(connection);
    }
    empty_pools(proxy);
}

bool proxy_has_clients(const struct proxy *proxy)
{
    return proxy->connections.lent_count > 0;
}

bool proxy_is_empty(const struct proxy *proxy)
{
    return proxy->connections.lent_count == 0 && proxy->backend_room.connections.lent_count == 0 &&
           proxy->ocsp_question_count == 0;
}
