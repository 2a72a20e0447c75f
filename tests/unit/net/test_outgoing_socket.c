/* Sockets that are about to be connected: how they are set, and what is told when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/outgoing_socket.h"

/* No family of any system. */
#define FAMILY_OF_NOBODY 250

static void it_sends_without_delay_and_is_not_passed_on(void **state)
{
    int descriptor = -1;
    int value = 0;
    socklen_t length = sizeof(value);
    (void)state;
    assert_true(result_is_ok(outgoing_socket_open(AF_INET, &descriptor)));
    assert_int_equal(getsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
    assert_int_equal(value, 1);
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(close(descriptor), 0);
}

static void a_family_that_there_is_not_is_refused(void **state)
{
    int descriptor = -1;
    (void)state;
    assert_int_equal(outgoing_socket_open(FAMILY_OF_NOBODY, &descriptor).code, ERROR_SYSTEM);
    assert_int_equal(outgoing_socket_open(AF_UNSPEC, &descriptor).code, ERROR_SYSTEM);
    assert_int_equal(descriptor, -1);
}

static void a_lack_of_descriptors_is_a_limit_that_is_full(void **state)
{
    struct rlimit before;
    int descriptor = -1;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct result result = outgoing_socket_open(AF_INET, &descriptor);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(result.code, ERROR_LIMIT_REACHED);
    assert_int_equal(descriptor, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_sends_without_delay_and_is_not_passed_on),
        cmocka_unit_test(a_family_that_there_is_not_is_refused),
        cmocka_unit_test(a_lack_of_descriptors_is_a_limit_that_is_full),
    };
    return cmocka_run_group_tests_name("outgoing_socket", tests, NULL, NULL);
}
