/* Which connection to a server: an idle one, the latest used first, or a new one. */
#include "backend_pool.h"
#include "base/check.h"

struct result backend_pool_init_room(struct backend_room *room, uint32_t connection_count_max)
{
    list_init(&room->reapable);
    list_init(&room->idle);
    list_init(&room->waiting);
    return slab_init(&room->connections, sizeof(struct backend_connection), connection_count_max);
}

void backend_pool_init(struct backend_pool *pool, struct backend_room *room,
                       const struct config_backend *backend,
                       const struct backend_addresses *addresses)
{
    *pool = (struct backend_pool){.room = room, .backend = backend, .addresses = addresses};
    list_init(&pool->idle);
}

struct backend_connection *backend_pool_reuse(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user)
{
    for (struct list *node = pool->idle.next; node != &pool->idle; node = node->next) {
        struct backend_connection *connection = LIST_OWNER(node, struct backend_connection, place);
        if (connection->address == address) {
            backend_pool_unpark(connection);
            backend_connection_take(connection, user);
            counters_count(pool->room->counters, COUNTER_BACKEND_REUSES);
            return connection;
        }
    }
    return NULL;
}

/* Each that waits has a connection on its way out for itself, so its wait comes to an end. */
static enum backend_pool_answer wait_for_room(struct backend_room *room, struct backend_user *user)
{
    if (room->waiting_count >= room->reaping_count) {
        if (list_is_empty(&room->idle)) {
            return BACKEND_POOL_FULL;
        }
        counters_count(room->counters, COUNTER_BACKEND_EVICTIONS);
        backend_connection_abandon(
            LIST_OWNER(room->idle.previous, struct backend_connection, idle));
    }
    list_add_last(&room->waiting, &user->waiting);
    room->waiting_count++;
    return BACKEND_POOL_WAITS_FOR_ROOM;
}

static enum backend_pool_answer answer_failed_start(struct backend_room *room,
                                                    struct backend_user *user, struct result result)
{
    if (result.code == ERROR_LIMIT_REACHED) {
        return wait_for_room(room, user);
    }
    counters_count(room->counters, COUNTER_BACKEND_CONNECT_FAILURES);
    return result.code == ERROR_OUT_OF_MEMORY ? BACKEND_POOL_FULL : BACKEND_POOL_FAILED;
}

enum backend_pool_answer backend_pool_connect(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user,
                                              struct backend_connection **ret_connection)
{
    struct backend_room *room = pool->room;
    struct backend_connection *connection = slab_lend(&room->connections);
    if (connection == NULL) {
        return wait_for_room(room, user);
    }
    struct result result = backend_connection_start(connection, pool, address, user);
    if (!result_is_ok(result)) {
        slab_return(&room->connections, connection);
        return answer_failed_start(room, user, result);
    }
    pool->connection_count++;
    *ret_connection = connection;
    return BACKEND_POOL_CONNECTING;
}

void backend_pool_stop_waiting(struct backend_pool *pool, struct backend_user *user)
{
    if (backend_pool_is_waited_for(user)) {
        list_remove(&user->waiting);
        pool->room->waiting_count--;
    }
}

void backend_pool_return(struct backend_pool *pool, struct backend_connection *connection)
{
    if (pool->is_retired || pool->idle_count >= pool->backend->keepalive_connections ||
        connection->stream.has_receive_ended || connection->stream.has_send_failed) {
        backend_connection_abandon(connection);
        return;
    }
    backend_connection_park(connection);
    list_add_first(&pool->idle, &connection->place);
    list_add_first(&pool->room->idle, &connection->idle);
    pool->idle_count++;
}

void backend_pool_unpark(struct backend_connection *connection)
{
    list_remove(&connection->place);
    list_remove(&connection->idle);
    connection->pool->idle_count--;
}

void backend_pool_empty(struct backend_pool *pool)
{
    while (!list_is_empty(&pool->idle)) {
        backend_connection_abandon(LIST_OWNER(pool->idle.next, struct backend_connection, place));
    }
}

static const struct backend_address *find_address(const struct backend_pool *pool,
                                                  const struct backend_address *wanted)
{
    for (size_t i = 0; i < pool->addresses->count; i++) {
        const struct backend_address *address = &pool->addresses->items[i];
        if (address->length_bytes == wanted->length_bytes &&
            memcmp(&address->socket_address, &wanted->socket_address, wanted->length_bytes) == 0) {
            return address;
        }
    }
    return NULL;
}

/* Its place among all idle ones, and its time limit, stay as they are. */
static void adopt(struct backend_pool *pool, struct backend_connection *connection,
                  const struct backend_address *address)
{
    struct backend_pool *former = connection->pool;
    list_remove(&connection->place);
    former->idle_count--;
    former->connection_count--;
    connection->pool = pool;
    connection->address = address;
    list_add_last(&pool->idle, &connection->place);
    pool->idle_count++;
    pool->connection_count++;
}

void backend_pool_inherit(struct backend_pool *pool, struct backend_pool *former)
{
    for (struct list *node = former->idle.next, *next = node->next;
         node != &former->idle && pool->idle_count < pool->backend->keepalive_connections;
         node = next, next = node->next) {
        struct backend_connection *connection = LIST_OWNER(node, struct backend_connection, place);
        const struct backend_address *address = find_address(pool, connection->address);
        if (address != NULL) {
            adopt(pool, connection, address);
        }
    }
}

void backend_pool_retire(struct backend_pool *pool)
{
    pool->is_retired = true;
    backend_pool_empty(pool);
}

/* A user that does not get what it was told of waits anew, behind those that were there before. */
static void tell_waiting(struct backend_room *room, uint32_t freed_count)
{
    while (freed_count-- > 0 && !list_is_empty(&room->waiting)) {
        struct list *node = list_take_first(&room->waiting);
        room->waiting_count--;
        struct backend_user *user = LIST_OWNER(node, struct backend_user, waiting);
        user->events->room_made(user);
    }
}

static uint32_t free_joined(struct backend_room *room)
{
    struct list *node;
    uint32_t freed_count = 0;
    while ((node = list_take_first(&room->reapable)) != NULL) {
        struct backend_connection *connection = LIST_OWNER(node, struct backend_connection, place);
        CHECK(backend_connection_is_joined(connection));
        stream_close(&connection->stream);
        connection->state = BACKEND_CONNECTION_FREE;
        slab_return(&room->connections, connection);
        counters_count(room->counters, COUNTER_BACKEND_CLOSED);
        connection->pool->connection_count--;
        room->reaping_count--;
        freed_count++;
    }
    return freed_count;
}

void backend_pool_reap(struct backend_room *room)
{
    uint32_t freed_count;
    while ((freed_count = free_joined(room)) > 0) {
        tell_waiting(room, freed_count);
    }
}
