/*
 * An exchange without a connection to anybody: a configuration from a text, a parsed request, and
 * an answer when there is one. For the tests of src/proxy that need no ring.
 */
#ifndef TESTS_UNIT_PROXY_EXCHANGE_FIXTURE_H
#define TESTS_UNIT_PROXY_EXCHANGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <unistd.h>

#include "../../../src/proxy/exchange.h"
#include "../../../src/proxy/proxy_generation.h"
#include "../../../src/proxy/request_edit.h"

#define FIXTURE_SECTIONS                                                                        \
    "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = s.pem\ncertificate_key = s.key\n" \
    "ssl_profile = devices\nbackend = app\nrewrite = rules\n"                                   \
    "forward_identity = x_client_cert\nforward_identity = x_arr_clientcert\n"                   \
    "forward_identity = client_cert\nforward_identity = client_cert_chain\n"                    \
    "[ssl_profile devices]\ntrusted_client_ca = ca.pem\n"                                       \
    "[backend app]\nserver = 127.0.0.1:8080\n"                                                  \
    "[rewrite rules]\n"

struct fixture {
    struct config *config;
    struct generation generation;
    struct endpoint endpoint;
    const struct config_listener *listeners[1];
    struct backend_address address;
    struct site site;
    struct proxy_generation served;
    struct identity *identity;
    struct proxy *proxy;
    struct connection connection;
    struct exchange exchange;
};

static const struct http1_limits fixture_limits = HTTP1_LIMITS_DEFAULT;

/* rules are lines of the section [rewrite rules]. */
static inline struct config *load_rules(const char *rules)
{
    char path[] = "/tmp/exchange_fixture.XXXXXX";
    struct diagnostics diagnostics;
    struct config *config = NULL;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_true(dprintf(descriptor, "%s%s\n", FIXTURE_SECTIONS, rules) > 0);
    assert_int_equal(close(descriptor), 0);
    diagnostics_init(&diagnostics);
    if (!result_is_ok(config_load(path, &diagnostics, &config))) {
        diagnostics_print(&diagnostics, stderr);
        fail();
    }
    diagnostics_deinit(&diagnostics);
    assert_int_equal(unlink(path), 0);
    return config;
}

static inline void read_message(struct http1_parser *parser, struct bytes message)
{
    struct bytes body;
    assert_int_equal(http1_parser_next(parser, &message, &body), HTTP1_HEAD);
}

/* A client at [family] 192.0.2.7:4711 or [2001:db8::7]:4711, judged a success, with a certificate.
 */
static inline void set_client(struct fixture *fixture, int family)
{
    struct client_address *client = &fixture->connection.client;
    client->family = (sa_family_t)family;
    client->port = htons(4711);
    assert_int_equal(
        inet_pton(family, family == AF_INET ? "192.0.2.7" : "2001:db8::7", client->bytes), 1);
}

static inline void set_identity_values(struct identity *identity)
{
    *identity = (struct identity){
        .escaped_pem = BYTES_OF("pem%0A"),
        .base64 = BYTES_OF("YmFzZQ=="),
        .client_cert = BYTES_OF(":YmFzZQ==:"),
        .fingerprint = BYTES_OF("00ff"),
        .fingerprint_sha256 = BYTES_OF("00ffee"),
        .subject = BYTES_OF("CN=good"),
        .issuer = BYTES_OF("CN=ca"),
        .serial = BYTES_OF("0A"),
        .start_date = BYTES_OF("Jan  1 00:00:00 2026 GMT"),
        .end_date = BYTES_OF("Jan  1 00:00:00 2027 GMT"),
        .common_name = BYTES_OF("good"),
        .san = BYTES_OF("DNS:good.example.com"),
    };
}

static inline struct fixture *make_fixture(const char *rules, const char *request)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    assert_true(fixture != NULL && proxy != NULL);
    fixture->identity = calloc(1, sizeof(*fixture->identity));
    assert_non_null(fixture->identity);
    fixture->config = load_rules(rules);
    fixture->proxy = proxy;
    fixture->generation.config = fixture->config;
    fixture->listeners[0] = &fixture->config->listeners[0];
    fixture->endpoint = (struct endpoint){.address = fixture->config->listeners[0].addresses[0],
                                          .listeners = fixture->listeners,
                                          .listener_count = 1};
    fixture->site.listener = fixture->listeners[0];
    (void)snprintf(fixture->address.text, sizeof(fixture->address.text), "127.0.0.1:8080");
    proxy->around.generation = &fixture->generation;
    proxy->current = &fixture->served;
    fixture->served.content = &fixture->generation;
    fixture->served.edits =
        calloc(request_edit_count_max(fixture->config), sizeof(struct http_edit));
    assert_non_null(fixture->served.edits);
    fixture->site.generation = &fixture->served;
    set_identity_values(fixture->identity);
    fixture->connection.proxy = proxy;
    fixture->connection.endpoint = &fixture->endpoint;
    fixture->connection.site = &fixture->site;
    fixture->connection.identity = fixture->identity;
    fixture->connection.verdict = verdict_for(VERDICT_SUCCESS);
    set_client(fixture, AF_INET);
    fixture->exchange.connection = &fixture->connection;
    fixture->exchange.site = &fixture->site;
    fixture->exchange.address = &fixture->address;
    memset(fixture->exchange.trace_id, 0xA5, sizeof(fixture->exchange.trace_id));
    http1_parser_init(&fixture->exchange.request, HTTP1_REQUEST, &fixture_limits);
    http1_parser_init(&fixture->exchange.answer, HTTP1_RESPONSE, &fixture_limits);
    read_message(&fixture->exchange.request, bytes_from_string(request));
    return fixture;
}

static inline void free_fixture(struct fixture *fixture)
{
    http1_parser_deinit(&fixture->exchange.request);
    http1_parser_deinit(&fixture->exchange.answer);
    config_destroy(fixture->config);
    free(fixture->identity);
    free(fixture->served.edits);
    free(fixture->proxy);
    free(fixture);
}

#endif
