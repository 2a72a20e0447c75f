/*
 * Provided buffers of io_uring: memory, and the ring through which they are lent to the kernel.
 * Called by ring.c on the ring's thread.
 */
#include <errno.h>
#include <liburing.h>
#include <sys/mman.h>

#include "base/check.h"
#include "ring_buffers.h"

static void *map(size_t size_bytes)
{
    void *memory =
        mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static size_t size_of_all(const struct ring_buffers *buffers)
{
    return (size_t)buffers->count * buffers->size_bytes;
}

static size_t size_of_ring(const struct ring_buffers *buffers)
{
    return buffers->count * sizeof(struct io_uring_buf);
}

static struct result offer(struct ring_buffers *buffers, struct io_uring *uring, uint16_t group)
{
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)buffers->free, .ring_entries = buffers->count, .bgid = group};
    int status = io_uring_register_buf_ring(uring, &registration, 0);
    if (status != 0) {
        return result_failure(status == -ENOMEM ? ERROR_OUT_OF_MEMORY : ERROR_NO_RING);
    }
    io_uring_buf_ring_init(buffers->free);
    for (uint32_t index = 0; index < buffers->count; index++) {
        ring_buffers_return(buffers, index);
    }
    return RESULT_OK;
}

struct result ring_buffers_open(struct ring_buffers *buffers, struct io_uring *uring,
                                uint16_t group, uint32_t count, uint32_t size_bytes)
{
    *buffers = (struct ring_buffers){.count = count, .size_bytes = size_bytes};
    buffers->free = map(size_of_ring(buffers));
    buffers->memory = map(size_of_all(buffers));
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (buffers->free != NULL && buffers->memory != NULL) {
        result = offer(buffers, uring, group);
    }
    return result;
}

void ring_buffers_close(struct ring_buffers *buffers)
{
    if (buffers->free != NULL) {
        (void)munmap(buffers->free, size_of_ring(buffers));
    }
    if (buffers->memory != NULL) {
        (void)munmap(buffers->memory, size_of_all(buffers));
    }
    *buffers = (struct ring_buffers){0};
}

static uint8_t *memory_of(const struct ring_buffers *buffers, uint32_t index)
{
    CHECK(index < buffers->count);
    return buffers->memory + (size_t)index * buffers->size_bytes;
}

struct bytes ring_buffers_bytes(const struct ring_buffers *buffers, uint32_t index,
                                size_t length_bytes)
{
    CHECK(length_bytes <= buffers->size_bytes);
    return bytes_from(memory_of(buffers, index), length_bytes);
}

void ring_buffers_return(struct ring_buffers *buffers, uint32_t index)
{
    io_uring_buf_ring_add(buffers->free, memory_of(buffers, index), buffers->size_bytes,
                          (unsigned short)index, io_uring_buf_ring_mask(buffers->count), 0);
    io_uring_buf_ring_advance(buffers->free, 1);
}
