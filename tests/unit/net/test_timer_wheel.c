/* The wheel: never early, at most a tick late, whatever is set, moved and cleared, and by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/timer_wheel.h"

#define TURN_MS    ((uint64_t)TIMER_WHEEL_TICK_MS * TIMER_WHEEL_SLOT_COUNT)
#define START_MS   1000003
#define NEVER      UINT64_MAX
#define WATCH_MANY 200

/* A timer that notes when it expired. */
struct watch {
    struct timer timer;
    struct timer_wheel *wheel;
    uint64_t due_ms;     /* set for it, NEVER when it is not */
    uint64_t expired_ms; /* NEVER: not yet */
    uint32_t count;
    struct watch *others; /* that the callback changes */
    void (*then)(struct watch *watch);
};

static void on_expired(struct timer *timer)
{
    struct watch *watch = LIST_OWNER(timer, struct watch, timer);
    watch->expired_ms = watch->wheel->now_ms;
    watch->count++;
    assert_false(timer_is_set(timer));
    if (watch->then != NULL) {
        watch->then(watch);
    }
}

static struct watch watch_on(struct timer_wheel *wheel)
{
    return (struct watch){
        .timer.expired = on_expired, .wheel = wheel, .due_ms = NEVER, .expired_ms = NEVER};
}

static void set(struct watch *watch, uint64_t delay_ms)
{
    timer_wheel_set(watch->wheel, &watch->timer, delay_ms);
    watch->due_ms = watch->wheel->now_ms + delay_ms;
    watch->expired_ms = NEVER;
}

static void go_to(struct timer_wheel *wheel, uint64_t now_ms)
{
    timer_wheel_tell(wheel, now_ms);
    timer_wheel_advance(wheel);
}

static int make_wheel(void **state)
{
    struct timer_wheel *wheel = malloc(sizeof(*wheel));
    *state = wheel;
    if (wheel == NULL) {
        return -1;
    }
    timer_wheel_init(wheel, START_MS);
    return 0;
}

static int free_wheel(void **state)
{
    free(*state);
    return 0;
}

static void every_delay_expires_in_time_and_never_early(void **state)
{
    struct timer_wheel *wheel = *state;
    for (uint64_t delay_ms = 1; delay_ms < 200; delay_ms++) {
        struct watch watch = watch_on(wheel);
        set(&watch, delay_ms);
        while (watch.expired_ms == NEVER) {
            go_to(wheel, wheel->now_ms + 1);
        }
        assert_in_range(watch.expired_ms, watch.due_ms, watch.due_ms + TIMER_WHEEL_TICK_MS);
        assert_int_equal(watch.count, 1);
    }
}

static void a_delay_of_nothing_expires_at_the_next_tick_and_not_at_once(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    set(&watch, 0);
    assert_true(timer_is_set(&watch.timer));
    timer_wheel_advance(wheel);
    assert_int_equal(watch.count, 0);
    go_to(wheel, START_MS + TIMER_WHEEL_TICK_MS);
    assert_int_equal(watch.count, 1);
}

static void deadlines_of_many_turns_are_kept(void **state)
{
    static const uint64_t delays_ms[] = {
        TURN_MS - TIMER_WHEEL_TICK_MS, TURN_MS - 1, TURN_MS,     TURN_MS + 1,
        TURN_MS + TIMER_WHEEL_TICK_MS, 3 * TURN_MS, 24 * 3600000};
    struct timer_wheel *wheel = *state;
    for (size_t i = 0; i < sizeof(delays_ms) / sizeof(delays_ms[0]); i++) {
        struct watch watch = watch_on(wheel);
        set(&watch, delays_ms[i]);
        while (watch.expired_ms == NEVER) {
            go_to(wheel, wheel->now_ms + 11);
        }
        assert_in_range(watch.expired_ms, watch.due_ms, watch.due_ms + TIMER_WHEEL_TICK_MS + 11);
    }
}

static void moving_a_deadline_away_and_back_holds_the_last_word(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    set(&watch, 100);
    for (size_t i = 0; i < 50; i++) {
        go_to(wheel, wheel->now_ms + 20);
        set(&watch, 100);
    }
    assert_int_equal(watch.count, 0);
    set(&watch, 5000);
    set(&watch, 30); /* nearer than the slot it lies in */
    while (watch.expired_ms == NEVER) {
        go_to(wheel, wheel->now_ms + 1);
    }
    assert_in_range(watch.expired_ms, watch.due_ms, watch.due_ms + TIMER_WHEEL_TICK_MS);
    go_to(wheel, wheel->now_ms + 10000);
    assert_int_equal(watch.count, 1);
}

