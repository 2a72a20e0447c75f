/* The kernel's clocks, through the vDSO: no system call. */
#include <time.h>

#include "base/clock.h"

static struct timespec read_clock(clockid_t which)
{
    struct timespec now = {0};
    (void)clock_gettime(which, &now); /* cannot fail for these two clocks */
    return now;
}

uint64_t clock_monotonic_ms(void)
{
    struct timespec now = read_clock(CLOCK_MONOTONIC);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_monotonic_ns(void)
{
    struct timespec now = read_clock(CLOCK_MONOTONIC);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t clock_wall_seconds(void)
{
    return read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t clock_wall_microseconds(void)
{
    struct timespec now = read_clock(CLOCK_REALTIME);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
