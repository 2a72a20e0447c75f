/*
 * A worker's connections to one backend: the idle ones, and whose turn it is. Owned by that worker.
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
    struct slab connections;
    struct list reapable; /* REAPING and joined, to be freed at the end of the turn */
};

struct backend_pool {
    struct backend_room *room;
    const struct config_backend *backend;
    const struct backend_addresses *addresses;
    struct list idle; /* the latest used first */
    uint32_t idle_count;
    uint32_t next_address; /* round robin */
};

void backend_pool_init(struct backend_pool *pool, struct backend_room *room,
                       const struct config_backend *backend,
                       const struct backend_addresses *addresses);

/*
 * The next address in turn.
 *
 * Turns are kept by address, not by connection, so that a slow server does not lose its share to a
 * fast one.
 */
const struct backend_address *backend_pool_next_address(struct backend_pool *pool);

/* Where to try when address has failed: all others come before it again, whoever else takes turns.
 */
const struct backend_address *backend_pool_address_after(const struct backend_pool *pool,
                                                         const struct backend_address *address);

/* An idle connection to address, now BUSY for user; NULL when there is none. */
struct backend_connection *backend_pool_reuse(struct backend_pool *pool,
                                              const struct backend_address *address,
                                              struct backend_user *user);

/* A new connection, CONNECTING for user. ERROR_LIMIT_REACHED, ERROR_SYSTEM. */
struct result backend_pool_connect(struct backend_pool *pool, const struct backend_address *address,
                                   struct backend_user *user,
                                   struct backend_connection **ret_connection);

/* Gives a BUSY connection back for others, or closes it when enough are idle. */
void backend_pool_return(struct backend_pool *pool, struct backend_connection *connection);

/* Closes all idle connections. */
void backend_pool_empty(struct backend_pool *pool);

/* Frees what is joined; once a turn, when no event is being delivered. */
void backend_pool_reap(struct backend_room *room);

#endif
