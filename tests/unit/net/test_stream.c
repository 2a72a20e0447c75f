/* A connected socket over the real ring: order of bytes, every way of ending, joining. */
#include "stream_peer.h"

/* Sending. */

static void what_is_queued_leaves_at_the_flush_in_one_piece(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    queue(peer, "one ");
    queue(peer, "two ");
    uint8_t *room = stream_reserve(&peer->stream, 5);
    assert_non_null(room);
    memcpy(room, "three", 5);
    stream_filled(&peer->stream, 5);
    assert_int_equal(stream_queued_bytes(&peer->stream), 13);
    turn_a_while(peer->ring);
    assert_int_equal(peer->sent_count, 0);
    stream_flush(&peer->stream);
    expect_at_far_end(peer, "one two three");
    assert_int_equal(peer->sent_count, 1);
    assert_int_equal(stream_queued_bytes(&peer->stream), 0);
    assert_int_equal(peer->stream.sent_bytes, 13);
    assert_int_equal(peer->pool.lent_count, 0); /* an idle stream holds no memory */
    close_peer(peer);
}

static void what_is_queued_during_a_send_follows_it_unasked(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    queue(peer, "first ");
    stream_flush(&peer->stream);
    queue(peer, "second ");
    queue(peer, "third");
    stream_flush(&peer->stream);
    assert_int_equal(stream_queued_bytes(&peer->stream), 18);
    expect_at_far_end(peer, "first second third");
    TURN_UNTIL(peer->ring, peer->sent_count == 2);
    close_peer(peer);
}

static void a_flush_of_nothing_sends_nothing(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_flush(&peer->stream);
    queue(peer, "");
    stream_flush(&peer->stream);
    turn_a_while(peer->ring);
    assert_int_equal(peer->sent_count, 0);
    close_peer(peer);
}

/* The buffer that the kernel has must not move or change while others are queued behind it. */
static void bytes_stay_in_order_through_narrow_sockets(void **state)
{
    enum { SIZE = 3 << 20 };
    struct peer *peer = open_peer(4);
    uint8_t *pattern = make_pattern(SIZE);
    uint8_t *read = malloc(SIZE);
    size_t read_bytes = 0;
    size_t queued = 0;
    (void)state;
    shrink_buffers(peer->stream.descriptor, 4096);
    shrink_buffers(peer->far, 16384); /* a window that is narrower is full for 200 ms each time */
    while (read_bytes < SIZE) {
        while (queued < SIZE && stream_queued_bytes(&peer->stream) < 200000) {
            size_t length = 1 + queued % 9999;
            length = length < SIZE - queued ? length : SIZE - queued;
            assert_true(
                result_is_ok(stream_queue(&peer->stream, bytes_from(pattern + queued, length))));
            queued += length;
        }
        stream_flush(&peer->stream);
        ssize_t got = read_some(peer->far, read + read_bytes, SIZE - read_bytes);
        read_bytes += got > 0 ? (size_t)got : 0;
        ring_wait(peer->ring, 1);
        (void)ring_deliver(peer->ring);
    }
    assert_memory_equal(read, pattern, SIZE);
    free(read);
    free(pattern);
    close_peer(peer);
}

static void queue_large(struct peer *peer, size_t length)
{
    uint8_t *room = stream_reserve(&peer->stream, length);
    assert_non_null(room);
    memset(room, 'x', length);
    stream_filled(&peer->stream, length);
}

static void a_reset_in_the_middle_of_a_send_drops_the_queue_and_is_told_once(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    shrink_buffers(peer->stream.descriptor, 4096);
    queue_large(peer, 4 << 20);
    stream_flush(&peer->stream);
    turn(peer->ring);
    queue(peer, "behind");
    reset_connection(peer->far);
    peer->far = -1;
    TURN_UNTIL(peer->ring, peer->failed_count == 1);
    assert_int_equal(peer->failed_status, IO_RESET);
    assert_int_equal(stream_queued_bytes(&peer->stream), 0);
    assert_int_equal(peer->pool.lent_count, 0);
    queue(peer, "into the void");
    queue_large(peer, 10);
    stream_flush(&peer->stream);
    stream_finish(&peer->stream);
    turn_a_while(peer->ring);
    assert_int_equal(peer->failed_count, 1);
    assert_int_equal(peer->pool.lent_count, 0);
    close_peer(peer);
}

/* Finishing. */

static void finishing_sends_the_end_behind_what_is_queued(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    queue(peer, "goodbye");
    stream_finish(&peer->stream);
    stream_finish(&peer->stream);
    expect_at_far_end(peer, "goodbye");
    expect_fin_at_far_end(peer);
    write_all(peer->far, "still", 5); /* the other direction lives */
    TURN_UNTIL(peer->ring, peer->received_bytes == 5);
    close_peer(peer);
}

static void finishing_an_empty_stream_sends_the_end_at_once(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_finish(&peer->stream);
    expect_fin_at_far_end(peer);
    close_peer(peer);
}

