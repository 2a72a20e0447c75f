/* A terminal that is taken over: its keys, its end, and what is left of the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../../src/cli/live_terminal.h"
#include "base/clock.h"

#define LONG_MS  20000
#define SHORT_MS 20

static int keyboard; /* the side that types; standard input is the other */
static int former_input;
static int former_output;
static struct live_terminal terminal;

/* Nothing that the terminal is sent is to be seen among the results. */
static int take_terminal(void **state)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)state;
    keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (nowhere < 0 || keyboard < 0 || grantpt(keyboard) != 0 || unlockpt(keyboard) != 0) {
        return -1;
    }
    int input = open(ptsname(keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
    (void)fflush(stdout);
    former_input = dup(STDIN_FILENO);
    former_output = dup(STDOUT_FILENO);
    bool is_taken = input >= 0 && dup2(input, STDIN_FILENO) == STDIN_FILENO &&
                    dup2(nowhere, STDOUT_FILENO) == STDOUT_FILENO;
    (void)close(input);
    (void)close(nowhere);
    return is_taken && result_is_ok(live_terminal_open(&terminal)) ? 0 : -1;
}

static int give_terminal_back(void **state)
{
    (void)state;
    live_terminal_close(&terminal);
    (void)dup2(former_input, STDIN_FILENO);
    (void)dup2(former_output, STDOUT_FILENO);
    (void)close(former_input);
    (void)close(former_output);
    if (keyboard >= 0) {
        (void)close(keyboard);
    }
    return 0;
}

static void type(const char *keys)
{
    assert_int_equal(write(keyboard, keys, strlen(keys)), strlen(keys));
}

static void a_key_asks_for_another_look(void **state)
{
    (void)state;
    type(" ");
    assert_int_equal(live_terminal_wait(&terminal, LONG_MS), LIVE_TERMINAL_REDRAW);
}

static void q_ends_it(void **state)
{
    (void)state;
    type("xq");
    assert_int_equal(live_terminal_wait(&terminal, LONG_MS), LIVE_TERMINAL_END);
}

static void without_a_key_the_time_passes(void **state)
{
    (void)state;
    uint64_t begin_ms = clock_monotonic_ms();
    assert_int_equal(live_terminal_wait(&terminal, SHORT_MS), LIVE_TERMINAL_TIME);
    assert_true(clock_monotonic_ms() - begin_ms >= SHORT_MS);
}

/* What errno is left from an earlier call says nothing of a read that did not fail. */
static void a_terminal_that_has_gone_ends_it_whatever_errno_was(void **state)
{
    (void)state;
    (void)close(keyboard);
    keyboard = -1;
    uint64_t begin_ms = clock_monotonic_ms();
    errno = EINTR;
    assert_int_equal(live_terminal_wait(&terminal, LONG_MS), LIVE_TERMINAL_END);
    assert_true(clock_monotonic_ms() - begin_ms < LONG_MS);
}

static void a_signal_ends_it(void **state)
{
    (void)state;
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(live_terminal_wait(&terminal, LONG_MS), LIVE_TERMINAL_END);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, take_terminal, give_terminal_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_asks_for_another_look),
        TEST(q_ends_it),
        TEST(without_a_key_the_time_passes),
        TEST(a_terminal_that_has_gone_ends_it_whatever_errno_was),
        TEST(a_signal_ends_it),
    };
    return cmocka_run_group_tests_name("live_terminal", tests, NULL, NULL);
}
