/*
 * The course of one exchange: reading the request's head, deciding what becomes of it, finding a
 * connection to the backend, and the end. The two directions in between are request_relay.c and
 * answer_relay.c.
 *
 * Nothing goes to a backend for a client whose verdict does not let it in: JUDGING (admission.c) is
 * the only way from READING to FINDING.
 */
#include "exchange.h"
#include "access_record.h"
#include "admission.h"
#include "answer_relay.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "client_lease.h"
#include "client_trust.h"
#include "http/http_date.h"
#include "proxy_generation.h"
#include "request_relay.h"

static const struct http1_limits http_limits = {.target_bytes_max = HTTP_TARGET_BYTES_MAX,
                                                .fields_bytes_max = HTTP_FIELDS_BYTES_MAX,
                                                .field_count_max = HTTP_FIELD_COUNT_MAX};

static enum step find_step(struct exchange *exchange);
static enum step relay_step(struct exchange *exchange);
static enum step done_step(struct exchange *exchange);

/* READING has no row: the connection may have no exchange yet. */
static enum step (*const steps[EXCHANGE_STATE_COUNT])(struct exchange *exchange) = {
    [EXCHANGE_JUDGING] = admission_step,
    [EXCHANGE_FINDING] = find_step,
    [EXCHANGE_RELAYING] = relay_step,
    [EXCHANGE_DONE] = done_step,
};

/* What the backend's connection reports: recorded, then the driver runs. The exchange may be gone
 * after. */

static struct exchange *owner_of(struct backend_user *user)
{
    return LIST_OWNER(user, struct exchange, user);
}

static void on_connected(struct backend_user *user)
{
    struct exchange *exchange = owner_of(user);
    exchange->is_connected = true;
    connection_advance(exchange->connection);
}

static void count_failed_connect(struct exchange *exchange, enum io_status status)
{
    server_claim_fail(&exchange->claim, status == IO_UNREACHABLE ? SERVER_FAILURE_CONNECT_TIMEOUT
                                                                 : SERVER_FAILURE_CONNECT);
    exchange->connect_status = status;
    exchange->failed_connect_count++;
    exchange->has_turn = false;
}

static void on_connect_failed(struct backend_user *user, enum io_status status)
{
    struct exchange *exchange = owner_of(user);
    exchange->backend = NULL;
    count_failed_connect(exchange, status);
    connection_advance(exchange->connection);
}

static void on_room_made(struct backend_user *user)
{
    connection_advance(owner_of(user)->connection);
}

static void on_backend_received(struct backend_user *user, struct bytes bytes)
{
    struct exchange *exchange = owner_of(user);
    exchange->arrived = bytes;
    connection_advance(exchange->connection);
}

static void on_backend_ended(struct backend_user *user, enum io_status status)
{
    struct exchange *exchange = owner_of(user);
    exchange->has_backend_ended = true;
    exchange->has_backend_failed |= status != IO_ENDED;
    connection_advance(exchange->connection);
}

static void on_backend_sent(struct backend_user *user)
{
    connection_advance(owner_of(user)->connection);
}

static void on_backend_send_failed(struct backend_user *user)
{
    struct exchange *exchange = owner_of(user);
    exchange->has_backend_failed = true;
    connection_advance(exchange->connection);
}

static const struct backend_user_events backend_events = {
    .connected = on_connected,
    .connect_failed = on_connect_failed,
    .room_made = on_room_made,
    .received = on_backend_received,
    .receive_ended = on_backend_ended,
    .sent = on_backend_sent,
    .send_failed = on_backend_send_failed,
};

/* Begin and end. */

static void begin(struct connection *connection)
{
    struct exchange *exchange = slab_lend(&connection->proxy->exchanges);
    CHECK(exchange != NULL); /* as many as there are connections */
    exchange->user.events = &backend_events;
    exchange->connection = connection;
    proxy_generation_serve(exchange, connection->site);
    exchange->started_us = clock_wall_microseconds();
    exchange->started_ns = clock_monotonic_ns();
    http1_parser_init(&exchange->request, HTTP1_REQUEST, &http_limits);
    http1_parser_init(&exchange->answer, HTTP1_RESPONSE, &http_limits);
    if (!result_is_ok(random_fill(exchange->trace_id, sizeof(exchange->trace_id)))) {
        exchange->trace_id[0] = 0; /* stays zero: only an identifier for people */
    }
    connection->exchange = exchange;
    counters_count(connection->proxy->around.counters, COUNTER_REQUESTS);
}

