/* Places that take only a part: no half line stays in a file, and none is continued by another. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../../src/control/log_target.h"
#include "log_fixture.h"

#define LIMIT_BYTES 16

static struct log_target *open_at(enum config_log_kind kind, const char *path)
{
    struct config_log where = {
        .source.text = path == NULL ? "-" : path, .kind = kind, .path = path};
    struct log_target *target = NULL;
    assert_true(result_is_ok(log_target_open(&where, false, &target)));
    log_target_begin_turn(target);
    return target;
}

static struct log_loss write_lines(struct log_target *target, const char *lines)
{
    char memory[65536];
    size_t length = strlen(lines);
    assert_in_range(length, 0, sizeof(memory) - 1);
    memcpy(memory, lines, length);
    return log_target_write(target, (uint8_t *)memory, length);
}

static void limit_files(rlim_t size_bytes)
{
    struct rlimit limit = {.rlim_cur = size_bytes, .rlim_max = RLIM_INFINITY};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void half_a_line_that_a_full_file_took_is_taken_back(void **state)
{
    struct log_target *target = open_at(CONFIG_LOG_FILE, "access.log");
    (void)state;
    limit_files(LIMIT_BYTES);
    struct log_loss loss = write_lines(target, "eleven char\nand a half\nmore\n");
    limit_files(RLIM_INFINITY);
    assert_int_equal(loss.lines, 2);
    assert_int_equal(loss.bytes, strlen("and a half\nmore\n"));
    assert_int_equal(loss.reason, EFBIG);
    assert_string_equal(content_of("access.log"), "eleven char\n");
    loss = write_lines(target, "next\n");
    assert_int_equal(loss.lines, 0);
    assert_string_equal(content_of("access.log"), "eleven char\nnext\n");
    log_target_close(target);
}

/* Standard output may be another's file, which is not ours to shorten. */
static void behind_half_a_line_in_the_file_of_another_a_new_line_begins(void **state)
{
    (void)state;
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int file = open("access.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    struct log_target *target = open_at(CONFIG_LOG_STANDARD_OUTPUT, NULL);
    limit_files(LIMIT_BYTES);
    struct log_loss loss = write_lines(target, "eleven char\nand a half\n");
    limit_files(RLIM_INFINITY);
    struct log_loss none = write_lines(target, "next\n");
    log_target_close(target);
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(kept);
    (void)close(file);
    assert_int_equal(loss.lines, 1);
    assert_int_equal(none.lines, 0);
    assert_string_equal(content_of("access.log"), "eleven char\nand \nnext\n");
}

/* A pipe that has no room for a line that is longer than it takes at once. */
static void behind_half_a_line_in_a_pipe_a_new_line_begins(void **state)
{
    static char line[65000];
    static char received[1 << 20];
    (void)state;
    memset(line, 'x', sizeof(line) - 2);
    line[sizeof(line) - 2] = '\n';
    assert_int_equal(mkfifo("access.log", 0600), 0);
    int reader = open("access.log", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fcntl(reader, F_SETPIPE_SZ, 16384) >= 16384);
    struct log_target *target = open_at(CONFIG_LOG_FILE, "access.log");
    struct log_loss loss = write_lines(target, line);
    assert_int_equal(loss.lines, 1);
    assert_int_equal(loss.reason, EAGAIN);
    ssize_t length = read(reader, received, sizeof(received));
    assert_int_equal((size_t)length + loss.bytes, sizeof(line) - 1);
    log_target_begin_turn(target);
    loss = write_lines(target, "next\n");
    assert_int_equal(loss.lines, 0);
    length = read(reader, received, sizeof(received) - 1);
    assert_true(length > 0);
    received[length] = '\0';
    assert_string_equal(received, "\nnext\n");
    assert_int_equal(close(reader), 0);
    log_target_close(target);
}

static void a_stuck_reader_is_waited_for_once(void **state)
{
    static char lines[16385];
    struct timespec before;
    struct timespec after;
    (void)state;
    memset(lines, '\n', sizeof(lines) - 1);
    assert_int_equal(mkfifo("access.log", 0600), 0);
    int reader = open("access.log", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fcntl(reader, F_SETPIPE_SZ, 4096) >= 4096);
    struct log_target *target = open_at(CONFIG_LOG_FILE, "access.log");
    assert_true(write_lines(target, lines).lines > 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &before);
    for (int i = 0; i < 100; i++) {
        log_target_begin_turn(target);
        assert_true(write_lines(target, lines).lines > 0);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    assert_in_range(after.tv_sec - before.tv_sec, 0, 50); /* of a second each */
    assert_int_equal(close(reader), 0);
    log_target_begin_turn(target);
    struct log_loss loss = write_lines(target, "nobody\n");
    assert_int_equal(loss.lines, 1); /* the pipe is broken, and that ends nothing */
    log_target_close(target);
}

static void a_pipe_without_a_reader_is_not_opened(void **state)
{
    struct config_log where = {
        .source.text = "access.log", .kind = CONFIG_LOG_FILE, .path = "access.log"};
    struct log_target *target = NULL;
    (void)state;
    assert_int_equal(mkfifo("access.log", 0600), 0);
    errno = 0;
    assert_int_equal(log_target_open(&where, false, &target).code, ERROR_FILE);
    assert_int_equal(errno, ENXIO);
    assert_null(target);
}

static void a_target_knows_its_place(void **state)
{
    struct log_target *target = open_at(CONFIG_LOG_FILE, "access.log");
    (void)state;
    assert_string_equal(log_target_name(target), "access.log");
    assert_true(
        log_target_is(target, &(struct config_log){.kind = CONFIG_LOG_FILE, .path = "access.log"}));
    assert_false(log_target_is(
        target, &(struct config_log){.kind = CONFIG_LOG_FILE, .path = "access.log.1"}));
    assert_false(log_target_is(
        target, &(struct config_log){.kind = CONFIG_LOG_SYSLOG, .path = "access.log"}));
    assert_false(log_target_is(target, &(struct config_log){.kind = CONFIG_LOG_STANDARD_OUTPUT}));
    log_target_close(target);
    log_target_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(half_a_line_that_a_full_file_took_is_taken_back),
        EACH(behind_half_a_line_in_the_file_of_another_a_new_line_begins),
        EACH(behind_half_a_line_in_a_pipe_a_new_line_begins),
        EACH(a_stuck_reader_is_waited_for_once),
        EACH(a_pipe_without_a_reader_is_not_opened),
        EACH(a_target_knows_its_place),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("log_target", tests, enter_folder, leave_folder);
}
