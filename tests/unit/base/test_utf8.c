/* Characters of UTF-8: how long, and whether people may see them as they are. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void each_length_has_its_first_and_last_character(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } rows[] = {
        {" ", 1},
        {"~", 1},
        {"\xC2\xA0", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xEF\xBF\xBD", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(utf8_length(bytes_from_string(rows[i].text)), rows[i].length);
        assert_int_equal(utf8_visible_length(bytes_from_string(rows[i].text)), rows[i].length);
    }
}

static void what_is_no_character_has_no_length(void **state)
{
    static const char *const rows[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC3",
        "\xC3(",
        "\xE2\x82",
        "\xED\xA0\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xE0\x9F\xBF",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(utf8_length(bytes_from_string(rows[i])), 0);
        assert_int_equal(utf8_visible_length(bytes_from_string(rows[i])), 0);
    }
}

static void what_plays_with_a_terminal_is_not_visible(void **state)
{
    static const char *const rows[] = {
        "\x01",     "\n",           "\x1B",         "\x7F",         "\xC2\x80",     "\xC2\x9B",
        "\xC2\x9F", "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(utf8_length(bytes_from_string(rows[i])) > 0);
        assert_int_equal(utf8_visible_length(bytes_from_string(rows[i])), 0);
    }
    assert_int_equal(utf8_visible_length(bytes_from("", 1)), 0);
}

static void what_stands_beside_that_is_visible(void **state)
{
    static const char *const rows[] = {"\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5",
                                       "\xE2\x81\xAA"};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(utf8_visible_length(bytes_from_string(rows[i])), 3);
    }
}

static void nothing_is_read_behind_a_sequence_that_is_cut_off(void **state)
{
    (void)state;
    for (unsigned first = 0x80; first < 256; first++) {
        uint8_t *one = malloc(1); /* to the byte: a sanitizer sees a read too far */
        assert_non_null(one);
        one[0] = (uint8_t)first;
        assert_int_equal(utf8_length(bytes_from(one, 1)), 0);
        free(one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_has_its_first_and_last_character),
        cmocka_unit_test(what_is_no_character_has_no_length),
        cmocka_unit_test(what_plays_with_a_terminal_is_not_visible),
        cmocka_unit_test(what_stands_beside_that_is_visible),
        cmocka_unit_test(nothing_is_read_behind_a_sequence_that_is_cut_off),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
