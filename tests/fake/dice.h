/*
 * Chance that can be repeated: the same seed, the same throws. For the fakes and the simulations; a
 * plain value.
 */
#ifndef TESTS_FAKE_DICE_H
#define TESTS_FAKE_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* The SplitMix64 step. */
static inline uint64_t dice_throw(struct dice *dice)
{
    dice->state += 0x9E3779B97F4A7C15U;
    uint64_t mixed = dice->state;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31;
}

/* 0 to count - 1. */
static inline uint32_t dice_below(struct dice *dice, uint32_t count)
{
    return (uint32_t)(dice_throw(dice) % count);
}

static inline uint32_t dice_between(struct dice *dice, uint32_t low, uint32_t high)
{
    return low + dice_below(dice, high - low + 1);
}

/* Never with a count of 0. */
static inline bool dice_one_in(struct dice *dice, uint32_t count)
{
    return count != 0 && dice_below(dice, count) == 0;
}

/* Mostly small, now and then up to high: sizes as they occur. */
static inline uint32_t dice_size(struct dice *dice, uint32_t high)
{
    uint32_t bits = dice_below(dice, 33 - (uint32_t)__builtin_clz(high | 1));
    uint32_t size = (uint32_t)(dice_throw(dice) & ((UINT64_C(1) << bits) - 1));
    return size < high ? size : high;
}

#endif
