/*
 * The two clocks of the program. Any thread. Tests link tests/fake/fake_clock.c in their place.
 *
 * Timers and time limits use the monotonic clock only: the other one jumps.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Never goes back; its zero is arbitrary. */
uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_ns(void);

/* Since 1970-01-01 00:00:00 UTC; what certificates and log lines are dated by. */
int64_t clock_wall_seconds(void);
int64_t clock_wall_microseconds(void);

#endif
