/*
 * The life of a connection to a responder. One that waits idle keeps its receive armed, so that a
 * responder that closes it, or speaks unasked, is noticed at once.
 */
#include "responder_connection.h"

#include <unistd.h>

#include "base/check.h"
#include "net/outgoing_socket.h"
#include "responder.h"

#define TO(state) (1u << (state))

/* clang-format off */
static const uint32_t may_move_to[RESPONDER_CONNECTION_STATE_COUNT] = {
    [RESPONDER_CONNECTION_FREE]       = TO(RESPONDER_CONNECTION_CONNECTING),
    [RESPONDER_CONNECTION_CONNECTING] = TO(RESPONDER_CONNECTION_BUSY) | TO(RESPONDER_CONNECTION_REAPING),
    [RESPONDER_CONNECTION_BUSY]       = TO(RESPONDER_CONNECTION_IDLE) | TO(RESPONDER_CONNECTION_REAPING),
    [RESPONDER_CONNECTION_IDLE]       = TO(RESPONDER_CONNECTION_BUSY) | TO(RESPONDER_CONNECTION_REAPING),
    [RESPONDER_CONNECTION_REAPING]    = TO(RESPONDER_CONNECTION_FREE),
};
/* clang-format on */

static void enter(struct responder_connection *connection, enum responder_connection_state next)
{
    CHECK(may_move_to[connection->state] & TO(next));
    connection->state = next;
}

static struct responder_connection *owner_of(struct stream *stream)
{
    return LIST_OWNER(stream, struct responder_connection, stream);
}

static bool is_joined(const struct responder_connection *connection)
{
    return !connection->connect.is_in_flight && stream_is_joined(&connection->stream);
}

static void offer_for_reaping(struct responder_connection *connection)
{
    if (connection->state == RESPONDER_CONNECTION_REAPING && is_joined(connection) &&
        !list_holds(&connection->place)) {
        list_add_last(&connection->room->reapable, &connection->place);
    }
}

static void wait_for_bytes(struct responder_connection *connection)
{
    timer_wheel_set(connection->room->wheel, &connection->timer, connection->user->read_timeout_ms);
}

static void on_received(struct stream *stream, struct bytes bytes)
{
    struct responder_connection *connection = owner_of(stream);
    if (connection->user == NULL) {
        responder_connection_abandon(connection); /* An answer that nobody asked for. */
        return;
    }
    wait_for_bytes(connection);
    connection->user->events->received(connection->user, bytes);
}

static void on_receive_ended(struct stream *stream, enum io_status status)
{
    struct responder_connection *connection = owner_of(stream);
    (void)status; /* an end and a reset are the same to who waits for the rest */
    if (connection->user == NULL) {
        responder_connection_abandon(connection);
        return;
    }
    connection->user->events->ended(connection->user);
}

static void on_sent(struct stream *stream)
{
    (void)stream; /* what comes back is waited for */
}

static void on_send_failed(struct stream *stream, enum io_status status)
{
    /* A responder may answer and close before it has read the request; the receive tells. */
    (void)stream;
    (void)status;
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

static void fail_connect(struct responder_connection *connection)
{
    struct responder_user *user = connection->user;
    responder_connection_abandon(connection);
    user->events->connect_failed(user);
}

static void on_connected(struct operation *operation, const struct completion *completion)
{
    struct responder_connection *connection =
        LIST_OWNER(operation, struct responder_connection, connect);
    if (connection->state == RESPONDER_CONNECTION_REAPING) {
        offer_for_reaping(connection);
        return;
    }
    if (completion->status != IO_OK) {
        fail_connect(connection);
        return;
    }
    enter(connection, RESPONDER_CONNECTION_BUSY);
    fetch_room_count(connection->room, OCSP_COUNTER_CONNECTS);
    wait_for_bytes(connection);
    stream_resume(&connection->stream);
    connection->user->events->connected(connection->user);
}

static void on_timeout(struct timer *timer)
{
    struct responder_connection *connection = LIST_OWNER(timer, struct responder_connection, timer);
    if (connection->state == RESPONDER_CONNECTION_CONNECTING) {
        fail_connect(connection);
    } else if (connection->state == RESPONDER_CONNECTION_BUSY) {
        connection->user->events->fell_silent(connection->user);
    } else {
        responder_connection_abandon(connection);
    }
}

/* A slot for a new connection. The one that has been idle longest makes room, for the next try if
 * not for this. */
static struct responder_connection *lend(struct fetch_room *room)
{
    if (room->connections.lent_count + 1 >= room->connections.capacity_count &&
        !list_is_empty(&room->idle)) {
        responder_connection_abandon(
            LIST_OWNER(room->idle.previous, struct responder_connection, idle));
    }
    return slab_lend(&room->connections);
}

struct result responder_connection_start(struct responder *responder,
                                         const struct name_address *address,
                                         struct responder_user *user,
                                         struct responder_connection **ret_connection)
{
    struct fetch_room *room = responder->room;
    int descriptor;
    TRY(outgoing_socket_open(address->socket_address.ss_family, &descriptor));
    struct responder_connection *connection = lend(room);
    if (connection == NULL) {
        (void)close(descriptor);
        return result_failure(ERROR_LIMIT_REACHED);
    }
    connection->room = room;
    connection->responder = responder;
    connection->user = user;
    connection->address = *address;
    connection->timer.expired = on_timeout;
    connection->connect.complete = on_connected;
    stream_open(&connection->stream, descriptor, room->ring, room->buffers, &stream_events);
    enter(connection, RESPONDER_CONNECTION_CONNECTING);
    ring_connect(room->ring, &connection->connect, descriptor,
                 (const struct sockaddr *)&connection->address.socket_address,
                 connection->address.length_bytes);
    timer_wheel_set(room->wheel, &connection->timer, user->connect_timeout_ms);
    *ret_connection = connection;
    return RESULT_OK;
}

void responder_connection_take(struct responder_connection *connection, struct responder_user *user)
{
    responder_unpark(connection);
    enter(connection, RESPONDER_CONNECTION_BUSY);
    connection->user = user;
    wait_for_bytes(connection);
}

void responder_connection_park(struct responder_connection *connection)
{
    enter(connection, RESPONDER_CONNECTION_IDLE);
    connection->user = NULL;
    timer_wheel_set(connection->room->wheel, &connection->timer, RESPONDER_CONNECTION_IDLE_MS);
}

void responder_connection_abandon(struct responder_connection *connection)
{
    struct fetch_room *room = connection->room;
    if (connection->state == RESPONDER_CONNECTION_REAPING) {
        return;
    }
    if (connection->state == RESPONDER_CONNECTION_IDLE) {
        responder_unpark(connection);
    }
    enter(connection, RESPONDER_CONNECTION_REAPING);
    connection->user = NULL;
    connection->responder = NULL;
    timer_wheel_clear(room->wheel, &connection->timer);
    ring_cancel(room->ring, &connection->connect);
    stream_shut(&connection->stream);
    offer_for_reaping(connection);
}

void responder_connection_reap(struct fetch_room *room)
{
    struct list *node;
    while ((node = list_take_first(&room->reapable)) != NULL) {
        struct responder_connection *connection =
            LIST_OWNER(node, struct responder_connection, place);
        CHECK(is_joined(connection));
        stream_close(&connection->stream);
        enter(connection, RESPONDER_CONNECTION_FREE);
        slab_return(&room->connections, connection);
    }
}
