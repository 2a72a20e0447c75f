/*
 * Composing the edits of a head, in their order of force: of two edits of one name the later one
 * holds, so removals come first, then our own fields, then what the rewrite rules say.
 */
#include "request_edit.h"
#include "base/check.h"
#include "proxy_generation.h"
#include "variables.h"

/* X-Forwarded-For, -Port, -Proto, X-Original-Host, X-AppGW-Trace-Id and the identity forms. */
#define OWN_EDIT_COUNT_MAX 16

/* A list of edits being written, and the memory that their values lie in. */
struct composition {
    struct exchange *exchange;
    struct http_edit *edits;
    size_t count;
    struct text values;
};

static struct composition begin(struct exchange *exchange)
{
    struct proxy *proxy = exchange_proxy(exchange);
    return (struct composition){.exchange = exchange,
                                .edits = exchange->site->generation->edits,
                                .values = text_over((char *)proxy->values, sizeof(proxy->values))};
}

size_t request_edit_count_max(const struct config *config)
{
    size_t rules_max = 0;
    for (size_t i = 0; i < config->rewrite_count; i++) {
        const struct config_rewrite *rewrite = &config->rewrites[i];
        rules_max =
            rewrite->request_header_count > rules_max ? rewrite->request_header_count : rules_max;
        rules_max =
            rewrite->response_header_count > rules_max ? rewrite->response_header_count : rules_max;
    }
    return config->gateway.identity_headers.count + OWN_EDIT_COUNT_MAX + rules_max;
}

static void add(struct composition *composition, struct bytes name, struct bytes value)
{
    composition->edits[composition->count++] =
        (struct http_edit){.name = name, .value = value, .is_removal = value.length == 0};
}

/* The value that was appended since start. */
static struct bytes value_since(const struct composition *composition, size_t start)
{
    return bytes_slice(text_bytes(&composition->values), start, composition->values.length);
}

static void remove_identity(struct composition *composition)
{
    const struct config_text_list *headers =
        &site_gateway(composition->exchange->site)->identity_headers;
    for (size_t i = 0; i < headers->count; i++) {
        add(composition, bytes_from_string(headers->items[i].text), (struct bytes){0});
    }
}

static void set_identity(struct composition *composition)
{
    const struct identity *identity = composition->exchange->connection->identity;
    unsigned forms = composition->exchange->site->listener->identity_forms;
    if (identity == NULL) {
        return;
    }
    if (forms & CONFIG_IDENTITY_X_CLIENT_CERT) {
        add(composition, BYTES_OF("X-Client-Cert"), identity->escaped_pem);
    }
    if (forms & CONFIG_IDENTITY_X_ARR_CLIENTCERT) {
        add(composition, BYTES_OF("X-ARR-ClientCert"), identity->base64);
    }
    if (forms & CONFIG_IDENTITY_CLIENT_CERT) {
        add(composition, BYTES_OF("Client-Cert"), identity->client_cert);
    }
    if (forms & CONFIG_IDENTITY_CLIENT_CERT_CHAIN) {
        add(composition, BYTES_OF("Client-Cert-Chain"), identity->client_cert_chain);
    }
}

static void set_forwarded_for(struct composition *composition)
{
    const struct exchange *exchange = composition->exchange;
    const struct connection *connection = exchange->connection;
    struct text *values = &composition->values;
    bool is_ipv6 = connection->client.family == AF_INET6;
    size_t start = values->length;
    http1_head_append_all(exchange_request(exchange), BYTES_OF("X-Forwarded-For"), values);
    text_append_string(values, values->length > start ? ", " : "");
    text_append_string(values, is_ipv6 ? "[" : "");
    variables_append_client_ip(connection, values);
    text_append_string(values, is_ipv6 ? "]:" : ":");
    variables_append_client_port(connection, values);
    add(composition, BYTES_OF("X-Forwarded-For"), value_since(composition, start));
}

/* HTTP/1.0 need not name a host, but a backend spoken to in HTTP/1.1 must be told one (RFC 9112
 * section 3.2). */
