/* Reading a responder's answer as HTTP, in one piece and a byte at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/ocsp/reply.h"

#define TYPE  "Content-Type: application/ocsp-response\r\n"
#define OK    "HTTP/1.1 200 OK\r\n" TYPE
#define OK_10 "HTTP/1.0 200 OK\r\n" TYPE

struct outcome {
    enum reply_progress progress;
    enum ocsp_fault fault;
    bool keeps_connection;
    size_t body_length;
};

static struct outcome read_in_pieces(struct bytes text, size_t piece, bool ends)
{
    struct buffer_pool pool;
    struct reply reply;
    struct outcome outcome = {.progress = REPLY_NEEDS_MORE};
    buffer_pool_init(&pool);
    reply_init(&reply, HTTP_METHOD_POST);
    for (size_t at = 0; at < text.length && outcome.progress == REPLY_NEEDS_MORE; at += piece) {
        outcome.progress = reply_read(&reply, &pool, bytes_slice(text, at, piece));
    }
    if (outcome.progress == REPLY_NEEDS_MORE && ends) {
        outcome.progress = reply_end(&reply);
    }
    outcome.fault = reply.fault;
    outcome.keeps_connection = reply.keeps_connection;
    outcome.body_length = buffer_length(&reply.body);
    reply_release(&reply, &pool);
    assert_int_equal(pool.lent_count, 0);
    buffer_pool_deinit(&pool);
    return outcome;
}

static struct outcome expect_progress(const char *text, enum reply_progress progress)
{
    struct bytes bytes = bytes_from_string(text);
    struct outcome whole = read_in_pieces(bytes, bytes.length + 1, false);
    struct outcome dripped = read_in_pieces(bytes, 1, false);
    assert_int_equal(whole.progress, progress);
    assert_int_equal(dripped.progress, progress);
    assert_int_equal(whole.fault, dripped.fault);
    return whole;
}

static void expect_fault(const char *text, enum ocsp_fault fault)
{
    assert_int_equal(expect_progress(text, REPLY_FAILED).fault, fault);
}

static void a_200_is_complete_with_its_body(void **state)
{
    (void)state;
    struct outcome outcome = expect_progress(OK "Content-Length: 4\r\n\r\nbody", REPLY_COMPLETE);
    assert_true(outcome.keeps_connection);
    assert_int_equal(outcome.body_length, 4);
    outcome = expect_progress(OK "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
                              REPLY_COMPLETE);
    assert_int_equal(outcome.body_length, 4);
    outcome = expect_progress(OK "Connection: close\r\nContent-Length: 0\r\n\r\n", REPLY_COMPLETE);
    assert_false(outcome.keeps_connection);
}

static void a_body_until_the_close_is_complete_at_the_close(void **state)
{
    (void)state;
    struct bytes text = BYTES_OF(OK_10 "\r\nbody");
    assert_int_equal(read_in_pieces(text, 3, false).progress, REPLY_NEEDS_MORE);
    struct outcome outcome = read_in_pieces(text, 3, true);
    assert_int_equal(outcome.progress, REPLY_COMPLETE);
    assert_int_equal(outcome.body_length, 4);
    assert_false(outcome.keeps_connection);
}

static void what_is_cut_off_is_closed(void **state)
{
    static const char *const texts[] = {"",
                                        "H",
                                        OK,
                                        OK "Content-Length: 4\r\n\r\n",
                                        OK "Content-Length: 4\r\n\r\nbod",
                                        OK "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
                                        "HTTP/1.1 103 Early\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct outcome outcome = read_in_pieces(bytes_from_string(texts[i]), 5, true);
        assert_int_equal(outcome.progress, REPLY_FAILED);
        assert_int_equal(outcome.fault, OCSP_FAULT_CLOSED);
    }
}

static void interim_answers_are_passed_over_but_not_for_ever(void **state)
{
    (void)state;
    struct outcome outcome = expect_progress(
        "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" OK "Content-Length: 1\r\n\r\nx", REPLY_COMPLETE);
    assert_int_equal(outcome.body_length, 1);
    expect_fault("HTTP/1.1 103 E\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 103 E\r\n\r\n"
                 "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 103 E\r\n\r\n",
                 OCSP_FAULT_HTTP);
}

static void another_status_is_known_by_the_head_alone(void **state)
{
    (void)state;
    expect_fault("HTTP/1.1 301 Moved\r\nLocation: http://b.test/\r\n\r\n", OCSP_FAULT_REDIRECT);
    expect_fault("HTTP/1.1 307 Again\r\n\r\n", OCSP_FAULT_REDIRECT);
    expect_fault("HTTP/1.1 404 No\r\nContent-Length: 99999999\r\n\r\n", OCSP_FAULT_HTTP_STATUS);
    expect_fault("HTTP/1.1 206 Part\r\nContent-Length: 1\r\n\r\nx", OCSP_FAULT_HTTP_STATUS);
    expect_fault("HTTP/1.1 503 Busy\r\n\r\n", OCSP_FAULT_HTTP_STATUS);
}

static void what_is_not_http_is_refused(void **state)
{
    (void)state;
    expect_fault("SSH-2.0-OpenSSH\r\n\r\n", OCSP_FAULT_HTTP);
    expect_fault("HTTP/2 200 OK\r\n\r\n", OCSP_FAULT_HTTP);
    expect_fault("HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
                 OCSP_FAULT_HTTP);
    expect_fault(OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", OCSP_FAULT_HTTP);
    expect_fault(OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", OCSP_FAULT_HTTP);
}

static void an_answer_of_another_type_is_none(void **state)
{
    (void)state;
    expect_fault("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", OCSP_FAULT_CONTENT_TYPE);
    expect_fault("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n",
                 OCSP_FAULT_CONTENT_TYPE);
    expect_fault("HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-responses\r\n\r\n",
                 OCSP_FAULT_CONTENT_TYPE);
    expect_fault("HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-request\r\n\r\n",
                 OCSP_FAULT_CONTENT_TYPE);
    expect_fault("HTTP/1.1 200 OK\r\nContent-Type:\r\n\r\n", OCSP_FAULT_CONTENT_TYPE);
    expect_fault("HTTP/1.1 200 OK\r\nContent-Type: ;\r\n\r\n", OCSP_FAULT_CONTENT_TYPE);
    (void)expect_progress("HTTP/1.1 200 OK\r\nContent-Type: Application/OCSP-Response ;a=b\r\n"
                          "Content-Length: 0\r\n\r\n",
                          REPLY_COMPLETE);
}

static void a_head_is_bounded(void **state)
{
    static char text[9000];
    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "HTTP/1.1 200 OK\r\nX: ", 20);
    expect_fault(text, OCSP_FAULT_HTTP);
}

static struct outcome read_body_of(const char *head, size_t length)
{
    size_t head_length = strlen(head);
    char *text = malloc(head_length + length);
    assert_non_null(text);
    memcpy(text, head, head_length);
    memset(text + head_length, 'x', length);
    struct outcome outcome = read_in_pieces(bytes_from(text, head_length + length), 1000, true);
    free(text);
    return outcome;
}

static void a_body_is_bounded_to_the_byte(void **state)
{
    (void)state;
    struct outcome outcome = read_body_of(OK_10 "\r\n", OCSP_RESPONSE_SIZE_MAX);
    assert_int_equal(outcome.progress, REPLY_COMPLETE);
    assert_int_equal(outcome.body_length, OCSP_RESPONSE_SIZE_MAX);
    outcome = read_body_of(OK_10 "\r\n", OCSP_RESPONSE_SIZE_MAX + 1);
    assert_int_equal(outcome.fault, OCSP_FAULT_TOO_LARGE);
    outcome = read_body_of(OK "Content-Length: 65536\r\n\r\n", 65536);
    assert_int_equal(outcome.progress, REPLY_COMPLETE);
    expect_fault(OK "Content-Length: 65537\r\n\r\n", OCSP_FAULT_TOO_LARGE);
    expect_fault(OK "Content-Length: 9223372036854775807\r\n\r\n", OCSP_FAULT_TOO_LARGE);
}

static void bytes_behind_the_answer_end_the_connection(void **state)
{
    (void)state;
    struct outcome outcome = read_in_pieces(BYTES_OF(OK "Content-Length: 1\r\n\r\nx!"), 100, false);
    assert_int_equal(outcome.progress, REPLY_COMPLETE);
    assert_false(outcome.keeps_connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_200_is_complete_with_its_body),
        cmocka_unit_test(a_body_until_the_close_is_complete_at_the_close),
        cmocka_unit_test(what_is_cut_off_is_closed),
        cmocka_unit_test(interim_answers_are_passed_over_but_not_for_ever),
        cmocka_unit_test(another_status_is_known_by_the_head_alone),
        cmocka_unit_test(what_is_not_http_is_refused),
        cmocka_unit_test(an_answer_of_another_type_is_none),
        cmocka_unit_test(a_head_is_bounded),
        cmocka_unit_test(a_body_is_bounded_to_the_byte),
        cmocka_unit_test(bytes_behind_the_answer_end_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
