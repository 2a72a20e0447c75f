/* Which server is next, and which connection to it: an idle one, the latest used first, or a new
 * one. */
#include "backend_pool.h"
#include "base/check.h"

void backend_pool_init(struct backend_pool *pool, struct backend_room *room,
                       const struct config_backend *backend,
                       const struct backend_addresses *addresses)
{
    *pool = (struct backend_pool){.room = room, .backend = backend, .addresses = addresses};
    list_init(&pool->idle);
}

const struct backend_address *backend_pool_next_address(struct backend_pool *pool)
{
    const struct backend_address *address = &pool->addresses->items[pool->next_address];
    pool->next_address = (pool->next_address + 1) % (uint32_t)pool->addresses->count;
    return address;
}

const struct backend_address *backend_pool_address_after(const struct backend_pool *pool,
                                                         const struct backend_address *address)
{
    size_t index = (size_t)(address - pool->addresses->items);
    return &pool->addresses->items[(index + 1) % pool->addresses->count];
}

struct backend_connection *backend_pool_reuse(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user)
{
    for (struct list *node = pool->idle.next; node != &pool->idle; node = node->next) {
        struct backend_connection *connection = LIST_OWNER(node, struct backend_connection, place);
        if (connection->address == address) {
            list_remove(&connection->place);
            pool->idle_count--;
            backend_connection_take(connection, user);
            counters_count(pool->room->counters, COUNTER_BACKEND_REUSES);
            return connection;
        }
    }
    return NULL;
}

/* When all slots are taken an idle connection of this pool has to make room. */
static struct backend_connection *lend_slot(struct backend_pool *pool)
{
    struct backend_connection *connection = slab_lend(&pool->room->connections);
    if (connection == NULL && !list_is_empty(&pool->idle)) {
        backend_connection_abandon(
            LIST_OWNER(pool->idle.previous, struct backend_connection, place));
    }
    return connection;
}

struct result backend_pool_connect(struct backend_pool *pool, const struct backend_address *address,
                                   struct backend_user *user,
                                   struct backend_connection **ret_connection)
{
    struct backend_connection *connection = lend_slot(pool);
    if (connection == NULL) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    struct result result = backend_connection_start(connection, pool, address, user);
    if (!result_is_ok(result)) {
        slab_return(&pool->room->connections, connection);
        return result;
    }
    *ret_connection = connection;
    return RESULT_OK;
}

void backend_pool_return(struct backend_pool *pool, struct backend_connection *connection)
{
    if (pool->idle_count >= pool->backend->keepalive_connections ||
        connection->stream.has_receive_ended || connection->stream.has_send_failed) {
        backend_connection_abandon(connection);
        return;
    }
    backend_connection_park(connection);
    list_add_first(&pool->idle, &connection->place);
    pool->idle_count++;
}

void backend_pool_empty(struct backend_pool *pool)
{
    while (!list_is_empty(&pool->idle)) {
        backend_connection_abandon(LIST_OWNER(pool->idle.next, struct backend_connection, place));
    }
}

void backend_pool_reap(struct backend_room *room)
{
    struct list *node;
    while ((node = list_take_first(&room->reapable)) != NULL) {
        struct backend_connection *connection = LIST_OWNER(node, struct backend_connection, place);
        CHECK(backend_connection_is_joined(connection));
        stream_close(&connection->stream);
        connection->state = BACKEND_CONNECTION_FREE;
        slab_return(&room->connections, connection);
        counters_count(room->counters, COUNTER_BACKEND_CLOSED);
    }
}
