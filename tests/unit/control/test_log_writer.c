/* The log's thread: all lines in order, a file that was moved away, and files that take nothing. */
#include "log_fixture.h"

static void lines_are_written_in_the_order_of_their_queue(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    put(0, "one\n");
    put(0, "two\n");
    expect_content("access.log", "one\ntwo\n");
    put(0, "three\n");
    expect_content("access.log", "one\ntwo\nthree\n");
    log_writer_stop(writer);
    assert_int_equal(lost_bytes(writer), 0);
    log_writer_destroy(writer);
}

static void stopping_writes_what_is_left_in_every_queue(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    put(0, "first\n");
    put(1, "second\n");
    log_writer_stop(writer);
    assert_non_null(strstr(content_of("access.log"), "first\n"));
    assert_non_null(strstr(content_of("access.log"), "second\n"));
    assert_int_equal(log_queue_peek(queues[0]).length, 0);
    log_writer_destroy(writer);
}

static void a_file_that_is_there_is_appended_to(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct log_writer *writer = start_writer("access.log");
        put(0, "again\n");
        log_writer_stop(writer);
        log_writer_destroy(writer);
    }
    assert_string_equal(content_of("access.log"), "again\nagain\n");
}

static void a_new_file_is_not_for_everybody(void **state)
{
    (void)state;
    struct stat status;
    mode_t before = umask(0);
    struct log_writer *writer = create_writer("access.log");
    (void)umask(before);
    assert_int_equal(stat("access.log", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    log_writer_destroy(writer);
}

static void after_a_rotation_lines_go_to_the_new_file(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    put(0, "old\n");
    expect_content("access.log", "old\n");
    assert_int_equal(rename("access.log", "access.log.1"), 0);
    put(0, "still old\n");
    expect_content("access.log.1", "old\nstill old\n");
    log_writer_reopen(writer);
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && access("access.log", F_OK) != 0;
         waited_ms += 5) {
        wait_a_little();
    }
    put(0, "new\n");
    expect_content("access.log", "new\n");
    assert_string_equal(content_of("access.log.1"), "old\nstill old\n");
    log_writer_stop(writer);
    log_writer_destroy(writer);
}

static void a_path_that_cannot_be_opened_anew_keeps_the_old_file(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("access.log");
    put(0, "old\n");
    expect_content("access.log", "old\n");
    assert_int_equal(rename("access.log", "access.log.1"), 0);
    assert_int_equal(mkdir("access.log", 0700), 0);
    log_writer_reopen(writer);
    for (int i = 0; i < 10; i++) {
        wait_a_little(); /* More than the thread's pace: it has tried. */
    }
    put(0, "kept\n");
    expect_content("access.log.1", "old\nkept\n");
    log_writer_stop(writer);
    assert_int_equal(lost_bytes(writer), 0);
    log_writer_destroy(writer);
    assert_int_equal(rmdir("access.log"), 0);
}

static void a_path_that_cannot_be_opened_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *said;
    } rows[] = {
        {"absent/access.log",
         "edge.ini:3: [gateway] access_log = absent/access.log: No such file or directory; make "
         "its folder first"},
        {".", "edge.ini:3: [gateway] access_log = .: Is a directory; name a file in that folder"},
        {"/dev/null/x", "edge.ini:3: [gateway] access_log = /dev/null/x: Not a directory"},
    };
    struct log_writer *writer = NULL;
    assert_true(result_is_ok(log_writer_create(NULL, &writer)));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config_gateway gateway = logging_to(rows[i].path);
        assert_string_equal(change_to(writer, &gateway), rows[i].said);
    }
    log_writer_destroy(writer);
}

static void a_full_disk_loses_lines_and_counts_their_bytes(void **state)
{
    (void)state;
    struct log_writer *writer = start_writer("/dev/full");
    put(0, "four\n");
    put(1, "seven\n");
    log_writer_stop(writer);
    assert_int_equal(lost_bytes(writer), 11);
    assert_int_equal(log_writer_lost_lines(writer, LOG_ACCESS), 2);
    assert_int_equal(log_queue_peek(queues[0]).length, 0);
    log_writer_destroy(writer);
}

