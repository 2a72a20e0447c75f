/* Building text in bounded memory: each form, and what happens at the last byte of the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"

#define REPLACEMENT "\xEF\xBF\xBD"

typedef void (*append_function)(struct text *text, struct bytes bytes);

/* append of input must yield expected, with just enough room and with one byte less overflow. */
static void expect_appended(append_function append, struct bytes input, struct bytes expected)
{
    for (size_t missing = 0; missing <= expected.length; missing++) {
        /* On the heap and to the byte, so that a sanitizer sees a write behind the end. */
        size_t capacity = expected.length - missing;
        char *memory = malloc(capacity == 0 ? 1 : capacity);
        assert_non_null(memory);
        struct text text = text_over(memory, capacity);
        append(&text, input);
        assert_int_equal(text.overflowed, missing > 0);
        if (missing == 0) {
            assert_true(bytes_equal(text_bytes(&text), expected));
        }
        assert_in_range(text.length, 0, capacity);
        free(memory);
    }
}

static void plain_bytes_are_copied_to_the_last_place(void **state)
{
    (void)state;
    expect_appended(text_append, BYTES_OF("abc"), BYTES_OF("abc"));
    expect_appended(text_append, bytes_from("a\0c", 3), bytes_from("a\0c", 3));
    expect_appended(text_append, (struct bytes){0}, BYTES_OF(""));
}

static void once_overflowed_nothing_is_appended_any_more(void **state)
{
    char memory[4] = "....";
    struct text text = text_over(memory, sizeof(memory));
    (void)state;
    text_append_string(&text, "ab");
    text_append_string(&text, "cde");
    text_append_char(&text, 'f');
    text_append_number(&text, 7);
    text_append_format(&text, "%s", "");
    text_append_hex_lower(&text, BYTES_OF("\x01"));
    text_append_base64(&text, BYTES_OF(""));
    text_append_percent_encoded(&text, BYTES_OF("a"));
    text_append_json_escaped(&text, BYTES_OF("a"));
    assert_true(text.overflowed);
    assert_true(bytes_equal(text_bytes(&text), BYTES_OF("ab")));
    assert_memory_equal(memory + 2, "..", 2);
}

static void numbers_are_printed_whole(void **state)
{
    static const struct {
        uint64_t number;
        const char *expected;
    } rows[] = {{0, "0"}, {9, "9"}, {10, "10"}, {UINT64_MAX, "18446744073709551615"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char memory[20];
        struct text text = text_over(memory, strlen(rows[i].expected));
        text_append_number(&text, rows[i].number);
        assert_false(text.overflowed);
        assert_true(bytes_equal(text_bytes(&text), bytes_from_string(rows[i].expected)));
        text = text_over(memory, strlen(rows[i].expected) - 1);
        text_append_number(&text, rows[i].number);
        assert_true(text.overflowed);
        assert_int_equal(text.length, 0);
    }
}

static void a_format_needs_one_byte_more_than_it_prints(void **state)
{
    char memory[6] = "xxxxxx";
    struct text text = text_over(memory, 5);
    (void)state;
    text_append_format(&text, "%d-%02d", 1, 2);
    assert_true(bytes_equal(text_bytes(&text), BYTES_OF("1-02")));
    text = text_over(memory, 4);
    text_append_format(&text, "%d-%02d", 1, 2);
    assert_true(text.overflowed);
    assert_int_equal(text.length, 0);
    assert_int_equal(memory[5], 'x');
    text = text_over(memory, 0);
    text_append_format(&text, "a");
    assert_true(text.overflowed);
}

static void hex_has_two_digits_a_byte_in_either_case(void **state)
{
    (void)state;
    expect_appended(text_append_hex_lower, bytes_from("\x00\x9F\xfa", 3), BYTES_OF("009ffa"));
    expect_appended(text_append_hex_upper, bytes_from("\x00\x9F\xfa", 3), BYTES_OF("009FFA"));
    expect_appended(text_append_hex_lower, (struct bytes){0}, BYTES_OF(""));
}

static void base64_is_that_of_the_standard(void **state)
{
    /* RFC 4648 section 10. */
    (void)state;
    expect_appended(text_append_base64, BYTES_OF(""), BYTES_OF(""));
    expect_appended(text_append_base64, BYTES_OF("f"), BYTES_OF("Zg=="));
    expect_appended(text_append_base64, BYTES_OF("fo"), BYTES_OF("Zm8="));
    expect_appended(text_append_base64, BYTES_OF("foo"), BYTES_OF("Zm9v"));
    expect_appended(text_append_base64, BYTES_OF("foob"), BYTES_OF("Zm9vYg=="));
    expect_appended(text_append_base64, BYTES_OF("fooba"), BYTES_OF("Zm9vYmE="));
    expect_appended(text_append_base64, BYTES_OF("foobar"), BYTES_OF("Zm9vYmFy"));
    expect_appended(text_append_base64, bytes_from("\xFF\xFF\xFE\x00\xFB", 5),
                    BYTES_OF("///+APs="));
}

static void percent_encoding_spares_the_unreserved_bytes_only(void **state)
{
    char memory[1024];
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char expected[4];
        uint8_t one = (uint8_t)byte;
        bool is_spared = strchr("-._~", (int)byte) != NULL && byte != 0;
        is_spared |= (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= 'a' && byte <= 'z');
        (void)snprintf(expected, sizeof(expected), is_spared ? "%c" : "%%%02X", byte);
        struct text text = text_over(memory, sizeof(memory));
        text_append_percent_encoded(&text, bytes_from(&one, 1));
        assert_true(bytes_equal(text_bytes(&text), bytes_from_string(expected)));
    }
    expect_appended(text_append_percent_encoded, BYTES_OF("-a\n \xE4"), BYTES_OF("-a%0A%20%E4"));
}

