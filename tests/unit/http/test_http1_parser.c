/* Reading requests: what is taken, what is refused and why. */
#include "expectation.h"

static void plain_request_is_read_in_any_pieces(void **state)
{
    (void)state;
    expect_request("GET /a?b=c HTTP/1.1\r\nHost: Example.COM:8443\r\nUser-Agent:  x y \t\r\n"
                   "Empty:\r\nX_y: \xc3\xa9\r\n\r\n",
                   PARTS("method[GET]", "target[/a?b=c]", "host[example.com]", "port 8443",
                         "authority[Example.COM:8443]", "minor 1 framing 0", "keep 1",
                         "name[User-Agent]\nvalue[x y]", "name[Empty]\nvalue[]",
                         "0 0 name[X_y]\nvalue[\xc3\xa9]", "\nENDED fault none left 0"));
}

static void message_ends_exactly_before_a_pipelined_one(void **state)
{
    (void)state;
    expect_request(HEAD_OF("GET / HTTP/1.1") "\r\nGET /next HTTP/1.1\r\n", PARTS("left 20"));
    expect_request(HEAD_OF("POST / HTTP/1.1") "Content-Length: 3\r\n\r\nabcGET",
                   PARTS("BODY\nabc\n", "left 3"));
    expect_request(
        HEAD_OF("POST / HTTP/1.1") "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET",
        PARTS("BODY\nabc\n", "framing 2", "left 3"));
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP", PARTS("left 4"));
    expect_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", PARTS("status 100", "left 12"));
}

static void parser_reads_one_message_after_another(void **state)
{
    (void)state;
    struct http1_parser parser;
    struct bytes body;
    struct bytes input = BYTES_OF("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.0\r\n"
                                  "Content-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nHost: b\r\n\r\n");
    http1_parser_init(&parser, HTTP1_REQUEST, &reading_default_limits);
    assert_true(http1_parser_is_idle(&parser));
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_HEAD);
    assert_false(http1_parser_is_idle(&parser));
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_END);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_END);
    http1_parser_reset(&parser);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_HEAD);
    assert_false(http1_parser_head(&parser)->keep_alive);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_BODY);
    assert_int_equal(body.length, 2);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_END);
    http1_parser_reset(&parser);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_HEAD);
    assert_true(bytes_equal(http1_parser_head(&parser)->target, BYTES_OF("/3")));
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_END);
    assert_int_equal(input.length, 0);
    http1_parser_deinit(&parser);
}

