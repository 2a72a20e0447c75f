/*
 * Backend to client. What the backend sent is parsed where it was received; head, chunk framing and
 * small bodies are gathered so that they leave in one TLS record, large spans are encrypted from
 * where they lie.
 */
#include "answer_relay.h"

#include <stdlib.h>

#include "base/clock.h"
#include "client_lease.h"
#include "http/chunk.h"
#include "http/head_writer.h"
#include "http/http_date.h"
#include "request_edit.h"

/* More 1xx answers than this to one request are not in good faith. */
#define INTERIM_COUNT_MAX 16

/* From this size on a copy costs more than a record of its own. */
#define DIRECT_SPAN_BYTES 8192

/* The plaintext gathered for the client in this step. */
static struct text gathering(struct exchange *exchange)
{
    struct proxy *proxy = exchange_proxy(exchange);
    return text_over((char *)proxy->answer, sizeof(proxy->answer));
}

static struct result pass_on(struct exchange *exchange, struct bytes bytes)
{
    exchange->sent_bytes += bytes.length;
    return connection_write(exchange->connection, bytes);
}

static struct result flush(struct exchange *exchange, struct text *text)
{
    struct result result = pass_on(exchange, text_bytes(text));
    text->length = 0;
    return result;
}

static struct result gather(struct exchange *exchange, struct text *text, struct bytes bytes)
{
    if (bytes.length > text->capacity - text->length) {
        TRY(flush(exchange, text));
    }
    if (bytes.length >= DIRECT_SPAN_BYTES) {
        TRY(flush(exchange, text));
        return pass_on(exchange, bytes);
    }
    text_append(text, bytes);
    return RESULT_OK;
}

static struct result gather_body(struct exchange *exchange, struct text *text, struct bytes body)
{
    char frame[CHUNK_OVERHEAD_BYTES_MAX];
    struct text framing = text_over(frame, sizeof(frame));
    if (!exchange->is_answer_chunked) {
        return gather(exchange, text, body);
    }
    chunk_append_header(&framing, body.length);
    TRY(gather(exchange, text, text_bytes(&framing)));
    TRY(gather(exchange, text, body));
    framing.length = 0;
    chunk_append_end(&framing);
    return gather(exchange, text, text_bytes(&framing));
}

static struct result gather_end(struct exchange *exchange, struct text *text)
{
    char frame[CHUNK_OVERHEAD_BYTES_MAX];
    struct text framing = text_over(frame, sizeof(frame));
    exchange->is_answer_complete = true;
    if (!exchange->is_answer_chunked) {
        return RESULT_OK;
    }
    chunk_append_last(&framing);
    return gather(exchange, text, text_bytes(&framing));
}

/* Whether the client's connection can carry another request after this answer. */
static bool goes_on(const struct exchange *exchange)
{
    return exchange->close_reason == CLOSE_NONE && exchange_request(exchange)->keep_alive &&
           !exchange->connection->is_last_request;
}

static enum head_connection connection_option(const struct exchange *exchange, bool goes_on)
{
    if (!goes_on) {
        return HEAD_CONNECTION_CLOSE;
    }
    return exchange_request(exchange)->version_minor == 0 ? HEAD_CONNECTION_KEEP_ALIVE
                                                          : HEAD_CONNECTION_UNSAID;
}

