/*
 * The message log, open and settled: what is said goes into its queue alone, where a test takes it
 * out. One include a program.
 */
#ifndef TESTS_UNIT_CONTROL_MESSAGE_LOG_FIXTURE_H
#define TESTS_UNIT_CONTROL_MESSAGE_LOG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/control/message_line.h"

static inline int open_log(void **state)
{
    (void)state;
    if (!result_is_ok(message_log_open())) {
        return -1;
    }
    message_log_settle();
    return 0;
}

static inline int close_log(void **state)
{
    (void)state;
    message_log_close();
    return 0;
}

/* The lines that were said since the last time, until the next. */
static inline struct bytes take(void)
{
    static uint8_t taken[1 << 18];
    return bytes_from(taken, log_queue_take_lines(message_log_queue(), taken, sizeof(taken)));
}

#endif
