/* The HTTP request of a fetch: POST, and GET where it fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/ocsp/fetch_request.h"
#include "trust/ocsp_request.h"

static size_t request_length;

/* Every byte that Base64 spells with +, / and =. */
size_t ocsp_request_write(const struct ocsp_question *question, struct bytes nonce,
                          uint8_t ret_request[OCSP_REQUEST_SIZE_MAX])
{
    (void)question;
    (void)nonce;
    memset(ret_request, 0xFB, OCSP_REQUEST_SIZE_MAX);
    return request_length;
}

static const char *written(const char *url_text, bool wants_get)
{
    static char memory[FETCH_REQUEST_SIZE_MAX];
    struct responder_url url;
    struct ocsp_question question = {0};
    struct text text = text_over(memory, sizeof(memory));
    assert_true(responder_url_parse(bytes_from_string(url_text), &url));
    assert_true(fetch_request_write(&text, &url, &question, (struct bytes){0}, wants_get));
    return text_terminate(&text);
}

static void a_post_carries_the_request_as_it_is(void **state)
{
    (void)state;
    request_length = 3;
    assert_string_equal(written("http://A.test:81/x?y", false),
                        "POST /x?y HTTP/1.1\r\nHost: A.test:81\r\n"
                        "Accept: application/ocsp-response\r\n"
                        "Content-Type: application/ocsp-request\r\nContent-Length: 3\r\n\r\n"
                        "\xFB\xFB\xFB");
}

static void a_get_carries_it_in_the_path(void **state)
{
    (void)state;
    request_length = 4;
    assert_string_equal(written("http://a.test", true),
                        "GET /%2B%2Fv7%2Bw%3D%3D HTTP/1.1\r\nHost: a.test\r\n"
                        "Accept: application/ocsp-response\r\n\r\n");
    assert_non_null(strstr(written("http://a.test/x", true), "GET /x/%2B"));
    assert_non_null(strstr(written("http://a.test/x/", true), "GET /x/%2B"));
}

static void what_is_too_long_or_has_a_query_goes_as_post(void **state)
{
    (void)state;
    request_length = 4;
    assert_non_null(strstr(written("http://a.test/?q", true), "POST /?q"));
    request_length = OCSP_REQUEST_SIZE_MAX;
    assert_non_null(strstr(written("http://a.test/", true), "POST /"));
}

static void the_longest_of_all_finds_room(void **state)
{
    char url[OCSP_URL_SIZE_MAX];
    (void)state;
    memset(url, 'x', sizeof(url));
    memcpy(url, "http://a.test/", 14);
    url[sizeof(url) - 1] = '\0';
    request_length = OCSP_REQUEST_SIZE_MAX;
    assert_non_null(strstr(written(url, true), "POST /xxx"));
}

static void a_question_that_cannot_be_put_is_none(void **state)
{
    char memory[FETCH_REQUEST_SIZE_MAX];
    struct responder_url url;
    struct ocsp_question question = {0};
    struct text text = text_over(memory, sizeof(memory));
    (void)state;
    request_length = 0;
    assert_true(responder_url_parse(BYTES_OF("http://a.test/"), &url));
    assert_false(fetch_request_write(&text, &url, &question, (struct bytes){0}, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_carries_the_request_as_it_is),
        cmocka_unit_test(a_get_carries_it_in_the_path),
        cmocka_unit_test(what_is_too_long_or_has_a_query_goes_as_post),
        cmocka_unit_test(the_longest_of_all_finds_room),
        cmocka_unit_test(a_question_that_cannot_be_put_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