static void json_escapes_what_the_standard_demands(void **state)
{
    (void)state;
    expect_appended(text_append_json_escaped, BYTES_OF("a\"b\\c/"), BYTES_OF("a\\\"b\\\\c/"));
    expect_appended(text_append_json_escaped, bytes_from("\0\n\x1F", 3),
                    BYTES_OF("\\u0000\\u000a\\u001f"));
    expect_appended(text_append_json_escaped, BYTES_OF("\x7F~ "), BYTES_OF("\\u007f~ "));
}

/* U+009B begins a command of a terminal as ESC [ does, and logs are looked at in terminals. */
static void json_escapes_the_controls_beyond_ascii(void **state)
{
    (void)state;
    expect_appended(text_append_json_escaped,
                    BYTES_OF("a\xC2\x9B"
                             "2J"),
                    BYTES_OF("a\\u009b2J"));
    expect_appended(text_append_json_escaped, BYTES_OF("\xC2\x80\xC2\x9F\xC2\xA0"),
                    BYTES_OF("\\u0080\\u009f\xC2\xA0"));
}

static void json_keeps_good_utf8(void **state)
{
    static const char *const rows[] = {
        "\xC2\xA0",         "\xDF\xBF",         "\xE0\xA0\x80",     "\xEC\xBF\xBF",
        "\xED\x80\x80",     "\xED\x9F\xBF",     "\xEE\x80\x80",     "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF3\xBF\xBF\xBF", "\xF4\x8F\xBF\xBF", "a\xC3\xA4z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes row = bytes_from_string(rows[i]);
        expect_appended(text_append_json_escaped, row, row);
    }
}

