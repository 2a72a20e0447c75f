/*
 * The life of a client's connection: its table of states, the one driver, and what the socket
 * reports.
 *
 * Events record and then advance; steps decide. Ciphertext is used where the ring received it and
 * copied only when a step cannot take it yet.
 */
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "access_record.h"
#include "base/check.h"
#include "base/clock.h"
#include "client_lease.h"
#include "client_trust.h"
#include "connection.h"
#include "exchange.h"
#include "handshake.h"
#include "proxy_generation.h"
#include "tunnel.h"

#define TO(state) (1u << (state))

/* How long a client that has everything is given to close its side too. */
#define LINGER_LIMIT_MS 2000

static enum step close_step(struct connection *connection);
static enum step reap_step(struct connection *connection);

/* clang-format off */
static const struct {
    const char *name;
    enum step (*step)(struct connection *connection);
    uint32_t may_move_to;
} states[CONNECTION_STATE_COUNT] = {
    [CONNECTION_FREE]        = {"free",        NULL,                   TO(CONNECTION_HANDSHAKING)},
    [CONNECTION_HANDSHAKING] = {"handshaking", handshake_step,         TO(CONNECTION_JUDGING) | TO(CONNECTION_CLOSING)},
    [CONNECTION_JUDGING]     = {"judging",     handshake_judge_step,   TO(CONNECTION_SERVING) | TO(CONNECTION_CLOSING)},
    [CONNECTION_SERVING]     = {"serving",     exchange_step,          TO(CONNECTION_TUNNELLING) | TO(CONNECTION_CLOSING)},
    [CONNECTION_TUNNELLING]  = {"tunnelling",  tunnel_step,            TO(CONNECTION_CLOSING)},
    [CONNECTION_CLOSING]     = {"closing",     close_step,             TO(CONNECTION_REAPING)},
    [CONNECTION_REAPING]     = {"reaping",     reap_step,              TO(CONNECTION_FREE)},
};
/* clang-format on */

const char *connection_state_name(enum connection_state state)
{
    return states[state].name;
}

enum step connection_enter(struct connection *connection, enum connection_state next)
{
    CHECK(states[connection->state].may_move_to & TO(next));
    connection->state = next;
    return STEP_MOVED;
}

/* A step may lose the client on its way, for want of memory too: no event will come of that. */
static enum step run_step(struct connection *connection)
{
    enum step step = states[connection->state].step(connection);
    if (connection->is_peer_gone && connection->state < CONNECTION_CLOSING) {
        return connection_close(connection, CLOSE_CLIENT_ABORTED);
    }
    return step;
}

void connection_advance(struct connection *connection)
{
    while (connection->state != CONNECTION_FREE && run_step(connection) == STEP_MOVED) {
    }
    stream_flush(&connection->stream);
}

/* What the socket reports: recorded, then the driver runs. */

static struct connection *owner_of(struct stream *stream)
{
    return LIST_OWNER(stream, struct connection, stream);
}

static void give_up_for_memory(struct connection *connection)
{
    connection_lose(connection, CLOSE_OVERLOAD);
    (void)connection_close(connection, CLOSE_OVERLOAD);
}

/* What the steps have not used is copied: the ring takes its buffer back now. */
static void hold_what_arrived(struct connection *connection)
{
    struct buffer_pool *pool = &connection->proxy->buffers;
    if (connection->arrived.length > 0 && buffer_is_empty(&connection->held) &&
        !result_is_ok(buffer_append(pool, &connection->held, connection->arrived))) {
        give_up_for_memory(connection);
        connection_advance(connection);
        return;
    }
    connection_limit_held(connection);
}

static void on_received(struct stream *stream, struct bytes bytes)
{
    struct connection *connection = owner_of(stream);
    connection->arrived = bytes;
    if (!buffer_is_empty(&connection->held)) {
        /* What came before goes first. */
        if (!result_is_ok(buffer_append(stream->pool, &connection->held, bytes))) {
            give_up_for_memory(connection);
        }
        connection->arrived = (struct bytes){0};
    }
    connection_advance(connection);
    if (connection->state < CONNECTION_CLOSING) {
        hold_what_arrived(connection);
    }
    connection->arrived = (struct bytes){0};
}

