/*
 * An exchange that a worker writes into its access log, the log, and what is in it. For the tests
 * of the log's formats. One include a program.
 */
#ifndef TESTS_UNIT_PROXY_ACCESS_LOG_FIXTURE_H
#define TESTS_UNIT_PROXY_ACCESS_LOG_FIXTURE_H

#include "base/clock.h"
#include "exchange_fixture.h"

#include "../../../src/proxy/access_record.h"

#define LOG_BYTES (1U << 20)

static struct log_queue log_queue;
static struct counters counters;
static char logged[LOG_BYTES];

static inline int make_log(void **state)
{
    (void)state;
    counters = (struct counters){0};
    return result_is_ok(log_queue_init(&log_queue, LOG_BYTES)) ? 0 : -1;
}

static inline int free_log(void **state)
{
    (void)state;
    log_queue_deinit(&log_queue);
    return 0;
}

/* request has been answered with 200 to its end, and nothing was written yet. */
static inline struct fixture *make_logged(const char *request)
{
    struct fixture *fixture = make_fixture("", request);
    fixture->proxy->around.access_log = &log_queue;
    fixture->proxy->around.counters = &counters;
    fixture->connection.state = CONNECTION_SERVING;
    fixture->exchange.started_us = 1774958400123456; /* 2026-03-31T12:00:00.123456Z */
    fixture->exchange.status = 200;
    fixture->exchange.is_answer_complete = true;
    return fixture;
}

/* What is in the log goes into logged, its end and a NUL too. Returns its length, 2 or more. */
static inline size_t take_logged(void)
{
    struct bytes seen = log_queue_peek(&log_queue);
    assert_in_range(seen.length, 2, sizeof(logged) - 1);
    memcpy(logged, seen.at, seen.length);
    logged[seen.length] = '\0';
    log_queue_take(&log_queue, seen.length);
    assert_int_equal(log_queue_peek(&log_queue).length, 0);
    return seen.length;
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, make_log, free_log)

#endif
