/* Sockets that are announced by the environment, here put in place by the test itself. */
#include "net_loop.h"

#include <fcntl.h>
#include <stdio.h>

#include "net/inherited_sockets.h"

static struct inherited_sockets sockets;
static char reason_memory[200];
static struct text reason;
static struct sockaddr_in address;

/* The three descriptors of a test runner stay; 3 and 4 are ours. */
static int begin(void **state)
{
    (void)state;
    int first = listen_on_loopback(1, &address);
    int second = listen_on_loopback(1, &address);
    assert_int_equal(dup2(first, 40), 40);
    assert_int_equal(dup2(second, 41), 41);
    (void)close(first);
    (void)close(second);
    assert_int_equal(dup2(40, 3), 3);
    assert_int_equal(dup2(41, 4), 4);
    (void)close(40);
    (void)close(41);
    reason = text_over(reason_memory, sizeof(reason_memory));
    return 0;
}

static int end(void **state)
{
    (void)state;
    inherited_sockets_close(&sockets);
    (void)close(3);
    (void)close(4);
    return 0;
}

static void announce(const char *pid, const char *count)
{
    char own[16];
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    assert_int_equal(setenv("LISTEN_PID", pid == NULL ? own : pid, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
    assert_int_equal(setenv("LISTEN_FDNAMES", "a:b", 1), 0);
}

static const struct sockaddr *wanted(void)
{
    return (const struct sockaddr *)&address;
}

static void those_announced_to_us_are_found_by_their_address(void **state)
{
    int lent = -1;
    (void)state;
    announce(NULL, "2");
    assert_true(result_is_ok(inherited_sockets_receive(&sockets, &reason)));
    assert_int_equal(sockets.count, 2);
    assert_int_equal(inherited_sockets_count(&sockets, wanted(), sizeof(address)), 1);
    assert_true(
        result_is_ok(inherited_sockets_lend(&sockets, wanted(), sizeof(address), 7, &lent)));
    assert_true(lent > 4);
    assert_true(fcntl(lent, F_GETFD) & FD_CLOEXEC);
    (void)close(lent);
    assert_true(fcntl(3, F_GETFD) & FD_CLOEXEC);
}

static void the_announcement_is_taken_out_of_the_environment(void **state)
{
    (void)state;
    announce(NULL, "2");
    assert_true(result_is_ok(inherited_sockets_receive(&sockets, &reason)));
    assert_null(getenv("LISTEN_PID"));
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_FDNAMES"));
}

static void an_address_that_was_not_passed_is_not_found(void **state)
{
    int lent = -1;
    (void)state;
    announce(NULL, "2");
    assert_true(result_is_ok(inherited_sockets_receive(&sockets, &reason)));
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    assert_int_equal(inherited_sockets_count(&sockets, wanted(), sizeof(address)), 0);
    assert_int_equal(inherited_sockets_lend(&sockets, wanted(), sizeof(address), 0, &lent).code,
                     ERROR_NOT_FOUND);
    assert_int_equal(lent, -1);
}

static void what_is_announced_to_others_or_in_no_numbers_is_not_taken(void **state)
{
    static const char *const announcements[][2] = {
        {"1", "2"}, {"", "2"}, {"-1", "2"}, {NULL, ""}, {NULL, "two"}, {NULL, "-1"}, {NULL, "0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(announcements) / sizeof(announcements[0]); i++) {
        announce(announcements[i][0], announcements[i][1]);
        assert_true(result_is_ok(inherited_sockets_receive(&sockets, &reason)));
        assert_int_equal(sockets.count, 0);
        assert_null(getenv("LISTEN_FDS"));
    }
}

static void one_that_is_no_listening_socket_spoils_all(void **state)
{
    (void)state;
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(dup2(datagrams, 4), 4);
    (void)close(datagrams);
    announce(NULL, "2");
    assert_int_equal(inherited_sockets_receive(&sockets, &reason).code, ERROR_BAD_INPUT);
    assert_non_null(strstr(text_terminate(&reason), "descriptor 4"));
    assert_int_equal(sockets.count, 0);
    assert_int_equal(fcntl(3, F_GETFD), -1);
}

static void more_than_any_gateway_has_are_refused(void **state)
{
    (void)state;
    announce(NULL, "257");
    assert_int_equal(inherited_sockets_receive(&sockets, &reason).code, ERROR_BAD_INPUT);
    assert_non_null(strstr(text_terminate(&reason), "257 sockets"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_announced_to_us_are_found_by_their_address, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_announcement_is_taken_out_of_the_environment, begin,
                                        end),
        cmocka_unit_test_setup_teardown(an_address_that_was_not_passed_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(what_is_announced_to_others_or_in_no_numbers_is_not_taken,
                                        begin, end),
        cmocka_unit_test_setup_teardown(one_that_is_no_listening_socket_spoils_all, begin, end),
        cmocka_unit_test_setup_teardown(more_than_any_gateway_has_are_refused, begin, end),
    };
    return cmocka_run_group_tests_name("inherited_sockets", tests, NULL, NULL);
}