static void json_replaces_each_byte_of_bad_utf8(void **state)
{
    static const struct {
        const char *input;
        const char *expected;
    } rows[] = {
        /* stray continuations, bytes that no sequence has */
        {"\x80", REPLACEMENT},
        {"\xBF", REPLACEMENT},
        {"\xFE\xFF", REPLACEMENT REPLACEMENT},
        /* overlong */
        {"\xC0\x80", REPLACEMENT REPLACEMENT},
        {"\xC1\xBF", REPLACEMENT REPLACEMENT},
        {"\xE0\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xE0\x9F\xBF", REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xF0\x80\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xF0\x8F\xBF\xBF", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
        /* surrogates, past U+10FFFF */
        {"\xED\xA0\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xED\xBF\xBF", REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xF4\x90\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xF5\x80\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
        /* cut off: at the end, by a letter, by another start */
        {"\xC3", REPLACEMENT},
        {"\xE2\x82", REPLACEMENT REPLACEMENT},
        {"\xF0\x9F\x98", REPLACEMENT REPLACEMENT REPLACEMENT},
        {"\xC3"
         "a",
         REPLACEMENT "a"},
        {"\xE2\x82\"", REPLACEMENT REPLACEMENT "\\\""},
        {"\xF0\x9F\x98\xC3\xA4", REPLACEMENT REPLACEMENT REPLACEMENT "\xC3\xA4"},
        {"\xE2\x28\xA1", REPLACEMENT "(" REPLACEMENT},
        {"\xC3\xA4\xA4", "\xC3\xA4" REPLACEMENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_appended(text_append_json_escaped, bytes_from_string(rows[i].input),
                        bytes_from_string(rows[i].expected));
    }
}

static void json_never_reads_behind_a_sequence_that_is_cut_off(void **state)
{
    (void)state;
    for (unsigned first = 0xC0; first < 256; first++) {
        for (size_t length = 1; length < 4; length++) {
            uint8_t *input = malloc(length); /* to the byte: a sanitizer sees a read too far */
            char memory[64];
            struct text text = text_over(memory, sizeof(memory));
            assert_non_null(input);
            memset(input, 0x90, length);
            input[0] = (uint8_t)first;
            text_append_json_escaped(&text, bytes_from(input, length));
            assert_false(text.overflowed);
            free(input);
        }
    }
}

static void nothing_leaves_the_quotes_of_a_log_line(void **state)
{
    (void)state;
    expect_appended(text_append_log_escaped, BYTES_OF("GET /a?b=c HTTP/1.1 ~"),
                    BYTES_OF("GET /a?b=c HTTP/1.1 ~"));
    expect_appended(text_append_log_escaped, BYTES_OF("\" \\ \r\n\t\x1B\x7F"),
                    BYTES_OF("\\x22 \\x5C \\x0D\\x0A\\x09\\x1B\\x7F"));
    expect_appended(text_append_log_escaped, bytes_from("\0\xC3\xBC\xFF", 4),
                    BYTES_OF("\\x00\\xC3\\xBC\\xFF"));
}

static void one_alone_is_no_plural(void **state)
{
    (void)state;
    assert_string_equal(text_noun(0, "reload", "reloads"), "reloads");
    assert_string_equal(text_noun(1, "reload", "reloads"), "reload");
    assert_string_equal(text_noun(2, "reload", "reloads"), "reloads");
    assert_string_equal(text_noun(UINT64_MAX, "reload", "reloads"), "reloads");
}

static void a_text_is_terminated_within_its_room(void **state)
{
    char memory[4] = "zzzz";
    struct text text = text_over(memory, 3);
    (void)state;
    text_append_string(&text, "ab");
    assert_string_equal(text_terminate(&text), "ab");
    assert_false(text.overflowed);
    text_append_char(&text, 'c');
    assert_string_equal(text_terminate(&text), "ab");
    assert_true(text.overflowed);
    assert_int_equal(memory[3], 'z');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_bytes_are_copied_to_the_last_place),
        cmocka_unit_test(once_overflowed_nothing_is_appended_any_more),
        cmocka_unit_test(numbers_are_printed_whole),
        cmocka_unit_test(a_format_needs_one_byte_more_than_it_prints),
        cmocka_unit_test(hex_has_two_digits_a_byte_in_either_case),
        cmocka_unit_test(base64_is_that_of_the_standard),
        cmocka_unit_test(percent_encoding_spares_the_unreserved_bytes_only),
        cmocka_unit_test(json_escapes_what_the_standard_demands),
        cmocka_unit_test(json_escapes_the_controls_beyond_ascii),
        cmocka_unit_test(json_keeps_good_utf8),
        cmocka_unit_test(json_replaces_each_byte_of_bad_utf8),
        cmocka_unit_test(json_never_reads_behind_a_sequence_that_is_cut_off),
        cmocka_unit_test(nothing_leaves_the_quotes_of_a_log_line),
        cmocka_unit_test(one_alone_is_no_plural),
        cmocka_unit_test(a_text_is_terminated_within_its_room),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
