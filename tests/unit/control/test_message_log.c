/* What the program says of itself: a line each, whoever says what, with when and how grave. */
#include "control/message_log.h"

#include <pthread.h>
#include <stdlib.h>

#include "message_log_fixture.h"

#define SPEAKERS         4
#define LINES_OF_SPEAKER 200

static void expect_next(struct bytes *lines, unsigned severity, const char *text)
{
    struct message_line line;
    assert_true(message_line_take(lines, &line));
    assert_int_equal(line.severity, severity);
    assert_int_equal(line.time.length, MESSAGE_LINE_TIME_BYTES);
    assert_int_equal(line.time.at[MESSAGE_LINE_TIME_BYTES - 1], 'Z');
    assert_int_equal(line.text.length, strlen(text));
    assert_memory_equal(line.text.at, text, line.text.length);
}

static void a_message_carries_its_severity_and_the_name_of_the_program(void **state)
{
    (void)state;
    message_log_say(MESSAGE_ERROR, "%d workers", 3);
    message_log_tell("ready: %s", "yes");
    message_log_tell("warning: %s", "beware");
    struct bytes lines = take();
    expect_next(&lines, MESSAGE_ERROR, "sallyport: 3 workers");
    expect_next(&lines, MESSAGE_NOTICE, "sallyport: ready: yes");
    expect_next(&lines, MESSAGE_WARNING, "sallyport: warning: beware");
    assert_int_equal(lines.length, 0);
}

static void nothing_that_is_said_begins_another_line(void **state)
{
    (void)state;
    message_log_say(MESSAGE_NOTICE, "a\nS3 2026\r\x1B[2J\x7F b\xC3\xBC");
    struct bytes lines = take();
    expect_next(&lines, MESSAGE_NOTICE, "sallyport: a\\x0AS3 2026\\x0D\\x1B[2J\\x7F b\xC3\xBC");
    assert_int_equal(lines.length, 0);
}

static void what_a_terminal_takes_for_a_control_is_escaped_in_any_form(void **state)
{
    (void)state;
    message_log_say(MESSAGE_NOTICE, "\xC2\x9B\x32J \x9B\x32J \xFF \xE2\x82\xAC");
    struct bytes lines = take();
    expect_next(&lines, MESSAGE_NOTICE, "sallyport: \\xC2\\x9B2J \\x9B2J \\xFF \xE2\x82\xAC");
    assert_int_equal(lines.length, 0);
}

static void a_message_that_is_too_long_is_cut(void **state)
{
    static char memory[20000];
    (void)state;
    memset(memory, '\n', sizeof(memory) - 1);
    message_log_say(MESSAGE_NOTICE, "%s", memory);
    struct bytes lines = take();
    struct message_line line;
    assert_true(message_line_take(&lines, &line));
    assert_in_range(line.text.length, 8192, 4 * 8192);
    assert_int_equal(lines.length, 0);
}

static void print_three(const void *subject, FILE *output)
{
    (void)fprintf(output, "%s:1: error: first\n%s:2: warning: second\ncounter end 0\n",
                  (const char *)subject, (const char *)subject);
}

static void print_nothing(const void *subject, FILE *output)
{
    (void)subject;
    (void)output;
}

static void what_is_printed_comes_line_by_line(void **state)
{
    (void)state;
    message_log_print(print_three, "edge.ini");
    message_log_print(print_nothing, NULL);
    struct bytes lines = take();
    expect_next(&lines, MESSAGE_ERROR, "edge.ini:1: error: first");
    expect_next(&lines, MESSAGE_WARNING, "edge.ini:2: warning: second");
    expect_next(&lines, MESSAGE_NOTICE, "counter end 0");
    assert_int_equal(lines.length, 0);
}