static void a_full_disk_does_not_end_the_log(void **state)
{
    (void)state;
    assert_int_equal(symlink("/dev/full", "access.log"), 0);
    struct log_writer *writer = start_writer("access.log");
    put(0, "lost\n");
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && lost_bytes(writer) == 0; waited_ms += 5) {
        wait_a_little();
    }
    assert_int_equal(lost_bytes(writer), 5);
    assert_int_equal(unlink("access.log"), 0);
    log_writer_reopen(writer);
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && access("access.log", F_OK) != 0;
         waited_ms += 5) {
        wait_a_little();
    }
    put(0, "written\n");
    expect_content("access.log", "written\n");
    log_writer_stop(writer);
    assert_int_equal(lost_bytes(writer), 5);
    log_writer_destroy(writer);
}

/* A FIFO that nobody empties: what it holds is whole, the rest is given up and counted. */
static void a_reader_that_is_stuck_holds_nobody_up_for_ever(void **state)
{
    (void)state;
    static char line[8192];
    static char received[1 << 20];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 2] = '\n';
    assert_int_equal(mkfifo("access.log", 0600), 0);
    int reader = open("access.log", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_true(fcntl(reader, F_SETPIPE_SZ, 16384) >= 16384);
    size_t room = (size_t)fcntl(reader, F_GETPIPE_SZ);
    size_t sent = 0;
    struct log_writer *writer = start_writer("access.log");
    while (sent < room + 3 * (sizeof(line) - 1)) {
        assert_true(log_queue_put(queues[0], bytes_from(line, sizeof(line) - 1)));
        sent += sizeof(line) - 1;
    }
    log_writer_stop(writer);
    ssize_t length = read(reader, received, sizeof(received));
    assert_true(length > 0);
    assert_int_equal((size_t)length + lost_bytes(writer), sent);
    assert_true(lost_bytes(writer) >= sent - room);
    log_writer_destroy(writer);
    assert_int_equal(close(reader), 0);
}

/* As `access_log = -` has it; the test's own standard output is put back. */
static void a_dash_is_standard_output(void **state)
{
    (void)state;
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int file = open("access.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(kept >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    struct log_writer *writer = start_writer("-");
    put(0, "to the terminal\n");
    log_writer_stop(writer);
    log_writer_destroy(writer);
    bool is_still_open = fcntl(STDOUT_FILENO, F_GETFD) != -1;
    assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(kept);
    (void)close(file);
    assert_true(is_still_open);
    assert_string_equal(content_of("access.log"), "to the terminal\n");
    assert_int_equal(access("-", F_OK), -1);
}

static void a_writer_that_never_started_stops_and_goes(void **state)
{
    (void)state;
    struct log_writer *writer = create_writer("access.log");
    put(0, "nobody takes it\n");
    log_writer_stop(writer);
    log_writer_destroy(writer);
    log_writer_stop(NULL);
    log_writer_destroy(NULL);
    assert_string_equal(content_of("access.log"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(lines_are_written_in_the_order_of_their_queue),
        EACH(stopping_writes_what_is_left_in_every_queue),
        EACH(a_file_that_is_there_is_appended_to),
        EACH(a_new_file_is_not_for_everybody),
        EACH(after_a_rotation_lines_go_to_the_new_file),
        EACH(a_path_that_cannot_be_opened_anew_keeps_the_old_file),
        EACH(a_path_that_cannot_be_opened_is_an_error),
        EACH(a_full_disk_loses_lines_and_counts_their_bytes),
        EACH(a_full_disk_does_not_end_the_log),
        EACH(a_reader_that_is_stuck_holds_nobody_up_for_ever),
        EACH(a_dash_is_standard_output),
        EACH(a_writer_that_never_started_stops_and_goes),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
