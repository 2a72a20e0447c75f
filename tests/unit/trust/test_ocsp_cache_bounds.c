/* What the OCSP cache never exceeds, and what it gives up for that. */
#include "ocsp_cache_fixture.h"

#define SMALL_COUNT 64

static struct ocsp_record *large(uint64_t number, size_t size)
{
    static uint8_t response[OCSP_RESPONSE_SIZE_MAX];
    struct ocsp_state state = {.has_answer = true, .received_at_seconds = NOW};
    return record_with(number, &state, bytes_from(response, size));
}

static void check_bounds(const struct fixture *fixture)
{
    struct ocsp_cache_usage usage = ocsp_cache_usage(fixture->cache);
    assert_true(usage.entry_count <= usage.entry_count_max);
    assert_true(usage.size_bytes <= usage.size_bytes_max);
}

static void a_record_weighs_all_its_parts(void **state)
{
    struct fixture *fixture = *state;
    struct ocsp_record *record = large(1, 1000);
    size_t expected = sizeof(*record) + 1000 + record->question->size_bytes;
    assert_int_equal(record->size_bytes, expected);
    assert_true(put(fixture, record));
    assert_int_equal(ocsp_cache_usage(fixture->cache).size_bytes, expected);
    take_out(fixture, 1);
    assert_int_equal(ocsp_cache_usage(fixture->cache).size_bytes, expected);
    turn(fixture);
    assert_int_equal(ocsp_cache_usage(fixture->cache).size_bytes, 0);
}

static void the_settings_are_told_with_the_usage(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count_max, ENTRY_COUNT);
    assert_int_equal(ocsp_cache_usage(fixture->cache).size_bytes_max, ROOMY_BYTES);
}

static void entries_never_exceed_their_maximum(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < 10000; i++) {
        (void)put(fixture, answered(i, NOW + (int64_t)i));
        check_bounds(fixture);
        if (i % 3 == 0) {
            turn(fixture);
        }
    }
    turn(fixture);
    /* All but the part for those on their way out. */
    assert_in_range(ocsp_cache_usage(fixture->cache).entry_count, SMALL_COUNT / 2,
                    SMALL_COUNT - SMALL_COUNT / 8);
    assert_true(ocsp_cache_usage(fixture->cache).evicted_count > 9000);
    stop(fixture);
}

static void bytes_never_exceed_their_maximum(void **state)
{
    const size_t size_bytes_max = 1 << 20;
    struct fixture *fixture = start(ENTRY_COUNT, size_bytes_max);
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        (void)put(fixture, large(i, i * 37 % 60000));
        check_bounds(fixture);
        turn(fixture);
    }
    assert_in_range(ocsp_cache_usage(fixture->cache).size_bytes, size_bytes_max / 2,
                    size_bytes_max - size_bytes_max / 8);
    stop(fixture);
}

static void what_waits_for_quiet_points_is_within_the_bounds(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        (void)put(fixture, answered(1, NOW + (int64_t)i)); /* one id; the reader holds them all */
        check_bounds(fixture);
        reclaim_quiet(fixture->writer);
    }
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, SMALL_COUNT);
    assert_int_equal(ocsp_cache_usage(fixture->cache).rejected_count, 1000 - SMALL_COUNT);
    turn(fixture);
    turn(fixture);
    assert_int_equal(ocsp_cache_usage(fixture->cache).entry_count, 0);
    assert_true(put(fixture, answered(1, NOW)));
    stop(fixture);
}

static void without_room_for_the_newer_the_older_is_gone(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < SMALL_COUNT; i++) {
        assert_true(put(fixture, answered(1, NOW))); /* all but the last wait */
    }
    assert_non_null(peek(fixture, 1));
    uint64_t revision = ocsp_cache_revision(fixture->cache);
    assert_false(put(fixture, answered(1, NOW + 60)));
    assert_null(peek(fixture, 1));
    assert_true(ocsp_cache_revision(fixture->cache) > revision);
    stop(fixture);
}

static void one_record_may_not_take_it_all(void **state)
{
    struct fixture *fixture = start(ENTRY_COUNT, 1 << 19);
    (void)state;
    assert_true(put(fixture, answered(1, NOW)));
    assert_false(put(fixture, large(2, 40000)));
    assert_null(peek(fixture, 2));
    assert_non_null(peek(fixture, 1));
    assert_int_equal(ocsp_cache_usage(fixture->cache).rejected_count, 1);
    assert_int_equal(ocsp_cache_usage(fixture->cache).evicted_count, 0);
    stop(fixture);
}

static void what_is_in_use_stays_longer_than_what_is_not(void **state)
{
    struct fixture *fixture = start(ENTRY_COUNT, ROOMY_BYTES);
    size_t used_count = 0;
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(put(fixture, answered(i, NOW)));
    }
    for (uint64_t i = 100; i < 5000; i++) {
        int64_t now_seconds = NOW + (int64_t)i;
        for (uint64_t j = 0; i % 50 == 0 && j < 100; j++) {
            (void)find(fixture, j, now_seconds);
        }
        (void)put(fixture, answered(i, now_seconds));
        turn(fixture);
    }
    for (uint64_t i = 0; i < 100; i++) {
        used_count += peek(fixture, i) != NULL;
    }
    assert_true(used_count >= 95); /* a bucket may overflow */
    stop(fixture);
}

static void what_was_touched_in_a_future_that_is_gone_goes_first(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    size_t future_count = 0;
    (void)state;
    for (uint64_t i = 0; i < SMALL_COUNT / 2; i++) {
        assert_true(put(fixture, answered(i, NOW + 100000000)));
    }
    for (uint64_t i = 100; i < 300; i++) {
        (void)put(fixture, answered(i, NOW + (int64_t)i));
        turn(fixture);
    }
    for (uint64_t i = 0; i < SMALL_COUNT / 2; i++) {
        future_count += peek(fixture, i) != NULL;
    }
    assert_int_equal(future_count, 0);
    stop(fixture);
}

static void the_one_that_was_just_put_in_is_not_pushed_out(void **state)
{
    struct fixture *fixture = start(OCSP_CACHE_COUNT_MIN, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        /* Each older than all before, so the stalest of them. */
        if (put(fixture, answered(i, NOW - (int64_t)i * 1000))) {
            assert_non_null(peek(fixture, i));
        }
        check_bounds(fixture);
        turn(fixture);
    }
    stop(fixture);
}

static void every_record_is_freed_with_the_cache(void **state)
{
    struct fixture *fixture = start(SMALL_COUNT, ROOMY_BYTES);
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        (void)put(fixture, answered(i % 70, NOW)); /* the sanitizer's leak check sees the rest */
    }
    stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_weighs_all_its_parts),
        TEST(the_settings_are_told_with_the_usage),
        cmocka_unit_test(entries_never_exceed_their_maximum),
        cmocka_unit_test(bytes_never_exceed_their_maximum),
        cmocka_unit_test(what_waits_for_quiet_points_is_within_the_bounds),
        cmocka_unit_test(without_room_for_the_newer_the_older_is_gone),
        cmocka_unit_test(one_record_may_not_take_it_all),
        cmocka_unit_test(what_is_in_use_stays_longer_than_what_is_not),
        cmocka_unit_test(what_was_touched_in_a_future_that_is_gone_goes_first),
        cmocka_unit_test(the_one_that_was_just_put_in_is_not_pushed_out),
        cmocka_unit_test(every_record_is_freed_with_the_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
