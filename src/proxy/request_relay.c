/*
 * Client to backend. The body is decrypted only when the backend's queue has room, so a slow
 * backend slows its client down and nothing piles up in between.
 */
#include "request_relay.h"
#include "base/check.h"
#include "base/clock.h"
#include "http/chunk.h"
#include "http/head_writer.h"
#include "request_edit.h"

/* A body above this does not come in one piece. */
#define LARGE_BODY_BYTES 65536

static struct head_writer_options framing_options(const struct http1_head *head)
{
    struct head_writer_options options = {.framing = head->framing,
                                          .content_length = head->content_length,
                                          .connection = HEAD_CONNECTION_UNSAID};
    if (head->upgrade.length > 0) {
        options.connection = HEAD_CONNECTION_UPGRADE;
    }
    return options;
}

/*
 * So that a large body to a slow backend stays where it is. Its client stays paced until it sends
 * something small: of the next large body, too, whole records come from the start, and no more of
 * them than can be passed on.
 */
static void pace_client(struct exchange *exchange)
{
    const struct http1_head *head = exchange_request(exchange);
    bool is_large =
        head->framing == HTTP_FRAMING_CHUNKED ||
        (head->framing == HTTP_FRAMING_LENGTH && head->content_length > LARGE_BODY_BYTES);
    stream_pace(&exchange->connection->stream, is_large || head->upgrade.length > 0);
}

/* What of the body has come with the head, or a little more: both leave in one send. */
static size_t arrived_body_bytes(const struct exchange *exchange)
{
    const struct connection *connection = exchange->connection;
    return exchange->is_request_complete
               ? 0
               : buffer_length(&connection->pending) + connection_ciphertext(connection).length;
}

static struct result forward_head(struct exchange *exchange)
{
    const struct http1_head *head = exchange_request(exchange);
    struct stream *backend = &exchange->backend->stream;
    struct head_writer_options options = framing_options(head);
    TRY(request_edit_compose(exchange, &options.edits, &options.edit_count));
    size_t room_bytes = head_writer_size_max(head, &options);
    stream_expect(backend, room_bytes + arrived_body_bytes(exchange));
    char *room = (char *)stream_reserve(backend, room_bytes);
    if (room == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct text text = text_over(room, room_bytes);
    head_writer_write_request(&text, head, &options);
    stream_filled(backend, text.overflowed ? 0 : text.length);
    if (text.overflowed) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    http1_parser_expect(&exchange->answer, head->method, head->upgrade.length > 0);
    exchange->is_head_forwarded = true;
    pace_client(exchange);
    exchange->forwarded_ns = clock_monotonic_ns();
    counters_count(exchange_proxy(exchange)->around.counters, COUNTER_REQUESTS_FORWARDED);
    server_claim_count_request(&exchange->claim);
    return RESULT_OK;
}

static struct result forward_body(struct exchange *exchange, struct bytes body)
{
    struct stream *backend = &exchange->backend->stream;
    if (exchange_request(exchange)->framing != HTTP_FRAMING_CHUNKED) {
        return stream_queue(backend, body);
    }
    size_t room_bytes = body.length + CHUNK_OVERHEAD_BYTES_MAX;
    char *room = (char *)stream_reserve(backend, room_bytes);
    if (room == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct text text = text_over(room, room_bytes);
    chunk_append_header(&text, body.length);
    text_append(&text, body);
    chunk_append_end(&text);
    stream_filled(backend, text.length);
    return RESULT_OK;
}

static struct result forward_end(struct exchange *exchange)
{
    char last[CHUNK_OVERHEAD_BYTES_MAX];
    struct text text = text_over(last, sizeof(last));
    exchange->is_request_complete = true;
    if (exchange_request(exchange)->framing != HTTP_FRAMING_CHUNKED) {
        return RESULT_OK;
    }
    chunk_append_last(&text);
    return stream_queue(&exchange->backend->stream, text_bytes(&text));
}

static bool has_room(const struct exchange *exchange)
{
    return stream_queued_bytes(&exchange->backend->stream) < QUEUE_HIGH_BYTES;
}

/* One event out of plaintext, which is advanced. */
static struct result forward_event(struct exchange *exchange, struct bytes *plaintext,
                                   enum http1_event *ret_event)
{
    struct bytes body = {0};
    size_t length_before = plaintext->length;
    *ret_event = http1_parser_next(&exchange->request, plaintext, &body);
    exchange->received_bytes += length_before - plaintext->length;
    switch (*ret_event) {
    case HTTP1_BODY:
        exchange->has_body_begun = true;
        return forward_body(exchange, body);
    case HTTP1_END:
        return forward_end(exchange);
    case HTTP1_NEEDS_MORE:
    case HTTP1_HEAD:
    case HTTP1_ERROR:
    default:
        return RESULT_OK;
    }
}

/* A span of plaintext, until it is used up, the request is complete or something is wrong with it.
 */
static enum step forward_plaintext(struct exchange *exchange, struct bytes plaintext)
{
    enum http1_event event;
    struct result result;
    do {
        result = forward_event(exchange, &plaintext, &event);
    } while (result_is_ok(result) && event == HTTP1_BODY);
    if (result_is_ok(result)) {
        result = connection_keep(exchange->connection, plaintext);
    }
    if (!result_is_ok(result)) {
        return exchange_answer(exchange, ANSWER_SERVICE_UNAVAILABLE, CLOSE_OVERLOAD);
    }
    if (event == HTTP1_ERROR) {
        enum http1_fault fault = http1_parser_fault(&exchange->request);
        return exchange_answer(exchange, answer_for_status(http1_fault_status(fault)),
                               CLOSE_BAD_REQUEST);
    }
    return STEP_WAIT;
}

static enum step forward_more(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    stream_expect(&exchange->backend->stream, connection_ciphertext(connection).length);
    while (!exchange->is_request_complete && !exchange->has_backend_failed && has_room(exchange)) {
        struct bytes plaintext;
        switch (connection_read(connection, &plaintext)) {
        case TLS_DONE:
            if (forward_plaintext(exchange, plaintext) == STEP_MOVED) {
                return STEP_MOVED;
            }
            break;
        case TLS_WANTS_INPUT:
        case TLS_PEER_CLOSED:
            /* A body that is cut off: the backend must not take it for a whole one. */
            return connection->has_peer_finished
                       ? connection_close(connection, CLOSE_CLIENT_ABORTED)
                       : STEP_WAIT;
        case TLS_FAILED:
        default:
            return connection_close(connection, CLOSE_TLS_FAILED);
        }
    }
    return STEP_WAIT;
}

/* RFC 9110 10.1.1: until the backend's 100 or its answer, unless the client has gone ahead. */
static bool is_client_held_back(const struct exchange *exchange)
{
    return exchange_request(exchange)->expects_continue && !exchange->has_body_begun &&
           !exchange->is_continued;
}

bool request_relay_wants_client(const struct exchange *exchange)
{
    return !exchange->is_request_complete && !exchange->has_backend_failed &&
           !is_client_held_back(exchange) && has_room(exchange);
}

enum step request_relay_step(struct exchange *exchange)
{
    if (!exchange->is_head_forwarded && !exchange->has_backend_failed) {
        struct result result = forward_head(exchange);
        if (!result_is_ok(result)) {
            return exchange_answer(exchange,
                                   result.code == ERROR_LIMIT_REACHED ? ANSWER_FIELDS_TOO_LARGE
                                                                      : ANSWER_SERVICE_UNAVAILABLE,
                                   CLOSE_NONE);
        }
    }
    return forward_more(exchange);
}
