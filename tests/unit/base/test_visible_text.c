/* What people are shown: every script, and nothing that a terminal obeys. */
#include "base/visible_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_line(const char *line, const char *expected)
{
    char memory[256];
    char *printed = NULL;
    size_t length = 0;
    struct text text = text_over(memory, sizeof(memory));
    FILE *output = open_memstream(&printed, &length);
    assert_non_null(output);
    visible_text_append(&text, bytes_from_string(line));
    assert_string_equal(text_terminate(&text), expected);
    visible_text_print(output, bytes_from_string(line));
    assert_int_equal(fclose(output), 0);
    assert_string_equal(printed, expected);
    free(printed);
}

static void text_in_any_script_stays(void **state)
{
    (void)state;
    expect_line("", "");
    expect_line("/etc/a \"b\" \\ ~.pem", "/etc/a \"b\" \\ ~.pem");
    expect_line("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\x92", "\xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\x92");
}

static void what_a_terminal_obeys_is_escaped(void **state)
{
    (void)state;
    expect_line("a\tb\x1B[2J\x7F\r\n", "a\\x09b\\x1B[2J\\x7F\\x0D\\x0A");
    expect_line("\xC2\x9B\x32J", "\\xC2\\x9B2J");
    expect_line("x\xE2\x80\xAE.pem", "x\\xE2\\x80\\xAE.pem");
}

static void what_is_no_character_is_escaped(void **state)
{
    (void)state;
    expect_line("\x9B\x32J \xFF", "\\x9B2J \\xFF");
    expect_line("\xC3 cut \xF0\x9F\x94", "\\xC3 cut \\xF0\\x9F\\x94");
}

static void what_has_no_room_overflows_between_characters(void **state)
{
    char memory[6];
    struct text text = text_over(memory, sizeof(memory));
    (void)state;
    visible_text_append(&text, BYTES_OF("abc\x1B\x1B"));
    assert_true(text.overflowed);
    assert_int_equal(text.length, 3);
}

static void ends_of_lines_stay_between_lines(void **state)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&printed, &length);
    (void)state;
    assert_non_null(output);
    visible_text_print_lines(output, BYTES_OF("a\x1B\n\nb\r\n"));
    visible_text_print_lines(output, BYTES_OF("c\x9B"));
    visible_text_print_lines(output, BYTES_OF(""));
    assert_int_equal(fclose(output), 0);
    assert_string_equal(printed, "a\\x1B\n\nb\\x0D\nc\\x9B");
    free(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_in_any_script_stays),
        cmocka_unit_test(what_a_terminal_obeys_is_escaped),
        cmocka_unit_test(what_is_no_character_is_escaped),
        cmocka_unit_test(what_has_no_room_overflows_between_characters),
        cmocka_unit_test(ends_of_lines_stay_between_lines),
    };
    return cmocka_run_group_tests_name("visible_text", tests, NULL, NULL);
}
