/* Two clocks that stand still until they are moved. */
#include <time.h>

#include "fake_clock.h"

#define START_NS ((uint64_t)1000 * 1000000000)

static uint64_t now_ns = START_NS;
static int64_t start_seconds; /* wall time */

void fake_clock_reset(void)
{
    now_ns = START_NS;
    if (start_seconds == 0) {
        start_seconds = time(NULL); /* at which the certificates of the test are valid */
    }
}

void fake_clock_advance_ns(uint64_t nanoseconds)
{
    now_ns += nanoseconds;
}

void fake_clock_advance_ms(uint64_t milliseconds)
{
    now_ns += milliseconds * 1000000;
}

uint64_t clock_monotonic_ns(void)
{
    return now_ns;
}

uint64_t clock_monotonic_ms(void)
{
    return now_ns / 1000000;
}

int64_t clock_wall_seconds(void)
{
    return clock_wall_microseconds() / 1000000;
}

int64_t clock_wall_microseconds(void)
{
    return start_seconds * 1000000 + (int64_t)((now_ns - START_NS) / 1000);
}
