/* Listening sockets: what they share, what they refuse, and what the error says. */
#include "net_loop.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "net/listen_socket.h"

static unsigned pause_count;

/* Of another program, which closes it in the last pause of so many; not yet set: none. */
static struct {
    int descriptor;
    unsigned pause_count;
} ending;

/* In place of the system's: between two tries to bind passes no time, but what the test wants. */
int nanosleep(const struct timespec *pause, struct timespec *rest)
{
    (void)pause;
    (void)rest;
    if (++pause_count == ending.pause_count) {
        (void)close(ending.descriptor);
    }
    return 0;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct result open_ipv4(const struct sockaddr_in *address, int *ret_descriptor)
{
    return listen_socket_open((const struct sockaddr *)address, sizeof(*address), ret_descriptor);
}

static struct result probe_ipv4(const struct sockaddr_in *address)
{
    return listen_socket_probe((const struct sockaddr *)address, sizeof(*address));
}

/* A port that was free a moment ago. */
static struct sockaddr_in free_address(void)
{
    struct sockaddr_in address;
    (void)close(listen_on_loopback(1, &address));
    return address;
}

static int get_flag(int descriptor, int level, int option)
{
    int value = -1;
    socklen_t length = sizeof(value);
    assert_int_equal(getsockopt(descriptor, level, option, &value, &length), 0);
    return value;
}

static void several_workers_listen_on_one_address(void **state)
{
    struct sockaddr_in address = free_address();
    int descriptors[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(result_is_ok(open_ipv4(&address, &descriptors[i])));
        assert_true(fcntl(descriptors[i], F_GETFD) & FD_CLOEXEC);
        assert_true(get_flag(descriptors[i], IPPROTO_TCP, TCP_DEFER_ACCEPT) > 0);
    }
    for (size_t i = 0; i < 3; i++) {
        (void)close(descriptors[i]);
    }
}

static void what_is_accepted_sends_without_delay(void **state)
{
    struct sockaddr_in address = free_address();
    int listener;
    (void)state;
    assert_true(result_is_ok(open_ipv4(&address, &listener)));
    int client = connect_to(&address);
    write_all(client, "hello", 5); /* before it speaks it is not shown */
    int accepted = accept(listener, NULL, NULL);
    assert_true(accepted >= 0);
    assert_int_not_equal(get_flag(accepted, IPPROTO_TCP, TCP_NODELAY), 0);
    (void)close(accepted);
    (void)close(client);
    (void)close(listener);
}

static void a_probe_finds_another_gateway_that_shares_the_port(void **state)
{
    struct sockaddr_in address = free_address();
    int listener;
    (void)state;
    assert_true(result_is_ok(probe_ipv4(&address)));
    assert_true(result_is_ok(probe_ipv4(&address))); /* leaves nothing behind */
    assert_true(result_is_ok(open_ipv4(&address, &listener)));
    assert_int_equal(probe_ipv4(&address).code, ERROR_ADDRESS_IN_USE);
    (void)close(listener);
    assert_true(result_is_ok(probe_ipv4(&address)));
}

static void an_address_of_another_program_is_in_use(void **state)
{
    struct sockaddr_in address;
    int descriptor = -7;
    (void)state;
    int other = listen_on_loopback(1, &address);
    assert_int_equal(open_ipv4(&address, &descriptor).code, ERROR_ADDRESS_IN_USE);
    assert_int_equal(descriptor, -7);
    (void)close(other);
}

static void a_program_that_is_just_ending_is_waited_for(void **state)
{
    struct sockaddr_in address;
    (void)state;
    pause_count = 0;
    ending.descriptor = listen_on_loopback(1, &address);
    ending.pause_count = 10;
    assert_true(result_is_ok(probe_ipv4(&address)));
    assert_int_equal(pause_count, 10);
    ending.pause_count = 0;
}

static void an_address_of_another_machine_is_not_available(void **state)
{
    struct sockaddr_in address = loopback(4321);
    int descriptor;
    (void)state;
    assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &address.sin_addr), 1);
    assert_int_equal(open_ipv4(&address, &descriptor).code, ERROR_ADDRESS_UNAVAILABLE);
    assert_int_equal(probe_ipv4(&address).code, ERROR_ADDRESS_UNAVAILABLE);
}

