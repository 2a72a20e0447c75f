/* Lines in the combined format: whole, one line each, and no field begins where a client wants. */
#include "access_log_fixture.h"

#define PLACE "192.0.2.7 - "
#define TIME  " [31/Mar/2026:12:00:00 +0000] "

static struct fixture *make_combined(const char *request)
{
    struct fixture *fixture = make_logged(request);
    fixture->proxy->around.access_log_format = CONFIG_LOG_COMBINED;
    fixture->connection.accepted_us = fixture->exchange.started_us;
    fixture->exchange.sent_bytes = 2326;
    fixture->identity->common_name = BYTES_OF("pump-7");
    return fixture;
}

/* The one line that is there, without its end; nothing but printable ASCII is in it. */
static const char *take_line(void)
{
    size_t length = take_logged() - 1;
    assert_int_equal(logged[length], '\n');
    logged[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        assert_in_range((uint8_t)logged[i], 0x20, 0x7E);
    }
    return logged;
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
    expect_line(make_combined("GET /a?b HTTP/1.1\r\nHost: a.example.com\r\n"
                              "Referer: http://b.example.com/\r\nUser-Agent: curl/8.0\r\n\r\n"),
                PLACE "pump-7" TIME
                      "\"GET /a?b HTTP/1.1\" 200 2326 \"http://b.example.com/\" \"curl/8.0\"");
}

static void what_is_not_there_is_a_dash(void **state)
{
    (void)state;
    struct fixture *fixture = make_combined("POST / HTTP/1.0\r\nHost: a\r\n\r\n");
    fixture->connection.identity = NULL;
    fixture->exchange.status = 0;
    fixture->exchange.sent_bytes = 0;
    expect_line(fixture, PLACE "-" TIME "\"POST / HTTP/1.0\" 000 0 \"-\" \"-\"");
    assert_int_equal(counters.values[COUNTER_REQUESTS_UNANSWERED], 1);
}

static void a_name_that_was_not_found_good_is_not_told(void **state)
{
    (void)state;
    struct fixture *fixture = make_combined("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    fixture->connection.verdict = verdict_for(VERDICT_EXPIRED);
    expect_line(fixture, PLACE "-" TIME "\"GET / HTTP/1.1\" 200 2326 \"-\" \"-\"");
}

static void quotes_blanks_and_bytes_of_clients_stay_in_their_field(void **state)
{
    (void)state;
    struct fixture *fixture = make_combined("GET / HTTP/1.1\r\nHost: a\r\nReferer: \" 200 1 \"x\r\n"
                                            "User-Agent: a\"b\\c\td\xC3\xBC\r\n\r\n");
    fixture->identity->common_name = BYTES_OF("a [31/Mar/2026] \"GET\" \\\n");
    expect_line(fixture, PLACE "a\\x20[31/Mar/2026]\\x20\\x22GET\\x22\\x20\\x5C\\x0A" TIME
                               "\"GET / HTTP/1.1\" 200 2326 \"\\x22 200 1 \\x22x\" "
                               "\"a\\x22b\\x5Cc\\x09d\\xC3\\xBC\"");
}

static void the_largest_texts_that_a_client_may_bring_are_cut_and_the_line_is_there(void **state)
{
    static char worst[60000];
    struct fixture *fixture = make_combined("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
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
    struct fixture *fixture = make_combined("GET / HTTP/1.1\r\nHost: a\r\nReferer: b\r\n\r\n");
    (void)state;
    fixture->exchange.request.head.target = (struct bytes){0};
    fixture->exchange.status = 400;
    expect_line(fixture, PLACE "pump-7" TIME "\"-\" 400 2326 \"-\" \"-\"");
}

static void a_handshake_that_failed_has_a_line_of_its_own(void **state)
{
    struct fixture *fixture = make_combined("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
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
