/*
 * A group of receive buffers of one size, which the kernel takes from when bytes are there. Owned
 * by the ring that it is registered with; ring.c alone calls it.
 */
#ifndef NET_RING_BUFFERS_H
#define NET_RING_BUFFERS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"

struct io_uring;
struct io_uring_buf_ring;

/* Zeroed: not open. */
struct ring_buffers {
    struct io_uring_buf_ring *free; /* those that the kernel may take */
    uint8_t *memory;
    uint32_t count;
    uint32_t size_bytes;
};

/*
 * Registers count (a power of two) buffers of size_bytes as the ring's group of that number; all of
 * them are the kernel's to take. ERROR_OUT_OF_MEMORY, ERROR_NO_RING.
 */
struct result ring_buffers_open(struct ring_buffers *buffers, struct io_uring *uring,
                                uint16_t group, uint32_t count, uint32_t size_bytes);

/* After the ring, or where opening has failed. */
void ring_buffers_close(struct ring_buffers *buffers);

/* The first length_bytes of one that the kernel has taken. */
struct bytes ring_buffers_bytes(const struct ring_buffers *buffers, uint32_t index,
                                size_t length_bytes);

/* The kernel may take it again. */
void ring_buffers_return(struct ring_buffers *buffers, uint32_t index);

#endif
