/* The head that a backend gets: what is removed from the client's, what is set, and which of the
 * two holds. */
#include "exchange_fixture.h"

#define FORGED                                                                     \
    "GET /x HTTP/1.1\r\nHost: a.example.com\r\nX-Client-Cert: forged\r\n"          \
    "x-client-cert: forged\r\nX-ARR-ClientCert: forged\r\nClient-Cert: forged\r\n" \
    "Client-Cert-Chain: forged\r\nx_client_cert: forged\r\nAccept: kept\r\n\r\n"

/* The head as the backend gets it. */
static const char *compose(struct fixture *fixture)
{
    static char memory[200000];
    const struct http1_head *head = exchange_request(&fixture->exchange);
    struct head_writer_options options = {.framing = head->framing};
    struct text text = text_over(memory, sizeof(memory));
    assert_true(result_is_ok(
        request_edit_compose(&fixture->exchange, &options.edits, &options.edit_count)));
    assert_in_range(options.edit_count, 0, request_edit_count_max(fixture->config));
    head_writer_write_request(&text, head, &options);
    assert_false(text.overflowed);
    return text_terminate(&text);
}

static void expect_once(const char *head, const char *line)
{
    const char *found = strstr(head, line);
    if (found == NULL || strstr(found + 1, line) != NULL) {
        print_error("not once: %s\nin: %s\n", line, head);
        fail();
    }
}

static void what_a_client_says_of_its_identity_is_replaced(void **state)
{
    struct fixture *fixture = make_fixture("", FORGED);
    const char *head = compose(fixture);
    (void)state;
    assert_null(strstr(head, "forged"));
    expect_once(head, "\r\nX-Client-Cert: pem%0A\r\n");
    expect_once(head, "\r\nX-ARR-ClientCert: YmFzZQ==\r\n");
    expect_once(head, "\r\nClient-Cert: :YmFzZQ==:\r\n");
    expect_once(head, "\r\nAccept: kept\r\n");
    assert_null(strstr(head, "Client-Cert-Chain"));
    free_fixture(fixture);
}

static void without_a_certificate_identity_is_removed_and_not_set(void **state)
{
    struct fixture *fixture = make_fixture("", FORGED);
    (void)state;
    fixture->connection.identity = NULL;
    const char *head = compose(fixture);
    assert_null(strstr(head, "forged"));
    assert_null(strstr(head, "lient-Cert"));
    assert_null(strstr(head, "ClientCert"));
    free_fixture(fixture);
}

static void a_rule_cannot_bring_a_forged_identity_back(void **state)
{
    struct fixture *fixture = make_fixture("request_header = X-Copy: {http_req_X-Client-Cert}\n"
                                           "request_header = X-Mixed: a{http_req_x_client_cert}b\n",
                                           FORGED);
    const char *head = compose(fixture);
    (void)state;
    assert_null(strstr(head, "forged"));
    assert_null(strstr(head, "X-Copy"));
    expect_once(head, "\r\nX-Mixed: ab\r\n");
    free_fixture(fixture);
}

static void the_way_of_a_request_is_told(void **state)
{
    struct fixture *fixture =
        make_fixture("", "GET / HTTP/1.1\r\nHost: A.example.com:8443\r\n"
                         "X-Forwarded-For: 198.51.100.1\r\n"
                         "X-Forwarded-For: 198.51.100.2\r\n"
                         "X-Forwarded-Port: 1\r\nX-Forwarded-Proto: gopher\r\n"
                         "X-Original-Host: other\r\n"
                         "X-AppGW-Trace-Id: other\r\n\r\n");
    const char *head = compose(fixture);
    (void)state;
    expect_once(head, "\r\nX-Forwarded-For: 198.51.100.1, 198.51.100.2, 192.0.2.7:4711\r\n");
    expect_once(head, "\r\nX-Forwarded-Port: 8443\r\n");
    expect_once(head, "\r\nX-Forwarded-Proto: https\r\n");
    expect_once(head, "\r\nX-Original-Host: A.example.com:8443\r\n");
    expect_once(head, "\r\nX-AppGW-Trace-Id: a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\r\n");
    assert_null(strstr(head, "other"));
    assert_null(strstr(head, "gopher"));
    set_client(fixture, AF_INET6);
    expect_once(compose(fixture), ", [2001:db8::7]:4711\r\n");
    free_fixture(fixture);
}

