/*
 * A hashed wheel of lists. Deadlines beyond one turn of the wheel lie in the last slot of the turn
 * and are placed again when it comes.
 */
#include "net/timer_wheel.h"

void timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ms)
{
    *wheel = (struct timer_wheel){.now_ms = now_ms, .next_tick = now_ms / TIMER_WHEEL_TICK_MS};
    for (uint32_t slot = 0; slot < TIMER_WHEEL_SLOT_COUNT; slot++) {
        list_init(&wheel->slots[slot]);
    }
}

/* The first tick at whose end the deadline has passed. */
static uint64_t tick_after(uint64_t deadline_ms)
{
    return (deadline_ms + TIMER_WHEEL_TICK_MS - 1) / TIMER_WHEEL_TICK_MS;
}

static void place(struct timer_wheel *wheel, struct timer *timer)
{
    uint64_t tick = tick_after(timer->deadline_ms);
    uint64_t last_tick = wheel->next_tick + TIMER_WHEEL_SLOT_COUNT - 1;
    tick = tick < wheel->next_tick ? wheel->next_tick : tick;
    tick = tick > last_tick ? last_tick : tick;
    uint32_t slot = (uint32_t)(tick % TIMER_WHEEL_SLOT_COUNT);
    timer->slot_tick = tick;
    list_add_last(&wheel->slots[slot], &timer->place);
    wheel->occupied[slot / 64] |= 1ULL << slot % 64;
}

void timer_wheel_set(struct timer_wheel *wheel, struct timer *timer, uint64_t delay_ms)
{
    timer->deadline_ms = wheel->now_ms + (delay_ms == 0 ? 1 : delay_ms);
    if (list_holds(&timer->place)) {
        if (tick_after(timer->deadline_ms) >= timer->slot_tick) {
            return; /* Looked at no later than it expires: it stays where it is. */
        }
        list_remove(&timer->place);
    }
    place(wheel, timer);
}

void timer_wheel_clear(struct timer_wheel *wheel, struct timer *timer)
{
    (void)wheel; /* the slot's bit is cleared when the slot is looked at */
    timer->deadline_ms = 0;
    list_remove(&timer->place);
}

static void look_at(struct timer_wheel *wheel, struct timer *timer)
{
    if (timer->deadline_ms > wheel->now_ms) {
        place(wheel, timer);
        return;
    }
    timer->deadline_ms = 0;
    timer->expired(timer);
}

static void look_at_slot(struct timer_wheel *wheel, uint32_t slot)
{
    struct list due;
    list_init(&due);
    wheel->occupied[slot / 64] &= ~(1ULL << slot % 64);
    /* Taken out first: a callback may set timers into this very slot, or clear others that are due.
     */
    struct list *node;
    while ((node = list_take_first(&wheel->slots[slot])) != NULL) {
        list_add_last(&due, node);
    }
    while ((node = list_take_first(&due)) != NULL) {
        look_at(wheel, LIST_OWNER(node, struct timer, place));
    }
}

void timer_wheel_tell(struct timer_wheel *wheel, uint64_t now_ms)
{
    wheel->now_ms = now_ms > wheel->now_ms ? now_ms : wheel->now_ms;
}

void timer_wheel_advance(struct timer_wheel *wheel)
{
    uint64_t last_tick = wheel->now_ms / TIMER_WHEEL_TICK_MS;
    if (last_tick >= wheel->next_tick + TIMER_WHEEL_SLOT_COUNT) {
        /* Asleep for more than a turn: every slot is due once. */
        wheel->next_tick = last_tick - TIMER_WHEEL_SLOT_COUNT + 1;
    }
    while (wheel->next_tick <= last_tick) {
        uint32_t slot = (uint32_t)(wheel->next_tick % TIMER_WHEEL_SLOT_COUNT);
        wheel->next_tick++;
        if (wheel->occupied[slot / 64] & 1ULL << slot % 64) {
            look_at_slot(wheel, slot);
        }
    }
}

/* Ticks from next_tick to the first occupied slot; the slot count when all are empty. */
static uint32_t distance_to_occupied(const struct timer_wheel *wheel)
{
    uint32_t start = (uint32_t)(wheel->next_tick % TIMER_WHEEL_SLOT_COUNT);
    for (uint32_t distance = 0; distance < TIMER_WHEEL_SLOT_COUNT;) {
        uint32_t slot = (start + distance) % TIMER_WHEEL_SLOT_COUNT;
        uint64_t word = wheel->occupied[slot / 64] >> slot % 64;
        if (word != 0) {
            distance += (uint32_t)__builtin_ctzll(word);
            return distance < TIMER_WHEEL_SLOT_COUNT ? distance : TIMER_WHEEL_SLOT_COUNT;
        }
        distance += 64 - slot % 64;
    }
    return TIMER_WHEEL_SLOT_COUNT;
}

uint32_t timer_wheel_idle_ms(const struct timer_wheel *wheel, uint32_t limit_ms)
{
    uint32_t distance = distance_to_occupied(wheel);
    if (distance == TIMER_WHEEL_SLOT_COUNT) {
        return limit_ms;
    }
    uint64_t due_ms = (wheel->next_tick + distance) * TIMER_WHEEL_TICK_MS;
    uint64_t idle_ms = due_ms > wheel->now_ms ? due_ms - wheel->now_ms : 0;
    return idle_ms < limit_ms ? (uint32_t)idle_ms : limit_ms;
}
