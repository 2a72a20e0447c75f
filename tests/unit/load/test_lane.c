/* What a lane counts of a server that never answers: errors, and the time until it gave up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "load/lane.h"
#include "load/options.h"

#define WORDS_MAX   24
#define MILLISECOND UINT64_C(1000000)

static struct plan plan;
static struct target target;
static struct identity_set nobody;
static struct lane_run run;
static struct lane *lane;
static int silent; /* listens; whoever connects is never answered */
static unsigned port;

static int listen_silently(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    (void)state;
    silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(silent, (struct sockaddr *)&address, length) != 0 || listen(silent, 128) != 0 ||
        getsockname(silent, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    port = ntohs(address.sin_port);
    return result_is_ok(tls_client_start()) ? 0 : -1;
}

static int stop_listening(void **state)
{
    (void)state;
    return close(silent);
}

static int tear_down(void **state)
{
    (void)state;
    lane_destroy(lane);
    lane = NULL;
    return 0;
}

/* Runs a command line, words with single spaces between them, to its end. */
static void work(const char *options)
{
    static char memory[256];
    char *words[WORDS_MAX] = {"sallyport-load"};
    char text[OPTIONS_MESSAGE_SIZE];
    char message[LANE_MESSAGE_SIZE];
    int count = 1;
    (void)snprintf(memory, sizeof(memory), "%s https://127.0.0.1:%u/", options, port);
    for (char *at = memory; at != NULL && count < WORDS_MAX;) {
        words[count++] = strsep(&at, " ");
    }
    assert_int_equal(options_read(count, words, &plan, text), OPTIONS_RUN);
    assert_true(result_is_ok(target_read(&plan, &target, text)));
    run = (struct lane_run){.plan = &plan, .target = &target, .identities = &nobody};
    run.start_ns = clock_monotonic_ns();
    run.measure_ns = run.start_ns + plan.warmup_ns;
    run.end_ns = run.measure_ns + plan.duration_ns;
    assert_true(result_is_ok(lane_create(&run, (struct lane_place){.count = 1}, &lane, message)));
    lane_work(lane);
    assert_int_equal(lane->tally->operations, 0);
}

static void what_timed_out_is_an_error_and_in_the_latency(void **state)
{
    (void)state;
    work("handshake -c 2 -n 4 --timeout 50ms");
    assert_int_equal(lane->tally->faults[FAULT_TIMEOUT], 4);
    assert_int_equal(tally_errors(lane->tally), 4);
    assert_int_equal(lane->tally->latency.count, 4);
    assert_true(lane->tally->latency.least_ns >= 50 * MILLISECOND);
    assert_true(lane->tally->slices[0].slowest_ns >= 50 * MILLISECOND);
    assert_int_equal(lane->tally->slices[0].operations, 0);
}

static void a_closed_loop_has_what_it_waits_for_at_the_end_besides(void **state)
{
    (void)state;
    work("request -c 1 -d 150ms --warmup 0 --timeout 100ms");
    uint64_t timeouts = lane->tally->faults[FAULT_TIMEOUT];
    assert_in_range(timeouts, 1, 2);
    /* A busy machine may give up the first one late, and begin no other. */
    assert_in_range(lane->tally->waiting, 0, 1);
    assert_int_equal(lane->tally->latency.count, timeouts + lane->tally->waiting);
    assert_true(lane->tally->latency.most_ns >= 100 * MILLISECOND);
}

static void an_open_loop_times_from_the_intended_start(void **state)
{
    (void)state;
    /* The second is due after 10 ms, begins when the first is given up, is given up in turn. */
    work("handshake -c 1 -n 2 --rate 100 --timeout 100ms");
    assert_int_equal(lane->tally->faults[FAULT_TIMEOUT], 2);
    assert_int_equal(lane->tally->latency.count, 2);
    assert_true(lane->tally->latency.least_ns >= 100 * MILLISECOND);
    assert_true(lane->tally->latency.most_ns >= 190 * MILLISECOND);
}

static void what_an_open_loop_could_not_begin_has_waited_as_well(void **state)
{
    (void)state;
    work("handshake -c 1 -d 200ms --warmup 0 --rate 10k --timeout 60ms");
    uint64_t errors = lane->tally->faults[FAULT_TIMEOUT] + lane->tally->faults[FAULT_UNFINISHED];
    assert_int_equal(errors, 2000);
    assert_int_equal(lane->tally->latency.count, errors);
    /* The last one was due when the run ended, and the run waited for --timeout more. */
    assert_true(lane->tally->latency.least_ns >= 60 * MILLISECOND);
    assert_true(histogram_at(&lane->tally->latency, 0.5) >= 150 * MILLISECOND);
    assert_true(lane->tally->latency.most_ns >= 240 * MILLISECOND);
}

static void more_than_are_recorded_singly_are_all_there(void **state)
{
    (void)state;
    work("handshake -c 1 -d 20ms --warmup 0 --rate 10m --timeout 30ms");
    assert_int_equal(tally_errors(lane->tally), 200000);
    assert_int_equal(lane->tally->latency.count, 200000);
    assert_true(lane->tally->latency.least_ns >= 30 * MILLISECOND);
}

static void what_timed_out_before_the_measured_time_is_not_counted(void **state)
{
    (void)state;
    work("handshake -c 1 -d 1ms --warmup 300ms --timeout 100ms");
    assert_true(lane->tally->faults[FAULT_TIMEOUT] <= 1);
    assert_true(lane->tally->latency.count <= 1);
}

static void what_is_refused_at_once_is_not_in_the_latency(void **state)
{
    unsigned former = port;
    (void)state;
    port = 1;
    work("handshake -c 1 -n 3 --timeout 5s");
    port = former;
    assert_int_equal(lane->tally->faults[FAULT_CONNECT_REFUSED], 3);
    assert_int_equal(lane->tally->latency.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_timed_out_is_an_error_and_in_the_latency, tear_down),
        cmocka_unit_test_teardown(a_closed_loop_has_what_it_waits_for_at_the_end_besides,
                                  tear_down),
        cmocka_unit_test_teardown(an_open_loop_times_from_the_intended_start, tear_down),
        cmocka_unit_test_teardown(what_an_open_loop_could_not_begin_has_waited_as_well, tear_down),
        cmocka_unit_test_teardown(more_than_are_recorded_singly_are_all_there, tear_down),
        cmocka_unit_test_teardown(what_timed_out_before_the_measured_time_is_not_counted,
                                  tear_down),
        cmocka_unit_test_teardown(what_is_refused_at_once_is_not_in_the_latency, tear_down),
    };
    return cmocka_run_group_tests(tests, listen_silently, stop_listening);
}
