/* Server variables, each in its exact form, and what an unfriendly client can make of them. */
#include "exchange_fixture.h"

#include "../../../src/proxy/variables.h"

#define REQUEST                                                       \
    "GET /a%20b/c?x=1&y=2 HTTP/1.1\r\nHost: API.Example.com:8443\r\n" \
    "X-Forwarded-For: 198.51.100.1:99, [2001:db8::1]:80, 203.0.113.5\r\n\r\n"

static void expect_variable(const struct fixture *fixture, enum variable variable,
                            const char *expected)
{
    char memory[8192];
    struct text text = text_over(memory, sizeof(memory));
    variables_append(&fixture->exchange, variable, &text);
    assert_false(text.overflowed);
    assert_string_equal(text_terminate(&text), expected);
}

static void variables_of_the_request_are_as_received(void **state)
{
    static const struct {
        enum variable variable;
        const char *expected;
    } rows[] = {
        {VARIABLE_CLIENT_IP, "192.0.2.7"},
        {VARIABLE_CLIENT_PORT, "4711"},
        {VARIABLE_HOST, "api.example.com"},
        {VARIABLE_HTTP_METHOD, "GET"},
        {VARIABLE_HTTP_VERSION, "HTTP/1.1"},
        {VARIABLE_HTTP_STATUS, ""},
        {VARIABLE_QUERY_STRING, "x=1&y=2"},
        {VARIABLE_REQUEST_QUERY, "x=1&y=2"},
        {VARIABLE_REQUEST_SCHEME, "https"},
        {VARIABLE_REQUEST_URI, "/a%20b/c?x=1&y=2"},
        {VARIABLE_URI_PATH, "/a%20b/c"},
        {VARIABLE_SERVER_PORT, "8443"},
        {VARIABLE_ADD_X_FORWARDED_FOR_PROXY, "198.51.100.1, 2001:db8::1, 203.0.113.5, 192.0.2.7"},
    };
    struct fixture *fixture = make_fixture("", REQUEST);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_variable(fixture, rows[i].variable, rows[i].expected);
    }
    fixture->exchange.backend_status = 404;
    expect_variable(fixture, VARIABLE_HTTP_STATUS, "404");
    set_client(fixture, AF_INET6);
    expect_variable(fixture, VARIABLE_CLIENT_IP, "2001:db8::7");
    free_fixture(fixture);
}

static void variables_of_the_certificate_are_those_of_the_identity(void **state)
{
    static const struct {
        enum variable variable;
        const char *expected;
    } rows[] = {
        {VARIABLE_CLIENT_CERTIFICATE, "pem%0A"},
        {VARIABLE_CLIENT_CERTIFICATE_COMMON_NAME, "good"},
        {VARIABLE_CLIENT_CERTIFICATE_END_DATE, "Jan  1 00:00:00 2027 GMT"},
        {VARIABLE_CLIENT_CERTIFICATE_FINGERPRINT, "00ff"},
        {VARIABLE_CLIENT_CERTIFICATE_FINGERPRINT_SHA256, "00ffee"},
        {VARIABLE_CLIENT_CERTIFICATE_ISSUER, "CN=ca"},
        {VARIABLE_CLIENT_CERTIFICATE_SAN, "DNS:good.example.com"},
        {VARIABLE_CLIENT_CERTIFICATE_SERIAL, "0A"},
        {VARIABLE_CLIENT_CERTIFICATE_START_DATE, "Jan  1 00:00:00 2026 GMT"},
        {VARIABLE_CLIENT_CERTIFICATE_SUBJECT, "CN=good"},
        {VARIABLE_CLIENT_CERTIFICATE_VERDICT, "SUCCESS"},
        {VARIABLE_CLIENT_CERTIFICATE_VERIFICATION, "SUCCESS"},
    };
    struct fixture *fixture = make_fixture("", REQUEST);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_variable(fixture, rows[i].variable, rows[i].expected);
    }
    fixture->connection.identity = NULL;
    for (size_t i = 0; i + 2 < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_variable(fixture, rows[i].variable, "");
    }
    free_fixture(fixture);
}