void exchange_abandon_backend(struct exchange *exchange)
{
    backend_pool_stop_waiting(exchange->site->pool, &exchange->user);
    if (exchange->backend != NULL) {
        backend_connection_abandon(exchange->backend);
        exchange->backend = NULL;
    }
}

static void end(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    uint64_t ended_ns = clock_monotonic_ns();
    if (exchange->status != 0 && exchange->status != 101) { /* a tunnel lasts as long as it lasts */
        histogram_record(&connection->proxy->around.counters->timings[TIMING_REQUEST],
                         exchange->started_ns, ended_ns);
        histogram_record(&exchange_route_counters(exchange)->request_times, exchange->started_ns,
                         ended_ns);
    }
    access_record_exchange(exchange, ended_ns);
    exchange_abandon_backend(exchange);
    server_claim_release(&exchange->claim);
    http1_parser_deinit(&exchange->request);
    http1_parser_deinit(&exchange->answer);
    proxy_generation_serve(exchange, NULL);
    connection->exchange = NULL;
    connection->request_count++;
    slab_return(&connection->proxy->exchanges, exchange);
}

void exchange_abort(struct connection *connection)
{
    if (connection->exchange != NULL) {
        end(connection->exchange);
    }
}

void exchange_close_after(struct exchange *exchange, enum close_reason reason)
{
    if (exchange->close_reason == CLOSE_NONE) {
        exchange->close_reason = reason;
    }
}

/* READING. */

static enum step wait_for_request(struct connection *connection, enum tls_status status)
{
    const struct config_gateway *gateway = proxy_gateway(connection->proxy);
    bool is_idle = connection->exchange == NULL;
    if (status == TLS_FAILED) {
        return connection_close(connection, CLOSE_TLS_FAILED);
    }
    if (connection->has_peer_finished) {
        return connection_close(connection, is_idle ? CLOSE_CLIENT_FINISHED : CLOSE_CLIENT_ABORTED);
    }
    if (is_idle && connection->is_last_request && connection->request_count > 0 &&
        !tls_session_is_within_record(connection->tls)) {
        return connection_close(connection, CLOSE_DRAINING); /* its answer had promised more */
    }
    if (is_idle) {
        connection_wait(connection, WAIT_REQUEST, gateway->keepalive_timeout_ms, false);
    } else {
        connection_wait(connection, WAIT_HEAD, gateway->client_header_timeout_ms, false);
    }
    return STEP_WAIT;
}

static enum step finish_head(struct exchange *exchange)
{
    struct bytes nothing = {0};
    exchange->is_request_complete =
        http1_parser_next(&exchange->request, &nothing, &nothing) == HTTP1_END;
    exchange->state = EXCHANGE_JUDGING;
    return STEP_MOVED;
}

static enum step refuse_request(struct exchange *exchange)
{
    enum http1_fault fault = http1_parser_fault(&exchange->request);
    return exchange_answer(exchange, answer_for_status(http1_fault_status(fault)),
                           CLOSE_BAD_REQUEST);
}

static enum step read_step(struct connection *connection)
{
    struct bytes plaintext;
    struct bytes body;
    if (stream_queued_bytes(&connection->stream) >= QUEUE_HIGH_BYTES) {
        /* It sends requests without taking answers. */
        connection_wait_for_sending(connection);
        return STEP_WAIT;
    }
    enum tls_status status = connection_read(connection, &plaintext);
    if (status != TLS_DONE) {
        return wait_for_request(connection, status);
    }
    if (connection->exchange == NULL) {
        begin(connection);
    }
    struct exchange *exchange = connection->exchange;
    size_t length_before = plaintext.length;
    enum http1_event event = http1_parser_next(&exchange->request, &plaintext, &body);
    exchange->received_bytes += length_before - plaintext.length;
    if (!result_is_ok(connection_keep(connection, plaintext))) {
        return connection_close(connection, CLOSE_OVERLOAD);
    }
    switch (event) {
    case HTTP1_HEAD:
        return finish_head(exchange);
    case HTTP1_ERROR:
        return refuse_request(exchange);
    case HTTP1_NEEDS_MORE:
    case HTTP1_BODY:
    case HTTP1_END:
    default:
        return STEP_MOVED;
    }
}

/* FINDING. */

/* One address an attempt, however long it waits for room. False: there is none to try any more. */
static bool take_turn(struct exchange *exchange)
{
    if (exchange->has_turn) {
        return true;
    }
    server_claim_release(&exchange->claim);
    const struct backend_address *address =
        server_choice_take(&exchange->choice, exchange->site->pool, &exchange->claim);
    if (address == NULL) {
        return false;
    }
    exchange->address = address;
    exchange->has_turn = true;
    return true;
}

