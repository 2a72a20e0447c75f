/*
 * A socket's two directions over the ring. What is queued goes out a block at a time; bytes handed
 * to the kernel never move and never change (send_queue.h).
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/stream.h"

/* What is asked for at a time of a peer that sends much, unless its owner knows better. */
#define BULK_BYTES 32768

static void report_when_joined(struct stream *stream)
{
    if (stream->is_shut && stream_is_joined(stream)) {
        stream->events->joined(stream);
    }
}

static void receive(struct stream *stream)
{
    if (!stream->is_paced) {
        ring_receive(stream->ring, &stream->receive, stream->descriptor);
    } else if (stream->is_bulk) {
        ring_receive_large(stream->ring, &stream->receive, stream->descriptor, stream->bulk_bytes);
    } else {
        ring_receive_one(stream->ring, &stream->receive, stream->descriptor);
    }
}

static void on_receive(struct operation *operation, const struct completion *completion)
{
    struct stream *stream = LIST_OWNER(operation, struct stream, receive);
    if (completion->received.length > 0) {
        stream->received_bytes += completion->received.length;
        stream->is_bulk = completion->received.length >= RING_BUFFER_BYTES;
        if (!stream->is_shut) {
            stream->events->received(stream, completion->received);
        }
    }
    if (!completion->is_final) {
        return;
    }
    if (completion->status != IO_CANCELLED && completion->status != IO_OK) {
        bool is_news = !stream->has_receive_ended;
        stream->has_receive_ended = true;
        if (is_news && !stream->is_shut) {
            stream->events->receive_ended(stream, completion->status);
        }
    } else if (!stream->is_paused && !stream->is_shut && !stream->receive.is_in_flight) {
        /* The next buffer of a paced stream, or resumed while the cancel was on its way. */
        receive(stream);
    }
    report_when_joined(stream);
}

static void send_first(struct stream *stream)
{
    ring_send(stream->ring, &stream->send, stream->descriptor, send_queue_first(&stream->queue));
}

static void finish_when_sent(struct stream *stream)
{
    if (stream->is_finishing && stream_queued_bytes(stream) == 0 && !stream->is_shut) {
        (void)shutdown(stream->descriptor,
                       SHUT_WR); /* the peer may be gone: then there is nobody to tell */
    }
}

static void on_sent(struct operation *operation, const struct completion *completion)
{
    struct stream *stream = LIST_OWNER(operation, struct stream, send);
    stream->sent_bytes += completion->length_bytes;
    send_queue_drop(stream->pool, &stream->queue, completion->length_bytes);
    if (stream->is_shut) {
        report_when_joined(stream);
        return;
    }
    if (completion->status == IO_AGAIN) {
        stream_flush(stream);
        return;
    }
    if (completion->status != IO_OK || completion->length_bytes == 0) {
        stream->has_send_failed = true;
        send_queue_release(stream->pool, &stream->queue);
        stream->events->send_failed(stream,
                                    completion->status == IO_OK ? IO_RESET : completion->status);
        return;
    }
    stream_flush(stream);
    finish_when_sent(stream);
    stream->events->sent(stream);
}

void stream_open(struct stream *stream, int descriptor, struct ring *ring, struct buffer_pool *pool,
                 const struct stream_events *events)
{
    *stream = (struct stream){.events = events,
                              .ring = ring,
                              .pool = pool,
                              .receive.complete = on_receive,
                              .send.complete = on_sent,
                              .descriptor = descriptor,
                              .bulk_bytes = BULK_BYTES,
                              .is_paused = true};
}

void stream_pause(struct stream *stream)
{
    if (stream->is_paused) {
        return;
    }
    stream->is_paused = true;
    if (!stream->is_paced) {
        ring_cancel(stream->ring, &stream->receive);
        ring_submit(stream->ring); /* Until the kernel knows, it goes on filling our buffers. */
    }
}

void stream_pace(struct stream *stream, bool is_paced)
{
    if (is_paced && !stream->is_paced && stream->receive.is_in_flight) {
        ring_cancel(stream->ring, &stream->receive); /* It comes back as a paced one. */
    }
    stream->is_paced = is_paced;
}

void stream_set_bulk(struct stream *stream, uint32_t length_bytes)
{
    stream->bulk_bytes = length_bytes;
}

void stream_resume(struct stream *stream)
{
    if (!stream->is_paused || stream->has_receive_ended || stream->is_shut) {
        return;
    }
    stream->is_paused = false;
    if (!stream->receive.is_in_flight) {
        receive(stream);
    }
}

static bool may_queue(const struct stream *stream)
{
    return !stream->has_send_failed && !stream->is_shut && !stream->is_finishing;
}

void stream_expect(struct stream *stream, size_t length_bytes)
{
    send_queue_expect(&stream->queue, length_bytes);
}

uint8_t *stream_reserve(struct stream *stream, size_t length_bytes)
{
    return send_queue_reserve(stream->pool, &stream->queue, length_bytes);
}

void stream_filled(struct stream *stream, size_t length_bytes)
{
    send_queue_fill(stream->pool, &stream->queue, may_queue(stream) ? length_bytes : 0);
}

struct result stream_queue(struct stream *stream, struct bytes bytes)
{
    return may_queue(stream) ? send_queue_append(stream->pool, &stream->queue, bytes) : RESULT_OK;
}

void stream_flush(struct stream *stream)
{
    if (!stream->send.is_in_flight && stream->queue.length_bytes > 0 && !stream->is_shut) {
        send_first(stream);
    }
}

uint32_t stream_queued_bytes(const struct stream *stream)
{
    return stream->queue.length_bytes;
}

void stream_finish(struct stream *stream)
{
    if (stream->is_finishing) {
        return;
    }
    stream_flush(stream);
    stream->is_finishing = true;
    finish_when_sent(stream);
}

void stream_shut(struct stream *stream)
{
    if (stream->is_shut) {
        return;
    }
    stream->is_shut = true;
    send_queue_release_rest(stream->pool, &stream->queue);
    /* close() alone would not end an armed receive: the operation holds the socket open. */
    (void)shutdown(stream->descriptor, SHUT_RDWR);
    ring_cancel(stream->ring, &stream->receive);
    ring_cancel(stream->ring, &stream->send);
}

bool stream_is_joined(const struct stream *stream)
{
    return !stream->receive.is_in_flight && !stream->send.is_in_flight;
}

void stream_close(struct stream *stream)
{
    CHECK(stream_is_joined(stream));
    if (stream->descriptor < 0) {
        return;
    }
    send_queue_release(stream->pool, &stream->queue);
    (void)close(stream->descriptor);
    stream->descriptor = -1;
}
