/*
 * JSON lines with the field names that Azure Application Gateway's access log has, so that its
 * users' queries and dashboards go on working, and a few of ours.
 */
#include "access_record.h"

#include <time.h>

#include "access_combined.h"
#include "access_line.h"
#include "base/clock.h"
#include "client_trust.h"
#include "handshake.h"
#include "proxy/answer_words.h"
#include "proxy_generation.h"
#include "variables.h"

static void open_member(struct access_line *line, const char *name)
{
    text_append_string(&line->text, line->text.length == 1 ? "\"" : ",\"");
    text_append_string(&line->text, name);
    text_append_string(&line->text, "\":");
}

static void add_text(struct access_line *line, const char *name, struct bytes value)
{
    open_member(line, name);
    text_append_char(&line->text, '"');
    access_line_append(line, value, text_append_json_escaped);
    text_append_char(&line->text, '"');
}

static void add_string(struct access_line *line, const char *name, const char *value)
{
    add_text(line, name, bytes_from_string(value));
}

static void add_number(struct access_line *line, const char *name, uint64_t value)
{
    open_member(line, name);
    text_append_number(&line->text, value);
}

/* Seconds with three decimals. */
static void add_duration(struct access_line *line, const char *name, uint64_t from_ns,
                         uint64_t to_ns)
{
    uint64_t milliseconds = to_ns > from_ns && from_ns != 0 ? (to_ns - from_ns) / 1000000 : 0;
    open_member(line, name);
    text_append_number(&line->text, milliseconds / 1000);
    text_append_char(&line->text, '.');
    text_append_char(&line->text, (char)('0' + milliseconds / 100 % 10));
    text_append_char(&line->text, (char)('0' + milliseconds / 10 % 10));
    text_append_char(&line->text, (char)('0' + milliseconds % 10));
}

/* 2026-01-31T12:00:00.123456Z */
static void add_time(struct access_line *line, int64_t wall_us)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_us / 1000000);
    (void)gmtime_r(&seconds, &parts);
    open_member(line, "timeStamp");
    text_append_format(&line->text, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       (int)(wall_us % 1000000));
}

static void add_client(struct access_line *line, const struct connection *connection)
{
    char memory[64];
    struct text printed = text_over(memory, sizeof(memory));
    variables_append_client_ip(connection, &printed);
    add_text(line, "clientIP", text_bytes(&printed));
    open_member(line, "clientPort");
    variables_append_client_port(connection, &line->text);
}

static void add_identity(struct access_line *line, const struct identity *identity)
{
    const struct bytes none = {0};
    add_text(line, "sslClientCertificateFingerprint",
             identity == NULL ? none : identity->fingerprint);
    add_text(line, "sslClientCertificateIssuerName", identity == NULL ? none : identity->issuer);
    add_text(line, "sslClientCertificateSubject", identity == NULL ? none : identity->subject);
}

/* Of a handshake that failed, a certificate that came was not judged: nothing is said of it. */
static void append_verification(struct text *status, const struct connection *connection,
                                bool verdict_is_given)
{
    const struct tls_session *tls = connection->tls;
    const struct verdict nobody = verdict_for(VERDICT_NO_CERTIFICATE);
    if (verdict_is_given) {
        verdict_append_status(&connection->verdict, status);
    } else if (tls == NULL || tls_session_peer_certificate_count(tls) == 0) {
        verdict_append_status(&nobody, status);
    }
}

/* verdict_is_given: the connection was judged. Who is named by a ticket alone has not proved that
 * he is its owner until the handshake is done. */
static void add_tls(struct access_line *line, const struct connection *connection,
                    bool verdict_is_given)
{
    char memory[256];
    struct text status = text_over(memory, sizeof(memory));
    bool has_session = connection->tls != NULL && verdict_is_given;
    add_string(line, "sslEnabled", "on");
    add_string(line, "sslCipher", has_session ? tls_session_cipher_suite(connection->tls) : "");
    add_string(line, "sslProtocol", has_session ? tls_session_protocol(connection->tls) : "");
    append_verification(&status, connection, verdict_is_given);
    add_text(line, "sslClientVerify", text_bytes(&status));
    add_identity(line, verdict_is_given ? connection->identity : NULL);
    if (verdict_is_given && connection->site->listener->ssl_profile->is_report_only) {
        /* Why strict would have refused; empty: it would not have. */
        bool is_in = verdict_is_success(&connection->verdict);
        add_string(line, "wouldRefuse", is_in ? "" : verdict_word(connection->verdict.reason));
    }
    open_member(line, "sslSessionReused");
    text_append_string(&line->text, connection->is_resumed ? "true" : "false");
}

