/*
 * One TCP connection to a backend's server. Owned by the worker whose pool it belongs to.
 *
 *   FREE -> CONNECTING -> BUSY <-> IDLE
 *               \__________\________\____> REAPING -> FREE
 *
 * BUSY serves one exchange; IDLE waits in the pool for the next. REAPING waits until the kernel has
 * handed back every operation; the pool frees it at the end of the turn.
 */
#ifndef PROXY_BACKEND_CONNECTION_H
#define PROXY_BACKEND_CONNECTION_H

#include "net/stream.h"
#include "net/timer_wheel.h"
#include "proxy/generation.h"

struct backend_pool;
struct backend_connection;

enum backend_connection_state {
    BACKEND_CONNECTION_FREE,
    BACKEND_CONNECTION_CONNECTING,
    BACKEND_CONNECTION_BUSY,
    BACKEND_CONNECTION_IDLE,
    BACKEND_CONNECTION_REAPING,
    BACKEND_CONNECTION_STATE_COUNT,
};

/* What the exchange that uses a connection is told. An event may release or abandon the connection.
 */
struct backend_user {
    const struct backend_user_events *events;
    struct list waiting; /* in the room's list of those that wait for a slot */
};

struct backend_user_events {
    void (*connected)(struct backend_user *user);
    /* The connection is gone already; nothing was sent on it. */
    void (*connect_failed)(struct backend_user *user, enum io_status status);
    /* It need not wait for a slot any more, but ask again; at the end of a turn. */
    void (*room_made)(struct backend_user *user);
    void (*received)(struct backend_user *user, struct bytes bytes);
    void (*receive_ended)(struct backend_user *user, enum io_status status);
    void (*sent)(struct backend_user *user);
    void (*send_failed)(struct backend_user *user);
};

struct backend_connection {
    struct stream stream;
    struct operation connect;
    struct timer timer; /* connecting, or idle */
    struct list place;  /* in the pool's idle list, or among those to be freed */
    struct list idle;   /* in the room's idle list, while in the pool's */
    struct backend_pool *pool;
    struct backend_user *user; /* while CONNECTING or BUSY */
    const struct backend_address *address;
    uint64_t request_count; /* given to it so far, the present one included */
    enum backend_connection_state state;
};

/*
 * Takes a zeroed slot through CONNECTING; the user hears how it went, never from within this call.
 * ERROR_LIMIT_REACHED: no descriptor; ERROR_OUT_OF_MEMORY; ERROR_SYSTEM: not for such an address.
 */
struct result backend_connection_start(struct backend_connection *connection,
                                       struct backend_pool *pool,
                                       const struct backend_address *address,
                                       struct backend_user *user);

/* IDLE to BUSY. */
void backend_connection_take(struct backend_connection *connection, struct backend_user *user);

/* BUSY to IDLE: the answer was read to its end, nothing is queued, the server keeps the connection.
 */
void backend_connection_park(struct backend_connection *connection);

/* Any state to REAPING; its user, if it has one, hears nothing more. Harmless when REAPING. */
void backend_connection_abandon(struct backend_connection *connection);

/* Whether everything is back from the kernel. */
bool backend_connection_is_joined(const struct backend_connection *connection);

const char *backend_connection_state_name(enum backend_connection_state state);

#endif
