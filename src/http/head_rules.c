/*
 * Judging the fields of a head together. Where RFC 9112 6.3 lets a recipient repair a message that
 * could be framed in two ways, it is refused here: the repair is what request smuggling lives on.
 */
#include "head_rules.h"
#include "byte_class.h"
#include "field_list.h"
#include "http/host.h"
#include "http/request_uri.h"

/* The fields by name. */
struct gathered {
    const struct http1_field *first[FIELD_NAME_COUNT];
    uint8_t count[FIELD_NAME_COUNT]; /* HTTP_FIELD_COUNT_MAX at most */
    bool connection_closes;
    bool connection_keeps_alive;
    bool connection_upgrades;
};

static void gather(const struct http1_head *head, struct gathered *gathered)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        uint8_t known = head->fields[i].known;
        if (gathered->count[known]++ == 0) {
            gathered->first[known] = &head->fields[i];
        }
    }
}

static struct bytes value_of(const struct http1_head *head, const struct gathered *gathered,
                             enum field_name name)
{
    return gathered->first[name] == NULL ? (struct bytes){0}
                                         : http1_head_value(head, gathered->first[name]);
}

static bool is_word(struct bytes value, struct bytes word)
{
    return bytes_equal_ignoring_case(value, word);
}

static bool note_option(struct gathered *gathered, struct bytes option)
{
    gathered->connection_closes |= is_word(option, BYTES_OF("close"));
    gathered->connection_keeps_alive |= is_word(option, BYTES_OF("keep-alive"));
    gathered->connection_upgrades |= is_word(option, BYTES_OF("upgrade"));
    return field_name_is_valid(option);
}

/* RFC 9110 7.6.1, RFC 9112 9.3. */
static enum http1_fault judge_connection(struct http1_head *head, struct gathered *gathered)
{
    unsigned option_count = 0;
    for (uint32_t i = 0; gathered->count[FIELD_NAME_CONNECTION] > 0 && i < head->field_count; i++) {
        struct bytes rest = http1_head_value(head, &head->fields[i]);
        struct bytes option;
        if (head->fields[i].known != FIELD_NAME_CONNECTION) {
            continue;
        }
        while (field_list_next(&rest, &option)) {
            if (!note_option(gathered, option) ||
                ++option_count > HTTP_CONNECTION_OPTION_COUNT_MAX) {
                return HTTP1_FAULT_CONNECTION_INVALID;
            }
        }
    }
    head->keep_alive = !gathered->connection_closes &&
                       (head->version_minor == 1 || gathered->connection_keeps_alive);
    return HTTP1_FAULT_NONE;
}

/*
 * Transfer-Encoding must be chunked alone. A coding before it is one that we do not have; without
 * chunked as the last one nobody knows where the body ends (RFC 9112 6.1, 6.3).
 */
static enum http1_fault judge_coding(const struct http1_head *head, const struct gathered *gathered)
{
    struct bytes left = value_of(head, gathered, FIELD_NAME_TRANSFER_ENCODING);
    bool is_chunked = false;
    size_t coding_count = 0;
    if (gathered->count[FIELD_NAME_TRANSFER_ENCODING] > 1) {
        return HTTP1_FAULT_CODING_INVALID;
    }
    for (bool is_last = false; !is_last; coding_count++) {
        size_t length = bytes_find(left, ',');
        if (is_chunked) {
            return HTTP1_FAULT_CODING_INVALID; /* something behind it */
        }
        is_chunked = is_word(bytes_trim(bytes_slice(left, 0, length)), BYTES_OF("chunked"));
        is_last = length == left.length;
        left = bytes_slice(left, length + 1, left.length);
    }
    if (!is_chunked) {
        return HTTP1_FAULT_CODING_INVALID;
    }
    return coding_count == 1 ? HTTP1_FAULT_NONE : HTTP1_FAULT_CODING_UNKNOWN;
}

/* Transfer-Encoding and Content-Length as such; what they mean for the body is left to the callers.
 */
static enum http1_fault judge_lengths(struct http1_head *head, const struct gathered *gathered)
{
    uint8_t lengths = gathered->count[FIELD_NAME_CONTENT_LENGTH];
    uint8_t codings = gathered->count[FIELD_NAME_TRANSFER_ENCODING];
    if (lengths > 0 && codings > 0) {
        return HTTP1_FAULT_LENGTH_WITH_CODING;
    }
    if (lengths > 1) {
        return HTTP1_FAULT_LENGTH_REPEATED;
    }
    if (lengths == 1 && !bytes_to_number(value_of(head, gathered, FIELD_NAME_CONTENT_LENGTH),
                                         HTTP_BODY_BYTES_MAX, &head->content_length)) {
        return HTTP1_FAULT_LENGTH_INVALID;
    }
    head->has_content_length = lengths == 1;
    if (codings == 0) {
        return HTTP1_FAULT_NONE;
    }
    /* RFC 9112 6.1: an HTTP/1.0 message with it is to be treated as wrongly framed. */
    if (head->version_minor == 0) {
        return HTTP1_FAULT_CODING_NOT_ALLOWED;
    }
    return judge_coding(head, gathered);
}

