/* What is written on a screen stays in its place, and nothing foreign gets onto it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/screen.h"

static struct screen screen;
static char shown[8192];

static void begin(size_t rows, size_t columns, struct terminal_style style)
{
    assert_true(result_is_ok(screen_init(&screen, rows, columns, style)));
}

/* Shows it and lets it go. */
static const char *end(void (*show)(const struct screen *screen, FILE *output))
{
    FILE *output = fmemopen(shown, sizeof(shown), "w");
    shown[0] = '\0';
    assert_non_null(output);
    show(&screen, output);
    assert_int_equal(fclose(output), 0);
    screen_deinit(&screen);
    return shown;
}

static const struct terminal_style plain = {false, false};
static const struct terminal_style full = {true, true};

static void lines_end_where_the_text_does(void **state)
{
    (void)state;
    begin(4, 10, plain);
    (void)screen_print(&screen, (struct screen_place){0, 1, 10, SCREEN_BAD}, "ab%d", 7);
    (void)screen_print(&screen, (struct screen_place){2, 0, 10, SCREEN_PLAIN}, "x  ");
    assert_string_equal(end(screen_show_plain), " ab7\n\nx\n");
}

static void text_is_cut_at_the_end_of_its_place_and_of_the_screen(void **state)
{
    (void)state;
    begin(2, 6, plain);
    assert_int_equal(screen_print(&screen, (struct screen_place){0, 0, 3, SCREEN_PLAIN}, "abcdef"),
                     3);
    (void)screen_print(&screen, (struct screen_place){1, 4, 99, SCREEN_PLAIN}, "abcdef");
    (void)screen_print(&screen, (struct screen_place){7, 0, 6, SCREEN_PLAIN}, "nowhere");
    screen_print_before(&screen, (struct screen_place){1, 3, 0, SCREEN_PLAIN}, "12");
    assert_string_equal(end(screen_show_plain), "abc\n 12 ab\n");
}

static void of_a_long_path_the_end_is_shown(void **state)
{
    (void)state;
    begin(3, 8, plain);
    (void)screen_print_tail(&screen, (struct screen_place){0, 0, 8, SCREEN_PLAIN}, "/a/b/c.pem");
    (void)screen_print_tail(&screen, (struct screen_place){1, 0, 8, SCREEN_PLAIN}, "c.pem");
    (void)screen_print_tail(&screen, (struct screen_place){2, 8, 8, SCREEN_PLAIN}, "no room");
    assert_string_equal(end(screen_show_plain), "~b/c.pem\nc.pem\n");
}

static void what_is_not_printable_is_a_question_mark(void **state)
{
    (void)state;
    begin(1, 20, full);
    (void)screen_print(&screen, (struct screen_place){0, 0, 20, SCREEN_PLAIN}, "%s",
                       "a\x1b[2J\x07\n\xC2\x9B\x7F");
    assert_string_equal(end(screen_show_plain), "a?[2J?????\n");
}

static void bars_and_levels_have_eighths(void **state)
{
    static const double fractions[] = {0, 0.001, 0.5, 1, 7, NAN, -1};
    (void)state;
    begin(1, 9, (struct terminal_style){.is_utf8 = true});
    screen_draw_bar(&screen, (struct screen_place){0, 0, 2, SCREEN_PLAIN}, 0.8125);
    for (size_t i = 0; i < sizeof(fractions) / sizeof(fractions[0]); i++) {
        screen_draw_level(&screen, (struct screen_place){0, 2 + i, 9, SCREEN_PLAIN}, fractions[i]);
    }
    assert_string_equal(end(screen_show_plain), "\u2588\u258b\u00b7\u2581\u2585\u2588\u2588\u00b7"
                                                "\u00b7\n");
}

static void a_bar_shows_little_and_never_too_much(void **state)
{
    (void)state;
    begin(3, 4, plain);
    screen_draw_bar(&screen, (struct screen_place){0, 0, 4, SCREEN_PLAIN}, 0.0001);
    screen_draw_bar(&screen, (struct screen_place){1, 0, 9, SCREEN_PLAIN}, 5);
    screen_draw_bar(&screen, (struct screen_place){2, 0, 4, SCREEN_PLAIN}, NAN);
    assert_string_equal(end(screen_show_plain), "-\n####\n");
}

static void paint_changes_only_where_it_must(void **state)
{
    (void)state;
    begin(1, 9, full);
    (void)screen_print(&screen, (struct screen_place){0, 0, 9, SCREEN_BAD}, "ab");
    (void)screen_print(&screen, (struct screen_place){0, 2, 9, SCREEN_PLAIN}, "c");
    assert_string_equal(end(screen_show_plain), "\x1b[0;1;31mab\x1b[0mc\n");
}

static void a_live_page_clears_what_was_there(void **state)
{
    (void)state;
    begin(2, 5, plain);
    (void)screen_print(&screen, (struct screen_place){0, 0, 5, SCREEN_PLAIN}, "a");
    assert_string_equal(end(screen_show_live), "\x1b[Ha\x1b[K\r\n\x1b[K\x1b[J");
}

static void a_screen_of_any_size_is_bounded(void **state)
{
    (void)state;
    begin(100000, 100000, plain);
    assert_int_equal(screen.rows, SCREEN_ROWS_MAX);
    assert_int_equal(screen.columns, SCREEN_COLUMNS_MAX);
    screen_deinit(&screen);
    begin(0, 0, plain);
    (void)screen_print(&screen, (struct screen_place){0, 0, 5, SCREEN_PLAIN}, "a");
    assert_string_equal(end(screen_show_plain), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_where_the_text_does),
        cmocka_unit_test(text_is_cut_at_the_end_of_its_place_and_of_the_screen),
        cmocka_unit_test(of_a_long_path_the_end_is_shown),
        cmocka_unit_test(what_is_not_printable_is_a_question_mark),
        cmocka_unit_test(bars_and_levels_have_eighths),
        cmocka_unit_test(a_bar_shows_little_and_never_too_much),
        cmocka_unit_test(paint_changes_only_where_it_must),
        cmocka_unit_test(a_live_page_clears_what_was_there),
        cmocka_unit_test(a_screen_of_any_size_is_bounded),
    };
    return cmocka_run_group_tests_name("cli/screen", tests, NULL, NULL);
}
