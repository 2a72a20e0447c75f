/*
 * The life of a connection to a backend. A connection that waits idle keeps its receive armed, so a
 * server that closes it is noticed at once and the next request does not find a dead one.
 */
#include "backend_connection.h"
#include "backend_pool.h"
#include "base/check.h"
#include "net/outgoing_socket.h"

#define TO(state) (1u << (state))

/* clang-format off */
static const struct {
    const char *name;
    uint32_t may_move_to;
} states[BACKEND_CONNECTION_STATE_COUNT] = {
    [BACKEND_CONNECTION_FREE]       = {"free",       TO(BACKEND_CONNECTION_CONNECTING)},
    [BACKEND_CONNECTION_CONNECTING] = {"connecting", TO(BACKEND_CONNECTION_BUSY) | TO(BACKEND_CONNECTION_REAPING)},
    [BACKEND_CONNECTION_BUSY]       = {"busy",       TO(BACKEND_CONNECTION_IDLE) | TO(BACKEND_CONNECTION_REAPING)},
    [BACKEND_CONNECTION_IDLE]       = {"idle",       TO(BACKEND_CONNECTION_BUSY) | TO(BACKEND_CONNECTION_REAPING)},
    [BACKEND_CONNECTION_REAPING]    = {"reaping",    TO(BACKEND_CONNECTION_FREE)},
};
/* clang-format on */

const char *backend_connection_state_name(enum backend_connection_state state)
{
    return states[state].name;
}

static void enter(struct backend_connection *connection, enum backend_connection_state next)
{
    CHECK(states[connection->state].may_move_to & TO(next));
    connection->state = next;
}

static struct backend_connection *owner_of(struct stream *stream)
{
    return LIST_OWNER(stream, struct backend_connection, stream);
}

static void offer_for_reaping(struct backend_connection *connection)
{
    if (connection->state == BACKEND_CONNECTION_REAPING &&
        backend_connection_is_joined(connection) && !list_holds(&connection->place)) {
        list_add_last(&connection->pool->room->reapable, &connection->place);
    }
}

static void on_received(struct stream *stream, struct bytes bytes)
{
    struct backend_connection *connection = owner_of(stream);
    if (connection->user != NULL) {
        connection->user->events->received(connection->user, bytes);
    } else {
        backend_connection_abandon(connection); /* An answer that nobody asked for. */
    }
}

static void on_receive_ended(struct stream *stream, enum io_status status)
{
    struct backend_connection *connection = owner_of(stream);
    if (connection->user != NULL) {
        connection->user->events->receive_ended(connection->user, status);
    } else {
        backend_connection_abandon(connection);
    }
}

static void on_sent(struct stream *stream)
{
    struct backend_connection *connection = owner_of(stream);
    if (connection->user != NULL) {
        connection->user->events->sent(connection->user);
    }
}

static void on_send_failed(struct stream *stream, enum io_status status)
{
    struct backend_connection *connection = owner_of(stream);
    (void)status; /* what it received before tells more; the user decides */
    if (connection->user != NULL) {
        connection->user->events->send_failed(connection->user);
    } else {
        backend_connection_abandon(connection);
    }
}

static void on_joined(struct stream *stream)
{
    offer_for_reaping(owner_of(stream));
}

static const struct stream_events stream_events = {
    .received = on_received,
    .receive_ended = on_receive_ended,
    .sent = on_sent,
    .send_failed = on_send_failed,
    .joined = on_joined,
};

static void fail_connect(struct backend_connection *connection, enum io_status status)
{
    struct backend_user *user = connection->user;
    counters_count(connection->pool->room->counters, COUNTER_BACKEND_CONNECT_FAILURES);
    backend_connection_abandon(connection);
    user->events->connect_failed(user, status);
}

static void on_connected(struct operation *operation, const struct completion *completion)
{
    struct backend_connection *connection =
        LIST_OWNER(operation, struct backend_connection, connect);
    if (connection->state == BACKEND_CONNECTION_REAPING) {
        offer_for_reaping(connection);
        return;
    }
    timer_wheel_clear(connection->pool->room->wheel, &connection->timer);
    if (completion->status != IO_OK) {
        fail_connect(connection, completion->status);
        return;
    }
    enter(connection, BACKEND_CONNECTION_BUSY);
    connection->request_count = 1;
    stream_resume(&connection->stream);
    connection->user->events->connected(connection->user);
}

static void on_timeout(struct timer *timer)
{
    struct backend_connection *connection = LIST_OWNER(timer, struct backend_connection, timer);
    if (connection->state == BACKEND_CONNECTION_CONNECTING) {
        fail_connect(connection, IO_UNREACHABLE);
    } else {
        backend_connection_abandon(connection);
    }
}

struct result backend_connection_start(struct backend_connection *connection,
                                       struct backend_pool *pool,
                                       const struct backend_address *address,
                                       struct backend_user *user)
{
    struct backend_room *room = pool->room;
    int descriptor;
    TRY(outgoing_socket_open(address->socket_address.ss_family, &descriptor));
    connection->pool = pool;
    connection->user = user;
    connection->address = address;
    connection->timer.expired = on_timeout;
    connection->connect.complete = on_connected;
    stream_open(&connection->stream, descriptor, room->ring, room->buffers, &stream_events);
    /* So that an answer to a slow client stays where it is. */
    stream_pace(&connection->stream, true);
    enter(connection, BACKEND_CONNECTION_CONNECTING);
    ring_connect(room->ring, &connection->connect, descriptor,
                 (const struct sockaddr *)&address->socket_address, address->length_bytes);
    timer_wheel_set(room->wheel, &connection->timer, pool->backend->connect_timeout_ms);
    counters_count(room->counters, COUNTER_BACKEND_CONNECTS);
    return RESULT_OK;
}

void backend_connection_take(struct backend_connection *connection, struct backend_user *user)
{
    enter(connection, BACKEND_CONNECTION_BUSY);
    timer_wheel_clear(connection->pool->room->wheel, &connection->timer);
    connection->user = user;
    connection->request_count++;
}

void backend_connection_park(struct backend_connection *connection)
{
    enter(connection, BACKEND_CONNECTION_IDLE);
    connection->user = NULL;
    stream_resume(&connection->stream);
    timer_wheel_set(connection->pool->room->wheel, &connection->timer,
                    connection->pool->backend->keepalive_timeout_ms);
}

void backend_connection_abandon(struct backend_connection *connection)
{
    struct backend_pool *pool = connection->pool;
    if (connection->state == BACKEND_CONNECTION_REAPING) {
        return;
    }
    if (connection->state == BACKEND_CONNECTION_IDLE) {
        backend_pool_unpark(connection);
    }
    enter(connection, BACKEND_CONNECTION_REAPING);
    pool->room->reaping_count++;
    connection->user = NULL;
    timer_wheel_clear(pool->room->wheel, &connection->timer);
    ring_cancel(pool->room->ring, &connection->connect);
    stream_shut(&connection->stream);
    offer_for_reaping(connection);
}

bool backend_connection_is_joined(const struct backend_connection *connection)
{
    return !connection->connect.is_in_flight && stream_is_joined(&connection->stream);
}
