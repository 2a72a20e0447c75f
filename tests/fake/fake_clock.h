/*
 * base/clock.h without time: the test moves it. Linked in place of src/base/clock.c; one thread.
 */
#ifndef TESTS_FAKE_FAKE_CLOCK_H
#define TESTS_FAKE_FAKE_CLOCK_H

#include "base/clock.h"

/* The monotonic clock to its start, always the same; the wall's to the moment of the first call. */
void fake_clock_reset(void);

/* Both clocks. */
void fake_clock_advance_ms(uint64_t milliseconds);
void fake_clock_advance_ns(uint64_t nanoseconds);

#endif
