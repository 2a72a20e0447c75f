/* Our own answers: the pages, and that they are whole HTTP responses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/answer.h"
#include "http/http1_fault.h"
#include "http/http1_parser.h"

static const struct http1_limits limits = {HTTP_TARGET_BYTES_MAX, HTTP_FIELDS_BYTES_MAX,
                                           HTTP_FIELD_COUNT_MAX};

static void missing_certificate_is_answered_with_the_known_page(void **state)
{
    (void)state;
    char memory[ANSWER_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    answer_write(&text, ANSWER_NO_CERTIFICATE, &(struct answer_options){.date = BYTES_OF("now")});
    assert_string_equal(text_terminate(&text),
                        "HTTP/1.1 400 Bad Request\r\n"
                        "Server: sallyport\r\n"
                        "Date: now\r\n"
                        "Connection: close\r\n"
                        "Content-Type: text/html\r\n"
                        "Content-Length: 184\r\n"
                        "\r\n"
                        "<!DOCTYPE html>\n<html>\n"
                        "<head><title>400 No required SSL certificate was sent</title></head>\n"
                        "<body>\n<h1>400 Bad Request</h1>\n"
                        "<p>No required SSL certificate was sent</p>\n"
                        "</body>\n</html>\n");
}

static void certificate_error_tells_no_more_than_its_phrase(void **state)
{
    (void)state;
    char memory[ANSWER_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    answer_write(&text, ANSWER_CERTIFICATE_ERROR, &(struct answer_options){0});
    const char *page = text_terminate(&text);
    assert_non_null(strstr(page, "<title>400 The SSL certificate error</title>"));
    assert_non_null(strstr(page, "<h1>400 Bad Request</h1>"));
    assert_null(strstr(page, "Date:"));
}

static void refusals_in_the_way_of_api_management_are_json(void **state)
{
    (void)state;
    char memory[ANSWER_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    answer_write(&text, ANSWER_API_CERTIFICATE_ERROR,
                 &(struct answer_options){.date = BYTES_OF("now")});
    assert_string_equal(text_terminate(&text),
                        "HTTP/1.1 401 Unauthorized\r\n"
                        "Server: sallyport\r\n"
                        "Date: now\r\n"
                        "Connection: close\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: 57\r\n"
                        "\r\n"
                        "{\"statusCode\":401,\"message\":\"Invalid client certificate\"}");
    text.length = 0;
    answer_write(&text, ANSWER_API_NO_CERTIFICATE, &(struct answer_options){.keep_alive = true});
    assert_non_null(strstr(text_terminate(&text),
                           "\r\n\r\n{\"statusCode\":401,\"message\":\"Client certificate "
                           "missing\"}"));
    assert_int_equal(answer_for_status(401), ANSWER_INTERNAL_ERROR);
}

/* Reads back what was written; a body must be there exactly when the answer is not for HEAD. */
static void read_back(struct bytes written, uint16_t status, bool without_body)
{
    struct http1_parser parser;
    struct bytes body = {0};
    http1_parser_init(&parser, HTTP1_RESPONSE, &limits);
    http1_parser_expect(&parser, without_body ? HTTP_METHOD_HEAD : HTTP_METHOD_GET, false);
    assert_int_equal(http1_parser_next(&parser, &written, &body), HTTP1_HEAD);
    assert_int_equal(http1_parser_head(&parser)->status, status);
    assert_true(http1_parser_head(&parser)->reason.length > 0);
    assert_true(http1_parser_head(&parser)->has_content_length);
    if (!without_body) {
        assert_int_equal(http1_parser_next(&parser, &written, &body), HTTP1_BODY);
    }
    assert_int_equal(http1_parser_next(&parser, &written, &body), HTTP1_END);
    assert_int_equal(written.length, 0);
    http1_parser_deinit(&parser);
}

static void every_answer_is_a_whole_response(void **state)
{
    (void)state;
    for (unsigned answer = 0; answer < ANSWER_COUNT; answer++) {
        for (int without_body = 0; without_body < 2; without_body++) {
            char memory[ANSWER_BYTES_MAX];
            struct text text = text_over(memory, sizeof(memory));
            struct answer_options options = {.keep_alive = true,
                                             .says_keep_alive = true,
                                             .without_body = without_body != 0,
                                             .date = BYTES_OF("Sun, 06 Nov 1994 08:49:37 GMT")};
            answer_write(&text, (enum answer)answer, &options);
            assert_false(text.overflowed);
            assert_non_null(memmem(text.at, text.length, "keep-alive", 10));
            read_back(text_bytes(&text), answer_status((enum answer)answer), without_body != 0);
        }
    }
}

static void every_fault_of_a_client_has_an_answer(void **state)
{
    (void)state;
    for (unsigned fault = HTTP1_FAULT_NONE + 1; fault < HTTP1_FAULT_COUNT; fault++) {
        uint16_t status = http1_fault_status((enum http1_fault)fault);
        assert_int_equal(answer_status(answer_for_status(status)), status);
        assert_true(strlen(http1_fault_word((enum http1_fault)fault)) > 0);
    }
    assert_int_equal(http1_fault_status(HTTP1_FAULT_NONE), 0);
    assert_int_equal(answer_for_status(400), ANSWER_BAD_REQUEST);
    assert_int_equal(answer_for_status(299), ANSWER_INTERNAL_ERROR);
    assert_int_equal(answer_reason(299).length, 0);
}

static void further_fields_cannot_end_their_line(void **state)
{
    (void)state;
    char memory[ANSWER_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    const struct answer_field field = {BYTES_OF("X-Reason"), BYTES_OF("a\r\nEvil: b")};
    answer_write(&text, ANSWER_CERTIFICATE_ERROR,
                 &(struct answer_options){.fields = &field, .field_count = 1});
    assert_non_null(strstr(text_terminate(&text), "\r\nX-Reason: a  Evil: b\r\n"));
}

static void refused_method_is_told_what_is_allowed(void **state)
{
    (void)state;
    char memory[ANSWER_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    answer_write(&text, ANSWER_METHOD_NOT_ALLOWED, &(struct answer_options){0});
    assert_non_null(strstr(text_terminate(&text), "\r\nAllow: GET, "));
}

static void short_memory_overflows(void **state)
{
    (void)state;
    char memory[20];
    struct text text = text_over(memory, sizeof(memory));
    answer_write(&text, ANSWER_BAD_REQUEST, &(struct answer_options){0});
    assert_true(text.overflowed);
}

static void continue_is_one_line(void **state)
{
    (void)state;
    char memory[64];
    struct text text = text_over(memory, sizeof(memory));
    answer_write_continue(&text);
    assert_string_equal(text_terminate(&text), "HTTP/1.1 100 Continue\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_certificate_is_answered_with_the_known_page),
        cmocka_unit_test(certificate_error_tells_no_more_than_its_phrase),
        cmocka_unit_test(refusals_in_the_way_of_api_management_are_json),
        cmocka_unit_test(every_answer_is_a_whole_response),
        cmocka_unit_test(every_fault_of_a_client_has_an_answer),
        cmocka_unit_test(further_fields_cannot_end_their_line),
        cmocka_unit_test(refused_method_is_told_what_is_allowed),
        cmocka_unit_test(short_memory_overflows),
        cmocka_unit_test(continue_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
