/* Lines of the access log: whole, one line each, JSON whatever clients and certificates say. */
#include "access_log_fixture.h"

#include "../../../src/proxy/proxy_generation.h"

/* The one line that is there, checked for its form: an object of texts, numbers and truth values.
 */
static const char *take_line(void)
{
    size_t length = take_logged();
    bool is_in_text = false;
    assert_true(length >= 3);
    assert_true(logged[0] == '{' && strcmp(logged + length - 2, "}\n") == 0);
    for (size_t i = 1; i < length - 2; i++) {
        assert_in_range((uint8_t)logged[i], 0x20, 0xFF);
        if (logged[i] == '\\') {
            assert_true(is_in_text && strchr("\"\\u", logged[i + 1]) != NULL);
            i++;
        } else if (logged[i] == '"') {
            is_in_text = !is_in_text;
        } else if (!is_in_text) {
            assert_non_null(strchr(",:.0123456789truefals", logged[i]));
        }
    }
    assert_false(is_in_text);
    return logged;
}

static void expect_member(const char *line, const char *member)
{
    if (strstr(line, member) == NULL) {
        print_error("missing: %s\nin: %s\n", member, line);
        fail();
    }
}

static void a_request_is_told_with_the_names_that_its_users_know(void **state)
{
    static const char *const members[] = {
        "{\"timeStamp\":\"2026-03-31T12:00:00.123456Z\"",
        "\"listenerName\":\"edge\"",
        "\"clientIP\":\"192.0.2.7\"",
        "\"clientPort\":4711",
        "\"httpMethod\":\"GET\"",
        "\"requestUri\":\"/a?b\"",
        "\"httpStatus\":200",
        "\"httpVersion\":\"HTTP/1.1\"",
        "\"transactionId\":\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\"",
        "\"sslEnabled\":\"on\"",
        "\"sslClientVerify\":\"SUCCESS\"",
        "\"sslClientCertificateFingerprint\":\"00ff\"",
        "\"sslClientCertificateIssuerName\":\"CN=ca\"",
        "\"sslClientCertificateSubject\":\"CN=good\"",
        "\"sslSessionReused\":false",
        "\"serverRouted\":\"127.0.0.1:8080\"",
        "\"host\":\"a.example.com:1\"",
        "\"error_info\":\"ERRORINFO_NO_ERROR\"",
        "\"reason\":\"\"",
    };
    struct fixture *fixture = make_logged("GET /a?b HTTP/1.1\r\nHost: a.example.com:1\r\n\r\n");
    (void)state;
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    const char *line = take_line();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        expect_member(line, members[i]);
    }
    assert_int_equal(counters.values[COUNTER_REQUESTS_UNANSWERED], 0);
    free_fixture(fixture);
}

static void a_request_without_an_answer_is_counted_and_told(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    fixture->exchange.status = 0;
    fixture->exchange.is_answer_complete = false;
    fixture->connection.close_reason = CLOSE_CLIENT_ABORTED;
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    const char *line = take_line();
    expect_member(line, "\"httpStatus\":0");
    expect_member(line, "\"reason\":\"client_aborted\"");
    assert_int_equal(counters.values[COUNTER_REQUESTS_UNANSWERED], 1);
    free_fixture(fixture);
}

static void quotes_and_backslashes_do_not_break_out_of_their_text(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    fixture->identity->subject = BYTES_OF("CN=\",\"sslClientVerify\":\"SUCCESS");
    fixture->identity->issuer = BYTES_OF("CN=\\");
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    const char *line = take_line();
    expect_member(line, "\"CN=\\\",\\\"sslClientVerify\\\":\\\"SUCCESS\"");
    expect_member(line, "\"CN=\\\\\"");
    free_fixture(fixture);
}

/* Whoever could make his line too long for its memory would not be seen. */
static void the_largest_texts_that_a_client_may_bring_do_not_lose_the_line(void **state)
{
    static char request[40000];
    static char name[60000];
    (void)state;
    size_t length = (size_t)snprintf(request, sizeof(request), "GET /");
    memset(request + length, '\'', 32000);
    (void)snprintf(request + length + 32000, sizeof(request) - length - 32000,
                   " HTTP/1.1\r\nHost: a\r\n\r\n");
    memset(name, '\\', sizeof(name));
    struct fixture *fixture = make_logged(request);
    fixture->identity->subject = bytes_from(name, sizeof(name));
    fixture->identity->issuer = bytes_from(name, sizeof(name));
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    expect_member(take_line(), "\"httpStatus\":200");
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_CUT], 1);
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_LOST], 0);
    free_fixture(fixture);
}

