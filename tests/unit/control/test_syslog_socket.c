/* A logger at a socket: messages as RFC 5424 has them, and loggers that are stuck, gone or new. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../../src/control/log_target.h"
#include "../../../src/control/message_line.h"
#include "../../../src/control/syslog_socket.h"
#include "control/message_log.h"
#include "log_fixture.h"

static char received[65536];

static int open_logger(int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "logger"};
    int logger = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink("logger");
    assert_true(logger >= 0);
    assert_int_equal(bind(logger, (struct sockaddr *)&address, sizeof(address)), 0);
    return logger;
}

static struct config_log syslog_at(const char *path)
{
    return (struct config_log){
        .source.text = "syslog:logger", .kind = CONFIG_LOG_SYSLOG, .path = path};
}

static struct log_target *open_target(bool holds_messages)
{
    struct config_log where = syslog_at("logger");
    struct log_target *target = NULL;
    assert_true(result_is_ok(log_target_open(&where, holds_messages, &target)));
    log_target_begin_turn(target);
    return target;
}

static struct log_loss send_lines(struct log_target *target, const char *lines)
{
    static char memory[65536];
    (void)snprintf(memory, sizeof(memory), "%s", lines);
    return log_target_write(target, (uint8_t *)memory, strlen(memory));
}

/* The next datagram, or NULL. */
static const char *receive(int logger)
{
    ssize_t length = recv(logger, received, sizeof(received) - 1, 0);
    if (length < 0) {
        return NULL;
    }
    received[length] = '\0';
    return received;
}

/* <PRI>1 TIME HOST sallyport PID KIND - TEXT */
static void expect_message(int logger, const char *priority, const char *kind, const char *text)
{
    char parts[7][256];
    const char *message = receive(logger);
    int text_at = 0;
    assert_non_null(message);
    assert_int_equal(sscanf(message, "%255s %255s %255s %255s %255s %255s %255s %n", parts[0],
                            parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], &text_at),
                     7);
    assert_string_equal(parts[0], priority);
    assert_int_equal(strlen(parts[1]), MESSAGE_LINE_TIME_BYTES);
    assert_string_equal(parts[3], "sallyport");
    assert_int_equal(atoi(parts[4]), getpid());
    assert_string_equal(parts[5], kind);
    assert_string_equal(parts[6], "-");
    assert_string_equal(message + text_at, text);
}

static void each_record_is_a_datagram_of_its_own(void **state)
{
    int logger = open_logger(SOCK_DGRAM);
    struct log_target *target = open_target(false);
    (void)state;
    struct log_loss loss = send_lines(target, "{\"a\":1}\n{\"b\":\"two words\"}\n");
    assert_int_equal(loss.lines, 0);
    expect_message(logger, "<30>1", "access", "{\"a\":1}");
    expect_message(logger, "<30>1", "access", "{\"b\":\"two words\"}");
    assert_null(receive(logger));
    log_target_close(target);
    assert_int_equal(close(logger), 0);
}

static void messages_have_their_severity_and_time_and_not_the_name_twice(void **state)
{
    int logger = open_logger(SOCK_DGRAM);
    struct log_target *target = open_target(true);
    (void)state;
    (void)send_lines(target, "S3 2026-01-31T12:00:00.123456Z sallyport: error: it broke\n"
                             "-4 2026-01-31T12:00:00.123456Z edge.ini:1: warning: beware\n");
    expect_message(logger, "<27>1", "message", "error: it broke");
    expect_message(logger, "<28>1", "message", "edge.ini:1: warning: beware");
    assert_non_null(strstr(received, " 2026-01-31T12:00:00.123456Z "));
    log_target_close(target);
    assert_int_equal(close(logger), 0);
}

static void a_logger_that_does_not_read_costs_its_messages_and_a_second(void **state)
{
    int logger = open_logger(SOCK_DGRAM);
    struct log_target *target = open_target(false);
    struct log_loss loss = {0};
    size_t sent = 0;
    (void)state;
    for (; loss.lines == 0; sent++) {
        assert_in_range(sent, 0, 100000);
        loss = send_lines(target, "x\n");
    }
    assert_int_equal(loss.reason, EAGAIN);
    log_target_begin_turn(target);
    loss = send_lines(target, "x\nx\nx\n");
    assert_int_equal(loss.lines, 3);
    assert_int_equal(loss.bytes, 6);
    for (sent--; sent > 0; sent--) {
        assert_non_null(receive(logger));
    }
    assert_null(receive(logger));
    log_target_begin_turn(target);
    assert_int_equal(send_lines(target, "again\n").lines, 0);
    expect_message(logger, "<30>1", "access", "again");
    log_target_close(target);
    assert_int_equal(close(logger), 0);
}

static void a_logger_that_is_started_anew_is_found_again(void **state)
{
    int logger = open_logger(SOCK_DGRAM);
    struct log_target *target = open_target(false);
    (void)state;
    assert_int_equal(send_lines(target, "one\n").lines, 0);
    assert_int_equal(close(logger), 0);
    assert_int_equal(send_lines(target, "lost\n").lines, 1);
    logger = open_logger(SOCK_DGRAM);
    struct log_loss loss = {.lines = 1};
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && loss.lines > 0; waited_ms += 5) {
        wait_a_little();
        loss = send_lines(target, "two\n");
    }
    assert_int_equal(loss.lines, 0);
    expect_message(logger, "<30>1", "access", "two");
    log_target_close(target);
    assert_int_equal(close(logger), 0);
}

static void a_restart_between_two_messages_loses_none(void **state)
{
    int logger = open_logger(SOCK_DGRAM);
    struct log_target *target = open_target(false);
    (void)state;
    assert_int_equal(send_lines(target, "one\n").lines, 0);
    assert_int_equal(close(logger), 0);
    logger = open_logger(SOCK_DGRAM);
    assert_int_equal(send_lines(target, "two\n").lines, 0);
    expect_message(logger, "<30>1", "access", "two");
    log_target_close(target);
    assert_int_equal(close(logger), 0);
}

static void a_place_where_nobody_listens_is_an_error(void **state)
{
    struct log_target *target = NULL;
    struct config_log where = syslog_at("logger");
    (void)state;
    assert_int_equal(log_target_open(&where, false, &target).code, ERROR_FILE);
    assert_int_equal(errno, ENOENT);
    int logger = open_logger(SOCK_STREAM);
    assert_int_equal(log_target_open(&where, false, &target).code, ERROR_FILE);
    assert_int_equal(errno, EPROTOTYPE);
    assert_int_equal(close(logger), 0);
    assert_int_equal(close(open_logger(SOCK_DGRAM)), 0);
    assert_int_equal(log_target_open(&where, false, &target).code, ERROR_FILE);
    assert_int_equal(errno, ECONNREFUSED);
    assert_null(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(each_record_is_a_datagram_of_its_own),
        EACH(messages_have_their_severity_and_time_and_not_the_name_twice),
        EACH(a_logger_that_does_not_read_costs_its_messages_and_a_second),
        EACH(a_logger_that_is_started_anew_is_found_again),
        EACH(a_restart_between_two_messages_loses_none),
        EACH(a_place_where_nobody_listens_is_an_error),
    };
    return cmocka_run_group_tests_name("log_syslog", tests, enter_folder, leave_folder);
}
