/* Messages: kept, sorted, printed for people and for programs. */
#include <fcntl.h>

#include "loaded_config.h"

#include "config/config_limits.h"

static void add_some(struct diagnostics *diagnostics)
{
    char file[] = "b.ini";
    diagnostics_init(diagnostics);
    diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, (struct config_place){file, 10}, "ten %d", 10);
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, (struct config_place){file, 9}, "nine");
    diagnostics_add(diagnostics, DIAGNOSTIC_NOTE, (struct config_place){file, 10}, "ten again");
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 0}, "whole file");
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, (struct config_place){NULL, 0}, "nowhere");
    memset(file, 'x', sizeof(file) - 1); /* names are copied */
}

static void messages_are_sorted_by_file_and_line(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    add_some(&diagnostics);
    char *said = print_diagnostics(&diagnostics);
    assert_string_equal(said, "error: nowhere\n"
                              "a.ini: error: whole file\n"
                              "b.ini:9: error: nine\n"
                              "b.ini:10: warning: ten 10\n"
                              "b.ini:10: note: ten again\n");
    assert_int_equal(diagnostics.error_count, 3);
    assert_int_equal(diagnostics.warning_count, 1);
    assert_int_equal(diagnostics.count, 5);
    free(said);
    diagnostics_deinit(&diagnostics);
}

static char *print_json(const struct diagnostics *diagnostics)
{
    char *said = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&said, &length);
    diagnostics_print_json(diagnostics, output);
    fclose(output);
    return said;
}

static void json_has_the_same_order(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    char *said = print_json(&diagnostics);
    assert_string_equal(said, "[]\n");
    free(said);
    diagnostics_add(&diagnostics, DIAGNOSTIC_WARNING, (struct config_place){"a.ini", 2},
                    "a \"quote\" and \xFF");
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0}, "none");
    said = print_json(&diagnostics);
    assert_string_equal(
        said,
        "[\n  {\"severity\": \"error\", \"file\": null, \"line\": 0, \"message\": \"none\"},\n"
        "  {\"severity\": \"warning\", \"file\": \"a.ini\", \"line\": 2, \"message\": \"a "
        "\\\"quote\\\" and \xEF\xBF\xBD\"}\n]\n");
    free(said);
    diagnostics_deinit(&diagnostics);
}

/* What a terminal would be shown. */
static void print_on_terminal(const struct diagnostics *diagnostics, char *said, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    FILE *terminal = fopen(ptsname(master), "w");
    assert_non_null(terminal);
    diagnostics_print(diagnostics, terminal);
    fflush(terminal);
    ssize_t length = read(master, said, size - 1);
    assert_true(length > 0);
    said[length] = '\0';
    fclose(terminal);
    close(master);
}

static void colours_are_for_terminals_that_want_them(void **state)
{
    (void)state;
    char said[512];
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 2}, "bad");
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    print_on_terminal(&diagnostics, said, sizeof(said));
    assert_string_equal(said, "\033[1ma.ini:2: \033[1;31merror:\033[0m bad\r\n");
    setenv("NO_COLOR", "", 1);
    print_on_terminal(&diagnostics, said, sizeof(said));
    assert_non_null(strchr(said, '\033'));
    setenv("NO_COLOR", "1", 1);
    print_on_terminal(&diagnostics, said, sizeof(said));
    assert_string_equal(said, "a.ini:2: error: bad\r\n");
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    print_on_terminal(&diagnostics, said, sizeof(said));
    assert_string_equal(said, "a.ini:2: error: bad\r\n");
    diagnostics_deinit(&diagnostics);
}

static void a_name_or_a_word_begins_no_line_and_plays_with_no_terminal(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"\xC3\xBC\x1B[2J.ini", 2},
                    "%s", "a\nb.ini:1: error: \xC2\x9B \x9B");
    char *said = print_diagnostics(&diagnostics);
    assert_string_equal(said, "\xC3\xBC\\x1B[2J.ini:2: error: a\\x0Ab.ini:1: error: "
                              "\\xC2\\x9B \\x9B\n");
    free(said);
    diagnostics_deinit(&diagnostics);
}

static void too_many_messages_are_counted(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    for (int i = 0; i < CONFIG_MESSAGES_MAX + 7; i++) {
        diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", i + 1}, "x");
    }
    assert_int_equal(diagnostics.count, CONFIG_MESSAGES_MAX);
    assert_int_equal(diagnostics.error_count, CONFIG_MESSAGES_MAX + 7);
    char *said = print_diagnostics(&diagnostics);
    assert_non_null(strstr(said, "\nnote: 7 more messages are not shown\n"));
    free(said);
    diagnostics.omitted_count = 1;
    said = print_diagnostics(&diagnostics);
    assert_non_null(strstr(said, "\nnote: 1 more message is not shown\n"));
    free(said);
    diagnostics_deinit(&diagnostics);
}

static void the_first_error_is_the_one_that_is_printed_first(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    add_some(&diagnostics);
    assert_string_equal(diagnostics_first_error(&diagnostics)->message, "nowhere");
    diagnostics_deinit(&diagnostics);
    diagnostics_init(&diagnostics);
    assert_null(diagnostics_first_error(&diagnostics));
    diagnostics_add(&diagnostics, DIAGNOSTIC_WARNING, (struct config_place){"a.ini", 1}, "one");
    assert_null(diagnostics_first_error(&diagnostics));
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 3}, "three");
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 2}, "two");
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 2}, "again");
    assert_string_equal(diagnostics_first_error(&diagnostics)->message, "two");
    diagnostics_deinit(&diagnostics);
}

static void an_error_is_found_by_its_file_and_line(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    char same[] = "a.ini"; /* the text counts, not where it lies */
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){"a.ini", 3}, "wrong");
    diagnostics_add(&diagnostics, DIAGNOSTIC_WARNING, (struct config_place){"a.ini", 4}, "odd");
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0}, "no place");
    assert_true(diagnostics_has_error_at(&diagnostics, (struct config_place){same, 3}));
    assert_false(diagnostics_has_error_at(&diagnostics, (struct config_place){same, 4}));
    assert_false(diagnostics_has_error_at(&diagnostics, (struct config_place){same, 5}));
    assert_false(diagnostics_has_error_at(&diagnostics, (struct config_place){"b.ini", 3}));
    assert_false(diagnostics_has_error_at(&diagnostics, (struct config_place){0}));
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_sorted_by_file_and_line),
        cmocka_unit_test(json_has_the_same_order),
        cmocka_unit_test(colours_are_for_terminals_that_want_them),
        cmocka_unit_test(a_name_or_a_word_begins_no_line_and_plays_with_no_terminal),
        cmocka_unit_test(too_many_messages_are_counted),
        cmocka_unit_test(the_first_error_is_the_one_that_is_printed_first),
        cmocka_unit_test(an_error_is_found_by_its_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
