/*
 * The kernel's queue of operations: the only door to io_uring. One ring a thread, made and used by
 * it alone.
 *
 * An operation is a struct inside the object it serves. While it is in flight the kernel may write
 * into what it names, so its owner must live until the completion that is marked final. Completions
 * are delivered from ring_deliver() only, never from a call that starts something.
 */
#ifndef NET_RING_H
#define NET_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/result.h"

struct ring;
struct operation;

/* How an operation ended; errno is translated here and goes no further. */
enum io_status {
    IO_OK,
    IO_ENDED,            /* the peer sends no more */
    IO_RESET,            /* the peer is gone, or we shut the socket down */
    IO_REFUSED,          /* nobody listens there */
    IO_UNREACHABLE,      /* no way there, or no answer from it */
    IO_CANCELLED,        /* ring_cancel() */
    IO_AGAIN,            /* nothing was done, nothing is wrong: to be asked for once more */
    IO_OUT_OF_RESOURCES, /* descriptors or memory; try again a little later */
    IO_FAILED,           /* anything else */
};

struct completion {
    enum io_status status;
    bool is_final;         /* the kernel has handed the operation back */
    int descriptor;        /* of accept, with IO_OK */
    uint32_t length_bytes; /* of send and read */
    struct bytes received; /* of receive; gone when the callback returns */
};

typedef void (*operation_callback)(struct operation *operation,
                                   const struct completion *completion);

struct operation {
    operation_callback complete;
    struct list waiting; /* in the ring's list of operations to be armed again */
    int descriptor;
    uint32_t length_max; /* of a receive in a large buffer */
    uint8_t kind;        /* ring.c's */
    bool is_in_flight;
    bool is_cancelled;
};

struct ring_counts {
    uint64_t turns;
    uint64_t completions;
    uint64_t buffers_exhausted; /* a receive found all buffers lent */
    uint64_t queue_overflows;
};

/* What one receive delivers at most; a large one: two TLS records, whole. */
#define RING_BUFFER_BYTES       16384
#define RING_LARGE_BUFFER_BYTES 36864

/* buffer_count (a power of two) receive buffers, and a few large ones. ERROR_NO_RING,
 * ERROR_LIMIT_REACHED (of descriptors), ERROR_OUT_OF_MEMORY. */
struct result ring_create(uint32_t buffer_count, struct ring **ret_ring);

/* Accepts NULL. No operation may be in flight. */
void ring_destroy(struct ring *ring);

/* Delivers connected, close-on-exec descriptors until an error or a cancel, which is final. */
void ring_accept(struct ring *ring, struct operation *operation, int descriptor);

/* Delivers one, final at once. */
void ring_accept_one(struct ring *ring, struct operation *operation, int descriptor);

/* Delivers what arrives until the end, an error or a cancel, which is final. */
void ring_receive(struct ring *ring, struct operation *operation, int descriptor);

/* Delivers what arrives first, at most one buffer of it; final at once. */
void ring_receive_one(struct ring *ring, struct operation *operation, int descriptor);

/* The same with a large buffer, for who is known to send much: 1 to RING_LARGE_BUFFER_BYTES. */
void ring_receive_large(struct ring *ring, struct operation *operation, int descriptor,
                        uint32_t length_max);

/* Sends all of bytes, which must stay as they are until the completion; final at once. */
void ring_send(struct ring *ring, struct operation *operation, int descriptor, struct bytes bytes);

/* address must stay until the completion. */
void ring_connect(struct ring *ring, struct operation *operation, int descriptor,
                  const struct sockaddr *address, socklen_t length_bytes);

/* One read into memory of the caller, which must stay until the completion. For the mailbox's
 * eventfd. */
void ring_read(struct ring *ring, struct operation *operation, int descriptor, void *memory,
               uint32_t length_bytes);

/*
 * Asks for the end of an operation in flight; its final completion still comes (IO_CANCELLED, or
 * what had happened before). Harmless when it is not in flight or was asked before.
 */
void ring_cancel(struct ring *ring, struct operation *operation);

/* Hands everything started to the kernel now, for what cannot wait until the end of the turn. */
void ring_submit(struct ring *ring);

/* Hands everything started to the kernel and waits at most timeout_ms for a completion. */
void ring_wait(struct ring *ring, uint32_t timeout_ms);

/* Delivers all completions that are there; returns their number. A turn is a wait and a delivery.
 */
uint32_t ring_deliver(struct ring *ring);

struct ring_counts ring_counts(const struct ring *ring);

#endif