/* The framing that the fields say, for a message that may have a body. */
static enum http_framing framing_of(const struct http1_head *head, const struct gathered *gathered,
                                    enum http_framing otherwise)
{
    if (gathered->count[FIELD_NAME_TRANSFER_ENCODING] > 0) {
        return HTTP_FRAMING_CHUNKED;
    }
    return head->has_content_length ? HTTP_FRAMING_LENGTH : otherwise;
}

/*
 * HTTP inside of HTTP, and TLS, would hide requests from the check of each: h2c to a backend is a
 * known way round gateways. A server may ignore any Upgrade (RFC 9110 7.8).
 */
static bool protocol_is_passed_on(struct bytes protocol)
{
    static const struct bytes kept_out[] = {BYTES_OF("h2c"), BYTES_OF("h2"), BYTES_OF("http"),
                                            BYTES_OF("tls")};
    size_t slash = bytes_find(protocol, '/');
    struct bytes name = bytes_slice(protocol, 0, slash);
    struct bytes version = bytes_slice(protocol, slash + 1, protocol.length);
    if (!field_name_is_valid(name) || (slash < protocol.length && !field_name_is_valid(version))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(kept_out) / sizeof(kept_out[0]); i++) {
        if (is_word(name, kept_out[i])) {
            return false;
        }
    }
    return true;
}

/* One protocol, said in both fields, in HTTP/1.1; anything else counts as not said. */
static struct bytes upgrade_of(const struct http1_head *head, const struct gathered *gathered)
{
    struct bytes protocol = value_of(head, gathered, FIELD_NAME_UPGRADE);
    bool is_said = head->version_minor == 1 && gathered->connection_upgrades &&
                   gathered->count[FIELD_NAME_UPGRADE] == 1;
    return is_said && protocol_is_passed_on(protocol) ? protocol : (struct bytes){0};
}

static uint16_t port_or(uint16_t port, uint16_t otherwise)
{
    return port != 0 ? port : otherwise;
}

/* The absolute form names the host a second time; two names would be two truths (RFC 9112 3.2.2).
 */
static enum http1_fault judge_absolute(struct http1_head *head, const struct request_uri *uri,
                                       bool has_host, char *host_memory)
{
    char memory[HTTP_HOST_BYTES_MAX];
    struct host named;
    if (!host_parse(uri->authority, has_host ? memory : host_memory, &named)) {
        return HTTP1_FAULT_TARGET_INVALID;
    }
    if (!has_host) {
        head->authority = uri->authority;
        head->host = named.name;
        head->host_port = named.port;
        return HTTP1_FAULT_NONE;
    }
    return bytes_equal(named.name, head->host) && port_or(named.port, uri->default_port) ==
                                                      port_or(head->host_port, uri->default_port)
               ? HTTP1_FAULT_NONE
               : HTTP1_FAULT_HOST_DISAGREES;
}

static enum http1_fault judge_host_field(struct http1_head *head, const struct gathered *gathered,
                                         char *host_memory)
{
    struct host host;
    if (gathered->count[FIELD_NAME_HOST] > 1) {
        return HTTP1_FAULT_HOST_REPEATED;
    }
    if (gathered->count[FIELD_NAME_HOST] == 0) {
        return head->version_minor == 0 ? HTTP1_FAULT_NONE : HTTP1_FAULT_HOST_MISSING;
    }
    head->authority = value_of(head, gathered, FIELD_NAME_HOST);
    if (!host_parse(head->authority, host_memory, &host)) {
        return HTTP1_FAULT_HOST_INVALID;
    }
    head->host = host.name;
    head->host_port = host.port;
    return HTTP1_FAULT_NONE;
}

/* RFC 9112 3.2, RFC 9110 7.2. */
static enum http1_fault judge_host(struct http1_head *head, const struct gathered *gathered,
                                   char *host_memory)
{
    struct request_uri uri;
    if (!request_uri_split(head->target, &uri) ||
        (uri.is_asterisk && head->method != HTTP_METHOD_OPTIONS)) {
        return HTTP1_FAULT_TARGET_INVALID;
    }
    enum http1_fault fault = judge_host_field(head, gathered, host_memory);
    if (fault != HTTP1_FAULT_NONE || !uri.is_absolute) {
        return fault;
    }
    return judge_absolute(head, &uri, gathered->count[FIELD_NAME_HOST] > 0, host_memory);
}

