/* The C library's allocator behind a throw of the dice. */
#include <errno.h>
#include <stddef.h>

#include "dice.h"
#include "fake_memory.h"

static struct dice dice;
static uint32_t failure_one_in;
static uint32_t failure_count;
static bool is_fallible_now;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void fake_memory_let_fail(uint64_t seed, uint32_t one_in)
{
    dice.state = seed ^ 0x6D656D6F7279U;
    failure_one_in = one_in;
    failure_count = 0;
}

bool fake_memory_set_fallible(bool is_fallible)
{
    bool before = is_fallible_now;
    is_fallible_now = is_fallible;
    return before;
}

uint32_t fake_memory_failure_count(void)
{
    return failure_count;
}

static bool fails_now(void)
{
    if (!is_fallible_now || !dice_one_in(&dice, failure_one_in)) {
        return false;
    }
    failure_count++;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails_now() ? NULL : __real_realloc(memory, size);
}
