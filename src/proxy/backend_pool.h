/*
 * A worker's connections to one backend: the idle ones, and whose turn it is (server_choice.h).
 * Owned by that worker.
 */
#ifndef PROXY_BACKEND_POOL_H
#define PROXY_BACKEND_POOL_H

#include "backend_connection.h"
#include "base/slab.h"
#include "net/buffer.h"
#include "proxy/counters.h"

/* What the pools of one worker share. */
struct backend_room {
    struct ring *ring;
    struct timer_wheel *wheel;
    struct buffer_pool *buffers;
    struct counters *counters;
    uint32_t worker_index; /* of the worker whose it is */
    struct slab connections;
    struct list reapable; /* REAPING and joined, to be freed at the end of the turn */
    struct list idle;     /* of all pools, the latest used first */
    struct list waiting;  /* users for which no slot was free; never more than are REAPING */
    uint32_t waiting_count;
    uint32_t reaping_count;
};

struct backend_pool {
    struct backend_room *room;
    const struct config_backend *backend;
    const struct backend_addresses *addresses;
    struct list idle; /* the latest used first */
    uint32_t idle_count;
    uint32_t connection_count; /* in any state */
    bool is_retired;           /* a newer generation serves: nothing is kept */
    uint32_t next_address;     /* whose turn it is */
};

/* How backend_pool_connect() went. */
enum backend_pool_answer {
    BACKEND_POOL_CONNECTING,     /* the user hears connected() or connect_failed() */
    BACKEND_POOL_WAITS_FOR_ROOM, /* the user hears room_made(), within a turn or two */
    BACKEND_POOL_FULL,           /* every connection there may be serves somebody */
    BACKEND_POOL_FAILED,         /* the system has no socket for such an address */
};

/* The slots; everything else of room is set. ERROR_OUT_OF_MEMORY. */
struct result backend_pool_init_room(struct backend_room *room, uint32_t connection_count_max);

void backend_pool_init(struct backend_pool *pool, struct backend_room *room,
                       const struct config_backend *backend,
                       const struct backend_addresses *addresses);

/* An idle connection to address, now BUSY for user; NULL when there is none. */
struct backend_connection *backend_pool_reuse(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user);

/*
 * A new connection, CONNECTING for user; set with BACKEND_POOL_CONNECTING only. When slots or
 * descriptors have run out, the connection that has been idle longest, in whatever pool, makes
 * room.
 */
enum backend_pool_answer backend_pool_connect(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user,
                                              struct backend_connection **ret_connection);

/* The user does not wait for room any more; harmless when it does not. */
void backend_pool_stop_waiting(struct backend_pool *pool, struct backend_user *user);

static inline bool backend_pool_is_waited_for(const struct backend_user *user)
{
    return list_holds(&user->waiting);
}

/* Gives a BUSY connection back for others, or closes it when enough are idle. */
void backend_pool_return(struct backend_pool *pool, struct backend_connection *connection);

/* Takes an IDLE connection out of what can be reused. */
void backend_pool_unpark(struct backend_connection *connection);

/* Closes all idle connections. */
void backend_pool_empty(struct backend_pool *pool);

/* Takes over former's idle connections to addresses that both have. Both are of one room. */
void backend_pool_inherit(struct backend_pool *pool, struct backend_pool *former);

/* Closes idle connections, now and as they are given back. */
void backend_pool_retire(struct backend_pool *pool);

/* Frees what is joined and tells who waits for it; once a turn, when no event is being delivered.
 */
void backend_pool_reap(struct backend_room *room);

#endif