static void the_end_waits_for_a_send_that_is_under_way(void **state)
{
    enum { SIZE = 1 << 20 };
    struct peer *peer = open_peer(4);
    static uint8_t read[SIZE];
    size_t read_bytes = 0;
    (void)state;
    shrink_buffers(peer->stream.descriptor, 4096);
    queue_large(peer, SIZE);
    stream_flush(&peer->stream);
    turn(peer->ring);
    stream_finish(&peer->stream);
    while (read_bytes < SIZE) {
        ssize_t got = read_some(peer->far, read + read_bytes, SIZE - read_bytes);
        assert_true(got > 0 || (got < 0 && errno == EAGAIN)); /* no end before the last byte */
        read_bytes += got > 0 ? (size_t)got : 0;
        turn(peer->ring);
    }
    expect_fin_at_far_end(peer);
    close_peer(peer);
}

/* A TLS session may still have an alert to send when the end has been announced. */
static void what_is_queued_behind_the_end_is_dropped(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    queue(peer, "said");
    stream_finish(&peer->stream);
    assert_true(result_is_ok(stream_queue(&peer->stream, BYTES_OF("unsaid"))));
    stream_flush(&peer->stream);
    expect_at_far_end(peer, "said");
    expect_fin_at_far_end(peer);
    assert_true(result_is_ok(stream_queue(&peer->stream, BYTES_OF("unsaid"))));
    stream_flush(&peer->stream);
    turn_a_while(peer->ring);
    assert_int_equal(peer->failed_count, 0);
    close_peer(peer);
}

/* Ending. */

static void a_stream_without_operations_is_joined_and_closed_at_once(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    assert_true(stream_is_joined(&peer->stream));
    stream_shut(&peer->stream);
    assert_true(stream_is_joined(&peer->stream));
    stream_close(&peer->stream);
    stream_close(&peer->stream);
    assert_int_equal(peer->stream.descriptor, -1);
    close_peer(peer);
}

static void shutting_brings_every_operation_back_and_tells_nothing_else(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    shrink_buffers(peer->stream.descriptor, 4096);
    stream_resume(&peer->stream);
    queue_large(peer, 4 << 20);
    stream_flush(&peer->stream);
    turn(peer->ring);
    write_all(peer->far, "unread", 6);
    stream_shut(&peer->stream);
    stream_shut(&peer->stream);
    assert_false(stream_is_joined(&peer->stream));
    TURN_UNTIL(peer->ring, peer->joined_count == 1);
    assert_int_equal(peer->ended_count + peer->failed_count, 0);
    turn_a_while(peer->ring);
    assert_int_equal(peer->joined_count, 1);
    close_peer(peer);
}

static void shutting_before_the_ring_has_turned_joins_too(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    queue(peer, "lost");
    stream_flush(&peer->stream);
    stream_pause(&peer->stream);
    stream_shut(&peer->stream);
    TURN_UNTIL(peer->ring, peer->joined_count == 1);
    assert_int_equal(peer->received_count + peer->ended_count + peer->sent_count, 0);
    close_peer(peer);
}

static void shut_now(struct peer *peer)
{
    stream_shut(&peer->stream);
}

static void shutting_inside_any_event_is_safe(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 3; kind++) {
        struct peer *peer = open_peer(1);
        peer->when_received = kind == 0 ? shut_now : NULL;
        peer->when_sent = kind == 1 ? shut_now : NULL;
        peer->when_ended = kind == 2 ? shut_now : NULL;
        stream_resume(&peer->stream);
        queue(peer, "x");
        stream_flush(&peer->stream);
        write_all(peer->far, "0123456789", 10);
        (void)shutdown(peer->far, SHUT_WR);
        TURN_UNTIL(peer->ring, peer->joined_count > 0);
        assert_true(stream_is_joined(&peer->stream));
        close_peer(peer);
    }
}

static void closing_tells_the_peer(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    turn(peer->ring);
    stream_shut(&peer->stream);
    TURN_UNTIL(peer->ring, peer->joined_count == 1);
    stream_close(&peer->stream);
    expect_fin_at_far_end(peer);
    close_peer(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_queued_leaves_at_the_flush_in_one_piece),
        cmocka_unit_test(what_is_queued_during_a_send_follows_it_unasked),
        cmocka_unit_test(a_flush_of_nothing_sends_nothing),
        cmocka_unit_test(bytes_stay_in_order_through_narrow_sockets),
        cmocka_unit_test(a_reset_in_the_middle_of_a_send_drops_the_queue_and_is_told_once),
        cmocka_unit_test(finishing_sends_the_end_behind_what_is_queued),
        cmocka_unit_test(finishing_an_empty_stream_sends_the_end_at_once),
        cmocka_unit_test(the_end_waits_for_a_send_that_is_under_way),
        cmocka_unit_test(what_is_queued_behind_the_end_is_dropped),
        cmocka_unit_test(a_stream_without_operations_is_joined_and_closed_at_once),
        cmocka_unit_test(shutting_brings_every_operation_back_and_tells_nothing_else),
        cmocka_unit_test(shutting_before_the_ring_has_turned_joins_too),
        cmocka_unit_test(shutting_inside_any_event_is_safe),
        cmocka_unit_test(closing_tells_the_peer),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
