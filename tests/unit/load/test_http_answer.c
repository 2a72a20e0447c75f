/* Where an answer ends, in whatever pieces it comes, and what is no answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "load/http_answer.h"

static struct http_answer answer;

/* In pieces of size bytes; the progress at the end, with how many bytes were taken. */
static enum http_answer_progress feed(const char *text, size_t size, size_t *ret_taken)
{
    struct bytes whole = bytes_from_string(text);
    enum http_answer_progress progress = HTTP_ANSWER_GOES_ON;
    size_t at = 0;
    http_answer_begin(&answer);
    while (at < whole.length && progress == HTTP_ANSWER_GOES_ON) {
        size_t taken = 0;
        struct bytes piece = bytes_slice(whole, at, size);
        progress = http_answer_take(&answer, piece, &taken);
        assert_in_range(taken, 0, piece.length);
        at += taken;
    }
    *ret_taken = at;
    return progress;
}

/* The answer is text without its last extra bytes, in pieces of every size. */
static void expect_whole(const char *text, size_t extra, unsigned status, uint64_t body)
{
    size_t length = bytes_from_string(text).length;
    for (size_t size = 1; size <= length; size++) {
        size_t taken;
        assert_int_equal(feed(text, size, &taken), HTTP_ANSWER_WHOLE);
        assert_int_equal(taken, length - extra);
        assert_int_equal(answer.status, status);
        assert_int_equal(answer.body_bytes, body);
    }
}

static void expect_bad(const char *text)
{
    size_t length = bytes_from_string(text).length;
    for (size_t size = 1; size <= length; size++) {
        size_t taken;
        if (feed(text, size, &taken) != HTTP_ANSWER_BAD) {
            fail_msg("'%s' is not refused in pieces of %zu", text, size);
        }
    }
}

static void a_length_says_where_it_ends(void **state)
{
    (void)state;
    expect_whole("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0, 200, 5);
    expect_whole("HTTP/1.1 404 Not Found\r\ncontent-length:3\r\nX: y\r\n\r\nabcHTTP", 4, 404, 3);
    expect_whole("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\nX", 1, 200, 0);
}

static void chunks_say_where_it_ends(void **state)
{
    (void)state;
    expect_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "4\r\nabcd\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nrest",
                 4, 200, 14);
    expect_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 0, 200, 0);
}

static void some_have_no_body_whatever_they_say(void **state)
{
    (void)state;
    expect_whole("HTTP/1.1 204 No Content\r\n\r\nX", 1, 204, 0);
    expect_whole("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\nX", 1, 304, 0);
}

static void an_answer_to_head_ends_with_its_head(void **state)
{
    size_t taken;
    struct bytes head =
        BYTES_OF("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    (void)state;
    http_answer_begin(&answer);
    answer.is_to_head = true;
    assert_int_equal(http_answer_take(&answer, head, &taken), HTTP_ANSWER_WHOLE);
    assert_int_equal(taken, head.length);
    assert_int_equal(answer.body_bytes, 0);
    assert_false(answer.closes);
}

static void an_interim_answer_is_passed_over(void **state)
{
    (void)state;
    expect_whole("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 0,
                 200, 2);
}

static void without_either_it_goes_on_to_the_close(void **state)
{
    size_t taken;
    (void)state;
    assert_int_equal(feed("HTTP/1.1 200 OK\r\n\r\nall that comes", 3, &taken), HTTP_ANSWER_GOES_ON);
    assert_int_equal(answer.body_bytes, 14);
    assert_true(answer.closes);
    assert_int_equal(http_answer_end(&answer), HTTP_ANSWER_WHOLE);
}

static void a_close_before_the_end_is_not_the_end(void **state)
{
    size_t taken;
    (void)state;
    (void)feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", 50, &taken);
    assert_int_equal(http_answer_end(&answer), HTTP_ANSWER_GOES_ON);
    http_answer_begin(&answer);
    assert_int_equal(http_answer_end(&answer), HTTP_ANSWER_GOES_ON);
}

static void whether_the_server_will_close_is_known(void **state)
{
    size_t taken;
    (void)state;
    (void)feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 99, &taken);
    assert_true(answer.closes);
    (void)feed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 99, &taken);
    assert_true(answer.closes);
    (void)feed("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 99,
               &taken);
    assert_false(answer.closes);
    (void)feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 99, &taken);
    assert_false(answer.closes);
}

static void what_is_not_http_is_bad(void **state)
{
    (void)state;
    expect_bad("SSH-2.0-OpenSSH_9.2\r\n");
    expect_bad("\r\n");
    expect_bad("HTTP/2 200 OK\r\n");
    expect_bad("HTTP/1.1 20 OK\r\n");
    expect_bad("HTTP/1.1 099 OK\r\n");
    expect_bad("HTTP/1.1 999 OK\r\n");
    expect_bad("HTTP/1.1 2000 OK\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nno colon\r\n");
}

static void what_cannot_become_http_is_bad_without_a_line_end(void **state)
{
    (void)state;
    expect_bad("\x16\x03\x01");
    expect_bad("HTTP/2");
    expect_bad("SSH-2.0-x");
}

static void a_length_that_is_none_is_bad(void **state)
{
    (void)state;
    expect_bad("HTTP/1.1 200 OK\r\nContent-Length: five\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1234567890abcdef\r\n");
    expect_bad("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n");
}

static void a_head_without_an_end_is_bad(void **state)
{
    static char block[1000];
    size_t taken;
    enum http_answer_progress progress;
    (void)state;
    http_answer_begin(&answer);
    progress = http_answer_take(&answer, BYTES_OF("HTTP/1.1 200 OK\r\nX: "), &taken);
    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 100 && progress == HTTP_ANSWER_GOES_ON; i++) {
        progress = http_answer_take(&answer, bytes_from(block, sizeof(block)), &taken);
    }
    assert_int_equal(progress, HTTP_ANSWER_BAD);
}

static void many_chunks_are_no_long_head(void **state)
{
    size_t taken;
    (void)state;
    http_answer_begin(&answer);
    assert_int_equal(
        http_answer_take(&answer, BYTES_OF("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                         &taken),
        HTTP_ANSWER_GOES_ON);
    for (int i = 0; i < 50000; i++) {
        assert_int_equal(http_answer_take(&answer, BYTES_OF("1\r\na\r\n"), &taken),
                         HTTP_ANSWER_GOES_ON);
    }
    assert_int_equal(answer.body_bytes, 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_says_where_it_ends),
        cmocka_unit_test(chunks_say_where_it_ends),
        cmocka_unit_test(some_have_no_body_whatever_they_say),
        cmocka_unit_test(an_answer_to_head_ends_with_its_head),
        cmocka_unit_test(an_interim_answer_is_passed_over),
        cmocka_unit_test(without_either_it_goes_on_to_the_close),
        cmocka_unit_test(a_close_before_the_end_is_not_the_end),
        cmocka_unit_test(whether_the_server_will_close_is_known),
        cmocka_unit_test(what_is_not_http_is_bad),
        cmocka_unit_test(what_cannot_become_http_is_bad_without_a_line_end),
        cmocka_unit_test(a_length_that_is_none_is_bad),
        cmocka_unit_test(a_head_without_an_end_is_bad),
        cmocka_unit_test(many_chunks_are_no_long_head),
    };
    return cmocka_run_group_tests_name("load/http_answer", tests, NULL, NULL);
}
