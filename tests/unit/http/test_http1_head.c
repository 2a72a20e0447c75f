/* Asking a head for its fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/http1_parser.h"

static const struct http1_limits limits = {HTTP_TARGET_BYTES_MAX, HTTP_FIELDS_BYTES_MAX,
                                           HTTP_FIELD_COUNT_MAX};

static struct http1_parser parser;

static int read_head(void **state)
{
    struct bytes body;
    struct bytes input = BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n"
                                  "x-other: o\r\nx-forwarded-for: 2.2.2.2, 3.3.3.3\r\n\r\n");
    (void)state;
    http1_parser_init(&parser, HTTP1_REQUEST, &limits);
    return http1_parser_next(&parser, &input, &body) == HTTP1_HEAD ? 0 : 1;
}

static int forget_head(void **state)
{
    (void)state;
    http1_parser_deinit(&parser);
    return 0;
}

static void first_field_of_a_name_is_found(void **state)
{
    (void)state;
    const struct http1_head *head = http1_parser_head(&parser);
    const struct http1_field *field = http1_head_find(head, FIELD_NAME_X_FORWARDED_FOR);
    assert_non_null(field);
    assert_true(bytes_equal(http1_head_value(head, field), BYTES_OF("1.1.1.1")));
    field = http1_head_find_text(head, BYTES_OF("X-OTHER"));
    assert_non_null(field);
    assert_true(bytes_equal(http1_head_name(head, field), BYTES_OF("x-other")));
}

static void missing_field_is_not_found(void **state)
{
    (void)state;
    const struct http1_head *head = http1_parser_head(&parser);
    assert_null(http1_head_find(head, FIELD_NAME_COOKIE));
    assert_null(http1_head_find_text(head, BYTES_OF("x-othe")));
    assert_null(http1_head_find_text(head, BYTES_OF("")));
    assert_null(http1_head_find_text(head, BYTES_OF("x_other")));
}

static void all_values_of_a_name_are_joined(void **state)
{
    (void)state;
    char memory[100];
    struct text text = text_over(memory, sizeof(memory));
    http1_head_append_all(http1_parser_head(&parser), BYTES_OF("X-FORWARDED-FOR"), &text);
    assert_string_equal(text_terminate(&text), "1.1.1.1, 2.2.2.2, 3.3.3.3");
    text = text_over(memory, sizeof(memory));
    http1_head_append_all(http1_parser_head(&parser), BYTES_OF("none"), &text);
    assert_int_equal(text.length, 0);
}

static void repeatable_methods_are_known(void **state)
{
    (void)state;
    assert_true(http_method_is_idempotent(HTTP_METHOD_GET));
    assert_true(http_method_is_idempotent(HTTP_METHOD_DELETE));
    assert_false(http_method_is_idempotent(HTTP_METHOD_POST));
    assert_false(http_method_is_idempotent(HTTP_METHOD_PATCH));
    assert_int_equal(http_method_find(BYTES_OF("M-SEARCH")), HTTP_METHOD_MSEARCH);
    assert_int_equal(http_method_find(BYTES_OF("")), HTTP_METHOD_COUNT);
    assert_int_equal(http_method_find(BYTES_OF("GE")), HTTP_METHOD_COUNT);
    assert_int_equal(http_method_find(BYTES_OF("Get")), HTTP_METHOD_COUNT);
}

static void plain_http_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    assert_true(http_method_may_begin(BYTES_OF("G")));
    assert_true(http_method_may_begin(BYTES_OF("GET")));
    assert_true(http_method_may_begin(BYTES_OF("GET /")));
    assert_true(http_method_may_begin(BYTES_OF("CONNECT a")));
    assert_false(http_method_may_begin(BYTES_OF("")));
    assert_false(http_method_may_begin(BYTES_OF(" ")));
    assert_false(http_method_may_begin(BYTES_OF("GE /")));
    assert_false(http_method_may_begin(BYTES_OF("GETX")));
    assert_false(http_method_may_begin(BYTES_OF("\x16\x03\x01")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_field_of_a_name_is_found),
        cmocka_unit_test(missing_field_is_not_found),
        cmocka_unit_test(all_values_of_a_name_are_joined),
        cmocka_unit_test(repeatable_methods_are_known),
        cmocka_unit_test(plain_http_is_told_by_its_first_bytes),
    };
    return cmocka_run_group_tests(tests, read_head, forget_head);
}