static struct access_line begin(struct proxy *proxy)
{
    struct access_line line = access_line_begin(proxy);
    text_append_char(&line.text, '{');
    return line;
}

static void finish(struct proxy *proxy, struct access_line *line)
{
    text_append_char(&line->text, '}');
    access_line_finish(line, proxy);
}

static const char *listener_name(const struct connection *connection, const struct site *site)
{
    return site != NULL ? site->listener->name : connection->endpoint->listeners[0]->name;
}

/* Handshakes. */

static enum tls_failure failure_of(const struct connection *connection)
{
    if (connection->close_reason != CLOSE_HANDSHAKE_FAILED) {
        return TLS_FAILURE_NONE;
    }
    return connection->tls != NULL ? tls_session_failure(connection->tls)
                                   : connection->handshake->hello.failure;
}

static const char *handshake_reason(const struct connection *connection)
{
    return connection->close_reason == CLOSE_HANDSHAKE_FAILED
               ? tls_failure_word(failure_of(connection))
               : close_reason_word(connection->close_reason);
}

static void count_failure(const struct connection *connection)
{
    size_t number = handshake_failure_number(connection->close_reason, failure_of(connection));
    counters_count(connection->proxy->around.counters, COUNTER_HANDSHAKES_FAILED);
    counters_add_to(&connection_listener_counters(connection)->handshake_failures[number], 1);
}

/* Who speaks HTTP without TLS is answered all the same. */
static uint16_t handshake_status(const struct connection *connection)
{
    bool is_plain =
        connection->close_reason == CLOSE_NOT_TLS && connection->handshake->hello.looks_like_http;
    return is_plain ? 400 : 0;
}

static void write_handshake(const struct connection *connection, uint16_t status)
{
    struct proxy *proxy = connection->proxy;
    struct access_line line = begin(proxy);
    add_time(&line, connection->accepted_us);
    add_string(&line, "listenerName", listener_name(connection, connection->site));
    add_client(&line, connection);
    add_number(&line, "httpStatus", status);
    add_number(&line, "receivedBytes", connection->stream.received_bytes);
    add_number(&line, "sentBytes", connection->stream.sent_bytes);
    add_duration(&line, "timeTaken", (uint64_t)connection->accepted_us * 1000,
                 (uint64_t)clock_wall_microseconds() * 1000);
    add_tls(&line, connection, false);
    add_string(&line, "host",
               connection->tls == NULL ? "" : tls_session_server_name(connection->tls));
    add_string(&line, "error_info",
               status != 0 ? "ERRORINFO_HTTP_TO_HTTPS_PORT" : "ERRORINFO_HTTPS_HANDSHAKE");
    add_string(&line, "reason", handshake_reason(connection));
    finish(proxy, &line);
}

/* Exchanges. */

static const char *error_info_of(const struct exchange *exchange)
{
    if (exchange->is_own_answer) {
        bool has_reached_backend = exchange->is_connected;
        if (exchange->own_answer == ANSWER_BAD_GATEWAY && has_reached_backend) {
            return "ERRORINFO_UPSTREAM_CLOSED_CONNECTION";
        }
        return answer_words_error_info(exchange->own_answer);
    }
    if (exchange->is_answer_complete || exchange->status == 101) {
        return "ERRORINFO_NO_ERROR";
    }
    return exchange->close_reason == CLOSE_BACKEND_FAILED ? "ERRORINFO_UPSTREAM_CLOSED_CONNECTION"
                                                          : "ERRORINFO_CLIENT_CLOSED_REQUEST";
}