static void a_file_shows_times_and_a_stream_does_not(void **state)
{
    static uint8_t other[256];
    (void)state;
    message_log_say(MESSAGE_NOTICE, "one");
    message_log_say(MESSAGE_NOTICE, "two");
    struct bytes lines = take();
    memcpy(other, lines.at, lines.length);
    size_t length = message_line_render(other, lines.length, true, true);
    assert_int_equal(length, strlen("sallyport: one\nsallyport: two\n"));
    assert_memory_equal(other, "sallyport: one\nsallyport: two\n", length);
    memcpy(other, lines.at, lines.length);
    length = message_line_render(other, lines.length, false, false);
    assert_int_equal(length, 2 * strlen("2026-01-31T12:00:00.123456Z sallyport: two\n"));
    assert_memory_equal(other + MESSAGE_LINE_TIME_BYTES, " sallyport: one\n", 16);
}

static void what_standard_error_has_already_it_does_not_get_again(void **state)
{
    static uint8_t other[256];
    (void)state;
    message_log_unsettle();
    message_log_say(MESSAGE_NOTICE, "said on standard error");
    message_log_settle();
    message_log_say(MESSAGE_NOTICE, "two");
    struct bytes lines = take();
    memcpy(other, lines.at, lines.length);
    size_t length = message_line_render(other, lines.length, true, true);
    assert_int_equal(length, strlen("sallyport: two\n"));
    memcpy(other, lines.at, lines.length);
    length = message_line_render(other, lines.length, true, false);
    assert_int_equal(length, strlen("sallyport: said on standard error\nsallyport: two\n"));
}

static void what_there_is_no_room_for_is_dropped_and_counted(void **state)
{
    static char memory[8000];
    (void)state;
    memset(memory, 'x', sizeof(memory) - 1);
    for (int i = 0; i < 100; i++) {
        message_log_say(MESSAGE_NOTICE, "%s", memory);
    }
    assert_in_range(log_queue_dropped_count(message_log_queue()), 60, 70);
    while (take().length > 0) {
    }
    message_log_say(MESSAGE_NOTICE, "again");
    struct bytes lines = take();
    expect_next(&lines, MESSAGE_NOTICE, "sallyport: again");
}

static void *speak(void *argument)
{
    for (int i = 0; i < LINES_OF_SPEAKER; i++) {
        message_log_say(MESSAGE_NOTICE, "%s %d", (const char *)argument, i);
    }
    return NULL;
}

static void several_threads_may_speak(void **state)
{
    static char names[SPEAKERS][2] = {"a", "b", "c", "d"};
    pthread_t threads[SPEAKERS];
    struct message_line line;
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < SPEAKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, speak, names[i]), 0);
    }
    for (size_t i = 0; i < SPEAKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    for (struct bytes lines = take(); message_line_take(&lines, &line); count++) {
        assert_memory_equal(line.text.at, "sallyport: ", 11);
    }
    assert_int_equal(count, SPEAKERS * LINES_OF_SPEAKER);
}

static void lines_that_are_none_are_not_taken(void **state)
{
    static const char *const rows[] = {"", "\n", "S5 short\n", "no line end"};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes lines = bytes_from_string(rows[i]);
        struct message_line line;
        assert_false(message_line_take(&lines, &line));
    }
}

static void a_log_that_is_not_open_speaks_on_standard_error(void **state)
{
    (void)state;
    message_log_close();
    message_log_settle();
    assert_null(message_log_queue());
    message_log_say(MESSAGE_NOTICE, "this is on standard error");
    assert_true(result_is_ok(message_log_open()));
}

int main(void)
{
#define SAID(test) cmocka_unit_test_setup_teardown(test, open_log, close_log)
    const struct CMUnitTest tests[] = {
        SAID(a_message_carries_its_severity_and_the_name_of_the_program),
        SAID(nothing_that_is_said_begins_another_line),
        SAID(what_a_terminal_takes_for_a_control_is_escaped_in_any_form),
        SAID(a_message_that_is_too_long_is_cut),
        SAID(what_is_printed_comes_line_by_line),
        SAID(a_file_shows_times_and_a_stream_does_not),
        SAID(what_standard_error_has_already_it_does_not_get_again),
        SAID(what_there_is_no_room_for_is_dropped_and_counted),
        SAID(several_threads_may_speak),
        SAID(lines_that_are_none_are_not_taken),
        SAID(a_log_that_is_not_open_speaks_on_standard_error),
    };
    return cmocka_run_group_tests_name("message_log", tests, NULL, NULL);
}
