/* How a run's load is shared out over its threads, and what CPUs those get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sched.h>
#include <string.h>

#include "load/lane_set.h"
#include "load/options.h"

#define WORDS_MAX 16
#define URL       " https://127.0.0.1:8443/"

static struct plan plan;
static struct target target;
static struct identity_set nobody;
static struct lane_run run;
static struct lane_set set;
static char message[LANE_MESSAGE_SIZE];

static int start_library(void **state)
{
    (void)state;
    return result_is_ok(tls_client_start()) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lane_set_deinit(&set);
    return 0;
}

/* The lanes of a command line, words with single spaces between them. */
static struct result make_lanes(const char *line)
{
    static char memory[256];
    char *words[WORDS_MAX] = {"sallyport-load"};
    char text[OPTIONS_MESSAGE_SIZE];
    int count = 1;
    (void)snprintf(memory, sizeof(memory), "%s", line);
    for (char *at = memory; at != NULL && count < WORDS_MAX;) {
        words[count++] = strsep(&at, " ");
    }
    assert_int_equal(options_read(count, words, &plan, text), OPTIONS_RUN);
    assert_true(result_is_ok(target_read(&plan, &target, text)));
    run = (struct lane_run){.plan = &plan, .target = &target, .identities = &nobody};
    return lane_set_init(&set, &run, message);
}

static void expect_refused(const char *line, enum error error, const char *part)
{
    assert_int_equal(make_lanes(line).code, error);
    if (strstr(message, part) == NULL) {
        fail_msg("'%s': '%s' lacks '%s'", line, message, part);
    }
}

static void every_connection_is_some_lanes(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("request -c 5 -t 2" URL)));
    assert_int_equal(set.count, 2);
    assert_int_equal(set.lanes[0]->connection_count, 3);
    assert_int_equal(set.lanes[1]->connection_count, 2);
}

static void lanes_take_the_cpus_of_the_list_in_turn(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("request -t 3 --cpus 3,5" URL)));
    assert_int_equal(set.lanes[0]->cpu, 3);
    assert_int_equal(set.lanes[1]->cpu, 5);
    assert_int_equal(set.lanes[2]->cpu, 3);
}

static void a_storm_has_lanes_of_its_own(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix -c 5 -t 2 --storm 3 --rate 10 --storm-rate 20" URL)));
    assert_int_equal(set.count, 4);
    assert_int_equal(set.traffic_count, 2);
    assert_false(set.lanes[1]->place.is_storm);
    assert_int_equal(set.lanes[1]->connection_count, 2);
    assert_int_equal(set.lanes[1]->pace.rate, 10);
    assert_true(set.lanes[2]->place.is_storm);
    assert_int_equal(set.lanes[2]->connection_count, 2);
    assert_int_equal(set.lanes[3]->connection_count, 1);
    assert_int_equal(set.lanes[3]->pace.rate, 20);
    assert_int_equal(set.lanes[3]->pace.lane, 1);
    assert_int_equal(set.lanes[3]->pace.lane_count, 2);
}

static void a_storm_has_no_lane_without_a_connection(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix -t 3 --storm 1" URL)));
    assert_int_equal(set.count, 4);
    assert_int_equal(set.lanes[3]->connection_count, 1);
}

static void a_storm_keeps_to_the_cpus_of_the_traffic(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix -t 2" URL)));
    assert_int_equal(set.lanes[2]->cpu, set.lanes[0]->cpu);
    assert_int_equal(set.lanes[3]->cpu, set.lanes[1]->cpu);
    lane_set_deinit(&set);
    assert_true(result_is_ok(make_lanes("mix --cpus 3" URL)));
    assert_int_equal(set.lanes[1]->cpu, 3);
}

static void a_storm_takes_more_cpus_when_they_are_named(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix --cpus 3,5" URL)));
    assert_int_equal(set.lanes[0]->cpu, 3);
    assert_int_equal(set.lanes[1]->cpu, 5);
}

/* Whether the thread that has done a lane's work runs when no other wants its CPU. */
static void *work_and_tell(void *lane)
{
    lane_work(lane);
    return sched_getscheduler(0) == SCHED_IDLE ? lane : NULL;
}

static void a_storm_stands_back_from_the_traffic(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix --no-pinning" URL)));
    run.end_ns = 1;
    for (size_t i = 0; i < 2; i++) {
        pthread_t thread;
        void *told;
        assert_int_equal(pthread_create(&thread, NULL, work_and_tell, set.lanes[i]), 0);
        assert_int_equal(pthread_join(thread, &told), 0);
        assert_ptr_equal(told, i == 0 ? NULL : set.lanes[1]);
    }
}

static void lanes_are_left_to_the_kernel_when_told(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("request -t 2 --no-pinning" URL)));
    assert_int_equal(set.lanes[0]->cpu, -1);
    assert_int_equal(set.lanes[1]->cpu, -1);
}

static void a_list_that_is_none_of_cpus_is_told(void **state)
{
    (void)state;
    expect_refused("request --cpus 1,x" URL, ERROR_BAD_INPUT, "--cpus 1,x");
    lane_set_deinit(&set);
    expect_refused("request --cpus 5-3" URL, ERROR_BAD_INPUT, "--cpus 5-3");
}

static void what_the_library_refuses_is_told(void **state)
{
    (void)state;
    expect_refused("request -t 2 --suites NULL-MD5" URL, ERROR_BAD_INPUT, "--suites NULL-MD5");
    assert_int_equal(set.count, 0);
    expect_refused("request --groups X448" URL, ERROR_BAD_INPUT, "X448");
}

static void all_threads_end_with_the_run(void **state)
{
    (void)state;
    assert_true(result_is_ok(make_lanes("mix -t 2 --storm 2 --no-pinning" URL)));
    run.end_ns = 1;
    assert_false(lane_set_has_ended(&set));
    assert_true(result_is_ok(lane_set_start(&set)));
    lane_set_join(&set);
    assert_true(lane_set_has_ended(&set));
    lane_set_join(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_connection_is_some_lanes, tear_down),
        cmocka_unit_test_teardown(lanes_take_the_cpus_of_the_list_in_turn, tear_down),
        cmocka_unit_test_teardown(a_storm_has_lanes_of_its_own, tear_down),
        cmocka_unit_test_teardown(a_storm_has_no_lane_without_a_connection, tear_down),
        cmocka_unit_test_teardown(a_storm_keeps_to_the_cpus_of_the_traffic, tear_down),
        cmocka_unit_test_teardown(a_storm_takes_more_cpus_when_they_are_named, tear_down),
        cmocka_unit_test_teardown(a_storm_stands_back_from_the_traffic, tear_down),
        cmocka_unit_test_teardown(lanes_are_left_to_the_kernel_when_told, tear_down),
        cmocka_unit_test_teardown(a_list_that_is_none_of_cpus_is_told, tear_down),
        cmocka_unit_test_teardown(what_the_library_refuses_is_told, tear_down),
        cmocka_unit_test_teardown(all_threads_end_with_the_run, tear_down),
    };
    return cmocka_run_group_tests(tests, start_library, NULL);
}