static void a_cleared_timer_never_expires_and_may_be_cleared_again(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    timer_wheel_clear(wheel, &watch.timer);
    set(&watch, 50);
    timer_wheel_clear(wheel, &watch.timer);
    timer_wheel_clear(wheel, &watch.timer);
    assert_false(timer_is_set(&watch.timer));
    go_to(wheel, START_MS + 3 * TURN_MS);
    assert_int_equal(watch.count, 0);
    set(&watch, 50);
    go_to(wheel, wheel->now_ms + 80);
    assert_int_equal(watch.count, 1);
}

static void a_long_sleep_expires_what_is_due_once_and_nothing_else(void **state)
{
    struct timer_wheel *wheel = *state;
    static struct watch watches[WATCH_MANY];
    for (size_t i = 0; i < WATCH_MANY; i++) {
        watches[i] = watch_on(wheel);
        set(&watches[i], 1 + i * (4 * TURN_MS / WATCH_MANY));
    }
    uint64_t woken_ms = START_MS + 2 * TURN_MS + 12345;
    go_to(wheel, woken_ms);
    for (size_t i = 0; i < WATCH_MANY; i++) {
        bool is_due = watches[i].due_ms + TIMER_WHEEL_TICK_MS <= woken_ms;
        bool may_be = watches[i].due_ms <= woken_ms;
        assert_true(watches[i].count == 1 ? may_be : !is_due);
    }
    while (wheel->now_ms < START_MS + 5 * TURN_MS) {
        go_to(wheel, wheel->now_ms + 13);
    }
    for (size_t i = 0; i < WATCH_MANY; i++) {
        assert_int_equal(watches[i].count, 1);
        assert_true(watches[i].expired_ms >= watches[i].due_ms);
    }
}

static void set_itself_again(struct watch *watch)
{
    if (watch->count < 100) {
        set(watch, 1);
    }
}

static void a_callback_may_set_its_own_timer_again_without_an_endless_loop(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    watch.then = set_itself_again;
    set(&watch, 1);
    go_to(wheel, START_MS + 10 * TURN_MS); /* many ticks are looked at in one call */
    assert_int_equal(watch.count, 1);
    for (size_t i = 0; i < 200; i++) {
        go_to(wheel, wheel->now_ms + TIMER_WHEEL_TICK_MS);
    }
    assert_int_equal(watch.count, 100);
}

static void clear_and_move_others(struct watch *watch)
{
    timer_wheel_clear(watch->wheel, &watch->others[1].timer);
    set(&watch->others[2], 500);
    set(&watch->others[3], 1);
}

static void a_callback_may_clear_and_move_timers_of_its_own_slot(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watches[4];
    for (size_t i = 0; i < 4; i++) {
        watches[i] = watch_on(wheel);
        set(&watches[i], 40);
    }
    watches[0].others = watches;
    watches[0].then = clear_and_move_others;
    go_to(wheel, START_MS + 64);
    assert_int_equal(watches[0].count, 1);
    assert_int_equal(watches[1].count, 0);
    assert_int_equal(watches[2].count, 0);
    assert_int_equal(watches[3].count, 0);
    go_to(wheel, START_MS + 64 + 2 * TIMER_WHEEL_TICK_MS);
    assert_int_equal(watches[3].count, 1);
    go_to(wheel, START_MS + 64 + 600);
    assert_int_equal(watches[2].count, 1);
    assert_int_equal(watches[1].count, 0);
}

static void an_empty_wheel_is_idle_for_as_long_as_may_be(void **state)
{
    struct timer_wheel *wheel = *state;
    assert_int_equal(timer_wheel_idle_ms(wheel, 1000), 1000);
    assert_int_equal(timer_wheel_idle_ms(wheel, UINT32_MAX), UINT32_MAX);
}

/* Sleeping for idle_ms must neither miss a deadline by more than a tick nor wake up much too often.
 */