/* 502 at once where no server gets requests, and where one refuses; 504 where one does not answer.
 */
static enum step answer_unreachable(struct exchange *exchange)
{
    exchange->is_without_server = exchange->failed_connect_count == 0;
    bool is_late = !exchange->is_without_server && exchange->connect_status == IO_UNREACHABLE;
    return exchange_answer(exchange, is_late ? ANSWER_GATEWAY_TIMEOUT : ANSWER_BAD_GATEWAY,
                           CLOSE_NONE);
}

static enum step connect_step(struct exchange *exchange)
{
    struct backend_pool *pool = exchange->site->pool;
    switch (backend_pool_connect(pool, exchange->address, &exchange->user, &exchange->backend)) {
    case BACKEND_POOL_CONNECTING:
        return STEP_MOVED;
    case BACKEND_POOL_WAITS_FOR_ROOM:
        connection_wait(exchange->connection, WAIT_BACKEND, pool->backend->connect_timeout_ms,
                        false);
        return STEP_WAIT;
    case BACKEND_POOL_FAILED:
        count_failed_connect(exchange, IO_FAILED);
        return STEP_MOVED;
    case BACKEND_POOL_FULL:
    default:
        return exchange_answer(exchange, ANSWER_SERVICE_UNAVAILABLE, CLOSE_NONE);
    }
}

static enum step find_step(struct exchange *exchange)
{
    struct backend_pool *pool = exchange->site->pool;
    if (exchange->is_connected) {
        exchange->state = EXCHANGE_RELAYING;
        return STEP_MOVED;
    }
    if (exchange->backend != NULL) {
        /* The attempt has a time limit of its own. */
        connection_wait(exchange->connection, WAIT_NOTHING, 0, false);
        return STEP_WAIT;
    }
    if (backend_pool_is_waited_for(&exchange->user)) {
        return STEP_WAIT;
    }
    if (!take_turn(exchange)) {
        return answer_unreachable(exchange);
    }
    exchange->backend =
        exchange->is_retried ? NULL : backend_pool_reuse(pool, exchange->address, &exchange->user);
    if (exchange->backend != NULL) {
        exchange->is_connected = true;
        exchange->is_reused = true;
        return STEP_MOVED;
    }
    return connect_step(exchange);
}

bool exchange_may_retry(const struct exchange *exchange)
{
    const struct http1_head *head = exchange_request(exchange);
    bool has_body = head->framing == HTTP_FRAMING_CHUNKED || head->content_length > 0;
    return exchange->is_reused && !exchange->is_retried && exchange->status == 0 && !has_body &&
           http1_parser_is_idle(&exchange->answer) && exchange->interim_count == 0 &&
           http_method_is_idempotent(head->method);
}

enum step exchange_retry(struct exchange *exchange)
{
    counters_count(exchange_proxy(exchange)->around.counters, COUNTER_REQUESTS_RETRIED);
    exchange_abandon_backend(exchange);
    server_choice_go_on_after(&exchange->choice, exchange->site->pool, exchange->address);
    exchange->is_retried = true;
    exchange->is_reused = false;
    exchange->is_connected = false;
    exchange->has_turn = false;
    exchange->is_head_forwarded = false;
    exchange->has_backend_ended = false;
    exchange->has_backend_failed = false;
    exchange->state = EXCHANGE_FINDING;
    return STEP_MOVED;
}

/* RELAYING. */

/* What must move next, and the bytes that have moved in it. */
static enum connection_wait awaited(const struct exchange *exchange, uint64_t *ret_moved,
                                    uint32_t *ret_limit_ms)
{
    const struct connection *connection = exchange->connection;
    const struct stream *backend = &exchange->backend->stream;
    const struct config_gateway *gateway = proxy_gateway(connection->proxy);
    if (backend->is_paused) {
        *ret_moved = connection->stream.sent_bytes;
        *ret_limit_ms = gateway->send_timeout_ms;
        return WAIT_SENDING;
    }
    if (request_relay_wants_client(exchange)) {
        *ret_moved = connection->stream.received_bytes;
        if (exchange->status != 0) {
            /* Its answer has begun before it has said all: while that goes on it may pause. */
            *ret_moved += connection->stream.sent_bytes + backend->received_bytes;
        }
        *ret_limit_ms = gateway->client_body_timeout_ms;
        return WAIT_BODY;
    }
    /* A head that comes a byte at a time is no answer: only its end is. */
    *ret_moved =
        exchange->status == 0 ? backend->sent_bytes : backend->received_bytes + backend->sent_bytes;
    *ret_limit_ms = exchange->site->pool->backend->request_timeout_ms;
    return WAIT_BACKEND;
}