/* Five texts are a client's, one is the operator's; a byte becomes six at worst. */
static void every_text_at_its_worst_leaves_room_for_the_others(void **state)
{
    static char worst[60000];
    char name[20001];
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    struct config_listener listener = *fixture->site.listener;
    (void)state;
    memset(worst, 1, sizeof(worst));
    memset(name, 1, sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    listener.name = name;
    fixture->site.listener = &listener;
    fixture->identity->subject = bytes_from(worst, sizeof(worst));
    fixture->identity->issuer = bytes_from(worst, sizeof(worst));
    fixture->exchange.request.head.method = (enum http_method)0;
    fixture->exchange.request.head.target = bytes_from(worst, sizeof(worst));
    fixture->exchange.request.head.authority = bytes_from(worst, sizeof(worst));
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    const char *line = take_line();
    expect_member(line, "\"httpStatus\":200");
    expect_member(line, "\"reason\":\"\"}");
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_CUT], 1);
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_LOST], 0);
    free_fixture(fixture);
}

static void what_fits_is_not_cut_and_characters_are_not_torn(void **state)
{
    static char characters[4 * 3000];
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    for (size_t length = 1000; length <= 3000; length += 2000) {
        size_t offset = length == 1000 ? 0 : 1; /* so that pieces end within a character */
        memset(characters, 'x', sizeof(characters));
        for (size_t i = 0; i + 1 < length; i++) {
            memcpy(characters + offset + 4 * i, "\xF0\x9F\x94\x92", 4);
        }
        fixture->identity->subject = bytes_from(characters, 4 * length);
        access_record_exchange(&fixture->exchange, clock_monotonic_ns());
        const char *line = take_line();
        assert_null(strstr(line, "\xEF\xBF\xBD"));
        assert_int_equal(counters.values[COUNTER_ACCESS_LINES_CUT], length == 3000);
    }
    free_fixture(fixture);
}

static void a_handshake_that_failed_has_a_line_of_its_own(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    fixture->connection.identity = NULL;
    struct proxy_generation generation = {.sites = &fixture->site};
    fixture->connection.generation = &generation;
    fixture->connection.site = NULL; /* the listener was never known */
    fixture->connection.state = CONNECTION_HANDSHAKING;
    fixture->connection.close_reason = CLOSE_HANDSHAKE_TIMEOUT;
    access_record_handshake(&fixture->connection);
    const char *line = take_line();
    expect_member(line, "\"reason\":\"handshake_timeout\"");
    expect_member(line, "\"listenerName\":\"edge\"");
    expect_member(line, "\"httpStatus\":0");
    expect_member(line, "\"sslClientVerify\":\"NONE\"");
    size_t number = handshake_failure_number(CLOSE_HANDSHAKE_TIMEOUT, TLS_FAILURE_NONE);
    assert_int_equal(counters.values[COUNTER_HANDSHAKES_FAILED], 1);
    assert_int_equal(counters.traffic.listeners[0].handshake_failures[number], 1);
    fixture->connection.state = CONNECTION_SERVING;
    access_record_handshake(&fixture->connection);
    assert_int_equal(log_queue_peek(&log_queue).length, 0);
    free_fixture(fixture);
}

static void without_a_log_figures_are_counted_all_the_same(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    fixture->proxy->around.access_log = NULL;
    fixture->exchange.status = 0;
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    assert_int_equal(counters.values[COUNTER_REQUESTS_UNANSWERED], 1);
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_request_is_told_with_the_names_that_its_users_know),
        LOG_TEST(a_request_without_an_answer_is_counted_and_told),
        LOG_TEST(quotes_and_backslashes_do_not_break_out_of_their_text),
        LOG_TEST(the_largest_texts_that_a_client_may_bring_do_not_lose_the_line),
        LOG_TEST(every_text_at_its_worst_leaves_room_for_the_others),
        LOG_TEST(what_fits_is_not_cut_and_characters_are_not_torn),
        LOG_TEST(a_handshake_that_failed_has_a_line_of_its_own),
        LOG_TEST(without_a_log_figures_are_counted_all_the_same),
    };
    return cmocka_run_group_tests_name("access_record", tests, NULL, NULL);
}