static void on_receive_ended(struct stream *stream, enum io_status status)
{
    struct connection *connection = owner_of(stream);
    if (status == IO_ENDED) {
        connection->has_peer_finished = true;
    } else {
        connection->is_peer_gone = true;
    }
    connection_advance(connection);
}

static void on_sent(struct stream *stream)
{
    connection_advance(owner_of(stream));
}

static void on_send_failed(struct stream *stream, enum io_status status)
{
    struct connection *connection = owner_of(stream);
    (void)status; /* whatever it is, the client is told nothing more */
    connection->is_peer_gone = true;
    connection_advance(connection);
}

static void on_joined(struct stream *stream)
{
    connection_advance(owner_of(stream));
}

static const struct stream_events stream_events = {
    .received = on_received,
    .receive_ended = on_receive_ended,
    .sent = on_sent,
    .send_failed = on_send_failed,
    .joined = on_joined,
};

static void on_timeout(struct timer *timer)
{
    struct connection *connection = LIST_OWNER(timer, struct connection, timer);
    connection->has_timed_out = true;
    connection_advance(connection);
}

static void on_lease_end(struct timer *timer)
{
    client_lease_review(LIST_OWNER(timer, struct connection, lease_timer));
}

void connection_start(struct connection *connection, struct proxy *proxy, int descriptor)
{
    connection->proxy = proxy;
    connection->number = ++proxy->connection_number;
    connection->accepted_us = clock_wall_microseconds();
    connection->phase_started_ns = clock_monotonic_ns();
    connection->timer.expired = on_timeout;
    connection->lease_timer.expired = on_lease_end;
    list_add_last(&proxy->open, &connection->place);
    stream_open(&connection->stream, descriptor, proxy->around.ring, &proxy->buffers,
                &stream_events);
    stream_pace(&connection->stream, true); /* until its first request shows what it sends */
    counters_count(proxy->around.counters, COUNTER_CONNECTIONS_ACCEPTED);
    (void)connection_enter(connection, CONNECTION_HANDSHAKING);
    connection_wait(connection, WAIT_HANDSHAKE, proxy_gateway(proxy)->handshake_timeout_ms, true);
    handshake_start(connection);
    stream_resume(&connection->stream);
    connection_advance(connection);
}

void connection_wait(struct connection *connection, enum connection_wait wait, uint32_t limit_ms,
                     bool has_progressed)
{
    if (wait == connection->wait && !has_progressed) {
        return;
    }
    connection->wait = wait;
    connection->has_timed_out = false;
    if (wait == WAIT_NOTHING) {
        timer_wheel_clear(connection->proxy->around.wheel, &connection->timer);
    } else {
        timer_wheel_set(connection->proxy->around.wheel, &connection->timer, limit_ms);
    }
}

void connection_wait_for_sending(struct connection *connection)
{
    bool has_progressed = connection->sent_bytes_seen != connection->stream.sent_bytes;
    connection->sent_bytes_seen = connection->stream.sent_bytes;
    connection_wait(connection, WAIT_SENDING, proxy_gateway(connection->proxy)->send_timeout_ms,
                    has_progressed);
}

/* Bytes. */

struct bytes connection_ciphertext(const struct connection *connection)
{
    return buffer_is_empty(&connection->held) ? connection->arrived
                                              : buffer_bytes(&connection->held);
}

void connection_ciphertext_left(struct connection *connection, struct bytes left)
{
    if (buffer_is_empty(&connection->held)) {
        connection->arrived = left;
    } else {
        buffer_drop(&connection->proxy->buffers, &connection->held,
                    buffer_length(&connection->held) - left.length);
    }
}

void connection_limit_held(struct connection *connection)
{
    uint32_t held_bytes = buffer_length(&connection->held);
    if (held_bytes >= QUEUE_HIGH_BYTES) {
        stream_pause(&connection->stream);
    } else if (held_bytes < QUEUE_LOW_BYTES) {
        stream_resume(&connection->stream);
    }
}

/* Plaintext that lies in what is held would go with the last of it. */
static void outlive_held(struct connection *connection, struct bytes *plaintext)
{
    struct proxy *proxy = connection->proxy;
    if (!buffer_is_empty(&connection->held) && plaintext->at != proxy->plaintext) {
        CHECK(plaintext->length <= sizeof(proxy->plaintext));
        memcpy(proxy->plaintext, plaintext->at, plaintext->length);
        plaintext->at = proxy->plaintext;
    }
}