/* RFC 9110 10.1.1: HTTP/1.0 does not know it. */
static enum http1_fault judge_expectation(struct http1_head *head, const struct gathered *gathered)
{
    uint8_t count = gathered->count[FIELD_NAME_EXPECT];
    if (count == 0 || head->version_minor == 0) {
        return HTTP1_FAULT_NONE;
    }
    if (count > 1 ||
        !is_word(value_of(head, gathered, FIELD_NAME_EXPECT), BYTES_OF("100-continue"))) {
        return HTTP1_FAULT_EXPECTATION_UNKNOWN;
    }
    head->expects_continue = head->framing == HTTP_FRAMING_CHUNKED || head->content_length > 0;
    return HTTP1_FAULT_NONE;
}

enum http1_fault head_rules_judge_request(struct http1_head *head,
                                          char host_memory[static HTTP_HOST_BYTES_MAX])
{
    struct gathered gathered = {0};
    gather(head, &gathered);
    /* Two credentials: ours to check neither, and a backend could take either. */
    if (gathered.count[FIELD_NAME_AUTHORIZATION] > 1) {
        return HTTP1_FAULT_FIELD_REPEATED;
    }
    enum http1_fault fault = judge_host(head, &gathered, host_memory);
    if (fault == HTTP1_FAULT_NONE) {
        fault = judge_connection(head, &gathered);
    }
    if (fault == HTTP1_FAULT_NONE) {
        fault = judge_lengths(head, &gathered);
    }
    if (fault != HTTP1_FAULT_NONE) {
        return fault;
    }
    head->framing = framing_of(head, &gathered, HTTP_FRAMING_NONE);
    /* With a body it would not be plain where the other protocol begins. */
    if (head->framing != HTTP_FRAMING_CHUNKED && head->content_length == 0) {
        head->upgrade = upgrade_of(head, &gathered);
    }
    return judge_expectation(head, &gathered);
}

/* 1xx: nothing that frames a body, and 101 only as the answer to who asked (RFC 9110 15.2). */
static enum http1_fault judge_interim(struct http1_head *head, const struct gathered *gathered,
                                      bool upgrade_was_asked)
{
    if (gathered->count[FIELD_NAME_TRANSFER_ENCODING] > 0) {
        return HTTP1_FAULT_CODING_NOT_ALLOWED;
    }
    if (head->content_length > 0) {
        return HTTP1_FAULT_LENGTH_INVALID;
    }
    head->has_content_length = false;
    if (head->status == 101) {
        head->upgrade = upgrade_of(head, gathered);
        head->keep_alive = false;
        return upgrade_was_asked && head->upgrade.length > 0 ? HTTP1_FAULT_NONE
                                                             : HTTP1_FAULT_UPGRADE_NOT_ASKED;
    }
    return HTTP1_FAULT_NONE;
}

/* A server that frames a body where none can be may send it too: its connection is not used again.
 */
static void judge_no_content(struct http1_head *head, const struct gathered *gathered)
{
    if (gathered->count[FIELD_NAME_TRANSFER_ENCODING] > 0 || head->content_length > 0) {
        head->keep_alive = false;
    }
    head->has_content_length = false;
    head->content_length = 0;
}

enum http1_fault head_rules_judge_response(struct http1_head *head, enum http_method request_method,
                                           bool upgrade_was_asked)
{
    struct gathered gathered = {0};
    gather(head, &gathered);
    enum http1_fault fault = judge_connection(head, &gathered);
    if (fault == HTTP1_FAULT_NONE) {
        fault = judge_lengths(head, &gathered);
    }
    if (fault != HTTP1_FAULT_NONE) {
        return fault;
    }
    head->framing = HTTP_FRAMING_NONE;
    if (head->status < 200) {
        return judge_interim(head, &gathered, upgrade_was_asked);
    }
    if (head->status == 204) {
        judge_no_content(head, &gathered);
    } else if (head->status != 304 && request_method != HTTP_METHOD_HEAD) {
        head->framing = framing_of(head, &gathered, HTTP_FRAMING_UNTIL_CLOSE);
        head->keep_alive = head->keep_alive && head->framing != HTTP_FRAMING_UNTIL_CLOSE;
    }
    return HTTP1_FAULT_NONE;
}
