/* Buffers and their pool: bytes keep their order while memory grows, moves and goes back. */
#include "pool_fixture.h"

static void a_zeroed_buffer_is_empty_and_holds_no_memory(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer buffer = {0};
    assert_true(buffer_is_empty(&buffer));
    assert_int_equal(buffer_bytes(&buffer).length, 0);
    assert_true(result_is_ok(buffer_append(pool, &buffer, (struct bytes){0})));
    buffer_drop(pool, &buffer, 0);
    buffer_release(pool, &buffer);
    assert_int_equal(pool->lent_count, 0);
}

static void each_class_is_used_up_to_its_last_byte(void **state)
{
    static const struct {
        size_t length, capacity;
    } rows[] = {{1, 4096},      {4096, 4096},   {4097, 20480},
                {20480, 20480}, {20481, 81920}, {81920, 81920}};
    struct buffer_pool *pool = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer buffer = {0};
        assert_true(result_is_ok(buffer_reserve(pool, &buffer, rows[i].length)));
        assert_int_equal(buffer.capacity_bytes, rows[i].capacity);
        assert_int_equal(pool->lent_bytes, rows[i].capacity);
        memset(buffer_room(&buffer), 'x', rows[i].length);
        buffer_fill(&buffer, rows[i].length);
        assert_int_equal(buffer_length(&buffer), rows[i].length);
        buffer_release(pool, &buffer);
        assert_null(buffer.memory);
    }
}

static void a_buffer_larger_than_every_class_is_plain_memory_and_is_counted_too(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer buffer = {0};
    assert_true(result_is_ok(buffer_reserve(pool, &buffer, 81921)));
    assert_true(buffer.capacity_bytes >= 81921);
    assert_int_equal(pool->lent_count, 1);
    assert_int_equal(pool->lent_bytes, buffer.capacity_bytes);
    memset(buffer_room(&buffer), 'x', buffer.capacity_bytes); /* all of it is there */
    buffer_release(pool, &buffer);
    assert_int_equal(pool->free_counts[0] + pool->free_counts[1] + pool->free_counts[2], 0);
}

/* Appends and drops in every rhythm; the bytes must come out as they went in. */
static void bytes_come_out_in_order_through_every_growth_and_move(void **state)
{
    struct buffer_pool *pool = *state;
    uint64_t seed = 7;
    for (size_t round = 0; round < 200; round++) {
        struct buffer buffer = {0};
        uint8_t next_in = 0;
        uint8_t next_out = 0;
        for (size_t step = 0; step < 60; step++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            size_t length = (size_t)(seed >> 40) % (step % 7 == 0 ? 50000 : 3000);
            assert_true(result_is_ok(buffer_reserve(pool, &buffer, length)));
            for (size_t i = 0; i < length; i++) {
                buffer_room(&buffer)[i] = next_in++;
            }
            buffer_fill(&buffer, length);
            size_t dropped = (size_t)(seed >> 20) % (buffer_length(&buffer) + 1);
            for (size_t i = 0; i < dropped; i++) {
                assert_int_equal(buffer_bytes(&buffer).at[i], next_out++);
            }
            buffer_drop(pool, &buffer, dropped);
        }
        buffer_release(pool, &buffer);
    }
}

static void dropping_the_last_byte_gives_the_memory_back(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer buffer = {0};
    assert_true(result_is_ok(buffer_append(pool, &buffer, BYTES_OF("abc"))));
    buffer_drop(pool, &buffer, 2);
    assert_int_equal(pool->lent_count, 1);
    assert_true(bytes_equal(buffer_bytes(&buffer), BYTES_OF("c")));
    buffer_drop(pool, &buffer, 1);
    assert_int_equal(pool->lent_count, 0);
    assert_int_equal(pool->free_counts[0], 1);
}

static void memory_that_came_back_is_lent_again(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer first = {0};
    struct buffer second = {0};
    assert_true(result_is_ok(buffer_append(pool, &first, BYTES_OF("a"))));
    uint8_t *memory = first.memory;
    buffer_release(pool, &first);
    assert_true(result_is_ok(buffer_append(pool, &second, BYTES_OF("b"))));
    assert_ptr_equal(second.memory, memory);
    assert_int_equal(pool->free_counts[0], 0);
    buffer_release(pool, &second);
}

static void a_pool_keeps_a_bounded_number_of_free_blocks(void **state)
{
    static struct buffer buffers[300];
    struct buffer_pool *pool = *state;
    for (size_t i = 0; i < 300; i++) {
        assert_true(result_is_ok(buffer_append(pool, &buffers[i], BYTES_OF("x"))));
    }
    assert_int_equal(pool->lent_count, 300);
    for (size_t i = 0; i < 300; i++) {
        buffer_release(pool, &buffers[i]);
    }
    assert_int_equal(pool->lent_count, 0);
    assert_int_equal(pool->free_counts[0], 256);
}

static void a_demand_past_the_limit_leaves_the_buffer_as_it_was(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer buffer = {0};
    assert_true(result_is_ok(buffer_append(pool, &buffer, BYTES_OF("abc"))));
    struct buffer before = buffer;
    static const size_t demands[] = {(1U << 30) - 2, 1U << 30, UINT32_MAX, (size_t)UINT32_MAX + 1,
                                     SIZE_MAX};
    for (size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
        assert_int_equal(buffer_reserve(pool, &buffer, demands[i]).code, ERROR_LIMIT_REACHED);
        assert_memory_equal(&buffer, &before, sizeof(buffer));
    }
    buffer_release(pool, &buffer);
}

static void the_limit_holds_for_a_buffer_that_is_full_to_it(void **state)
{
    struct buffer_pool *pool = *state;
    struct buffer buffer = {0};
    /* Address space only: nothing of it is touched. */
    if (!result_is_ok(buffer_reserve(pool, &buffer, 1U << 30))) {
        skip(); /* a machine without a GiB of address space to lend */
    }
    buffer_fill(&buffer, 1U << 30);
    assert_int_equal(buffer_reserve(pool, &buffer, 1).code, ERROR_LIMIT_REACHED);
    assert_int_equal(buffer_reserve(pool, &buffer, 0xC0000000U).code, ERROR_LIMIT_REACHED);
    buffer_release(pool, &buffer);
}

int main(void)
{
#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, make_pool, free_pool)
    const struct CMUnitTest tests[] = {
        POOL_TEST(a_zeroed_buffer_is_empty_and_holds_no_memory),
        POOL_TEST(each_class_is_used_up_to_its_last_byte),
        POOL_TEST(a_buffer_larger_than_every_class_is_plain_memory_and_is_counted_too),
        POOL_TEST(bytes_come_out_in_order_through_every_growth_and_move),
        POOL_TEST(dropping_the_last_byte_gives_the_memory_back),
        POOL_TEST(memory_that_came_back_is_lent_again),
        POOL_TEST(a_pool_keeps_a_bounded_number_of_free_blocks),
        POOL_TEST(a_demand_past_the_limit_leaves_the_buffer_as_it_was),
        POOL_TEST(the_limit_holds_for_a_buffer_that_is_full_to_it),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
