/* Slots and handles: what is lent, what comes back, and which handles still name something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/slab.h"

static void a_slot_is_zeroed_aligned_and_its_own(void **state)
{
    struct slab slab;
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 65, 3)));
    uint8_t *slots[3];
    for (size_t i = 0; i < 3; i++) {
        slots[i] = slab_lend(&slab);
        assert_non_null(slots[i]);
        assert_int_equal((uintptr_t)slots[i] % 64, 0);
        for (size_t at = 0; at < 65; at++) {
            assert_int_equal(slots[i][at], 0);
        }
        memset(slots[i], 0xEE, 65);
    }
    assert_true(slots[1] - slots[0] >= 65 && slots[2] - slots[1] >= 65);
    for (size_t i = 0; i < 3; i++) {
        slab_return(&slab, slots[i]);
    }
    slab_deinit(&slab);
}

static void all_slots_are_lent_and_then_none(void **state)
{
    struct slab slab;
    void *slots[5];
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 8, 5)));
    for (size_t i = 0; i < 5; i++) {
        slots[i] = slab_lend(&slab);
        assert_non_null(slots[i]);
    }
    assert_null(slab_lend(&slab));
    assert_int_equal(slab.lent_count, 5);
    slab_return(&slab, slots[2]);
    assert_ptr_equal(slab_lend(&slab), slots[2]);
    assert_null(slab_lend(&slab));
    for (size_t i = 0; i < 5; i++) {
        slab_return(&slab, slots[i]);
    }
    slab_deinit(&slab);
}

static void the_slot_freed_last_is_lent_first_and_zeroed_again(void **state)
{
    struct slab slab;
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 16, 4)));
    uint64_t *first = slab_lend(&slab);
    uint64_t *second = slab_lend(&slab);
    *second = UINT64_MAX;
    slab_return(&slab, first);
    slab_return(&slab, second);
    assert_ptr_equal(slab_lend(&slab), second);
    assert_true(*second == 0);
    assert_ptr_equal(slab_lend(&slab), first);
    assert_int_equal(slab.used_count, 2);
    slab_return(&slab, first);
    slab_return(&slab, second);
    slab_deinit(&slab);
}

static void a_handle_finds_its_slot_until_it_is_returned(void **state)
{
    struct slab slab;
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 16, 4)));
    void *slot = slab_lend(&slab);
    struct slab_handle handle = slab_handle_of(&slab, slot);
    assert_ptr_equal(slab_find(&slab, handle), slot);
    slab_return(&slab, slot);
    assert_null(slab_find(&slab, handle));
    /* The next one in the same place is another. */
    assert_ptr_equal(slab_lend(&slab), slot);
    assert_null(slab_find(&slab, handle));
    assert_ptr_equal(slab_find(&slab, slab_handle_of(&slab, slot)), slot);
    slab_return(&slab, slot);
    slab_deinit(&slab);
}

static void handles_that_never_were_find_nothing(void **state)
{
    static const struct slab_handle handles[] = {
        {0, 0}, {0, 2}, {1, 0}, {1, 1}, {3, 1}, {4, 1}, {UINT32_MAX, 1}, {UINT32_MAX, UINT32_MAX},
        {0, 3},
    };
    struct slab slab;
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 16, 4)));
    void *slot = slab_lend(&slab);
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        assert_null(slab_find(&slab, handles[i]));
    }
    struct slab_handle returned = slab_handle_of(&slab, slot);
    slab_return(&slab, slot);
    returned = slab_handle_of(&slab, slot);
    assert_null(slab_find(&slab, returned)); /* of a slot that is free */
    slab_deinit(&slab);
}

static void generations_wrap_without_giving_out_a_void_handle(void **state)
{
    struct slab slab;
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 16, 1)));
    void *slot = slab_lend(&slab);
    slab.generations[0] = UINT32_MAX;
    slab_return(&slab, slot);
    assert_null(slab_find(&slab, (struct slab_handle){0, 0}));
    slot = slab_lend(&slab);
    assert_ptr_equal(slab_find(&slab, slab_handle_of(&slab, slot)), slot);
    assert_null(slab_find(&slab, (struct slab_handle){0, 0}));
    slab_return(&slab, slot);
    slab_deinit(&slab);
}

static void walking_sees_the_lent_slots_only(void **state)
{
    struct slab slab;
    void *slots[4];
    (void)state;
    assert_true(result_is_ok(slab_init(&slab, 16, 8)));
    for (size_t i = 0; i < 4; i++) {
        slots[i] = slab_lend(&slab);
    }
    slab_return(&slab, slots[1]);
    assert_int_equal(slab.used_count, 4);
    for (uint32_t i = 0; i < slab.used_count; i++) {
        assert_ptr_equal(slab_at(&slab, i), i == 1 ? NULL : slots[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        if (i != 1) {
            slab_return(&slab, slots[i]);
        }
    }
    slab_deinit(&slab);
}

static void a_slab_without_room_or_never_made_is_harmless(void **state)
{
    struct slab slab = {0};
    (void)state;
    slab_deinit(&slab);
    assert_false(result_is_ok(slab_init(&slab, 16, 0)));
    slab_deinit(&slab);
    assert_int_equal(slab_init(&slab, SIZE_MAX / 4096, 2048).code, ERROR_OUT_OF_MEMORY);
    slab_deinit(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_zeroed_aligned_and_its_own),
        cmocka_unit_test(all_slots_are_lent_and_then_none),
        cmocka_unit_test(the_slot_freed_last_is_lent_first_and_zeroed_again),
        cmocka_unit_test(a_handle_finds_its_slot_until_it_is_returned),
        cmocka_unit_test(handles_that_never_were_find_nothing),
        cmocka_unit_test(generations_wrap_without_giving_out_a_void_handle),
        cmocka_unit_test(walking_sees_the_lent_slots_only),
        cmocka_unit_test(a_slab_without_room_or_never_made_is_harmless),
    };
    return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
