/* Why a reload failed, in one line: its first error, whatever is in it and however long it is. */
#include "control/reload_failure.h"

#include "config/config_limits.h"
#include "control_fixture.h"

static struct diagnostics diagnostics;

static int begin(void **state)
{
    (void)state;
    diagnostics_init(&diagnostics);
    return 0;
}

static int end(void **state)
{
    (void)state;
    diagnostics_deinit(&diagnostics);
    return 0;
}

static void add(const char *file, int line, const char *message)
{
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){file, line}, "%s",
                    message);
}

static void expect(const char *first_error, uint64_t further_count)
{
    struct reload_failure failure =
        reload_failure_of(result_failure(ERROR_BAD_CONFIG), &diagnostics);
    assert_string_equal(failure.first_error, first_error);
    assert_int_equal(failure.further_count, further_count);
}

static void a_good_reload_has_none(void **state)
{
    (void)state;
    diagnostics_add(&diagnostics, DIAGNOSTIC_WARNING, (struct config_place){"a.ini", 1}, "odd");
    struct reload_failure failure = reload_failure_of(RESULT_OK, &diagnostics);
    assert_string_equal(failure.first_error, "");
    assert_int_equal(failure.further_count, 0);
}

static void it_is_the_error_that_is_said_first_with_its_place(void **state)
{
    (void)state;
    add("edge.ini", 12, "[listener edge] adress: unknown key; did you mean address?");
    expect("edge.ini:12: [listener edge] adress: unknown key; did you mean address?", 0);
    add("edge.ini", 9, "earlier");
    diagnostics_add(&diagnostics, DIAGNOSTIC_WARNING, (struct config_place){"edge.ini", 1}, "odd");
    expect("edge.ini:9: earlier", 1);
    add("ca.pem", 0, "the file is empty");
    expect("ca.pem: the file is empty", 2);
    add(NULL, 0, "the thread that reads it");
    expect("the thread that reads it", 3);
}

static void without_a_message_it_is_what_the_result_says(void **state)
{
    (void)state;
    struct reload_failure failure =
        reload_failure_of(result_failure(ERROR_OUT_OF_MEMORY), &diagnostics);
    assert_string_equal(failure.first_error, "out of memory");
    assert_int_equal(failure.further_count, 0);
}

/* More than are kept: they count all the same. */
static void errors_that_are_not_kept_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONFIG_MESSAGES_MAX + 5; i++) {
        add("a.ini", 1, "many");
    }
    expect("a.ini:1: many", CONFIG_MESSAGES_MAX + 4);
    diagnostics_deinit(&diagnostics);
    diagnostics_init(&diagnostics);
    for (size_t i = 0; i < CONFIG_MESSAGES_MAX; i++) {
        diagnostics_add(&diagnostics, DIAGNOSTIC_NOTE, (struct config_place){0}, "note");
    }
    add("a.ini", 1, "not kept");
    expect("the configuration is not valid", 1);
}

static void nothing_in_it_can_play_with_a_terminal(void **state)
{
    (void)state;
    add("\x1b]0;x\x07.ini", 1, "a\tb\nc\r\x7F \xC2\x9B \xC3\xA9 \xE2\x80\xAE \xFF \"d\\e\"");
    expect("\\x1B]0;x\\x07.ini:1: a\\x09b\\x0Ac\\x0D\\x7F \\xC2\\x9B \\xC3\\xA9 \\xE2\\x80\\xAE "
           "\\xFF \"d\\e\"",
           0);
}

/* The place is at its beginning and the remedy at its end. */
static void of_a_long_one_the_middle_gives_way(void **state)
{
    char message[4096];
    (void)state;
    int length = snprintf(message, sizeof(message), "trusted_client_ca = /%03000d: gone; ", 0);
    assert_in_range(length, 3000, sizeof(message) - 100);
    (void)snprintf(message + length, sizeof(message) - (size_t)length, "check the path");
    add("edge.ini", 12, message);
    struct reload_failure failure =
        reload_failure_of(result_failure(ERROR_BAD_CONFIG), &diagnostics);
    const char *line = failure.first_error;
    assert_in_range(strlen(line), RELOAD_FAILURE_BYTES_MAX - 2, RELOAD_FAILURE_BYTES_MAX);
    assert_int_equal(strncmp(line, "edge.ini:12: trusted_client_ca = /000", 37), 0);
    assert_non_null(strstr(line, "000...000"));
    assert_string_equal(strstr(line, ": gone; "), ": gone; check the path");
}

static void every_length_fits(void **state)
{
    char message[RELOAD_FAILURE_BYTES_MAX * 2];
    (void)state;
    for (size_t length = 0; length < sizeof(message); length++) {
        for (size_t kind = 0; kind < 2; kind++) {
            memset(message, kind == 0 ? 'x' : 0x80, length);
            message[length] = '\0';
            diagnostics_deinit(&diagnostics);
            diagnostics_init(&diagnostics);
            add("a", 1, message);
            struct reload_failure failure =
                reload_failure_of(result_failure(ERROR_BAD_CONFIG), &diagnostics);
            size_t whole = strlen("a:1: ") + length * (kind == 0 ? 1 : 4);
            bool is_cut = whole > RELOAD_FAILURE_BYTES_MAX;
            assert_true(is_cut ? strlen(failure.first_error) <= RELOAD_FAILURE_BYTES_MAX
                               : strlen(failure.first_error) == whole);
            assert_int_equal(strstr(failure.first_error, "...") != NULL, is_cut);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_reload_has_none, begin, end),
        cmocka_unit_test_setup_teardown(it_is_the_error_that_is_said_first_with_its_place, begin,
                                        end),
        cmocka_unit_test_setup_teardown(without_a_message_it_is_what_the_result_says, begin, end),
        cmocka_unit_test_setup_teardown(errors_that_are_not_kept_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(nothing_in_it_can_play_with_a_terminal, begin, end),
        cmocka_unit_test_setup_teardown(of_a_long_one_the_middle_gives_way, begin, end),
        cmocka_unit_test_setup_teardown(every_length_fits, begin, end),
    };
    return cmocka_run_group_tests_name("control/reload_failure", tests, NULL, NULL);
}