enum tls_status connection_read(struct connection *connection, struct bytes *ret_plaintext)
{
    struct proxy *proxy = connection->proxy;
    if (!buffer_is_empty(&connection->pending)) {
        *ret_plaintext = buffer_bytes(&connection->pending);
        return TLS_DONE;
    }
    struct bytes ciphertext = connection_ciphertext(connection);
    enum tls_status status = tls_session_read(connection->tls, &ciphertext, proxy->plaintext,
                                              sizeof(proxy->plaintext), ret_plaintext);
    if (status == TLS_DONE && ciphertext.length == 0) {
        outlive_held(connection, ret_plaintext);
    }
    connection_ciphertext_left(connection, ciphertext);
    connection_limit_held(connection);
    if (status == TLS_WANTS_INPUT) {
        size_t bulk_bytes = tls_session_receive_size(connection->tls, RING_LARGE_BUFFER_BYTES);
        stream_set_bulk(&connection->stream, (uint32_t)bulk_bytes);
    }
    if (stream_queued_bytes(&connection->stream) > QUEUE_TOO_HIGH_BYTES) {
        return TLS_FAILED; /* It makes TLS speak (KeyUpdate) and does not listen. */
    }
    if (status == TLS_PEER_CLOSED) {
        connection->has_peer_finished = true;
    }
    return status;
}

struct result connection_keep(struct connection *connection, struct bytes rest)
{
    struct buffer_pool *pool = &connection->proxy->buffers;
    if (buffer_is_empty(&connection->pending)) {
        return buffer_append(pool, &connection->pending, rest);
    }
    buffer_drop(pool, &connection->pending, buffer_length(&connection->pending) - rest.length);
    return RESULT_OK;
}

struct result connection_write(struct connection *connection, struct bytes plaintext)
{
    if (plaintext.length == 0 || connection->is_peer_gone) {
        return RESULT_OK;
    }
    stream_expect(&connection->stream, plaintext.length);
    if (tls_session_write(connection->tls, plaintext) != TLS_DONE) {
        connection_lose(connection, CLOSE_TLS_FAILED);
        return result_failure(ERROR_TLS_LIBRARY);
    }
    return RESULT_OK;
}

/* The end. */

void connection_lose(struct connection *connection, enum close_reason reason)
{
    if (!connection->is_peer_gone) {
        connection->is_peer_gone = true;
        connection->loss = reason;
    }
}

static void count_closed(struct connection *connection)
{
    struct listener_counters *listener = connection_listener_counters(connection);
    if (connection->site == NULL) {
        counters_add_to(&listener->connections, 1); /* it never said whose it is */
    }
    counters_add_to(&listener->closed[connection->close_reason], 1);
    counters_add_to(&connection->proxy->around.counters->closed[connection->close_reason], 1);
}

enum step connection_close(struct connection *connection, enum close_reason reason)
{
    if (connection->state >= CONNECTION_CLOSING) {
        return STEP_MOVED; /* The first reason is the true one. */
    }
    connection->close_reason = connection->loss != CLOSE_NONE ? connection->loss : reason;
    exchange_abort(connection);
    handshake_queue_leave(&connection->proxy->handshake_queue, connection);
    access_record_handshake(connection);
    list_remove(&connection->place);
    list_add_last(&connection->proxy->closing, &connection->place);
    count_closed(connection);
    connection_wait(connection, WAIT_NOTHING, 0, true);
    return connection_enter(connection, CONNECTION_CLOSING);
}

/* Of one of the socket's two queues; 0 when that cannot be told. */
static uint32_t queued_bytes(const struct connection *connection, unsigned long queue)
{
    int bytes = 0;
    if (ioctl(connection->stream.descriptor, queue, &bytes) != 0 || bytes < 0) {
        return 0;
    }
    return (uint32_t)bytes;
}

/* What lies unread in the socket is a request on its way, too: closing would lose it. */
static bool is_spoken_to(const struct connection *connection)
{
    return connection->exchange != NULL || !buffer_is_empty(&connection->held) ||
           !buffer_is_empty(&connection->pending) ||
           tls_session_is_within_record(connection->tls) || queued_bytes(connection, SIOCINQ) > 0;
}