/* A head that is larger than what is gathered goes out by itself. */
static struct result pass_large_head(struct exchange *exchange, const struct http1_head *head,
                                     const struct head_writer_options *options)
{
    size_t size_bytes = head_writer_size_max(head, options);
    char *memory = malloc(size_bytes);
    if (memory == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct text text = text_over(memory, size_bytes);
    head_writer_write_response(&text, head, options);
    struct result result = pass_on(exchange, text_bytes(&text));
    free(memory);
    return result;
}

static struct result gather_head(struct exchange *exchange, struct text *text,
                                 struct head_writer_options *options)
{
    const struct http1_head *head = http1_parser_head(&exchange->answer);
    TRY(request_edit_compose_answer(exchange, &options->edits, &options->edit_count));
    size_t size_bytes = head_writer_size_max(head, options);
    if (size_bytes > text->capacity - text->length) {
        TRY(flush(exchange, text));
    }
    if (size_bytes > text->capacity) {
        return pass_large_head(exchange, head, options);
    }
    head_writer_write_response(text, head, options);
    return RESULT_OK;
}

/* How the answer's body is framed for this client; may decide that the connection ends with it. */
static struct head_writer_options choose_framing(struct exchange *exchange)
{
    const struct http1_head *head = http1_parser_head(&exchange->answer);
    bool is_old_client = exchange_request(exchange)->version_minor == 0;
    struct head_writer_options options = {.framing = head->framing,
                                          .content_length = head->content_length};
    if (head->framing == HTTP_FRAMING_UNTIL_CLOSE || head->framing == HTTP_FRAMING_CHUNKED) {
        options.framing = is_old_client ? HTTP_FRAMING_UNTIL_CLOSE : HTTP_FRAMING_CHUNKED;
    }
    exchange->is_answer_chunked = options.framing == HTTP_FRAMING_CHUNKED;
    if (options.framing == HTTP_FRAMING_UNTIL_CLOSE || !goes_on(exchange)) {
        exchange_close_after(exchange, CLOSE_KEEPALIVE_ENDED);
    }
    options.connection = connection_option(exchange, exchange->close_reason == CLOSE_NONE);
    return options;
}

void answer_relay_count(struct exchange *exchange, uint16_t status)
{
    unsigned number = status / 100u - 1;
    counters_count(exchange_proxy(exchange)->around.counters,
                   (enum counter)(COUNTER_ANSWERS_1XX + number));
    counters_add_to(&exchange_route_counters(exchange)->answers[number], 1);
}

/* An answer before the answer (RFC 9110 section 15.2). */
static struct result pass_interim(struct exchange *exchange, struct text *text)
{
    struct head_writer_options options = {.framing = HTTP_FRAMING_NONE};
    exchange_count_interim(exchange, http1_parser_head(&exchange->answer)->status);
    if (exchange_request(exchange)->version_minor > 0) {
        TRY(gather_head(exchange, text, &options));
        TRY(flush(exchange, text));
        answer_relay_count(exchange, http1_parser_head(&exchange->answer)->status);
    }
    http1_parser_reset(&exchange->answer);
    return RESULT_OK;
}

static struct result pass_head(struct exchange *exchange, struct text *text)
{
    const struct http1_head *head = http1_parser_head(&exchange->answer);
    struct head_writer_options options = choose_framing(exchange);
    if (head->status == 101) {
        options.connection = HEAD_CONNECTION_UPGRADE;
        exchange->close_reason = CLOSE_NONE;
    }
    exchange->backend_status = head->status;
    exchange->answered_ns = clock_monotonic_ns();
    server_claim_succeed(&exchange->claim, head->status);
    histogram_record(&exchange_proxy(exchange)->around.counters->timings[TIMING_BACKEND],
                     exchange->forwarded_ns, exchange->answered_ns);
    histogram_record(&exchange_route_counters(exchange)->backend_times, exchange->forwarded_ns,
                     exchange->answered_ns);
    TRY(gather_head(exchange, text, &options));
    exchange->status = head->status;
    if (head->status == 101) {
        counters_count(exchange_proxy(exchange)->around.counters, COUNTER_TUNNELS);
    } else {
        answer_relay_count(exchange, head->status);
    }
    return RESULT_OK;
}

static bool is_interim(const struct http1_head *head)
{
    return head->status < 200 && head->status != 101;
}

/* One event of the backend's bytes. */
static struct result pass_event(struct exchange *exchange, struct text *text,
                                enum http1_event *ret_event)
{
    struct bytes body = {0};
    *ret_event = http1_parser_next(&exchange->answer, &exchange->arrived, &body);
    switch (*ret_event) {
    case HTTP1_HEAD:
        if (!is_interim(http1_parser_head(&exchange->answer))) {
            return pass_head(exchange, text);
        }
        if (exchange->interim_count == INTERIM_COUNT_MAX) {
            return result_failure(ERROR_BAD_INPUT);
        }
        return pass_interim(exchange, text);
    case HTTP1_BODY:
        return gather_body(exchange, text, body);
    case HTTP1_END:
        return gather_end(exchange, text);
    case HTTP1_NEEDS_MORE:
    case HTTP1_ERROR:
    default:
        return RESULT_OK;
    }
}

/* The answer cannot go on: 502, or a cut when its head is out. */
static enum step fail(struct exchange *exchange)
{
    exchange->arrived = (struct bytes){0};
    if (exchange->connection->is_peer_gone) {
        return connection_close(exchange->connection, CLOSE_CLIENT_ABORTED);
    }
    return exchange_answer(exchange, ANSWER_BAD_GATEWAY, CLOSE_NONE);
}

/* A connection that served others before may have come to its end just then, without fault. */
static void blame_server(struct exchange *exchange)
{
    if (!exchange->is_reused) {
        server_claim_fail(&exchange->claim, SERVER_FAILURE_CLOSED);
    }
}

/* The backend sends no more: complete, to be tried again, or a failure. */
static enum step end_of_backend(struct exchange *exchange, struct text *text)
{
    if (exchange_may_retry(exchange)) {
        return exchange_retry(exchange);
    }
    bool is_whole = exchange->has_backend_ended && !exchange->has_backend_failed &&
                    http1_parser_finish(&exchange->answer) == HTTP1_END;
    if (!is_whole || !result_is_ok(gather_end(exchange, text)) ||
        !result_is_ok(flush(exchange, text))) {
        blame_server(exchange);
        return fail(exchange);
    }
    exchange->state = EXCHANGE_DONE;
    return STEP_MOVED;
}

static enum step finish_answer(struct exchange *exchange)
{
    if (http1_parser_head(&exchange->answer)->status == 101) {
        (void)connection_enter(exchange->connection, CONNECTION_TUNNELLING);
        client_lease_watch(exchange->connection);
        return STEP_MOVED;
    }
    if (!exchange->is_request_complete) {
        /* Answered before it was read: where the next request begins will not be known. */
        exchange_close_after(exchange, CLOSE_KEEPALIVE_ENDED);
    }
    exchange->state = EXCHANGE_DONE;
    return STEP_MOVED;
}

static void limit_backend(struct exchange *exchange)
{
    uint32_t queued_bytes = stream_queued_bytes(&exchange->connection->stream);
    if (queued_bytes >= QUEUE_HIGH_BYTES) {
        stream_pause(&exchange->backend->stream);
    } else if (queued_bytes < QUEUE_LOW_BYTES) {
        stream_resume(&exchange->backend->stream);
    }
}

enum step answer_relay_step(struct exchange *exchange)
{
    struct text text = gathering(exchange);
    enum http1_event event;
    struct result result;
    do {
        result = pass_event(exchange, &text, &event);
    } while (result_is_ok(result) && (event == HTTP1_HEAD || event == HTTP1_BODY));
    if (result_is_ok(result)) {
        result = flush(exchange, &text);
    }
    if (!result_is_ok(result) || event == HTTP1_ERROR) {
        if (result_is_ok(result) || result.code == ERROR_BAD_INPUT) {
            server_claim_fail(&exchange->claim, SERVER_FAILURE_BAD_ANSWER);
        }
        return fail(exchange);
    }
    if (event == HTTP1_END) {
        return finish_answer(exchange);
    }
    bool is_backend_over = exchange->has_backend_ended ||
                           (exchange->has_backend_failed && exchange->is_request_complete);
    if (is_backend_over) {
        return end_of_backend(exchange, &text);
    }
    limit_backend(exchange);
    return STEP_WAIT;
}

void answer_relay_own(struct exchange *exchange, enum answer answer)
{
    struct connection *connection = exchange->connection;
    const struct http1_head *head = exchange_request(exchange);
    char date[HTTP_DATE_BYTES];
    struct text text = gathering(exchange);
    if (!exchange->is_request_complete || !goes_on(exchange)) {
        exchange_close_after(exchange, CLOSE_KEEPALIVE_ENDED);
    }
    struct answer_options options = {
        .keep_alive = exchange->close_reason == CLOSE_NONE,
        .says_keep_alive = head->version_minor == 0,
        .without_body = head->method == HTTP_METHOD_HEAD,
        .date = http_date_write(clock_wall_seconds(), date),
    };
    struct answer_field reason = {BYTES_OF("X-Sallyport-Reason"), {0}};
    if (connection->site->listener->ssl_profile->reveal_reason &&
        exchange->close_reason == CLOSE_REFUSED) {
        reason.value = bytes_from_string(verdict_word(connection->verdict.reason));
        options.fields = &reason;
        options.field_count = 1;
    }
    answer_write(&text, answer, &options);
    exchange->status = answer_status(answer);
    if (!result_is_ok(flush(exchange, &text))) {
        connection->is_peer_gone = true;
    }
}
