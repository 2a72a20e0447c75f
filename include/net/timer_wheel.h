/*
 * Many time limits that are set often and expire seldom. Owned by one thread; the clock is passed
 * in.
 *
 * A timer expires up to one tick (TIMER_WHEEL_TICK_MS) late, never early. Moving a deadline further
 * away costs one store: the timer is looked at again when its old place comes round.
 */
#ifndef NET_TIMER_WHEEL_H
#define NET_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

#define TIMER_WHEEL_TICK_MS    16
#define TIMER_WHEEL_SLOT_COUNT 4096

struct timer;
typedef void (*timer_callback)(struct timer *timer);

struct timer {
    struct list place;
    uint64_t deadline_ms; /* 0: not set */
    uint64_t slot_tick;   /* the tick whose slot it lies in */
    timer_callback expired;
};

struct timer_wheel {
    struct list slots[TIMER_WHEEL_SLOT_COUNT];
    uint64_t occupied[TIMER_WHEEL_SLOT_COUNT / 64]; /* a bit a slot */
    uint64_t now_ms;
    uint64_t next_tick; /* the first that has not been looked at */
};

void timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ms);

/* What time it is, before timers are set; calls nothing. */
void timer_wheel_tell(struct timer_wheel *wheel, uint64_t now_ms);

/* (Re)arms timer, whose callback must be set, for now + delay_ms. */
void timer_wheel_set(struct timer_wheel *wheel, struct timer *timer, uint64_t delay_ms);

/* Harmless on a timer that is not set. */
void timer_wheel_clear(struct timer_wheel *wheel, struct timer *timer);

/* Calls what has expired by the time last told; a callback may set and clear any timer, its own
 * too. */
void timer_wheel_advance(struct timer_wheel *wheel);

/* How long nothing can expire, at most limit_ms. */
uint32_t timer_wheel_idle_ms(const struct timer_wheel *wheel, uint32_t limit_ms);

static inline bool timer_is_set(const struct timer *timer)
{
    return timer->deadline_ms != 0;
}

#endif