static void all_addresses_of_ipv6_do_not_take_those_of_ipv4(void **state)
{
    struct sockaddr_in ipv4 = free_address();
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = ipv4.sin_port};
    int descriptors[2];
    (void)state;
    ipv4.sin_addr.s_addr = htonl(INADDR_ANY);
    struct result result =
        listen_socket_open((struct sockaddr *)&ipv6, sizeof(ipv6), &descriptors[0]);
    if (result.code == ERROR_ADDRESS_UNAVAILABLE) {
        skip(); /* a machine without IPv6 */
    }
    assert_true(result_is_ok(result));
    assert_true(result_is_ok(open_ipv4(&ipv4, &descriptors[1])));
    (void)close(descriptors[0]);
    (void)close(descriptors[1]);
}

/* Runs in a child what would spoil this process; the child's exit status is the error. */
static int error_in_child(enum error (*function)(void))
{
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit((int)function());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static enum error open_privileged_port(void)
{
    struct sockaddr_in address = loopback(81);
    int descriptor;
    if (setgid(65534) != 0 || setuid(65534) != 0) {
        return ERROR_SYSTEM;
    }
    return open_ipv4(&address, &descriptor).code;
}

static void a_port_below_1024_needs_a_permission(void **state)
{
    int first_free_port = 1024;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
    (void)state;
    if (file != NULL) {
        assert_int_equal(fscanf(file, "%d", &first_free_port), 1);
        (void)fclose(file);
    }
    if (first_free_port <= 81 || geteuid() != 0) {
        skip(); /* nothing is forbidden here, or we are nobody already */
    }
    assert_int_equal(error_in_child(open_privileged_port), ERROR_NOT_PERMITTED);
}

static enum error open_without_descriptors(void)
{
    struct sockaddr_in address = loopback(0);
    struct rlimit none = {0};
    int descriptor;
    (void)setrlimit(RLIMIT_NOFILE, &none);
    return open_ipv4(&address, &descriptor).code;
}

static void a_lack_of_descriptors_is_a_limit_that_is_full(void **state)
{
    (void)state;
    assert_int_equal(error_in_child(open_without_descriptors), ERROR_LIMIT_REACHED);
}

/* By the address alone: the port may be in use, or forbidden. */
static void an_address_is_looked_for_without_its_port(void **state)
{
    struct sockaddr_in address;
    int taken = listen_on_loopback(1, &address);
    struct sockaddr_in6 documentation = {.sin6_family = AF_INET6, .sin6_port = htons(8443)};
    (void)state;
    assert_true(result_is_ok(
        listen_socket_check_address((const struct sockaddr *)&address, sizeof(address))));
    assert_int_equal(close(taken), 0);
    address.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, RFC 5737 */
    assert_int_equal(
        listen_socket_check_address((const struct sockaddr *)&address, sizeof(address)).code,
        ERROR_ADDRESS_UNAVAILABLE);
    documentation.sin6_addr.s6_addr[0] = 0x20; /* 2001:db8::, RFC 3849 */
    documentation.sin6_addr.s6_addr[1] = 0x01;
    documentation.sin6_addr.s6_addr[2] = 0x0d;
    documentation.sin6_addr.s6_addr[3] = 0xb8;
    assert_int_equal(
        listen_socket_check_address((const struct sockaddr *)&documentation, sizeof(documentation))
            .code,
        ERROR_ADDRESS_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_workers_listen_on_one_address),
        cmocka_unit_test(what_is_accepted_sends_without_delay),
        cmocka_unit_test(a_probe_finds_another_gateway_that_shares_the_port),
        cmocka_unit_test(an_address_of_another_program_is_in_use),
        cmocka_unit_test(a_program_that_is_just_ending_is_waited_for),
        cmocka_unit_test(an_address_of_another_machine_is_not_available),
        cmocka_unit_test(all_addresses_of_ipv6_do_not_take_those_of_ipv4),
        cmocka_unit_test(a_port_below_1024_needs_a_permission),
        cmocka_unit_test(an_address_is_looked_for_without_its_port),
        cmocka_unit_test(a_lack_of_descriptors_is_a_limit_that_is_full),
    };
    return cmocka_run_group_tests_name("listen_socket", tests, NULL, NULL);
}
