/*
 * A stream over the real ring with somebody at its far end, who keeps what the stream reports. For
 * the tests of src/net/stream.c.
 */
#ifndef TESTS_UNIT_NET_STREAM_PEER_H
#define TESTS_UNIT_NET_STREAM_PEER_H

#include "net_loop.h"

#include "net/stream.h"

#define RECEIVED_MAX (8U << 20)

struct peer {
    struct stream stream;
    struct ring *ring;
    struct buffer_pool pool;
    int far; /* the test's end */
    uint8_t *received;
    size_t received_bytes;
    uint32_t received_count;
    uint32_t ended_count;
    enum io_status ended_status;
    uint32_t sent_count;
    uint32_t failed_count;
    enum io_status failed_status;
    uint32_t joined_count;
    void (*when_received)(struct peer *peer);
    void (*when_sent)(struct peer *peer);
    void (*when_ended)(struct peer *peer);
};

static inline struct peer *owner_of(struct stream *stream)
{
    return LIST_OWNER(stream, struct peer, stream);
}

static inline void call(void (*function)(struct peer *peer), struct peer *peer)
{
    if (function != NULL) {
        function(peer);
    }
}

static inline void on_received(struct stream *stream, struct bytes bytes)
{
    struct peer *peer = owner_of(stream);
    assert_false(stream->is_shut);
    assert_in_range(peer->received_bytes + bytes.length, 1, RECEIVED_MAX);
    memcpy(peer->received + peer->received_bytes, bytes.at, bytes.length);
    peer->received_bytes += bytes.length;
    peer->received_count++;
    call(peer->when_received, peer);
}

static inline void on_receive_ended(struct stream *stream, enum io_status status)
{
    struct peer *peer = owner_of(stream);
    assert_false(stream->is_shut);
    peer->ended_count++;
    peer->ended_status = status;
    call(peer->when_ended, peer);
}

static inline void on_sent(struct stream *stream)
{
    assert_false(stream->is_shut);
    owner_of(stream)->sent_count++;
    call(owner_of(stream)->when_sent, owner_of(stream));
}

static inline void on_send_failed(struct stream *stream, enum io_status status)
{
    assert_false(stream->is_shut);
    owner_of(stream)->failed_count++;
    owner_of(stream)->failed_status = status;
}

static inline void on_joined(struct stream *stream)
{
    assert_true(stream_is_joined(stream));
    owner_of(stream)->joined_count++;
}

static const struct stream_events events = {
    .received = on_received,
    .receive_ended = on_receive_ended,
    .sent = on_sent,
    .send_failed = on_send_failed,
    .joined = on_joined,
};

static inline struct peer *open_peer(uint32_t buffer_count)
{
    int ends[2];
    struct peer *peer = calloc(1, sizeof(*peer));
    assert_non_null(peer);
    peer->received = malloc(RECEIVED_MAX);
    peer->ring = make_ring(buffer_count);
    buffer_pool_init(&peer->pool);
    make_connection(ends);
    peer->far = ends[1];
    stream_open(&peer->stream, ends[0], peer->ring, &peer->pool, &events);
    return peer;
}

/* Shuts what is not shut, and checks that nothing is left behind. */
static inline void close_peer(struct peer *peer)
{
    stream_shut(&peer->stream);
    TURN_UNTIL(peer->ring, stream_is_joined(&peer->stream));
    stream_close(&peer->stream);
    assert_int_equal(peer->pool.lent_count, 0);
    buffer_pool_deinit(&peer->pool);
    ring_destroy(peer->ring);
    if (peer->far >= 0) {
        (void)close(peer->far);
    }
    free(peer->received);
    free(peer);
}

static inline void queue(struct peer *peer, const char *words)
{
    assert_true(result_is_ok(stream_queue(&peer->stream, bytes_from_string(words))));
}

/* Reads at the far end until expected has come. */
static inline void expect_at_far_end(struct peer *peer, const char *expected)
{
    char memory[256] = {0};
    size_t length = 0;
    uint64_t give_up_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (length < strlen(expected) && clock_monotonic_ms() < give_up_ms) {
        turn(peer->ring);
        ssize_t got = read_some(peer->far, memory + length, sizeof(memory) - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    assert_string_equal(memory, expected);
}

static inline void expect_fin_at_far_end(struct peer *peer)
{
    char byte;
    ssize_t got = -1;
    uint64_t give_up_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (got < 0 && clock_monotonic_ms() < give_up_ms) {
        turn(peer->ring);
        got = read_some(peer->far, &byte, 1);
        assert_true(got >= 0 || errno == EAGAIN);
    }
    assert_int_equal(got, 0);
}

static inline uint8_t *make_pattern(size_t length)
{
    uint8_t *pattern = malloc(length);
    assert_non_null(pattern);
    for (size_t i = 0; i < length; i++) {
        pattern[i] = (uint8_t)((i * 2654435761U) >> 13);
    }
    return pattern;
}

#endif
