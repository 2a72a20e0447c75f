/* Reading responses, honest ones and others. */
#include "expectation.h"

static void response_bodies_are_framed_by_rfc_9112(void **state)
{
    (void)state;
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                    PARTS("framing 1", "BODY\nabc\n", "\nENDED"));
    expect_response("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
                    PARTS("framing 2", "reason[]", "\nENDED"));
    expect_response("HTTP/1.1 204 No Content\r\n\r\n", PARTS("framing 0", "keep 1", "\nENDED"));
    expect_response("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
                    PARTS("has 0", "keep 1", "\nENDED"));
    expect_response("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    PARTS("framing 0", "keep 0", "left 5"));
    expect_response("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
                    PARTS("framing 0", "keep 0", "left 5"));
    expect_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
                    PARTS("framing 0 has 1 length 9", "\nENDED"));
    expect_response("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
                    PARTS("framing 1", "\nENDED"));
    expect_response("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                    PARTS("status 103", "framing 0", "\nENDED"));
    expect_response("HTTP/1.1 200 \xc3\xa9 \t\r\nContent-Length: 0\r\n\r\n",
                    PARTS("reason[\xc3\xa9 \t]"));
    expect_transcript(
        (struct reading_request){.kind = HTTP1_RESPONSE,
                                 .input = BYTES_OF("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
                                 .answers = HTTP_METHOD_HEAD},
        PARTS("framing 0 has 1 length 9", "keep 1", "\nENDED"));
    expect_transcript(
        (struct reading_request){
            .kind = HTTP1_RESPONSE,
            .input = BYTES_OF("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            .answers = HTTP_METHOD_HEAD},
        PARTS("framing 0", "\nENDED"));
}

static void response_may_last_until_the_end(void **state)
{
    (void)state;
    struct reading_request request = {
        .kind = HTTP1_RESPONSE, .input = BYTES_OF("HTTP/1.1 200 OK\r\n\r\nabc"), .finishes = true};
    expect_transcript(request, PARTS("framing 3", "keep 0", "BODY\nabc\n", "\nENDED fault none"));
    request.input = BYTES_OF("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n");
    expect_transcript(request, PARTS("framing 3", "keep 0", "\nENDED fault none"));
}

static void end_of_the_stream_cuts_off_what_is_not_complete(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        {"", HTTP1_FAULT_TRUNCATED},
        {"H", HTTP1_FAULT_TRUNCATED},
        {"HTTP/1.1 200 OK\r\n", HTTP1_FAULT_TRUNCATED},
        {"HTTP/1.1 200 OK\r\n\r", HTTP1_FAULT_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", HTTP1_FAULT_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP1_FAULT_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
         HTTP1_FAULT_TRUNCATED},
    };
    EXPECT_RESPONSES(rows);
}

static void lying_responses_are_refused(void **state)
{
    (void)state;
#define OK "HTTP/1.1 200 OK\r\n"
    static const struct bad rows[] = {
        {"GARBAGE\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"SSH-2.0-x\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"\r\n" OK "\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {" " OK "\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 20 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 2000 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 099 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 600 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 2x0 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1  200 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 200 O\x01K\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 200 O\rK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/1.1 200 OK\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {"ICY 200 OK\r\n\r\n", HTTP1_FAULT_STATUS_LINE_INVALID},
        {"HTTP/2.0 200 OK\r\n\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {"HTTP/0.9 200 OK\r\n\r\n", HTTP1_FAULT_VERSION_UNSUPPORTED},
        {OK "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", HTTP1_FAULT_LENGTH_REPEATED},
        {OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         HTTP1_FAULT_LENGTH_WITH_CODING},
        {OK "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
         HTTP1_FAULT_LENGTH_WITH_CODING},
        {OK "Transfer-Encoding: gzip\r\n\r\n", HTTP1_FAULT_CODING_INVALID},
        {OK "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP1_FAULT_CODING_UNKNOWN},
        {OK "Content-Length: x\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {OK "X: a\r\n b\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {OK "X: a\n\r\n", HTTP1_FAULT_LINE_END_INVALID},
        {OK "X : a\r\n\r\n", HTTP1_FAULT_FIELD_INVALID},
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP1_FAULT_CODING_NOT_ALLOWED},
        {"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n",
         HTTP1_FAULT_CODING_NOT_ALLOWED},
        {"HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n", HTTP1_FAULT_LENGTH_INVALID},
        {"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
         HTTP1_FAULT_UPGRADE_NOT_ASKED},
    };
#undef OK
    EXPECT_RESPONSES(rows);
}

static void switching_answers_who_asked(void **state)
{
    (void)state;
    struct reading_request request = {
        .kind = HTTP1_RESPONSE,
        .input = BYTES_OF(
            "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nxyz"),
        .upgrade_was_asked = true};
    expect_transcript(request, PARTS("upgrade[websocket]", "keep 0", "left 3"));
    request.input = BYTES_OF("HTTP/1.1 101 Switching\r\n\r\n");
    expect_fault_of(request, HTTP1_FAULT_UPGRADE_NOT_ASKED);
    request.input =
        BYTES_OF("HTTP/1.0 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    expect_fault_of(request, HTTP1_FAULT_UPGRADE_NOT_ASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(response_bodies_are_framed_by_rfc_9112),
        cmocka_unit_test(response_may_last_until_the_end),
        cmocka_unit_test(end_of_the_stream_cuts_off_what_is_not_complete),
        cmocka_unit_test(lying_responses_are_refused),
        cmocka_unit_test(switching_answers_who_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
