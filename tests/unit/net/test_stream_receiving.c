/* What a stream over the real ring receives: pauses, paces, buffers that run out, every end. */
#include "stream_peer.h"

static void nothing_is_received_before_the_first_resume(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    write_all(peer->far, "early", 5);
    turn_a_while(peer->ring);
    assert_int_equal(peer->received_count, 0);
    stream_resume(&peer->stream);
    stream_resume(&peer->stream);
    TURN_UNTIL(peer->ring, peer->received_bytes == 5);
    assert_int_equal(peer->stream.received_bytes, 5);
    close_peer(peer);
}

static void a_paused_stream_soon_receives_nothing_and_loses_nothing(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    turn(peer->ring);
    stream_pause(&peer->stream);
    stream_pause(&peer->stream);
    TURN_UNTIL(peer->ring, !peer->stream.receive.is_in_flight);
    write_all(peer->far, "waiting", 7);
    turn_a_while(peer->ring);
    assert_int_equal(peer->received_count, 0);
    assert_int_equal(peer->ended_count, 0);
    stream_resume(&peer->stream);
    TURN_UNTIL(peer->ring, peer->received_bytes == 7);
    close_peer(peer);
}

static void a_resume_while_the_cancel_is_on_its_way_goes_on_receiving(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    turn(peer->ring);
    stream_pause(&peer->stream);
    stream_resume(&peer->stream);
    turn_a_while(peer->ring);
    write_all(peer->far, "on", 2);
    TURN_UNTIL(peer->ring, peer->received_bytes == 2);
    stream_pause(&peer->stream);
    stream_resume(&peer->stream);
    stream_pause(&peer->stream); /* the last word holds */
    turn_a_while(peer->ring);
    write_all(peer->far, "off", 3);
    turn_a_while(peer->ring);
    assert_int_equal(peer->received_bytes, 2);
    assert_int_equal(peer->ended_count, 0);
    close_peer(peer);
}

static void pause_in_each_event(struct peer *peer)
{
    stream_pause(&peer->stream);
}

/* A bulk sender, few buffers, and a pause in every event: the kernel reports missing buffers
 * meanwhile. */
static void pausing_while_buffers_run_out_does_not_end_the_stream(void **state)
{
    enum { SIZE = 2 << 20 };
    struct peer *peer = open_peer(2);
    uint8_t *pattern = make_pattern(SIZE);
    size_t written = 0;
    (void)state;
    peer->when_received = pause_in_each_event;
    stream_resume(&peer->stream);
    uint64_t give_up_ms = clock_monotonic_ms() + 2 * PATIENCE_MS;
    while (peer->received_bytes < SIZE && peer->ended_count == 0 &&
           clock_monotonic_ms() < give_up_ms) {
        ssize_t sent = send(peer->far, pattern + written, SIZE - written, MSG_DONTWAIT);
        written += sent > 0 ? (size_t)sent : 0;
        ring_wait(peer->ring, 1);
        (void)ring_deliver(peer->ring);
        stream_resume(&peer->stream);
    }
    assert_int_equal(peer->ended_count, 0);
    assert_int_equal(peer->received_bytes, SIZE);
    assert_memory_equal(peer->received, pattern, SIZE);
    free(pattern);
    close_peer(peer);
}

static void a_paced_stream_stops_after_one_buffer(void **state)
{
    enum { SIZE = 400000 };
    struct peer *peer = open_peer(64);
    uint8_t *pattern = make_pattern(SIZE);
    (void)state;
    peer->when_received = pause_in_each_event;
    stream_pace(&peer->stream, true);
    ssize_t sent = send(peer->far, pattern, SIZE, MSG_DONTWAIT);
    assert_true(sent > 100000);
    stream_resume(&peer->stream);
    TURN_UNTIL(peer->ring, peer->received_count > 0);
    turn_a_while(peer->ring);
    assert_int_equal(peer->received_count, 1);
    while (peer->received_bytes < (size_t)sent) {
        unsigned before = peer->received_count;
        stream_resume(&peer->stream);
        TURN_UNTIL(peer->ring, peer->received_count > before);
        assert_int_equal(peer->received_count, before + 1);
    }
    assert_memory_equal(peer->received, pattern, (size_t)sent);
    free(pattern);
    close_peer(peer);
}