void connection_close_idle(struct connection *connection)
{
    if (connection->is_last_request && connection->state == CONNECTION_SERVING &&
        !is_spoken_to(connection)) {
        (void)connection_close(connection, CLOSE_DRAINING);
        connection_advance(connection);
    }
}

static void say_goodbye(struct connection *connection)
{
    if (connection->has_said_goodbye || connection->is_peer_gone) {
        return;
    }
    connection->has_said_goodbye = true;
    /* Without close_notify the client knows that something is missing (RFC 8446 section 6.1). */
    if (connection->tls != NULL && !connection->must_break) {
        tls_session_close_notify(connection->tls);
    }
    stream_flush(&connection->stream);
    stream_finish(&connection->stream);
}

/*
 * A client that still sends when its socket is closed gets a reset, and the reset destroys what it
 * has not read yet. So its side is waited for: a little while once it has everything, as long as
 * for any answer before.
 */
static bool may_linger_on(struct connection *connection)
{
    uint32_t undelivered = queued_bytes(connection, SIOCOUTQ); /* not acknowledged */
    bool has_progressed = undelivered != connection->undelivered_bytes;
    connection->linger_ms = has_progressed ? 0 : connection->linger_ms + LINGER_LIMIT_MS;
    connection->undelivered_bytes = undelivered;
    return undelivered > 0 &&
           connection->linger_ms < proxy_gateway(connection->proxy)->send_timeout_ms;
}

/* Everything is said: waits for the client's own end. */
static bool is_linger_over(struct connection *connection)
{
    if (connection->stream.has_receive_ended) {
        return true;
    }
    bool is_first = connection->wait != WAIT_LINGER;
    if (!is_first && connection->has_timed_out && !may_linger_on(connection)) {
        return true;
    }
    connection_wait(connection, WAIT_LINGER, LINGER_LIMIT_MS, connection->has_timed_out);
    return false;
}

static bool is_sending_over(struct connection *connection)
{
    if (connection->has_timed_out && connection->sent_bytes_seen == connection->stream.sent_bytes) {
        return true;
    }
    connection_wait_for_sending(connection);
    return false;
}

static bool is_over(struct connection *connection)
{
    if (connection->is_peer_gone) {
        return true;
    }
    return stream_queued_bytes(&connection->stream) > 0 ? is_sending_over(connection)
                                                        : is_linger_over(connection);
}

static enum step close_step(struct connection *connection)
{
    say_goodbye(connection);
    /* What the client still sends is read and thrown away. */
    connection->arrived = (struct bytes){0};
    buffer_release(&connection->proxy->buffers, &connection->held);
    stream_resume(&connection->stream);
    if (!is_over(connection)) {
        return STEP_WAIT;
    }
    connection_wait(connection, WAIT_NOTHING, 0, true);
    stream_shut(&connection->stream);
    return connection_enter(connection, CONNECTION_REAPING);
}

static enum step reap_step(struct connection *connection)
{
    /* The kernel may still write into our buffers until its last completion is in. */
    if (stream_is_joined(&connection->stream) && !connection->is_reapable) {
        connection->is_reapable = true;
        list_remove(&connection->place);
        list_add_last(&connection->proxy->reapable, &connection->place);
    }
    return STEP_WAIT;
}

void connection_free(struct connection *connection)
{
    struct proxy *proxy = connection->proxy;
    struct counters *counters = proxy->around.counters;
    counters_add(counters, COUNTER_CLIENT_BYTES_RECEIVED, connection->stream.received_bytes);
    counters_add(counters, COUNTER_CLIENT_BYTES_SENT, connection->stream.sent_bytes);
    counters_count(counters, COUNTER_CONNECTIONS_CLOSED);
    stream_close(&connection->stream);
    handshake_end(connection);
    tls_session_destroy(connection->tls);
    client_trust_release(connection);
    proxy_generation_leave(connection);
    buffer_release(&proxy->buffers, &connection->held);
    buffer_release(&proxy->buffers, &connection->pending);
    (void)connection_enter(connection, CONNECTION_FREE);
    slab_return(&proxy->connections, connection);
}
