/* What is written of a head that is passed on, to the byte; and what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/head_writer.h"
#include "http/http1_parser.h"

static const struct http1_limits limits = {HTTP_TARGET_BYTES_MAX, HTTP_FIELDS_BYTES_MAX,
                                           HTTP_FIELD_COUNT_MAX};

static struct http1_parser parser;
static char memory[8192];

static const struct http1_head *read_head(enum http1_kind kind, struct bytes input,
                                          enum http_method answers)
{
    struct bytes body;
    http1_parser_init(&parser, kind, &limits);
    http1_parser_expect(&parser, answers, true);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_HEAD);
    return http1_parser_head(&parser);
}

static void expect_request(struct bytes input, struct head_writer_options options,
                           const char *expected)
{
    struct text text = text_over(memory, sizeof(memory));
    head_writer_write_request(&text, read_head(HTTP1_REQUEST, input, HTTP_METHOD_GET), &options);
    http1_parser_deinit(&parser);
    assert_string_equal(text_terminate(&text), expected);
}

static void expect_response(struct bytes input, struct head_writer_options options,
                            const char *expected)
{
    struct text text = text_over(memory, sizeof(memory));
    head_writer_write_response(&text, read_head(HTTP1_RESPONSE, input, HTTP_METHOD_GET), &options);
    http1_parser_deinit(&parser);
    assert_string_equal(text_terminate(&text), expected);
}

#define EDITS(...)                                    \
    .edits = (const struct http_edit[]){__VA_ARGS__}, \
    .edit_count = sizeof((const struct http_edit[]){__VA_ARGS__}) / sizeof(struct http_edit)
#define SET(name, value)                       \
    {                                          \
        BYTES_OF(name), BYTES_OF(value), false \
    }
#define REMOVE(name)              \
    {                             \
        BYTES_OF(name), {0}, true \
    }

static void request_is_passed_on_in_its_order(void **state)
{
    (void)state;
    expect_request(
        BYTES_OF("GET /a?b HTTP/1.1\r\nB:  2 \r\nHost: a\r\nA: 1\r\nEmpty:\r\nA: 3\r\n\r\n"),
        (struct head_writer_options){0},
        "GET /a?b HTTP/1.1\r\nB: 2\r\nHost: a\r\nA: 1\r\nEmpty: \r\nA: 3\r\n\r\n");
}

static void fields_of_the_hop_are_left_out(void **state)
{
    (void)state;
    expect_request(
        BYTES_OF(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x-hop, Host, Foo\r\n"
            "Keep-Alive: 5\r\nX-Hop: 1\r\nFOO: 2\r\nProxy-Connection: x\r\nTE: trailers\r\n"
            "Trailer: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy: evil\r\nEnd: 1\r\n\r\n"),
        (struct head_writer_options){0}, "GET / HTTP/1.1\r\nHost: a\r\nEnd: 1\r\n\r\n");
    expect_response(
        BYTES_OF("HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
                 "Trailer: T\r\nUpgrade: h2\r\nTransfer-Encoding: chunked\r\nA_b: 1\r\n\r\n"),
        (struct head_writer_options){.framing = HTTP_FRAMING_CHUNKED},
        "HTTP/1.1 200 OK\r\nA_b: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void request_fields_with_odd_names_are_left_out(void **state)
{
    (void)state;
    expect_request(
        BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\nX.Y: 2\r\nX!: 3\r\nX-Y: 4\r\n\r\n"),
        (struct head_writer_options){0}, "GET / HTTP/1.1\r\nHost: a\r\nX-Y: 4\r\n\r\n");
}

static void framing_and_connection_are_written_anew(void **state)
{
    (void)state;
    struct bytes post =
        BYTES_OF("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
    expect_request(
        post, (struct head_writer_options){.framing = HTTP_FRAMING_LENGTH, .content_length = 5},
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    expect_request(
        post,
        (struct head_writer_options){.framing = HTTP_FRAMING_CHUNKED,
                                     .connection = HEAD_CONNECTION_CLOSE},
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
    expect_request(post, (struct head_writer_options){0}, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_response(BYTES_OF("HTTP/1.0 200 OK\r\n\r\n"),
                    (struct head_writer_options){.framing = HTTP_FRAMING_UNTIL_CLOSE,
                                                 .connection = HEAD_CONNECTION_CLOSE},
                    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    expect_response(
        BYTES_OF("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709\r\n\r\n"),
        (struct head_writer_options){.framing = HTTP_FRAMING_LENGTH,
                                     .content_length = 18446744073709,
                                     .connection = HEAD_CONNECTION_KEEP_ALIVE},
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709\r\nConnection: keep-alive\r\n\r\n");
}

static void length_without_a_body_is_told_where_it_may_be(void **state)
{
    (void)state;
    struct head_writer_options none = {0};
    expect_response(BYTES_OF("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"), none,
                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
    expect_response(BYTES_OF("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n"), none,
                    "HTTP/1.1 204 No Content\r\n\r\n");
    expect_response(BYTES_OF("HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\nLink: x\r\n\r\n"),
                    none, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    struct text text = text_over(memory, sizeof(memory));
    head_writer_write_response(&text,
                               read_head(HTTP1_RESPONSE,
                                         BYTES_OF("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"),
                                         HTTP_METHOD_HEAD),
                               &none);
    assert_string_equal(text_terminate(&text), "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
}

static void absolute_target_becomes_origin_form(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"GET http://a/x?y", "GET /x?y"}, {"GET https://a", "GET /"},
        {"GET http://a?x", "GET /?x"},    {"OPTIONS http://a", "OPTIONS *"},
        {"OPTIONS *", "OPTIONS *"},       {"OPTIONS http://a/", "OPTIONS /"},
        {"GET //a/b", "GET //a/b"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char input[100];
        char expected[100];
        struct text text = text_over(input, sizeof(input));
        text_append_format(&text, "%s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i][0]);
        struct text wanted = text_over(expected, sizeof(expected));
        text_append_format(&wanted, "%s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i][1]);
        expect_request(text_bytes(&text), (struct head_writer_options){0}, text_terminate(&wanted));
    }
}

static void http_1_0_request_becomes_1_1_with_a_host(void **state)
{
    (void)state;
    struct head_writer_options none = {0};
    expect_request(BYTES_OF("GET / HTTP/1.0\r\n\r\n"), none, "GET / HTTP/1.1\r\nHost: \r\n\r\n");
    expect_request(BYTES_OF("GET http://a:8/ HTTP/1.0\r\n\r\n"), none,
                   "GET / HTTP/1.1\r\nHost: a:8\r\n\r\n");
    expect_request(BYTES_OF("GET / HTTP/1.0\r\n\r\n"),
                   (struct head_writer_options){EDITS(SET("Host", "b"))},
                   "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
}

static void expectation_goes_on_when_there_is_a_body(void **state)
{
    (void)state;
    expect_request(
        BYTES_OF("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"),
        (struct head_writer_options){.framing = HTTP_FRAMING_LENGTH, .content_length = 1},
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    expect_request(BYTES_OF("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"),
                   (struct head_writer_options){0}, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void upgrade_is_passed_on_both_ways(void **state)
{
    (void)state;
    expect_request(BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "
                            "websocket\r\nSec-WebSocket-Key: k\r\n\r\n"),
                   (struct head_writer_options){.connection = HEAD_CONNECTION_UPGRADE},
                   "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: k\r\nConnection: "
                   "Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect_response(
        BYTES_OF("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
                 "websocket\r\n\r\n"),
        (struct head_writer_options){.connection = HEAD_CONNECTION_UPGRADE},
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

static void edits_replace_and_remove_all_fields_of_a_name(void **state)
{
    (void)state;
    struct bytes input =
        BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nX-Id: 1\r\nx-id: 2\r\nX-Ida: 3\r\nY: 4\r\n\r\n");
    expect_request(
        input, (struct head_writer_options){EDITS(SET("X-ID", "n"), REMOVE("y"), SET("New", ""))},
        "GET / HTTP/1.1\r\nHost: a\r\nX-Ida: 3\r\nX-ID: n\r\nNew: \r\n\r\n");
    expect_request(
        input,
        (struct head_writer_options){EDITS(REMOVE("X-Id"), SET("X-Id", "a"), SET("x-id", "b"))},
        "GET / HTTP/1.1\r\nHost: a\r\nX-Ida: 3\r\nY: 4\r\nx-id: b\r\n\r\n");
    expect_request(
        input, (struct head_writer_options){EDITS(SET("X-Id", "a"), REMOVE("X-Id"), REMOVE("Y"))},
        "GET / HTTP/1.1\r\nHost: a\r\nX-Ida: 3\r\n\r\n");
    expect_request(input, (struct head_writer_options){EDITS(SET("Host", "b"), REMOVE("X_Id"))},
                   "GET / HTTP/1.1\r\nX-Ida: 3\r\nY: 4\r\nHost: b\r\n\r\n");
}

static void underscore_does_not_hide_a_field_from_an_edit(void **state)
{
    (void)state;
    expect_response(BYTES_OF("HTTP/1.1 200 OK\r\nX_Client_Cert: evil\r\nX-Client_cert: "
                             "evil\r\nContent-Length: 0\r\n\r\n"),
                    (struct head_writer_options){.framing = HTTP_FRAMING_LENGTH,
                                                 EDITS(REMOVE("X-Client-Cert"))},
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    expect_request(BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nX_Client_Cert: evil\r\n\r\n"),
                   (struct head_writer_options){EDITS(SET("X-Client-Cert", "good"))},
                   "GET / HTTP/1.1\r\nHost: a\r\nX-Client-Cert: good\r\n\r\n");
}

static void nomination_does_not_take_away_what_is_set(void **state)
{
    (void)state;
    expect_request(BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nConnection: "
                            "X-Client-Cert\r\nX-Client-Cert: evil\r\n\r\n"),
                   (struct head_writer_options){EDITS(SET("X-Client-Cert", "good"))},
                   "GET / HTTP/1.1\r\nHost: a\r\nX-Client-Cert: good\r\n\r\n");
}

static void edits_of_framing_hop_and_invalid_names_are_ignored(void **state)
{
    (void)state;
    expect_request(BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"),
                   (struct head_writer_options){
                       EDITS(SET("Content-Length", "9"), SET("transfer-encoding", "chunked"),
                             SET("Connection", "x"), SET("Upgrade", "h2c"), SET("", "x"),
                             SET("A B", "x"), SET("A\r\nB", "x"), SET("A:", "x"), REMOVE("Host"))},
                   "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n");
}

static void control_bytes_of_values_become_spaces(void **state)
{
    (void)state;
    struct bytes input = BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_request(input, (struct head_writer_options){EDITS(SET("X", "a\r\nEvil: 1\0\x7f\tb"))},
                   "GET / HTTP/1.1\r\nHost: a\r\nX: a  Evil: 1  \tb\r\n\r\n");
    expect_request(input, (struct head_writer_options){EDITS(SET("X", "0123456789012345\n"))},
                   "GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789012345 \r\n\r\n");
    for (int byte = 0; byte < 256; byte++) {
        for (size_t place = 0; place < 17; place++) {
            char value[17];
            char expected[100];
            bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
            memset(value, 'v', sizeof(value));
            value[place] = (char)byte;
            struct http_edit edit = {BYTES_OF("X"), bytes_from(value, sizeof(value)), false};
            struct text text = text_over(expected, sizeof(expected));
            text_append_string(&text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
            value[place] = is_control ? ' ' : (char)byte;
            text_append(&text, edit.value);
            text_append_string(&text, "\r\n\r\n");
            value[place] = (char)byte;
            expect_request(input, (struct head_writer_options){.edits = &edit, .edit_count = 1},
                           text_terminate(&text));
        }
    }
}

static void short_memory_overflows_and_nothing_else(void **state)
{
    (void)state;
    const struct http1_head *head =
        read_head(HTTP1_REQUEST, BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HTTP_METHOD_GET);
    for (size_t capacity = 0; capacity < 30; capacity++) {
        struct text text = text_over(memory, capacity);
        head_writer_write_request(&text, head, &(struct head_writer_options){0});
        assert_int_equal(text.overflowed, capacity < 27);
    }
    http1_parser_deinit(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_passed_on_in_its_order),
        cmocka_unit_test(fields_of_the_hop_are_left_out),
        cmocka_unit_test(request_fields_with_odd_names_are_left_out),
        cmocka_unit_test(framing_and_connection_are_written_anew),
        cmocka_unit_test(length_without_a_body_is_told_where_it_may_be),
        cmocka_unit_test(absolute_target_becomes_origin_form),
        cmocka_unit_test(http_1_0_request_becomes_1_1_with_a_host),
        cmocka_unit_test(expectation_goes_on_when_there_is_a_body),
        cmocka_unit_test(upgrade_is_passed_on_both_ways),
        cmocka_unit_test(edits_replace_and_remove_all_fields_of_a_name),
        cmocka_unit_test(underscore_does_not_hide_a_field_from_an_edit),
        cmocka_unit_test(nomination_does_not_take_away_what_is_set),
        cmocka_unit_test(edits_of_framing_hop_and_invalid_names_are_ignored),
        cmocka_unit_test(control_bytes_of_values_become_spaces),
        cmocka_unit_test(short_memory_overflows_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
