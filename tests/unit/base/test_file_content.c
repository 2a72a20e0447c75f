/* Reading to the end: in one piece or many, with signals between them, and what fails half-way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file_content.h"

#define CAPACITY    16
#define TICK_US     1000
#define PIECE_COUNT 10

static uint8_t buffer[CAPACITY + 1];
static int ends[2]; /* of a pipe: to read, to write */
static volatile sig_atomic_t tick_count;

static int open_pipe(void **state)
{
    (void)state;
    memset(buffer, '.', sizeof(buffer));
    return pipe2(ends, O_CLOEXEC);
}

static int close_pipe(void **state)
{
    (void)state;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

static void write_text(const char *text)
{
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
}

static void finish_writing(void)
{
    (void)close(ends[1]);
    ends[1] = -1;
}

static void expect_content(size_t capacity, const char *content)
{
    size_t length = SIZE_MAX;
    assert_true(file_content_read(ends[0], buffer, capacity, &length));
    assert_int_equal(length, strlen(content));
    assert_memory_equal(buffer, content, length);
    assert_int_equal(buffer[length], '.'); /* not a byte more */
}

static void expect_failure(int descriptor, int reason)
{
    size_t length = SIZE_MAX;
    assert_false(file_content_read(descriptor, buffer, CAPACITY, &length));
    assert_int_equal(errno, reason);
    assert_int_equal(length, SIZE_MAX);
}

static void what_is_there_is_read_to_its_end(void **state)
{
    (void)state;
    write_text("short");
    finish_writing();
    expect_content(CAPACITY, "short");
    memset(buffer, '.', sizeof(buffer));
    expect_content(CAPACITY, "");
}

static void no_more_is_read_than_there_is_room_for_and_the_rest_stays(void **state)
{
    (void)state;
    write_text("longer than that");
    expect_content(0, "");
    expect_content(6, "longer");
    memset(buffer, '.', sizeof(buffer));
    expect_content(5, " than");
}

/* Each signal interrupts a read that waits, and brings the next piece. */
static void write_a_piece(int signal_number)
{
    int reason = errno;
    (void)signal_number;
    if (tick_count++ >= PIECE_COUNT || write(ends[1], "x", 1) != 1) {
        finish_writing();
    }
    errno = reason;
}

static void pieces_and_signals_make_no_difference(void **state)
{
    struct sigaction action = {.sa_handler = write_a_piece};
    struct itimerval ticks = {{.tv_usec = TICK_US}, {.tv_usec = TICK_US}};
    static const struct itimerval none;
    (void)state;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &ticks, NULL), 0);
    expect_content(CAPACITY, "xxxxxxxxxx");
    assert_int_equal(setitimer(ITIMER_REAL, &none, NULL), 0);
}

static void what_cannot_be_read_is_told_with_its_reason(void **state)
{
    (void)state;
    int folder = open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    expect_failure(folder, EISDIR);
    assert_int_equal(close(folder), 0);
    expect_failure(-1, EBADF);
}

static void half_of_what_was_wanted_is_wiped(void **state)
{
    static const uint8_t nothing[4];
    (void)state;
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    write_text("half");
    expect_failure(ends[0], EAGAIN);
    assert_memory_equal(buffer, nothing, sizeof(nothing));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_pipe, close_pipe)
    const struct CMUnitTest tests[] = {
        TEST(what_is_there_is_read_to_its_end),
        TEST(no_more_is_read_than_there_is_room_for_and_the_rest_stays),
        TEST(pieces_and_signals_make_no_difference),
        TEST(what_cannot_be_read_is_told_with_its_reason),
        TEST(half_of_what_was_wanted_is_wiped),
    };
    return cmocka_run_group_tests_name("file_content", tests, NULL, NULL);
}