static void one_empty_line_before_a_request_is_ignored(void **state)
{
    (void)state;
    expect_request("\r\n" HEAD_OF("GET / HTTP/1.1") "\r\n", PARTS("method[GET]", "left 0"));
    static const struct bad rows[] = {
        {"\r\n\r\n" HEAD_OF("GET / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {"\n" HEAD_OF("GET / HTTP/1.1") "\r\n", HTTP1_FAULT_LINE_END_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

static void methods_are_known_unknown_or_refused(void **state)
{
    (void)state;
    for (int method = 0; method < HTTP_METHOD_COUNT; method++) {
        char input[100];
        if (method == HTTP_METHOD_CONNECT || method == HTTP_METHOD_TRACE) {
            continue;
        }
        (void)snprintf(input, sizeof(input), "%s / HTTP/1.1\r\nHost: a\r\n\r\n",
                       (const char *)http_method_name((enum http_method)method).at);
        expect_request(input, PARTS("\nENDED fault none"));
    }
    static const struct bad rows[] = {
        {HEAD_OF("TRACE / HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_REFUSED},
        {HEAD_OF("CONNECT a:443 HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_REFUSED},
        {HEAD_OF("get / HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_UNKNOWN},
        {HEAD_OF("FOO / HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_UNKNOWN},
        {HEAD_OF("DESCRIBE / HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_UNKNOWN},
        {HEAD_OF("SOURCE / HTTP/1.1") "\r\n", HTTP1_FAULT_METHOD_UNKNOWN},
        {HEAD_OF("G(T / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF(" / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GETGETGETGETGETGETGETGETG / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

static void request_lines_are_read_strictly(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        {HEAD_OF("GET  / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /  HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/1.1 ") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF(" GET / HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /a b HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET\t/ HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /\x01 HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /\x7f HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /\xc3\xa9 HTTP/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET /\ra HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET / HTTP/1.1\r") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {"GET / HTTP/1.1\nHost: a\r\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {"GET /\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {"GET\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {"\x16\x03\x01\x02", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/1.1x") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / http/1.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("OPTIONS * RTSP/1.0") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/11") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/x.1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/1.x") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
        {HEAD_OF("GET / HTTP/1,1") "\r\n", HTTP1_FAULT_REQUEST_LINE_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

static void only_http_1_0_and_1_1_are_spoken(void **state)
{
    (void)state;
    expect_request("GET / HTTP/1.0\r\n\r\n", PARTS("minor 0", "keep 0", "host[]", "\nENDED"));
    static const struct bad rows[] = {
        {HEAD_OF("GET / HTTP/1.2") "\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {HEAD_OF("GET / HTTP/0.9") "\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {HEAD_OF("GET / HTTP/2.0") "\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {HEAD_OF("GET / HTTP/3.1") "\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
    };
    EXPECT_REQUESTS(rows);
}

static void targets_are_origin_absolute_or_asterisk(void **state)
{
    (void)state;
    expect_request("GET http://a.example/x?y HTTP/1.1\r\nHost: A.example\r\n\r\n",
                   PARTS("target[http://a.example/x?y]", "host[a.example]", "\nENDED"));
    expect_request("GET HTTPS://a.example:443/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
                   PARTS("\nENDED"));
    expect_request("GET http://a.example/ HTTP/1.1\r\nHost: a.example:80\r\n\r\n",
                   PARTS("\nENDED"));
    expect_request("GET http://a.example/ HTTP/1.0\r\n\r\n",
                   PARTS("authority[a.example]", "host[a.example]", "\nENDED"));
    expect_request("GET /{}|^`\\\"<> HTTP/1.1\r\nHost: a\r\n\r\n", PARTS("\nENDED"));
    expect_request(HEAD_OF("OPTIONS * HTTP/1.1") "\r\n", PARTS("target[*]", "\nENDED"));
    static const struct bad rows[] = {
        {HEAD_OF("GET * HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET a HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET a:443 HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET ftp://a/ HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET http:///x HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET http://u@a/ HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET http://a:x/ HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET /#f HTTP/1.1") "\r\n", HTTP1_FAULT_TARGET_INVALID},
        {HEAD_OF("GET http://b/ HTTP/1.1") "\r\n", HTTP1_FAULT_HOST_DISAGREES},
        {HEAD_OF("GET http://a:81/ HTTP/1.1") "\r\n", HTTP1_FAULT_HOST_DISAGREES},
        {"GET http://a/ HTTP/1.1\r\nHost: a:443\r\n\r\n", HTTP1_FAULT_HOST_DISAGREES},
        {"GET http://a/ HTTP/1.1\r\n\r\n", HTTP1_FAULT_HOST_MISSING},
    };
    EXPECT_REQUESTS(rows);
}

static void host_is_there_once_and_valid(void **state)
{
    (void)state;
    expect_request("GET / HTTP/1.1\r\nhOsT: [2001:DB8::1]:8443\r\n\r\n",
                   PARTS("host[2001:db8::1]", "port 8443"));
    static const struct bad rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", HTTP1_FAULT_HOST_MISSING},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", HTTP1_FAULT_HOST_REPEATED},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", HTTP1_FAULT_HOST_REPEATED},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
        {"GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
        {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
        {"GET / HTTP/1.0\r\nHost: u@a\r\n\r\n", HTTP1_FAULT_HOST_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

static void field_lines_are_read_strictly(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        {HEAD_OF("GET / HTTP/1.1") "X: a\r\n b\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\r\n\tb\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") " X: a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X : a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X\t: a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X Y: a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") ": a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X(: a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X\xc3: a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\nY: b\r\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\rY: b\r\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\r\r\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\r\n\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\n\n", HTTP1_FAULT_LINE_END_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "Authorization: a\r\nAuthorization: a\r\n\r\n",
         HTTP1_FAULT_FIELD_REPEATED},
        {HEAD_OF("GET / HTTP/1.1") "X: a\x01\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "X: a\x7f\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

/* llhttp judges the bytes of fields; this holds it to our own table, byte by byte. */
static void each_byte_is_allowed_in_names_and_values_or_not(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char input[] = "GET / HTTP/1.1\r\nHost: a\r\nX@: b\r\nY: c@d\r\n\r\n";
        char *places[] = {strchr(input, '@'), strrchr(input, '@')};
        *places[0] = 'n';
        *places[1] = (char)byte;
        struct reading_request request = {.kind = HTTP1_REQUEST,
                                          .input = bytes_from(input, sizeof(input) - 1)};
        struct reading_result result = reading_run(&request);
        assert_int_equal(result.last == HTTP1_END, byte == '\t' || (byte >= 0x20 && byte != 0x7f));
        free(result.transcript);
        *places[1] = 'v';
        *places[0] = (char)byte;
        result = reading_run(&request);
        bool is_token = byte > 0x20 && byte < 0x7f && strchr("\"(),/;<=>?@[\\]{}", byte) == NULL;
        assert_int_equal(result.last == HTTP1_END, is_token);
        free(result.transcript);
    }
}

static void nul_is_refused_everywhere(void **state)
{
    (void)state;
    static const char input[] = "GET /a HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n";
    for (size_t i = 0; i < sizeof(input) - 1; i++) {
        char copy[sizeof(input)];
        memcpy(copy, input, sizeof(input));
        copy[i] = '\0';
        struct reading_request request = {
            .kind = HTTP1_REQUEST, .input = bytes_from(copy, sizeof(input) - 1), .finishes = true};
        struct reading_result result = reading_run(&request);
        assert_int_equal(result.last, HTTP1_ERROR);
        free(result.transcript);
    }
}

static void ambiguous_framing_of_a_request_is_refused(void **state)
{
    (void)state;
#define POST HEAD_OF("POST / HTTP/1.1")
    static const struct bad rows[] = {
        {POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         HTTP1_FAULT_LENGTH_WITH_CODING},
        {POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
         HTTP1_FAULT_LENGTH_WITH_CODING},
        {POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", HTTP1_FAULT_LENGTH_REPEATED},
        {POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", HTTP1_FAULT_LENGTH_REPEATED},
        {POST "Content-Length: 3, 3\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: +3\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: -3\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: 0x3\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: 3 3\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length:\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: 9223372036854775808\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: 18446744073709551617\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Content-Length: 99999999999999999999999\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP1_FAULT_CODING_UNKNOWN},
        {POST "Transfer-Encoding: chunked, gzip\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: chunked, chunked\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: identity\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: xchunked\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: chunked;a=b\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: \"chunked\"\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: ,chunked\r\n\r\n", HTTP1_FAULT_CODING_UNKNOWN},
        {POST "Transfer-Encoding: chunked,\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding:\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         HTTP1_FAULT_CODING_INVALID},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP1_FAULT_CODING_NOT_ALLOWED},
    };
#undef POST
    EXPECT_REQUESTS(rows);
    expect_request(HEAD_OF("POST / HTTP/1.1") "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
                   PARTS("framing 2", "\nENDED"));
    expect_request(HEAD_OF("POST / HTTP/1.1") "Content-Length: 0\r\n\r\n",
                   PARTS("framing 1 has 1 length 0", "\nENDED"));
    expect_request(HEAD_OF("POST / HTTP/1.1") "Content-Length:  3 \r\n\r\nabc",
                   PARTS("BODY\nabc\n", "\nENDED"));
    expect_request(HEAD_OF("POST / HTTP/1.1") "\r\n", PARTS("framing 0 has 0", "\nENDED"));
}

static void chunks_are_read_strictly(void **state)
{
    (void)state;
#define POST HEAD_OF("POST / HTTP/1.1") "Transfer-Encoding: chunked\r\n\r\n"
    expect_request(POST "5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n",
                   PARTS("BODY\nhello0123456789\n", "left 0"));
    expect_request(POST "1;a=b;c=\"d e\"\r\nx\r\n0;z\r\nT: v\r\nU:\r\n\r\nnext",
                   PARTS("BODY\nx\n", "left 4"));
    static const struct bad rows[] = {
        {POST "\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "g\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "-1\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "+1\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "0x1\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST " 1\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1 \r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1 ;a\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1\rx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1;a\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1;\x01\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1;\xff\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1;a\rb\r\nx\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1\r\nxy\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1\r\nx\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "1\r\nx\r0", HTTP1_FAULT_CHUNK_INVALID},
        {POST "00000000000000001\r\n", HTTP1_FAULT_CHUNK_INVALID},
        {POST "8000000000000000\r\n", HTTP1_FAULT_CHUNK_TOO_LARGE},
        {POST "ffffffffffffffff\r\n", HTTP1_FAULT_CHUNK_TOO_LARGE},
        {POST "0\r\n x\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx : y\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\n: y\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx: y\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx: y\rz", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx: \x7f\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\nx: y\r\n z\r\n\r\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\n\rx", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\r\n\n", HTTP1_FAULT_TRAILER_INVALID},
        {POST "0\n\n", HTTP1_FAULT_CHUNK_INVALID},
    };
#undef POST
    EXPECT_REQUESTS(rows);
}

static void connection_says_what_comes_after(void **state)
{
    (void)state;
    expect_request(HEAD_OF("GET / HTTP/1.1") "Connection: close\r\n\r\n", PARTS("keep 0"));
    expect_request(HEAD_OF("GET / HTTP/1.1") "Connection: keep-alive, CLOSE\r\n\r\n",
                   PARTS("keep 0"));
    expect_request(HEAD_OF("GET / HTTP/1.1") "Connection: x\r\nConnection: Close\r\n\r\n",
                   PARTS("keep 0"));
    expect_request(HEAD_OF("GET / HTTP/1.1") "Connection: , x ,\r\n\r\n", PARTS("keep 1"));
    expect_request(HEAD_OF("GET / HTTP/1.0") "Connection: Keep-Alive\r\n\r\n", PARTS("keep 1"));
    expect_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", PARTS("keep 0"));
    expect_response("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
                    PARTS("keep 1"));
    expect_request(HEAD_OF("GET / HTTP/1.1") "Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\r\n\r\n",
                   PARTS("\nENDED"));
    static const struct bad rows[] = {
        {HEAD_OF("GET / HTTP/1.1") "Connection: a b\r\n\r\n", HTTP1_FAULT_CONNECTION_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "Connection: a;b\r\n\r\n", HTTP1_FAULT_CONNECTION_INVALID},
        {HEAD_OF("GET / HTTP/1.1") "Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n\r\n",
         HTTP1_FAULT_CONNECTION_INVALID},
    };
    EXPECT_REQUESTS(rows);
}

static void expectation_is_100_continue_or_refused(void **state)
{
    (void)state;
    expect_request(HEAD_OF("POST / HTTP/1.1") "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
                   PARTS("continue 1"));
    expect_request(HEAD_OF("POST / HTTP/1.1") "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
                   PARTS("continue 0"));
    expect_request(HEAD_OF("POST / HTTP/1.0") "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
                   PARTS("continue 0"));
    static const struct bad rows[] = {
        {HEAD_OF("POST / HTTP/1.1") "Expect: tea\r\n\r\n", HTTP1_FAULT_EXPECTATION_UNKNOWN},
        {HEAD_OF("POST / HTTP/1.1") "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n",
         HTTP1_FAULT_EXPECTATION_UNKNOWN},
    };
    EXPECT_REQUESTS(rows);
}

static void upgrade_counts_when_said_plainly(void **state)
{
    (void)state;
#define GET HEAD_OF("GET / HTTP/1.1")
    expect_request(GET "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\nrest",
                   PARTS("upgrade[websocket]", "left 4"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: foo/2\r\n\r\n", PARTS("upgrade[foo/2]"));
    expect_request(GET "Upgrade: websocket\r\n\r\n", PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\n\r\n", PARTS("upgrade[]", "\nENDED"));
    expect_request(
        GET "Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
        PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: H2C\r\n\r\n",
                   PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: TLS/1.3\r\n\r\n",
                   PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: websocket, h2c\r\n\r\n",
                   PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n",
                   PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: a/\r\n\r\n", PARTS("upgrade[]", "\nENDED"));
    expect_request(GET "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
                   PARTS("upgrade[]", "BODY\nx\n"));
    expect_request("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                   PARTS("upgrade[]", "\nENDED"));
#undef GET
}

static void parser_is_idle_until_the_first_byte(void **state)
{
    (void)state;
    struct http1_parser parser;
    struct bytes body;
    struct bytes input = {0};
    http1_parser_init(&parser, HTTP1_REQUEST, &reading_default_limits);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_NEEDS_MORE);
    assert_true(http1_parser_is_idle(&parser));
    input = BYTES_OF("\r\n");
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_NEEDS_MORE);
    assert_true(http1_parser_is_idle(&parser));
    input = BYTES_OF("G");
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_NEEDS_MORE);
    assert_false(http1_parser_is_idle(&parser));
    http1_parser_reset(&parser);
    assert_true(http1_parser_is_idle(&parser));
    http1_parser_deinit(&parser);
}

static void fault_stays(void **state)
{
    (void)state;
    struct http1_parser parser;
    struct bytes body;
    struct bytes input = BYTES_OF("GET /\r\n");
    http1_parser_init(&parser, HTTP1_REQUEST, &reading_default_limits);
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_ERROR);
    input = BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(http1_parser_next(&parser, &input, &body), HTTP1_ERROR);
    assert_int_equal(http1_parser_finish(&parser), HTTP1_ERROR);
    assert_int_equal(http1_parser_fault(&parser), HTTP1_FAULT_REQUEST_LINE_INVALID);
    http1_parser_deinit(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_request_is_read_in_any_pieces),
        cmocka_unit_test(message_ends_exactly_before_a_pipelined_one),
        cmocka_unit_test(parser_reads_one_message_after_another),
        cmocka_unit_test(one_empty_line_before_a_request_is_ignored),
        cmocka_unit_test(methods_are_known_unknown_or_refused),
        cmocka_unit_test(request_lines_are_read_strictly),
        cmocka_unit_test(only_http_1_0_and_1_1_are_spoken),
        cmocka_unit_test(targets_are_origin_absolute_or_asterisk),
        cmocka_unit_test(host_is_there_once_and_valid),
        cmocka_unit_test(field_lines_are_read_strictly),
        cmocka_unit_test(each_byte_is_allowed_in_names_and_values_or_not),
        cmocka_unit_test(nul_is_refused_everywhere),
        cmocka_unit_test(ambiguous_framing_of_a_request_is_refused),
        cmocka_unit_test(chunks_are_read_strictly),
        cmocka_unit_test(connection_says_what_comes_after),
        cmocka_unit_test(expectation_is_100_continue_or_refused),
        cmocka_unit_test(upgrade_counts_when_said_plainly),
        cmocka_unit_test(parser_is_idle_until_the_first_byte),
        cmocka_unit_test(fault_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