/* The mode decides what client_certificate_verification may claim; the verdict tells all. */
static void verification_never_claims_more_than_its_mode_has_proven(void **state)
{
    struct fixture *fixture = make_fixture("", REQUEST);
    struct config_ssl_profile profile = *fixture->listeners[0]->ssl_profile;
    struct config_listener listener = *fixture->listeners[0];
    (void)state;
    listener.ssl_profile = &profile;
    fixture->site.listener = &listener;
    fixture->connection.verdict = verdict_for(VERDICT_EXPIRED);
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERIFICATION, "");
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERDICT, "FAILED:certificate has expired");
    profile.verify_mode = CONFIG_VERIFY_PASSTHROUGH;
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERIFICATION, "PASSTHROUGH");
    fixture->connection.identity = NULL;
    fixture->connection.verdict = verdict_for(VERDICT_NO_CERTIFICATE);
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERIFICATION, "NONE");
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERDICT, "NONE");
    profile.verify_mode = CONFIG_VERIFY_OFF;
    expect_variable(fixture, VARIABLE_CLIENT_CERTIFICATE_VERIFICATION, "");
    free_fixture(fixture);
}

static void odd_forms_of_x_forwarded_for_are_taken_as_they_come(void **state)
{
    static const struct {
        const char *field;
        const char *expected;
    } rows[] = {
        {"", "192.0.2.7"},
        {",, ,", "192.0.2.7"},
        {"unknown", "unknown, 192.0.2.7"},
        {"host:1", "host, 192.0.2.7"},
        {":", ", 192.0.2.7"},
        {"[", ", 192.0.2.7"},
        {"[]", ", 192.0.2.7"},
        {"[::1", "::1, 192.0.2.7"},
        {"::1", "::1, 192.0.2.7"},
        {"a b", "a b, 192.0.2.7"},
    };
    char request[256];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(request, sizeof(request),
                       "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: %s\r\n\r\n", rows[i].field);
        struct fixture *fixture = make_fixture("", request);
        expect_variable(fixture, VARIABLE_ADD_X_FORWARDED_FOR_PROXY, rows[i].expected);
        free_fixture(fixture);
    }
}

static void a_long_x_forwarded_for_is_no_way_out_of_the_memory(void **state)
{
    static char request[20000];
    char memory[256];
    size_t length = (size_t)snprintf(request, sizeof(request),
                                     "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ");
    (void)state;
    memset(request + length, '[', 15000);
    memcpy(request + length + 15000, "\r\n\r\n", 5);
    struct fixture *fixture = make_fixture("", request);
    struct text text = text_over(memory, sizeof(memory));
    variables_append(&fixture->exchange, VARIABLE_ADD_X_FORWARDED_FOR_PROXY, &text);
    assert_in_range(text.length, 0, sizeof(memory));
    free_fixture(fixture);
}

static void every_variable_without_a_session_fits_into_no_room(void **state)
{
    struct fixture *fixture = make_fixture("", REQUEST);
    (void)state;
    for (enum variable variable = 0; variable < VARIABLE_COUNT; variable++) {
        char byte = 'z';
        struct text text = text_over(&byte, 0);
        if (variable == VARIABLE_CIPHERS_USED || variable == VARIABLE_SSL_CONNECTION_PROTOCOL) {
            continue; /* they ask the TLS session, of which there is none here */
        }
        variables_append(&fixture->exchange, variable, &text);
        assert_int_equal(text.length, 0);
        assert_int_equal(byte, 'z');
    }
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_of_the_request_are_as_received),
        cmocka_unit_test(variables_of_the_certificate_are_those_of_the_identity),
        cmocka_unit_test(verification_never_claims_more_than_its_mode_has_proven),
        cmocka_unit_test(odd_forms_of_x_forwarded_for_are_taken_as_they_come),
        cmocka_unit_test(a_long_x_forwarded_for_is_no_way_out_of_the_memory),
        cmocka_unit_test(every_variable_without_a_session_fits_into_no_room),
    };
    return cmocka_run_group_tests_name("variables", tests, NULL, NULL);
}
