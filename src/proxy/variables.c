/* A row for each server variable: what it is made of. */
#include "variables.h"
#include "http/request_uri.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>

typedef void (*variable_append)(const struct exchange *exchange, struct text *text);

static const struct http1_head *request_of(const struct exchange *exchange)
{
    return exchange_request(exchange);
}

/* Each request names its client, and inet_ntop() goes through printf(). */
static void append_ipv4(const uint8_t bytes[4], struct text *text)
{
    for (size_t i = 0; i < 4; i++) {
        text_append(text, bytes_slice(BYTES_OF("."), 0, i > 0));
        text_append_number(text, bytes[i]);
    }
}

void variables_append_client_ip(const struct connection *connection, struct text *text)
{
    char printed[INET6_ADDRSTRLEN];
    const struct client_address *client = &connection->client;
    if (client->family == AF_INET) {
        append_ipv4(client->bytes, text);
    } else if (inet_ntop(client->family, client->bytes, printed, sizeof(printed)) != NULL) {
        text_append_string(text, printed);
    }
}

void variables_append_client_port(const struct connection *connection, struct text *text)
{
    text_append_number(text, ntohs(connection->client.port));
}

void variables_append_trace_id(const struct exchange *exchange, struct text *text)
{
    text_append_hex_lower(text, bytes_from(exchange->trace_id, sizeof(exchange->trace_id)));
}

uint16_t variables_server_port(const struct connection *connection)
{
    const struct sockaddr_storage *address = &connection->endpoint->address.socket_address;
    /* The port lies at the same place for both families. */
    return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

/* The value of a field of the identity, nothing without a certificate. */
#define IDENTITY_VARIABLE(name, field)                                            \
    static void append_##name(const struct exchange *exchange, struct text *text) \
    {                                                                             \
        const struct identity *identity = exchange->connection->identity;         \
        if (identity != NULL) {                                                   \
            text_append(text, identity->field);                                   \
        }                                                                         \
    }

IDENTITY_VARIABLE(client_certificate, escaped_pem)
IDENTITY_VARIABLE(client_certificate_common_name, common_name)
IDENTITY_VARIABLE(client_certificate_end_date, end_date)
IDENTITY_VARIABLE(client_certificate_fingerprint, fingerprint)
IDENTITY_VARIABLE(client_certificate_fingerprint_sha256, fingerprint_sha256)
IDENTITY_VARIABLE(client_certificate_issuer, issuer)
IDENTITY_VARIABLE(client_certificate_san, san)
IDENTITY_VARIABLE(client_certificate_serial, serial)
IDENTITY_VARIABLE(client_certificate_start_date, start_date)
IDENTITY_VARIABLE(client_certificate_subject, subject)

static void append_client_certificate_verdict(const struct exchange *exchange, struct text *text)
{
    verdict_append_status(&exchange->connection->verdict, text);
}

static void append_client_certificate_verification(const struct exchange *exchange,
                                                   struct text *text)
{
    const struct connection *connection = exchange->connection;
    switch (connection->site->listener->ssl_profile->verify_mode) {
    case CONFIG_VERIFY_STRICT:
        text_append_string(text, verdict_is_success(&connection->verdict) ? "SUCCESS" : "");
        return;
    case CONFIG_VERIFY_PASSTHROUGH:
        text_append_string(text, connection->identity == NULL ? "NONE" : "PASSTHROUGH");
        return;
    case CONFIG_VERIFY_OFF:
    default:
        return; /* nobody was asked */
    }
}

static bool is_comma_or_blank(uint8_t byte)
{
    return byte == ',' || byte == ' ' || byte == '\t';
}

/* One element of X-Forwarded-For without the port that our own form, or another gateway's, gives
 * it. */
static void append_without_port(struct bytes element, struct text *text)
{
    size_t colon = bytes_find(element, ':');
    size_t rest = colon + 1;
    bool has_one_colon =
        colon < element.length &&
        bytes_find(bytes_slice(element, rest, element.length), ':') == element.length - rest;
    if (has_one_colon) {
        element.length = colon;
    } else if (element.length > 0 && element.at[0] == '[') {
        element = bytes_slice(element, 1, bytes_find(element, ']') - 1);
    }
    text_append(text, element);
}

static void append_add_x_forwarded_for_proxy(const struct exchange *exchange, struct text *text)
{
    char joined[2048];
    struct text before = text_over(joined, sizeof(joined));
    http1_head_append_all(request_of(exchange), BYTES_OF("X-Forwarded-For"), &before);
    struct bytes left = text_bytes(&before);
    while (left.length > 0) {
        if (is_comma_or_blank(left.at[0])) {
            left = bytes_slice(left, 1, left.length);
            continue;
        }
        size_t length = bytes_find(left, ',');
        append_without_port(bytes_trim(bytes_slice(left, 0, length)), text);
        text_append_string(text, ", ");
        left = bytes_slice(left, length, left.length);
    }
    variables_append_client_ip(exchange->connection, text);
}

static void append_ciphers_used(const struct exchange *exchange, struct text *text)
{
    text_append_string(text, tls_session_cipher_suite(exchange->connection->tls));
}

static void append_client_ip(const struct exchange *exchange, struct text *text)
{
    variables_append_client_ip(exchange->connection, text);
}

static void append_client_port(const struct exchange *exchange, struct text *text)
{
    variables_append_client_port(exchange->connection, text);
}

static void append_client_tcp_rtt(const struct exchange *exchange, struct text *text)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);
    if (getsockopt(exchange->connection->stream.descriptor, IPPROTO_TCP, TCP_INFO, &info,
                   &length) == 0) {
        text_append_number(text, info.tcpi_rtt);
    }
}

