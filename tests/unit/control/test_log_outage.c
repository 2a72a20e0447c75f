/* What is said of a log that takes no lines: once when it begins, once when it has ended. */
#include "../../../src/control/log_outage.h"

#include <errno.h>

#include "../../fake/fake_clock.c"
#include "message_log_fixture.h"

/* No loss for so long ends an outage. */
#define QUIET_MS 1000

static struct log_outage outage;

static int open_without_outage(void **state)
{
    fake_clock_reset();
    outage = (struct log_outage){0};
    return open_log(state);
}

static struct log_outage_subject with_lost(uint64_t lost_lines)
{
    return (struct log_outage_subject){"access_log", "/var/a.log", lost_lines};
}

static void lose(uint64_t lines, uint64_t lost_lines, int reason)
{
    struct log_outage_subject subject = with_lost(lost_lines);
    log_outage_note_loss(&outage, &subject, lines, reason);
}

static void look(uint64_t lost_lines)
{
    struct log_outage_subject subject = with_lost(lost_lines);
    log_outage_look(&outage, &subject);
}

/* "" when nothing was said. */
static const char *said(void)
{
    static char text[512];
    struct message_line line = {0};
    struct bytes lines = take();
    text[0] = '\0';
    if (message_line_take(&lines, &line)) {
        assert_in_range(line.text.length, 1, sizeof(text) - 1);
        memcpy(text, line.text.at, line.text.length);
        text[line.text.length] = '\0';
        assert_int_equal(lines.length, 0);
    }
    return text;
}

static void the_reason_is_said_once(void **state)
{
    (void)state;
    lose(3, 3, ENOSPC);
    assert_string_equal(said(), "sallyport: error: access_log = /var/a.log: No space left on "
                                "device; its lines are dropped, requests go on");
    lose(3, 6, ENOSPC);
    lose(3, 9, EIO);
    assert_string_equal(said(), "");
}

static void a_reader_that_is_stuck_is_called_so(void **state)
{
    (void)state;
    lose(1, 1, EAGAIN);
    assert_non_null(strstr(said(), "nobody reads what was written"));
}

static void a_success_in_the_midst_of_losses_ends_nothing(void **state)
{
    (void)state;
    lose(1, 1, ENOSPC);
    (void)said();
    for (uint64_t i = 2; i < 100; i++) {
        log_outage_note_success(&outage);
        fake_clock_advance_ms(QUIET_MS - 1);
        look(i - 1);
        lose(1, i, ENOSPC);
        look(i);
    }
    assert_string_equal(said(), "");
}

static void the_end_is_said_after_a_quiet_while_with_what_was_lost(void **state)
{
    (void)state;
    lose(2, 42, ENOSPC); /* forty were lost before */
    (void)said();
    log_outage_note_success(&outage);
    fake_clock_advance_ms(QUIET_MS - 1);
    look(45);
    assert_string_equal(said(), "");
    fake_clock_advance_ms(1);
    look(45);
    assert_string_equal(said(),
                        "sallyport: access_log = /var/a.log: takes lines again; 5 were dropped");
    look(45);
    assert_string_equal(said(), "");
    lose(1, 46, EIO);
    assert_non_null(strstr(said(), "Input/output error"));
}

static void a_log_that_never_failed_is_not_spoken_of(void **state)
{
    (void)state;
    log_outage_note_success(&outage);
    look(0);
    assert_string_equal(said(), "");
}

int main(void)
{
#define SAID(test) cmocka_unit_test_setup_teardown(test, open_without_outage, close_log)
    const struct CMUnitTest tests[] = {
        SAID(the_reason_is_said_once),
        SAID(a_reader_that_is_stuck_is_called_so),
        SAID(a_success_in_the_midst_of_losses_ends_nothing),
        SAID(the_end_is_said_after_a_quiet_while_with_what_was_lost),
        SAID(a_log_that_never_failed_is_not_spoken_of),
    };
    return cmocka_run_group_tests_name("log_outage", tests, NULL, NULL);
}