static enum step relay_step(struct exchange *exchange)
{
    uint64_t moved;
    uint32_t limit_ms;
    enum step step = request_relay_step(exchange);
    if (step == STEP_WAIT && exchange->state == EXCHANGE_RELAYING) {
        step = answer_relay_step(exchange);
    }
    if (step == STEP_MOVED) {
        return STEP_MOVED;
    }
    stream_flush(&exchange->backend->stream);
    enum connection_wait wait = awaited(exchange, &moved, &limit_ms);
    connection_wait(exchange->connection, wait, limit_ms, moved != exchange->progress);
    exchange->progress = moved;
    return STEP_WAIT;
}

/* DONE. */

/* The backend's connection can serve another exchange when this one left nothing on it. */
static bool is_backend_clean(const struct exchange *exchange)
{
    return !exchange_proxy(exchange)->is_draining && exchange->is_answer_complete &&
           exchange->is_request_complete && !exchange->is_own_answer &&
           !exchange->has_backend_ended && !exchange->has_backend_failed &&
           exchange->arrived.length == 0 && http1_parser_head(&exchange->answer)->keep_alive &&
           stream_queued_bytes(&exchange->backend->stream) == 0;
}

static enum step done_step(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    enum close_reason reason = exchange->close_reason;
    if (exchange->backend != NULL && is_backend_clean(exchange)) {
        backend_pool_return(exchange->site->pool, exchange->backend);
        exchange->backend = NULL;
    }
    end(exchange);
    if (reason != CLOSE_NONE) {
        return connection_close(connection, reason);
    }
    connection_wait(connection, WAIT_NOTHING, 0, true); /* the next wait starts its time anew */
    client_lease_look_soon(connection);
    return STEP_MOVED;
}

/* Our own answers. */

enum step exchange_answer(struct exchange *exchange, enum answer answer, enum close_reason reason)
{
    struct connection *connection = exchange->connection;
    exchange_abandon_backend(exchange);
    exchange->state = EXCHANGE_DONE;
    if (exchange->status != 0) {
        connection->must_break = true;
        exchange_close_after(exchange, reason == CLOSE_NONE ? CLOSE_BACKEND_FAILED : reason);
        return STEP_MOVED;
    }
    exchange_close_after(exchange, reason);
    answer_relay_own(exchange, answer);
    exchange->own_answer = answer;
    exchange->is_own_answer = true;
    exchange->is_answer_complete = true;
    answer_relay_count(exchange, answer_status(answer));
    return STEP_MOVED;
}

static enum step end_of_patience(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    connection->has_timed_out = false;
    switch (connection->wait) {
    case WAIT_HEAD:
    case WAIT_BODY:
        return exchange_answer(exchange, ANSWER_REQUEST_TIMEOUT, CLOSE_REQUEST_TIMEOUT);
    case WAIT_BACKEND:
        if (exchange->state == EXCHANGE_RELAYING) { /* else it waits for room of our own */
            server_claim_fail(&exchange->claim, SERVER_FAILURE_TIMEOUT);
        }
        return exchange_answer(exchange, ANSWER_GATEWAY_TIMEOUT, CLOSE_NONE);
    case WAIT_SENDING:
        connection->is_peer_gone = true; /* It would not take our last words either. */
        return connection_close(connection, CLOSE_SEND_TIMEOUT);
    case WAIT_REVOCATION:
        client_trust_give_up(connection);
        return STEP_MOVED;
    case WAIT_NOTHING:
    case WAIT_HANDSHAKE:
    case WAIT_REQUEST:
    case WAIT_TUNNEL:
    case WAIT_LINGER:
    default:
        return connection_close(connection, CLOSE_KEEPALIVE_TIMEOUT);
    }
}

enum step exchange_step(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (connection->is_peer_gone) {
        return connection_close(connection,
                                exchange == NULL ? CLOSE_CLIENT_FINISHED : CLOSE_CLIENT_ABORTED);
    }
    if (connection->has_timed_out) {
        return end_of_patience(connection);
    }
    if (exchange == NULL || exchange->state == EXCHANGE_READING) {
        return read_step(connection);
    }
    return steps[exchange->state](exchange);
}