static void sleeping_for_the_idle_time_keeps_every_deadline(void **state)
{
    static const uint64_t delays_ms[] = {1,    15,    16,      17,          100,
                                         5000, 65535, TURN_MS, 2 * TURN_MS, 200000};
    struct timer_wheel *wheel = *state;
    for (uint64_t phase = 0; phase < TIMER_WHEEL_TICK_MS; phase++) {
        for (size_t i = 0; i < sizeof(delays_ms) / sizeof(delays_ms[0]); i++) {
            struct watch watch = watch_on(wheel);
            size_t turns = 0;
            go_to(wheel, wheel->now_ms + 1);
            set(&watch, delays_ms[i]);
            while (watch.expired_ms == NEVER) {
                uint32_t idle_ms = timer_wheel_idle_ms(wheel, 1000000);
                go_to(wheel, wheel->now_ms + idle_ms);
                assert_in_range(++turns, 1, 6);
            }
            assert_in_range(watch.expired_ms, watch.due_ms, watch.due_ms + TIMER_WHEEL_TICK_MS);
        }
    }
}

static void a_due_timer_leaves_no_idle_time(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    set(&watch, 10);
    timer_wheel_tell(wheel, START_MS + 100);
    assert_int_equal(timer_wheel_idle_ms(wheel, 1000), 0);
    timer_wheel_advance(wheel);
    assert_int_equal(watch.count, 1);
    assert_int_equal(timer_wheel_idle_ms(wheel, 1000), 1000);
}

static void a_clock_that_goes_back_is_not_believed(void **state)
{
    struct timer_wheel *wheel = *state;
    struct watch watch = watch_on(wheel);
    set(&watch, 100);
    go_to(wheel, START_MS + 50);
    go_to(wheel, START_MS - 50000);
    assert_int_equal(wheel->now_ms, START_MS + 50);
    go_to(wheel, START_MS + 120);
    assert_int_equal(watch.count, 1);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* Against a list of deadlines that is searched whole at every step. */
static void any_mixture_agrees_with_plain_deadlines(void **state)
{
    struct timer_wheel *wheel = *state;
    static struct watch watches[WATCH_MANY];
    uint64_t seed = 20260731;
    for (size_t i = 0; i < WATCH_MANY; i++) {
        watches[i] = watch_on(wheel);
    }
    for (size_t step = 0; step < 100000; step++) {
        struct watch *watch = &watches[next_random(&seed) % WATCH_MANY];
        switch (next_random(&seed) % 4) {
        case 0:
            set(watch, next_random(&seed) % (2 * TURN_MS));
            break;
        case 1:
            set(watch, next_random(&seed) % 100);
            break;
        case 2:
            timer_wheel_clear(wheel, &watch->timer);
            watch->due_ms = NEVER;
            break;
        default:
            go_to(wheel, wheel->now_ms + next_random(&seed) % 40);
        }
        for (size_t i = 0; i < WATCH_MANY; i++) {
            if (watches[i].expired_ms != NEVER) {
                assert_true(watches[i].expired_ms >= watches[i].due_ms);
                watches[i].due_ms = NEVER;
                watches[i].expired_ms = NEVER;
            }
            /* The last step may have been one of 39 ms; a tick more is the promise. */
            assert_true(watches[i].due_ms == NEVER ||
                        watches[i].due_ms + TIMER_WHEEL_TICK_MS > wheel->now_ms);
        }
    }
}

int main(void)
{
#define WHEEL_TEST(name) cmocka_unit_test_setup_teardown(name, make_wheel, free_wheel)
    const struct CMUnitTest tests[] = {
        WHEEL_TEST(every_delay_expires_in_time_and_never_early),
        WHEEL_TEST(a_delay_of_nothing_expires_at_the_next_tick_and_not_at_once),
        WHEEL_TEST(deadlines_of_many_turns_are_kept),
        WHEEL_TEST(moving_a_deadline_away_and_back_holds_the_last_word),
        WHEEL_TEST(a_cleared_timer_never_expires_and_may_be_cleared_again),
        WHEEL_TEST(a_long_sleep_expires_what_is_due_once_and_nothing_else),
        WHEEL_TEST(a_callback_may_set_its_own_timer_again_without_an_endless_loop),
        WHEEL_TEST(a_callback_may_clear_and_move_timers_of_its_own_slot),
        WHEEL_TEST(an_empty_wheel_is_idle_for_as_long_as_may_be),
        WHEEL_TEST(sleeping_for_the_idle_time_keeps_every_deadline),
        WHEEL_TEST(a_due_timer_leaves_no_idle_time),
        WHEEL_TEST(a_clock_that_goes_back_is_not_believed),
        WHEEL_TEST(any_mixture_agrees_with_plain_deadlines),
    };
    return cmocka_run_group_tests_name("timer_wheel", tests, NULL, NULL);
}