static void append_host(const struct exchange *exchange, struct text *text)
{
    text_append(text, request_of(exchange)->host);
}

static void append_http_method(const struct exchange *exchange, struct text *text)
{
    text_append(text, http_method_name(request_of(exchange)->method));
}

static void append_http_status(const struct exchange *exchange, struct text *text)
{
    if (exchange->backend_status != 0) {
        text_append_number(text, exchange->backend_status);
    }
}

static void append_http_version(const struct exchange *exchange, struct text *text)
{
    text_append_string(text, request_of(exchange)->version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
}

static struct request_uri uri_of(const struct exchange *exchange)
{
    struct request_uri uri = {0};
    (void)request_uri_split(request_of(exchange)->target, &uri); /* the parser has accepted it */
    return uri;
}

static void append_query_string(const struct exchange *exchange, struct text *text)
{
    text_append(text, uri_of(exchange).query);
}

static void append_received_bytes(const struct exchange *exchange, struct text *text)
{
    text_append_number(text, exchange->received_bytes);
}

static void append_request_scheme(const struct exchange *exchange, struct text *text)
{
    (void)exchange;
    text_append_string(text, "https");
}

static void append_request_uri(const struct exchange *exchange, struct text *text)
{
    text_append(text, request_of(exchange)->target);
}

static void append_sent_bytes(const struct exchange *exchange, struct text *text)
{
    text_append_number(text, exchange->sent_bytes);
}

static void append_server_port(const struct exchange *exchange, struct text *text)
{
    text_append_number(text, variables_server_port(exchange->connection));
}

static void append_ssl_connection_protocol(const struct exchange *exchange, struct text *text)
{
    text_append_string(text, tls_session_protocol(exchange->connection->tls));
}

static void append_ssl_enabled(const struct exchange *exchange, struct text *text)
{
    (void)exchange;
    text_append_string(text, "On");
}

static void append_uri_path(const struct exchange *exchange, struct text *text)
{
    text_append(text, uri_of(exchange).path);
}

#define append_request_query append_query_string

#define VARIABLE_ROW(id, name, help) [VARIABLE_##id] = append_##name,
static const variable_append rows[VARIABLE_COUNT] = {VARIABLE_LIST(VARIABLE_ROW)};

void variables_append(const struct exchange *exchange, enum variable variable, struct text *text)
{
    rows[variable](exchange, text);
}
