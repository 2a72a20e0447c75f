/*
 * After 101 (RFC 9110 section 7.8) the gateway looks at nothing any more. Each direction ends by
 * itself: what one side finishes is finished towards the other, and the connection closes when both
 * have.
 */
#include "tunnel.h"
#include "exchange.h"
#include "proxy_generation.h"

static struct stream *backend_of(const struct connection *connection)
{
    return &connection->exchange->backend->stream;
}

/* Client to backend. STEP_MOVED when the connection closes. */
static enum step relay_up(struct connection *connection)
{
    struct stream *backend = backend_of(connection);
    stream_expect(backend, connection_ciphertext(connection).length);
    while (!backend->is_finishing && stream_queued_bytes(backend) < QUEUE_HIGH_BYTES) {
        struct bytes plaintext;
        enum tls_status status = connection_read(connection, &plaintext);
        if (status == TLS_FAILED) {
            return connection_close(connection, CLOSE_TLS_FAILED);
        }
        if (status != TLS_DONE) {
            if (connection->has_peer_finished) {
                stream_finish(backend);
            }
            return STEP_WAIT;
        }
        connection->exchange->received_bytes += plaintext.length;
        if (!result_is_ok(stream_queue(backend, plaintext)) ||
            !result_is_ok(connection_keep(connection, (struct bytes){0}))) {
            return connection_close(connection, CLOSE_OVERLOAD);
        }
    }
    return STEP_WAIT;
}

static void finish_client(struct connection *connection)
{
    if (!connection->has_said_goodbye) {
        connection->has_said_goodbye = true;
        tls_session_close_notify(connection->tls);
        stream_flush(&connection->stream);
        stream_finish(&connection->stream);
    }
}

/* Backend to client. */
static enum step relay_down(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct stream *backend = backend_of(connection);
    if (exchange->arrived.length > 0) {
        exchange->sent_bytes += exchange->arrived.length;
        if (!result_is_ok(connection_write(connection, exchange->arrived))) {
            return connection_close(connection, CLOSE_TLS_FAILED);
        }
        exchange->arrived = (struct bytes){0};
    }
    if (exchange->has_backend_ended) {
        finish_client(connection);
    }
    uint32_t queued_bytes = stream_queued_bytes(&connection->stream);
    if (queued_bytes >= QUEUE_HIGH_BYTES) {
        stream_pause(backend);
    } else if (queued_bytes < QUEUE_LOW_BYTES) {
        stream_resume(backend);
    }
    return STEP_WAIT;
}

static enum step end_of_patience(struct connection *connection)
{
    connection->has_timed_out = false;
    if (connection->wait != WAIT_SENDING) {
        return connection_close(connection, CLOSE_TUNNEL_TIMEOUT);
    }
    connection->is_peer_gone = true; /* It would not take our last words either. */
    return connection_close(connection, CLOSE_SEND_TIMEOUT);
}

/* An idle tunnel costs little and may wait for long; one that is full of bytes may not. */
static void limit_time(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    const struct stream *client = &connection->stream;
    const struct stream *backend = backend_of(connection);
    const struct config_gateway *gateway = proxy_gateway(connection->proxy);
    enum connection_wait wait = backend->is_paused ? WAIT_SENDING : WAIT_TUNNEL;
    uint64_t moved = client->sent_bytes;
    if (wait == WAIT_TUNNEL) {
        moved += client->received_bytes + backend->received_bytes + backend->sent_bytes;
    }
    connection_wait(connection, wait,
                    wait == WAIT_SENDING ? gateway->send_timeout_ms
                                         : gateway->tunnel_idle_timeout_ms,
                    moved != exchange->progress);
    exchange->progress = moved;
}

enum step tunnel_step(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (connection->is_peer_gone) {
        return connection_close(connection, CLOSE_TUNNEL_ENDED);
    }
    if (connection->has_timed_out) {
        return end_of_patience(connection);
    }
    if (exchange->has_backend_failed) {
        connection->must_break = true;
        return connection_close(connection, CLOSE_TUNNEL_ENDED);
    }
    if (relay_up(connection) == STEP_MOVED || relay_down(connection) == STEP_MOVED) {
        return STEP_MOVED;
    }
    bool is_up_over =
        backend_of(connection)->is_finishing && stream_queued_bytes(backend_of(connection)) == 0;
    if (is_up_over && exchange->has_backend_ended) {
        return connection_close(connection, CLOSE_TUNNEL_ENDED);
    }
    stream_flush(backend_of(connection));
    limit_time(connection);
    return STEP_WAIT;
}
