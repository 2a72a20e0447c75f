/* The queue of bytes to be sent: they keep their order, never move, and every block goes back. */
#include "pool_fixture.h"

#include "net/send_queue.h"

static uint8_t byte_at(size_t position)
{
    return (uint8_t)((position * 2654435761U) >> 11);
}

/* Puts the bytes of a long pattern from a position on, by a copy or into reserved room. */
static void put(struct buffer_pool *pool, struct send_queue *queue, size_t position, size_t length,
                bool by_copy)
{
    uint8_t *bytes = malloc(length);
    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = byte_at(position + i);
    }
    if (by_copy) {
        assert_true(result_is_ok(send_queue_append(pool, queue, bytes_from(bytes, length))));
    } else {
        uint8_t *room = send_queue_reserve(pool, queue, length + 7);
        assert_non_null(room);
        memcpy(room, bytes, length);
        send_queue_fill(pool, queue, length);
    }
    free(bytes);
}

static void expect_and_drop(struct buffer_pool *pool, struct send_queue *queue, size_t position,
                            size_t length)
{
    while (length > 0) {
        struct bytes first = bytes_slice(send_queue_first(queue), 0, length);
        assert_true(first.length > 0);
        for (size_t i = 0; i < first.length; i++) {
            assert_int_equal(first.at[i], byte_at(position + i));
        }
        send_queue_drop(pool, queue, first.length);
        position += first.length;
        length -= first.length;
    }
}

static void an_empty_queue_holds_no_memory(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    assert_int_equal(send_queue_first(&queue).length, 0);
    assert_true(result_is_ok(send_queue_append(pool, &queue, (struct bytes){0})));
    send_queue_drop(pool, &queue, 0);
    send_queue_release_rest(pool, &queue);
    send_queue_release(pool, &queue);
    assert_int_equal(pool->lent_count, 0);
    put(pool, &queue, 0, 100, true);
    expect_and_drop(pool, &queue, 0, 100);
    assert_int_equal(pool->lent_count, 0);
}

static void bytes_keep_their_order_over_any_mix_of_sizes(void **state)
{
    static const size_t lengths[] = {1, 4000, 200, 16406, 16406, 70000, 3, 300000, 81000, 9};
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    size_t written = 0;
    size_t read = 0;
    for (size_t i = 0; i < 200; i++) {
        size_t length = lengths[(i * 7) % (sizeof(lengths) / sizeof(lengths[0]))];
        put(pool, &queue, written, length, i % 3 == 0);
        written += length;
        assert_int_equal(queue.length_bytes, written - read);
        size_t dropped = (written - read) * (i % 4) / 3;
        expect_and_drop(pool, &queue, read, dropped > written - read ? written - read : dropped);
        read += dropped > written - read ? written - read : dropped;
    }
    expect_and_drop(pool, &queue, read, written - read);
    assert_int_equal(queue.length_bytes, 0);
}

static void what_the_kernel_reads_from_stays_where_it_is(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    put(pool, &queue, 0, 1000, true);
    struct bytes first = send_queue_first(&queue);
    for (size_t position = 1000; position < 400000; position += 1500) {
        put(pool, &queue, position, 1500, position % 2 == 0);
        assert_ptr_equal(send_queue_first(&queue).at, first.at);
    }
    assert_int_equal(first.at[999], byte_at(999));
    send_queue_release_rest(pool, &queue);
    assert_int_equal(pool->lent_count, 1);
    assert_int_equal(queue.length_bytes, send_queue_first(&queue).length);
    assert_ptr_equal(send_queue_first(&queue).at, first.at);
    expect_and_drop(pool, &queue, 0, queue.length_bytes);
}

static void a_reserve_that_nothing_came_of_leaves_no_trace(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    assert_non_null(send_queue_reserve(pool, &queue, 100));
    send_queue_fill(pool, &queue, 0);
    assert_int_equal(pool->lent_count, 0);
    put(pool, &queue, 0, 4000, true);
    assert_non_null(send_queue_reserve(pool, &queue, 50000));
    send_queue_fill(pool, &queue, 0);
    assert_int_equal(pool->lent_count, 1);
    put(pool, &queue, 4000, 10, true);
    expect_and_drop(pool, &queue, 0, 4010);
}

static void a_reserve_that_is_given_up_for_a_larger_one_leaves_no_empty_block(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    assert_non_null(send_queue_reserve(pool, &queue, 100));
    put(pool, &queue, 0, 60000, false);
    assert_int_equal(pool->lent_count, 1);
    assert_int_equal(send_queue_first(&queue).length, 60000);
    expect_and_drop(pool, &queue, 0, 60000);
}

static void a_bulk_queue_grows_in_large_blocks_and_a_small_one_stays_small(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    put(pool, &queue, 0, 300, true);
    assert_int_equal(pool->lent_bytes, 4096);
    for (size_t i = 1; i < 20; i++) {
        put(pool, &queue, i * 16406, 16406, false);
    }
    assert_true(pool->lent_count <= 8);
    send_queue_release(pool, &queue);
    assert_int_equal(queue.length_bytes, 0);
}

static void what_is_known_to_come_gets_a_block_together(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    send_queue_expect(&queue, 32768);
    put(pool, &queue, 0, 16406, false);
    put(pool, &queue, 16406, 16406, false);
    assert_int_equal(pool->lent_count, 1);
    expect_and_drop(pool, &queue, 0, 32812);
    assert_int_equal(pool->lent_count, 0);
    put(pool, &queue, 0, 300, true); /* has come by now */
    assert_int_equal(pool->lent_bytes, 4096);
    expect_and_drop(pool, &queue, 0, 300);
    send_queue_expect(&queue, SIZE_MAX);
    put(pool, &queue, 0, 300, true);
    assert_in_range(pool->lent_bytes, 65536, 100000);
    send_queue_release(pool, &queue);
}

static void what_fits_a_block_is_not_split_over_two(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    send_queue_expect(&queue, 49152);
    for (size_t i = 0; i < 10; i++) {
        put(pool, &queue, i * 16384, 16384, true);
    }
    for (size_t i = 0; i < 10; i += 4) {
        size_t length = i == 8 ? 32768 : 65536;
        assert_int_equal(send_queue_first(&queue).length, length);
        expect_and_drop(pool, &queue, i * 16384, length);
    }
    assert_int_equal(pool->lent_count, 0);
}

static void what_fits_no_block_fills_whole_ones(void **state)
{
    struct buffer_pool *pool = *state;
    struct send_queue queue = {0};
    put(pool, &queue, 0, 100, true);
    put(pool, &queue, 100, 200000, true);
    assert_int_equal(send_queue_first(&queue).length, 100);
    assert_true(pool->lent_count <= 5);
    expect_and_drop(pool, &queue, 0, 200100);
    assert_int_equal(pool->lent_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_queue_holds_no_memory, make_pool, free_pool),
        cmocka_unit_test_setup_teardown(bytes_keep_their_order_over_any_mix_of_sizes, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(what_the_kernel_reads_from_stays_where_it_is, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(a_reserve_that_nothing_came_of_leaves_no_trace, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(
            a_reserve_that_is_given_up_for_a_larger_one_leaves_no_empty_block, make_pool,
            free_pool),
        cmocka_unit_test_setup_teardown(
            a_bulk_queue_grows_in_large_blocks_and_a_small_one_stays_small, make_pool, free_pool),
        cmocka_unit_test_setup_teardown(what_is_known_to_come_gets_a_block_together, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(what_fits_a_block_is_not_split_over_two, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(what_fits_no_block_fills_whole_ones, make_pool, free_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
