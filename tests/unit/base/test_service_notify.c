/* What a service manager reads, here a socket of the test's own; and names that are none. */
#include "base/service_notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

struct listening {
    int descriptor;
    char folder[32];
    char name[64];
    char seen[1024];
};

static struct listening listening;

/* Binds to listening.name, whose @ stands for the abstract namespace. */
static void bind_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(listening.name);
    memcpy(address.sun_path, listening.name, length);
    if (listening.name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    listening.descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(listening.descriptor >= 0);
    assert_int_equal(bind(listening.descriptor, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
                     0);
}

static int listen_at_path(void **state)
{
    (void)state;
    memcpy(listening.folder, "/tmp/notify-XXXXXX", 19);
    assert_non_null(mkdtemp(listening.folder));
    (void)snprintf(listening.name, sizeof(listening.name), "%s/notify", listening.folder);
    bind_socket();
    return 0;
}

static int listen_at_abstract_name(void **state)
{
    (void)state;
    (void)snprintf(listening.name, sizeof(listening.name), "@sallyport-notify-%d", (int)getpid());
    bind_socket();
    return 0;
}

static int end_listening(void **state)
{
    (void)state;
    (void)close(listening.descriptor);
    if (listening.name[0] == '/') {
        (void)unlink(listening.name);
        (void)rmdir(listening.folder);
    }
    return 0;
}

static const char *receive(void)
{
    ssize_t count = recv(listening.descriptor, listening.seen, sizeof(listening.seen) - 1, 0);
    listening.seen[count < 0 ? 0 : count] = '\0';
    return listening.seen;
}

static void each_state_is_one_datagram_of_lines(void **state)
{
    struct service_notify notify;
    (void)state;
    assert_true(result_is_ok(service_notify_open(&notify, listening.name)));
    service_notify_ready(&notify, "serving 2 addresses");
    assert_string_equal(receive(), "READY=1\nSTATUS=serving 2 addresses\n");
    service_notify_status(&notify, "half full");
    assert_string_equal(receive(), "STATUS=half full\n");
    service_notify_alive(&notify);
    assert_string_equal(receive(), "WATCHDOG=1\n");
    service_notify_stopping(&notify, "draining");
    assert_string_equal(receive(), "STOPPING=1\nSTATUS=draining\n");
    service_notify_close(&notify);
}

static void a_reload_says_since_when(void **state)
{
    struct service_notify notify;
    unsigned long long usec = 0;
    (void)state;
    assert_true(result_is_ok(service_notify_open(&notify, listening.name)));
    uint64_t before_usec = clock_monotonic_ns() / 1000;
    service_notify_reloading(&notify);
    assert_int_equal(sscanf(receive(), "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=", &usec), 1);
    assert_true(usec >= before_usec && usec <= clock_monotonic_ns() / 1000);
    service_notify_close(&notify);
}

static void a_line_break_in_a_status_begins_no_other_variable(void **state)
{
    struct service_notify notify;
    (void)state;
    assert_true(result_is_ok(service_notify_open(&notify, listening.name)));
    service_notify_status(&notify, "one\nMAINPID=1");
    assert_string_equal(receive(), "STATUS=one MAINPID=1\n");
    service_notify_close(&notify);
}

static void a_status_that_is_too_long_is_cut(void **state)
{
    struct service_notify notify;
    char status[2000];
    (void)state;
    memset(status, 'x', sizeof(status) - 1);
    status[sizeof(status) - 1] = '\0';
    assert_true(result_is_ok(service_notify_open(&notify, listening.name)));
    service_notify_ready(&notify, status);
    assert_memory_equal(receive(), "READY=1\nSTATUS=xxx", 18);
    service_notify_close(&notify);
}

static void nobody_is_told_without_a_name(void **state)
{
    struct service_notify notify;
    (void)state;
    static const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        assert_true(result_is_ok(service_notify_open(&notify, names[i])));
        assert_int_equal(notify.descriptor, -1);
        service_notify_ready(&notify, "x");
        service_notify_alive(&notify);
        service_notify_close(&notify);
    }
}

static void names_of_other_kinds_are_refused(void **state)
{
    struct service_notify notify;
    char long_name[200];
    (void)state;
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[0] = '/';
    long_name[sizeof(long_name) - 1] = '\0';
    const char *const names[] = {"run/notify", "vsock:2:1234", "/", "@", long_name};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(service_notify_open(&notify, names[i]).code, ERROR_BAD_INPUT);
        service_notify_ready(&notify, "x");
        service_notify_close(&notify);
    }
}

static void a_manager_that_has_gone_or_does_not_read_holds_nobody_up(void **state)
{
    struct service_notify gone;
    struct service_notify deaf;
    struct timeval patience = {0};
    socklen_t length = sizeof(patience);
    (void)state;
    assert_true(result_is_ok(service_notify_open(&gone, "/nowhere/at/all")));
    service_notify_ready(&gone, "x");
    service_notify_close(&gone);
    assert_true(result_is_ok(service_notify_open(&deaf, listening.name)));
    assert_int_equal(getsockopt(deaf.descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, &length), 0);
    assert_int_equal(patience.tv_sec * 1000 + patience.tv_usec / 1000, SERVICE_NOTIFY_PATIENCE_MS);
    service_notify_close(&deaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_state_is_one_datagram_of_lines, listen_at_path,
                                        end_listening),
        cmocka_unit_test_setup_teardown(a_reload_says_since_when, listen_at_abstract_name,
                                        end_listening),
        cmocka_unit_test_setup_teardown(a_line_break_in_a_status_begins_no_other_variable,
                                        listen_at_path, end_listening),
        cmocka_unit_test_setup_teardown(a_status_that_is_too_long_is_cut, listen_at_abstract_name,
                                        end_listening),
        cmocka_unit_test(nobody_is_told_without_a_name),
        cmocka_unit_test(names_of_other_kinds_are_refused),
        cmocka_unit_test_setup_teardown(a_manager_that_has_gone_or_does_not_read_holds_nobody_up,
                                        listen_at_path, end_listening),
    };
    return cmocka_run_group_tests_name("service_notify", tests, NULL, NULL);
}
