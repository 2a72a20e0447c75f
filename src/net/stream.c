/*
 * A socket's two directions over the ring. Two buffers take turns for sending: one fills while the
 * kernel has the other, so bytes handed to the kernel never move and never change.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/stream.h"

static void report_when_joined(struct stream *stream)
{
    if (stream->is_shut && stream_is_joined(stream)) {
        stream->events->joined(stream);
    }
}

static void on_receive(struct operation *operation, const struct completion *completion)
{
    struct stream *stream = LIST_OWNER(operation, struct stream, receive);
    if (completion->received.length > 0) {
        stream->received_bytes += completion->received.length;
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
        /* Resumed while the cancel was on its way. */
        ring_receive(stream->ring, &stream->receive, stream->descriptor);
    }
    report_when_joined(stream);
}

/* What one operation takes: small enough that a slow peer's progress is seen. */
#define SEND_BYTES_MAX 65536

static void send_slice(struct stream *stream)
{
    ring_send(stream->ring, &stream->send, stream->descriptor,
              bytes_slice(buffer_bytes(&stream->sending), 0, SEND_BYTES_MAX));
}

static void send_next(struct stream *stream)
{
    struct buffer empty = stream->sending;
    CHECK(buffer_is_empty(&empty));
    stream->sending = stream->filling;
    stream->filling = empty;
    send_slice(stream);
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
    buffer_drop(stream->pool, &stream->sending, completion->length_bytes);
    if (stream->is_shut) {
        report_when_joined(stream);
        return;
    }
    if (completion->status != IO_OK || completion->length_bytes == 0) {
        stream->has_send_failed = true;
        buffer_release(stream->pool, &stream->sending);
        buffer_release(stream->pool, &stream->filling);
        stream->events->send_failed(stream,
                                    completion->status == IO_OK ? IO_RESET : completion->status);
        return;
    }
    if (buffer_is_empty(&stream->sending)) {
        stream_flush(stream);
    } else {
        send_slice(stream);
    }
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
                              .is_paused = true};
}

void stream_pause(struct stream *stream)
{
    if (stream->is_paused) {
        return;
    }
    stream->is_paused = true;
    ring_cancel(stream->ring, &stream->receive);
    ring_submit(stream->ring); /* Until the kernel knows, it goes on receiving into our buffers. */
}

void stream_resume(struct stream *stream)
{
    if (!stream->is_paused || stream->has_receive_ended || stream->is_shut) {
        return;
    }
    stream->is_paused = false;
    if (!stream->receive.is_in_flight) {
        ring_receive(stream->ring, &stream->receive, stream->descriptor);
    }
}

uint8_t *stream_reserve(struct stream *stream, size_t length_bytes)
{
    if (!result_is_ok(buffer_reserve(stream->pool, &stream->filling, length_bytes))) {
        return NULL;
    }
    return buffer_room(&stream->filling);
}

void stream_filled(struct stream *stream, size_t length_bytes)
{
    if (stream->has_send_failed || stream->is_shut) {
        buffer_release(stream->pool, &stream->filling);
    } else if (!stream->is_finishing) {
        buffer_fill(&stream->filling, length_bytes);
    }
}

struct result stream_queue(struct stream *stream, struct bytes bytes)
{
    if (stream->has_send_failed || stream->is_shut || stream->is_finishing) {
        return RESULT_OK;
    }
    return buffer_append(stream->pool, &stream->filling, bytes);
}

void stream_flush(struct stream *stream)
{
    if (!stream->send.is_in_flight && !buffer_is_empty(&stream->filling) && !stream->is_shut) {
        send_next(stream);
    }
}

uint32_t stream_queued_bytes(const struct stream *stream)
{
    return buffer_length(&stream->filling) + buffer_length(&stream->sending);
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
    buffer_release(stream->pool, &stream->filling);
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
    buffer_release(stream->pool, &stream->filling);
    buffer_release(stream->pool, &stream->sending);
    (void)close(stream->descriptor);
    stream->descriptor = -1;
}