static void a_rule_holds_over_what_we_set_and_what_the_client_sent(void **state)
{
    struct fixture *fixture = make_fixture(
        "request_header = X-Forwarded-Proto: {var_request_scheme}+\n"
        "request_header = X-Client-Cert: mine-{var_client_certificate_fingerprint}\n"
        "request_header = Accept:\n"
        "request_header = X-All: {http_req_X-Twice}/{var_uri_path}/{var_query_string}\n",
        "GET /p?q HTTP/1.1\r\nHost: a\r\nAccept: x\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n");
    const char *head = compose(fixture);
    (void)state;
    expect_once(head, "\r\nX-Forwarded-Proto: https+\r\n");
    expect_once(head, "\r\nX-Client-Cert: mine-00ff\r\n");
    expect_once(head, "\r\nX-All: 1, 2//p/q\r\n");
    assert_null(strstr(head, "Accept"));
    free_fixture(fixture);
}

static void a_backend_is_told_a_host_even_when_an_old_client_named_none(void **state)
{
    struct fixture *fixture = make_fixture("", "GET / HTTP/1.0\r\n\r\n");
    (void)state;
    expect_once(compose(fixture), "\r\nHost: 127.0.0.1:8080\r\n");
    free_fixture(fixture);
}

static void values_that_are_too_long_together_are_an_error_and_nothing_else(void **state)
{
    static char request[40000];
    struct fixture *fixture;
    const struct http_edit *edits = NULL;
    size_t count = 77;
    size_t length =
        (size_t)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ");
    (void)state;
    memset(request + length, 'x', 30000);
    memcpy(request + length + 30000, "\r\n\r\n", 5);
    fixture = make_fixture("request_header = A: {http_req_X-Long}\n"
                           "request_header = B: {http_req_X-Long}\n",
                           request);
    assert_true(result_is_ok(request_edit_compose(&fixture->exchange, &edits, &count)));
    free_fixture(fixture);
    fixture = make_fixture("request_header = A: {http_req_X-Long}{http_req_X-Long}\n"
                           "request_header = B: {http_req_X-Long}\n",
                           request);
    edits = NULL;
    count = 77;
    assert_int_equal(request_edit_compose(&fixture->exchange, &edits, &count).code,
                     ERROR_LIMIT_REACHED);
    assert_null(edits);
    assert_int_equal(count, 77);
    free_fixture(fixture);
}

static void an_answer_is_changed_by_rules_alone(void **state)
{
    struct fixture *fixture =
        make_fixture("response_header = Server:\n"
                     "response_header = X-Seen: {http_resp_X-From} {var_http_status}\n",
                     "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const struct http_edit *edits;
    size_t count;
    (void)state;
    http1_parser_expect(&fixture->exchange.answer, HTTP_METHOD_GET, false);
    read_message(&fixture->exchange.answer,
                 BYTES_OF("HTTP/1.1 200 OK\r\nServer: s\r\nX-From: b\r\n\r\n"));
    fixture->exchange.backend_status = 200;
    assert_true(result_is_ok(request_edit_compose_answer(&fixture->exchange, &edits, &count)));
    assert_int_equal(count, 2);
    assert_true(bytes_equal(edits[0].name, BYTES_OF("Server")) && edits[0].is_removal);
    assert_true(bytes_equal(edits[1].value, BYTES_OF("b 200")) && !edits[1].is_removal);
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_client_says_of_its_identity_is_replaced),
        cmocka_unit_test(without_a_certificate_identity_is_removed_and_not_set),
        cmocka_unit_test(a_rule_cannot_bring_a_forged_identity_back),
        cmocka_unit_test(the_way_of_a_request_is_told),
        cmocka_unit_test(a_rule_holds_over_what_we_set_and_what_the_client_sent),
        cmocka_unit_test(a_backend_is_told_a_host_even_when_an_old_client_named_none),
        cmocka_unit_test(values_that_are_too_long_together_are_an_error_and_nothing_else),
        cmocka_unit_test(an_answer_is_changed_by_rules_alone),
    };
    return cmocka_run_group_tests_name("request_edit", tests, NULL, NULL);
}
