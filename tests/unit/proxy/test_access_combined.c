/* Lines in the combined format: whole, one line each, and no field begins where a client wants. */
#include "base/clock.h"
#include "exchange_fixture.h"

#include "../../../src/proxy/access_record.h"

#define LOG_BYTES (1U << 20)

#define PLACE "192.0.2.7 - "
#define TIME  " [31/Mar/2026:12:00:00 +0000] "

static struct log_queue log_queue;
static struct counters counters;

static int make_log(void **state)
{
    (void)state;
    counters = (struct counters){0};
    return result_is_ok(log_queue_init(&log_queue, LOG_BYTES)) ? 0 : -1;
}

static int free_log(void **state)
{
    (void)state;
    log_queue_deinit(&log_queue);
    return 0;
}

static struct fixture *make_logged(const char *request)
{
    struct fixture *fixture = make_fixture("", request);
    fixture->proxy->around.access_log = &log_queue;
    fixture->proxy->around.access_log_format = CONFIG_LOG_COMBINED;
    fixture->proxy->around.counters = &counters;
    fixture->connection.state = CONNECTION_SERVING;
    fixture->connection.accepted_us = 1774958400123456; /* 2026-03-31T12:00:00.123456Z */
    fixture->exchange.started_us = 1774958400123456;
    fixture->exchange.status = 200;
    fixture->exchange.sent_bytes = 2326;
    fixture->exchange.is_answer_complete = true;
    fixture->identity->common_name = BYTES_OF("pump-7");
    return fixture;
}

/* The one line that is there, without its end; nothing but printable ASCII is in it. */
static const char *take_line(void)
{
    static char line[LOG_BYTES];
    struct bytes seen = log_queue_peek(&log_queue);
    assert_in_range(seen.length, 2, sizeof(line) - 1);
    memcpy(line, seen.at, seen.length);
    log_queue_take(&log_queue, seen.length);
    assert_int_equal(log_queue_peek(&log_queue).length, 0);
    assert_int_equal(line[seen.length - 1], '\n');
    line[seen.length - 1] = '\0';
    for (size_t i = 0; i < seen.length - 1; i++) {
        assert_in_range((uint8_t)line[i], 0x20, 0x7E);
    }
    return line;
}

static void expect_line(struct fixture *fixture, const char *line)
{
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    assert_string_equal(take_line(), line);
    free_fixture(fixture);
}

static void a_request_has_the_fields_that_the_tools_of_the_field_know(void **state)
{
    (void)state;
    expect_line(make_logged("GET /a?b HTTP/1.1\r\nHost: a.example.com\r\n"
                            "Referer: http://b.example.com/\r\nUser-Agent: curl/8.0\r\n\r\n"),
                PLACE "pump-7" TIME
                      "\"GET /a?b HTTP/1.1\" 200 2326 \"http://b.example.com/\" \"curl/8.0\"");
}

static void what_is_not_there_is_a_dash(void **state)
{
    (void)state;
    struct fixture *fixture = make_logged("POST / HTTP/1.0\r\nHost: a\r\n\r\n");
    fixture->connection.identity = NULL;
    fixture->exchange.status = 0;
    fixture->exchange.sent_bytes = 0;
    expect_line(fixture, PLACE "-" TIME "\"POST / HTTP/1.0\" 000 0 \"-\" \"-\"");
    assert_int_equal(counters.values[COUNTER_REQUESTS_UNANSWERED], 1);
}

static void a_name_that_was_not_found_good_is_not_told(void **state)
{
    (void)state;
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    fixture->connection.verdict = verdict_for(VERDICT_EXPIRED);
    expect_line(fixture, PLACE "-" TIME "\"GET / HTTP/1.1\" 200 2326 \"-\" \"-\"");
}

static void quotes_blanks_and_bytes_of_clients_stay_in_their_field(void **state)
{
    (void)state;
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\nReferer: \" 200 1 \"x\r\n"
                                          "User-Agent: a\"b\\c\td\xC3\xBC\r\n\r\n");
    fixture->identity->common_name = BYTES_OF("a [31/Mar/2026] \"GET\" \\\n");
    expect_line(fixture, PLACE "a\\x20[31/Mar/2026]\\x20\\x22GET\\x22\\x20\\x5C\\x0A" TIME
                               "\"GET / HTTP/1.1\" 200 2326 \"\\x22 200 1 \\x22x\" "
                               "\"a\\x22b\\x5Cc\\x09d\\xC3\\xBC\"");
}

static void the_largest_texts_that_a_client_may_bring_are_cut_and_the_line_is_there(void **state)
{
    static char worst[60000];
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    memset(worst, '\xFF', sizeof(worst));
    fixture->identity->common_name = bytes_from(worst, sizeof(worst));
    fixture->exchange.request.head.target = bytes_from(worst, sizeof(worst));
    access_record_exchange(&fixture->exchange, clock_monotonic_ns());
    const char *line = take_line();
    assert_non_null(strstr(line, " HTTP/1.1\" 200 2326 \"-\" \"-\""));
    assert_in_range(strlen(line), 15000, 20000);
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_CUT], 1);
    assert_int_equal(counters.values[COUNTER_ACCESS_LINES_LOST], 0);
    free_fixture(fixture);
}

static void a_request_that_could_not_be_read_has_a_line(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\nReferer: b\r\n\r\n");
    (void)state;
    fixture->exchange.request.head.target = (struct bytes){0};
    fixture->exchange.status = 400;
    expect_line(fixture, PLACE "pump-7" TIME "\"-\" 400 2326 \"-\" \"-\"");
}

static void a_handshake_that_failed_has_a_line_of_its_own(void **state)
{
    struct fixture *fixture = make_logged("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)state;
    fixture->connection.state = CONNECTION_HANDSHAKING;
    fixture->connection.close_reason = CLOSE_HANDSHAKE_TIMEOUT;
    fixture->connection.stream.sent_bytes = 7;
    access_record_handshake(&fixture->connection);
    assert_string_equal(take_line(), PLACE "-" TIME "\"-\" 000 7 \"-\" \"-\"");
    assert_int_equal(counters.values[COUNTER_HANDSHAKES_FAILED], 1);
    free_fixture(fixture);
}

int main(void)
{
#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, make_log, free_log)
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_request_has_the_fields_that_the_tools_of_the_field_know),
        LOG_TEST(what_is_not_there_is_a_dash),
        LOG_TEST(a_name_that_was_not_found_good_is_not_told),
        LOG_TEST(quotes_blanks_and_bytes_of_clients_stay_in_their_field),
        LOG_TEST(the_largest_texts_that_a_client_may_bring_are_cut_and_the_line_is_there),
        LOG_TEST(a_request_that_could_not_be_read_has_a_line),
        LOG_TEST(a_handshake_that_failed_has_a_line_of_its_own),
    };
    return cmocka_run_group_tests_name("access_combined", tests, NULL, NULL);
}
