/* How much of a message is read before it is refused, to the byte. */
#include "expectation.h"

/* prefix, then fill many times, then suffix. */
static struct bytes build(struct text *text, const char *prefix, char fill, size_t count,
                          const char *suffix)
{
    text->length = 0;
    text_append_string(text, prefix);
    for (size_t i = 0; i < count; i++) {
        text_append_char(text, fill);
    }
    text_append_string(text, suffix);
    assert_false(text->overflowed);
    return text_bytes(text);
}

static void expect_limit(struct reading_request request, enum http1_fault fault)
{
    if (fault != HTTP1_FAULT_NONE) {
        expect_fault_of(request, fault);
        return;
    }
    struct reading_result result = read_every_way(request);
    assert_int_equal(result.last, HTTP1_END);
    free(result.transcript);
}

static void limits_hold_to_the_byte(void **state)
{
    (void)state;
    static char memory[200000];
    struct text text = text_over(memory, sizeof(memory));
    static const char chunked[] = HEAD_OF("POST / HTTP/1.1") "Transfer-Encoding: chunked\r\n\r\n";
    char trailer[200];
    char extension[200];
    (void)snprintf(trailer, sizeof(trailer), "%s0\r\nX:", chunked);
    (void)snprintf(extension, sizeof(extension), "%s1;", chunked);
    size_t target = HTTP_TARGET_BYTES_MAX - 1;
    size_t fields = HTTP_FIELDS_BYTES_MAX - strlen("GET  HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");
    size_t line = HTTP_CHUNK_LINE_BYTES_MAX - strlen("1;\r\n");
    size_t trailers = HTTP_TRAILERS_BYTES_MAX - strlen("X:\r\n\r\n");
    const struct {
        const char *prefix;
        char fill;
        size_t count_max;
        const char *suffix;
        enum http1_fault fault;
    } rows[] = {
        {"GET /", 'a', target, " HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_FAULT_TARGET_TOO_LONG},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: ", 'a', fields, "\r\n\r\n", HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: ", ' ', fields, "\r\n\r\n", HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: ", '\t', fields, "\r\n\r\n",
         HTTP1_FAULT_FIELDS_TOO_LARGE},
        {extension, 'a', line, "\r\nx\r\n0\r\n\r\n", HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
        {trailer, 'a', trailers, "\r\n\r\n", HTTP1_FAULT_TRAILERS_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading_request request = {.kind = HTTP1_REQUEST};
        request.input =
            build(&text, rows[i].prefix, rows[i].fill, rows[i].count_max, rows[i].suffix);
        expect_limit(request, HTTP1_FAULT_NONE);
        request.input =
            build(&text, rows[i].prefix, rows[i].fill, rows[i].count_max + 1, rows[i].suffix);
        expect_limit(request, rows[i].fault);
    }
}

static void endless_input_is_cut_off(void **state)
{
    (void)state;
    static char memory[200000];
    struct text text = text_over(memory, sizeof(memory));
    static const struct {
        const char *prefix;
        char fill;
        enum http1_kind kind;
        enum http1_fault fault;
    } rows[] = {
        {"", 'A', HTTP1_REQUEST, HTTP1_FAULT_TARGET_TOO_LONG},
        {"GET /", 'a', HTTP1_REQUEST, HTTP1_FAULT_TARGET_TOO_LONG},
        {"GET / HTTP/1.1\r\n", 'a', HTTP1_REQUEST, HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"GET / HTTP/1.1\r\nHost:", ' ', HTTP1_REQUEST, HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"HTTP/1.1 200 ", 'a', HTTP1_RESPONSE, HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"HTTP/1.1 200 OK\r\n", 'a', HTTP1_RESPONSE, HTTP1_FAULT_FIELDS_TOO_LARGE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", '0', HTTP1_RESPONSE,
         HTTP1_FAULT_CHUNK_INVALID},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reading_request request = {.kind = rows[i].kind};
        request.input = build(&text, rows[i].prefix, rows[i].fill, 70000, "");
        expect_fault_of(request, rows[i].fault);
    }
}

static void fields_are_counted(void **state)
{
    (void)state;
    static char memory[10000];
    for (int extra = 0; extra < 2; extra++) {
        struct text text = text_over(memory, sizeof(memory));
        text_append_string(&text, HEAD_OF("GET / HTTP/1.1"));
        for (int i = 1; i < HTTP_FIELD_COUNT_MAX + extra; i++) {
            text_append_format(&text, "X-%d: %d\r\n", i, i);
        }
        text_append_string(&text, "\r\n");
        expect_limit((struct reading_request){.kind = HTTP1_REQUEST, .input = text_bytes(&text)},
                     extra == 0 ? HTTP1_FAULT_NONE : HTTP1_FAULT_FIELDS_TOO_MANY);
    }
}

static void tighter_limits_are_kept(void **state)
{
    (void)state;
    static const struct http1_limits limits = {10, 60, 2};
    static const struct bad rows[] = {
        {"GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_FAULT_NONE},
        {"GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_FAULT_TARGET_TOO_LONG},
        {"GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\n\r\n", HTTP1_FAULT_FIELDS_TOO_MANY},
        {"GET / HTTP/1.1\r\nHost: a\r\nB: 01234567890123456789012345678\r\n\r\n", HTTP1_FAULT_NONE},
        {"GET / HTTP/1.1\r\nHost: a\r\nB: 012345678901234567890123456789\r\n\r\n",
         HTTP1_FAULT_FIELDS_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_limit((struct reading_request){.kind = HTTP1_REQUEST,
                                              .input = bytes_from_string(rows[i].input),
                                              .limits = &limits},
                     rows[i].fault);
    }
}

static void ordinary_request_stays_inside_the_parser(void **state)
{
    (void)state;
    struct http1_parser parser;
    struct bytes body;
    struct bytes input = BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    http1_parser_init(&parser, HTTP1_REQUEST, &reading_default_limits);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_HEAD);
    assert_ptr_equal(parser.text, parser.inline_text);
    assert_ptr_equal(parser.fields, parser.inline_fields);
    assert_true(sizeof(parser) <= 4608);
    http1_parser_deinit(&parser);
    struct http1_parser zeroed = {0};
    http1_parser_deinit(&zeroed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(endless_input_is_cut_off),
        cmocka_unit_test(fields_are_counted),
        cmocka_unit_test(tighter_limits_are_kept),
        cmocka_unit_test(ordinary_request_stays_inside_the_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