static const char *reason_of(const struct exchange *exchange)
{
    const struct connection *connection = exchange->connection;
    enum http1_fault fault = http1_parser_fault(&exchange->request);
    if (exchange->close_reason == CLOSE_REFUSED ||
        (exchange->close_reason == CLOSE_OVERLOAD && client_trust_is_undecided(connection))) {
        return verdict_word(connection->verdict.reason);
    }
    if (fault != HTTP1_FAULT_NONE) {
        return http1_fault_word(fault);
    }
    if (exchange->is_without_server) {
        return server_choice_is_disabled(exchange->site->pool) ? "backend_disabled"
                                                               : "no_healthy_server";
    }
    if (exchange->is_own_answer) {
        return answer_words_reason(exchange->own_answer);
    }
    if (exchange->is_answer_complete || exchange->status == 101) {
        return "";
    }
    enum close_reason reason =
        exchange->close_reason != CLOSE_NONE ? exchange->close_reason : connection->close_reason;
    return close_reason_word(reason);
}

static void add_request(struct access_line *line, const struct exchange *exchange)
{
    const struct http1_head *head = exchange_request(exchange);
    bool has_head = head->target.length > 0;
    add_text(line, "httpMethod", has_head ? http_method_name(head->method) : (struct bytes){0});
    add_text(line, "requestUri", head->target);
    add_number(line, "httpStatus", exchange->status);
    add_string(line, "httpVersion", access_line_version(head));
    add_number(line, "receivedBytes", exchange->received_bytes);
    add_number(line, "sentBytes", exchange->sent_bytes);
    add_text(line, "host", head->authority);
}

static void add_backend(struct access_line *line, const struct exchange *exchange)
{
    add_string(line, "serverRouted", exchange->address == NULL ? "" : exchange->address->text);
    add_number(line, "serverStatus", exchange->backend_status);
    add_duration(line, "serverResponseLatency", exchange->forwarded_ns, exchange->answered_ns);
}

static void write_exchange(const struct exchange *exchange, uint64_t ended_ns)
{
    struct connection *connection = exchange->connection;
    struct proxy *proxy = connection->proxy;
    char memory[2 * EXCHANGE_TRACE_ID_BYTES];
    struct text trace_id = text_over(memory, sizeof(memory));
    struct access_line line = begin(proxy);
    add_time(&line, exchange->started_us);
    add_string(&line, "listenerName", listener_name(connection, exchange->site));
    add_client(&line, connection);
    add_request(&line, exchange);
    add_duration(&line, "timeTaken", exchange->started_ns, ended_ns);
    variables_append_trace_id(exchange, &trace_id);
    add_text(&line, "transactionId", text_bytes(&trace_id));
    add_tls(&line, connection, true);
    add_backend(&line, exchange);
    add_string(&line, "error_info", error_info_of(exchange));
    add_string(&line, "reason", reason_of(exchange));
    finish(proxy, &line);
}

/* Formats. */

static const struct {
    void (*write_exchange)(const struct exchange *exchange, uint64_t ended_ns);
    void (*write_handshake)(const struct connection *connection, uint16_t status);
} writers[] = {
    [CONFIG_LOG_JSON] = {write_exchange, write_handshake},
    [CONFIG_LOG_COMBINED] = {access_combined_exchange, access_combined_handshake},
};

void access_record_exchange(const struct exchange *exchange, uint64_t ended_ns)
{
    const struct proxy *proxy = exchange->connection->proxy;
    if (exchange->status == 0) {
        counters_count(proxy->around.counters, COUNTER_REQUESTS_UNANSWERED);
    }
    if (proxy->around.access_log != NULL) {
        writers[proxy->around.access_log_format].write_exchange(exchange, ended_ns);
    }
}

void access_record_handshake(const struct connection *connection)
{
    const struct proxy *proxy = connection->proxy;
    if (connection->state != CONNECTION_HANDSHAKING) {
        return;
    }
    count_failure(connection);
    if (proxy->around.access_log != NULL) {
        writers[proxy->around.access_log_format].write_handshake(connection,
                                                                 handshake_status(connection));
    }
}
