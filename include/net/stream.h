/*
 * One connected socket: what arrives is delivered, what is queued is sent, one coalesced send at a
 * time. Embedded in the connection it serves; owned by one worker.
 *
 * Events only tell the owner; they come from ring_deliver() alone. An event may call anything here
 * but stream_close(). After stream_shut() the kernel still works on the operations: the stream may
 * be closed, and its memory used again, only when stream_is_joined().
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/ring.h"
#include "net/send_queue.h"

struct stream;

struct stream_events {
    /* bytes are gone when it returns. Comes a little while after stream_pause() still: once when
     * the stream is paced. */
    void (*received)(struct stream *stream, struct bytes bytes);
    /* IO_ENDED: the peer has finished sending; else it is gone. Once. */
    void (*receive_ended)(struct stream *stream, enum io_status status);
    /* A send is done: there may be room in the queue. */
    void (*sent)(struct stream *stream);
    /* Nothing more can be sent. Once. */
    void (*send_failed)(struct stream *stream, enum io_status status);
    /* The last operation is back after stream_shut(). */
    void (*joined)(struct stream *stream);
};

struct stream {
    const struct stream_events *events;
    struct ring *ring;
    struct buffer_pool *pool;
    struct operation receive;
    struct operation send;
    struct send_queue queue; /* while a send is in flight the kernel reads from its first block */
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint32_t bulk_bytes; /* asked for at a time while is_bulk */
    int descriptor;      /* -1: closed */
    bool is_paused;
    bool is_paced; /* receives a buffer at a time */
    bool is_bulk;  /* the latest one was full: there is more than that */
    bool has_receive_ended;
    bool has_send_failed;
    bool is_finishing; /* no more may be queued; the peer is told so behind what is queued */
    bool is_shut;
};

/* descriptor is connected and now the stream's. Nothing is received before stream_resume(). */
void stream_open(struct stream *stream, int descriptor, struct ring *ring, struct buffer_pool *pool,
                 const struct stream_events *events);

/* Stops receiving as soon as the kernel can; what had arrived is delivered still. */
void stream_pause(struct stream *stream);

/*
 * Paced, a stream asks for one buffer after the other, so that a pause stops it at once; else the
 * kernel delivers by itself, which is cheaper, and many buffers may be on their way when it is
 * paused. New streams are not paced.
 */
void stream_pace(struct stream *stream, bool is_paced);

/* While a paced stream finds more than a small buffer holds it asks for so many bytes at a time: 1
 * to RING_LARGE_BUFFER_BYTES. */
void stream_set_bulk(struct stream *stream, uint32_t length_bytes);

/* Receives (again). Harmless when it does, and at the end. */
void stream_resume(struct stream *stream);

/* So many bytes are about to be queued, in pieces. Only a hint. */
void stream_expect(struct stream *stream, size_t length_bytes);

/* Room for length_bytes (1 or more) behind the queue, to be written and then stream_filled(), 0
 * bytes when nothing came of it. NULL: out of memory, or 1 GiB waits. */
uint8_t *stream_reserve(struct stream *stream, size_t length_bytes);
void stream_filled(struct stream *stream, size_t length_bytes);

/*
 * Copies bytes behind the queue. ERROR_OUT_OF_MEMORY. Dropped silently once sending has failed or
 * was finished: what a peer does may make its TLS session speak at any time.
 */
struct result stream_queue(struct stream *stream, struct bytes bytes);

/* Sends what is queued unless a send is under way, which is then followed by the next. Once a step.
 */
void stream_flush(struct stream *stream);

/* Bytes that the kernel has not taken yet. */
uint32_t stream_queued_bytes(const struct stream *stream);

/* After what is queued the peer is told that no more comes (FIN). */
void stream_finish(struct stream *stream);

/* Everything is over: what is queued is lost, every operation comes back soon. */
void stream_shut(struct stream *stream);

bool stream_is_joined(const struct stream *stream);

/* Gives the descriptor and the memory back. Joined only. */
void stream_close(struct stream *stream);

#endif