static void a_paced_stream_with_much_to_receive_asks_for_large_pieces(void **state)
{
    enum { SIZE = 400000, BULK = RING_LARGE_BUFFER_BYTES - 1 };
    struct peer *peer = open_peer(64);
    uint8_t *pattern = make_pattern(SIZE);
    (void)state;
    stream_pace(&peer->stream, true);
    stream_set_bulk(&peer->stream, BULK);
    ssize_t sent = send(peer->far, pattern, SIZE, MSG_DONTWAIT);
    assert_true(sent > 100000);
    stream_resume(&peer->stream);
    TURN_UNTIL(peer->ring, peer->received_bytes == (size_t)sent);
    assert_true(peer->received_count < (size_t)sent / RING_BUFFER_BYTES);
    write_all(peer->far, "a little", 8);
    TURN_UNTIL(peer->ring, peer->received_bytes == (size_t)sent + 8);
    assert_false(peer->stream.is_bulk);
    assert_memory_equal(peer->received, pattern, (size_t)sent);
    free(pattern);
    close_peer(peer);
}

static void a_stream_is_paced_and_set_free_again_while_it_receives(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    turn(peer->ring);
    for (unsigned i = 0; i < 20; i++) {
        stream_pace(&peer->stream, i % 3 != 0);
        write_all(peer->far, "piece", 5);
        TURN_UNTIL(peer->ring, peer->received_bytes == 5 * (i + 1));
    }
    assert_int_equal(peer->ended_count, 0);
    close_peer(peer);
}

static void the_end_is_told_once_and_sending_goes_on(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    write_all(peer->far, "last", 4);
    (void)shutdown(peer->far, SHUT_WR);
    TURN_UNTIL(peer->ring, peer->ended_count == 1);
    assert_int_equal(peer->ended_status, IO_ENDED);
    assert_int_equal(peer->received_bytes, 4);
    stream_resume(&peer->stream);
    stream_pause(&peer->stream);
    stream_resume(&peer->stream);
    turn_a_while(peer->ring);
    assert_int_equal(peer->ended_count, 1);
    queue(peer, "answer");
    stream_flush(&peer->stream);
    expect_at_far_end(peer, "answer");
    close_peer(peer);
}

static void a_reset_is_told_once(void **state)
{
    struct peer *peer = open_peer(4);
    (void)state;
    stream_resume(&peer->stream);
    turn(peer->ring);
    reset_connection(peer->far);
    peer->far = -1;
    TURN_UNTIL(peer->ring, peer->ended_count == 1);
    assert_int_equal(peer->ended_status, IO_RESET);
    turn_a_while(peer->ring);
    assert_int_equal(peer->ended_count, 1);
    close_peer(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_received_before_the_first_resume),
        cmocka_unit_test(a_paused_stream_soon_receives_nothing_and_loses_nothing),
        cmocka_unit_test(a_resume_while_the_cancel_is_on_its_way_goes_on_receiving),
        cmocka_unit_test(pausing_while_buffers_run_out_does_not_end_the_stream),
        cmocka_unit_test(a_paced_stream_stops_after_one_buffer),
        cmocka_unit_test(a_paced_stream_with_much_to_receive_asks_for_large_pieces),
        cmocka_unit_test(a_stream_is_paced_and_set_free_again_while_it_receives),
        cmocka_unit_test(the_end_is_told_once_and_sending_goes_on),
        cmocka_unit_test(a_reset_is_told_once),
    };
    return cmocka_run_group_tests_name("stream_receiving", tests, NULL, NULL);
}