static void set_missing_host(struct composition *composition)
{
    const struct exchange *exchange = composition->exchange;
    if (exchange_request(exchange)->authority.length == 0) {
        add(composition, BYTES_OF("Host"), bytes_from_string(exchange->address->text));
    }
}

static void set_forwarded(struct composition *composition)
{
    const struct exchange *exchange = composition->exchange;
    struct text *values = &composition->values;
    set_forwarded_for(composition);
    size_t start = values->length;
    text_append_number(values, variables_server_port(exchange->connection));
    add(composition, BYTES_OF("X-Forwarded-Port"), value_since(composition, start));
    add(composition, BYTES_OF("X-Forwarded-Proto"), BYTES_OF("https"));
    add(composition, BYTES_OF("X-Original-Host"), exchange_request(exchange)->authority);
    start = values->length;
    variables_append_trace_id(exchange, values);
    add(composition, BYTES_OF("X-AppGW-Trace-Id"), value_since(composition, start));
}

/* What a client says in a field that carries identity is never believed, and never copied
 * elsewhere. */
static bool carries_identity(const struct composition *composition, struct bytes name)
{
    const struct config_text_list *headers =
        &site_gateway(composition->exchange->site)->identity_headers;
    for (size_t i = 0; i < headers->count; i++) {
        if (field_name_is_alike(name, bytes_from_string(headers->items[i].text))) {
            return true;
        }
    }
    return false;
}

static void append_segment(struct composition *composition, const struct template_segment *segment)
{
    const struct exchange *exchange = composition->exchange;
    switch (segment->kind) {
    case TEMPLATE_TEXT:
        text_append(&composition->values, segment->text);
        return;
    case TEMPLATE_VARIABLE:
        variables_append(exchange, segment->variable, &composition->values);
        return;
    case TEMPLATE_REQUEST_HEADER:
        if (!carries_identity(composition, segment->text)) {
            http1_head_append_all(exchange_request(exchange), segment->text, &composition->values);
        }
        return;
    case TEMPLATE_RESPONSE_HEADER:
        http1_head_append_all(http1_parser_head(&exchange->answer), segment->text,
                              &composition->values);
        return;
    default:
        CHECK(false);
    }
}

static void follow_rules(struct composition *composition, const struct config_header_rule *rules,
                         size_t count)
{
    for (size_t rule = 0; rule < count; rule++) {
        const struct template *template = rules[rule].value;
        size_t start = composition->values.length;
        for (size_t i = 0; i < template->segment_count; i++) {
            append_segment(composition, &template->segments[i]);
        }
        add(composition, bytes_from_string(rules[rule].name), value_since(composition, start));
    }
}

static struct result finish(const struct composition *composition,
                            const struct http_edit **ret_edits, size_t *ret_count)
{
    if (composition->values.overflowed) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    *ret_edits = composition->edits;
    *ret_count = composition->count;
    return RESULT_OK;
}

struct result request_edit_compose(struct exchange *exchange, const struct http_edit **ret_edits,
                                   size_t *ret_count)
{
    struct composition composition = begin(exchange);
    const struct config_rewrite *rewrite = exchange->site->listener->rewrite;
    remove_identity(&composition);
    set_identity(&composition);
    set_missing_host(&composition);
    set_forwarded(&composition);
    if (rewrite != NULL) {
        follow_rules(&composition, rewrite->request_headers, rewrite->request_header_count);
    }
    return finish(&composition, ret_edits, ret_count);
}

struct result request_edit_compose_answer(struct exchange *exchange,
                                          const struct http_edit **ret_edits, size_t *ret_count)
{
    struct composition composition = begin(exchange);
    const struct config_rewrite *rewrite = exchange->site->listener->rewrite;
    if (rewrite != NULL) {
        follow_rules(&composition, rewrite->response_headers, rewrite->response_header_count);
    }
    return finish(&composition, ret_edits, ret_count);
}
