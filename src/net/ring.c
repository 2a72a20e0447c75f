/*
 * io_uring behind net/ring.h. Plain descriptors, multishot accept and receive, one ring of provided
 * buffers, a timeout as argument of the wait.
 *
 * A multishot operation that the kernel ends early (buffers ran out, the completion queue was full)
 * is armed again here, at the end of the turn, when the buffers are back: its owner never notices.
 * Arming it at once would find the buffers still lent and spin.
 */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "base/check.h"
#include "net/ring.h"
#include "net/ring_features.h"
#include "open_error.h"
#include "ring_buffers.h"

/* The kernel takes the buffers of a group in turn, so all of them are walked over however few are
 * in use: few large ones stay within the processor's cache. */
#define LARGE_BUFFER_COUNT 8

enum buffer_group { GROUP_SMALL, GROUP_LARGE, GROUP_COUNT };

enum operation_kind {
    OPERATION_ACCEPT,
    OPERATION_ACCEPT_ONE,
    OPERATION_RECEIVE,
    OPERATION_RECEIVE_ONE,
    OPERATION_RECEIVE_LARGE,
    OPERATION_SEND,
    OPERATION_CONNECT,
    OPERATION_READ
};

struct ring {
    struct io_uring uring;
    struct ring_buffers buffers[GROUP_COUNT];
    struct list waiting; /* operations to be armed again at the end of the turn */
    struct ring_counts counts;
};

static enum io_status status_of(int error)
{
    switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ENOTCONN:
    case ESHUTDOWN:
    case ECONNABORTED:
        return IO_RESET;
    case ECONNREFUSED:
        return IO_REFUSED;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case ETIMEDOUT:
        return IO_UNREACHABLE;
    case ECANCELED:
        return IO_CANCELLED;
    case EINTR:
    case EAGAIN:
        return IO_AGAIN;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL: /* no local port left */
        return IO_OUT_OF_RESOURCES;
    default:
        return IO_FAILED;
    }
}

/* A kernel without buffers of a second size would be without the first. */
static struct result open_buffers(struct ring *ring, uint32_t buffer_count)
{
    TRY(ring_buffers_open(&ring->buffers[GROUP_SMALL], &ring->uring, GROUP_SMALL, buffer_count,
                          RING_BUFFER_BYTES));
    return ring_buffers_open(&ring->buffers[GROUP_LARGE], &ring->uring, GROUP_LARGE,
                             LARGE_BUFFER_COUNT, RING_LARGE_BUFFER_BYTES);
}

static void close_buffers(struct ring *ring)
{
    for (size_t group = 0; group < GROUP_COUNT; group++) {
        ring_buffers_close(&ring->buffers[group]);
    }
}

struct result ring_create(uint32_t buffer_count, struct ring **ret_ring)
{
    struct ring *ring = calloc(1, sizeof(*ring));
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (ring == NULL) {
        return result;
    }
    list_init(&ring->waiting);
    int status = ring_features_open(&ring->uring);
    if (status != 0) {
        /* io_uring is there when descriptors or memory have run out. */
        result = result_failure(open_error(-status, ERROR_NO_RING));
        goto free_ring;
    }
    result = open_buffers(ring, buffer_count);
    if (!result_is_ok(result)) {
        goto close_ring;
    }
    /* Saves the lookup of the ring's descriptor at each turn; without it everything still works. */
    (void)io_uring_register_ring_fd(&ring->uring);
    *ret_ring = ring;
    return RESULT_OK;
close_ring:
    io_uring_queue_exit(&ring->uring);
    close_buffers(ring);
free_ring:
    free(ring);
    return result;
}

void ring_destroy(struct ring *ring)
{
    if (ring == NULL) {
        return;
    }
    io_uring_queue_exit(&ring->uring);
    close_buffers(ring);
    free(ring);
}

/* A submission slot; when the queue is full what is there goes to the kernel first. */
static struct io_uring_sqe *next_slot(struct ring *ring)
{
    struct io_uring_sqe *slot = io_uring_get_sqe(&ring->uring);
    while (slot == NULL) {
        int submitted = io_uring_submit(&ring->uring);
        CHECK(submitted >= 0 || submitted == -EBUSY || submitted == -EAGAIN || submitted == -EINTR);
        slot = io_uring_get_sqe(&ring->uring);
    }
    return slot;
}

static void mark_in_flight(struct operation *operation, enum operation_kind kind, int descriptor)
{
    CHECK(!operation->is_in_flight);
    operation->kind = (uint8_t)kind;
    operation->descriptor = descriptor;
    operation->is_in_flight = true;
    operation->is_cancelled = false;
}

static void arm_accept(struct ring *ring, struct operation *operation)
{
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_multishot_accept(slot, operation->descriptor, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(slot, operation);
}

static void arm_receive(struct ring *ring, struct operation *operation)
{
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_recv_multishot(slot, operation->descriptor, NULL, 0, 0);
    slot->flags |= IOSQE_BUFFER_SELECT;
    slot->buf_group = GROUP_SMALL;
    io_uring_sqe_set_data(slot, operation);
}

static enum buffer_group group_of(const struct operation *operation)
{
    return operation->kind == OPERATION_RECEIVE_LARGE ? GROUP_LARGE : GROUP_SMALL;
}

static void arm_receive_one(struct ring *ring, struct operation *operation)
{
    struct io_uring_sqe *slot = next_slot(ring);
    bool is_large = operation->kind == OPERATION_RECEIVE_LARGE;
    io_uring_prep_recv(slot, operation->descriptor, NULL,
                       is_large ? operation->length_max : RING_BUFFER_BYTES, 0);
    slot->flags |= IOSQE_BUFFER_SELECT;
    slot->buf_group = (uint16_t)group_of(operation);
    io_uring_sqe_set_data(slot, operation);
}

void ring_accept(struct ring *ring, struct operation *operation, int descriptor)
{
    mark_in_flight(operation, OPERATION_ACCEPT, descriptor);
    arm_accept(ring, operation);
}

void ring_accept_one(struct ring *ring, struct operation *operation, int descriptor)
{
    mark_in_flight(operation, OPERATION_ACCEPT_ONE, descriptor);
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_accept(slot, descriptor, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(slot, operation);
}

void ring_receive(struct ring *ring, struct operation *operation, int descriptor)
{
    mark_in_flight(operation, OPERATION_RECEIVE, descriptor);
    arm_receive(ring, operation);
}

void ring_receive_one(struct ring *ring, struct operation *operation, int descriptor)
{
    mark_in_flight(operation, OPERATION_RECEIVE_ONE, descriptor);
    arm_receive_one(ring, operation);
}

void ring_receive_large(struct ring *ring, struct operation *operation, int descriptor,
                        uint32_t length_max)
{
    CHECK(length_max > 0 && length_max <= RING_LARGE_BUFFER_BYTES);
    operation->length_max = length_max;
    mark_in_flight(operation, OPERATION_RECEIVE_LARGE, descriptor);
    arm_receive_one(ring, operation);
}

void ring_send(struct ring *ring, struct operation *operation, int descriptor, struct bytes bytes)
{
    mark_in_flight(operation, OPERATION_SEND, descriptor);
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_send(slot, descriptor, bytes.at, bytes.length, MSG_WAITALL | MSG_NOSIGNAL);
    io_uring_sqe_set_data(slot, operation);
}

void ring_connect(struct ring *ring, struct operation *operation, int descriptor,
                  const struct sockaddr *address, socklen_t length_bytes)
{
    mark_in_flight(operation, OPERATION_CONNECT, descriptor);
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_connect(slot, descriptor, address, length_bytes);
    io_uring_sqe_set_data(slot, operation);
}

void ring_read(struct ring *ring, struct operation *operation, int descriptor, void *memory,
               uint32_t length_bytes)
{
    mark_in_flight(operation, OPERATION_READ, descriptor);
    struct io_uring_sqe *slot = next_slot(ring);
    io_uring_prep_read(slot, descriptor, memory, length_bytes, 0);
    io_uring_sqe_set_data(slot, operation);
}

void ring_cancel(struct ring *ring, struct operation *operation)
{
    if (!operation->is_in_flight || operation->is_cancelled) {
        return;
    }
    operation->is_cancelled = true;
    if (list_holds(&operation->waiting)) {
        return; /* Not in the kernel now: the end of the turn completes it instead of arming it. */
    }
    struct io_uring_sqe *slot = next_slot(ring);
    /* By address, not by descriptor: that one walks over everything armed. */
    io_uring_prep_cancel64(slot, (uintptr_t)operation, 0);
    io_uring_sqe_set_data(slot, NULL);
}

static void deliver(struct operation *operation, const struct completion *completion)
{
    if (completion->is_final) {
        operation->is_in_flight = false;
    }
    operation->complete(operation, completion);
}

/* Whether result is no end of a multishot operation: with nothing more to say the kernel would have
 * gone on. */
static bool is_passing(const struct operation *operation, int result)
{
    switch ((enum operation_kind)operation->kind) {
    case OPERATION_RECEIVE:
        return result > 0 || result == -ENOBUFS || result == -EINTR || result == -EAGAIN;
    case OPERATION_RECEIVE_ONE:
    case OPERATION_RECEIVE_LARGE:
        return result == -ENOBUFS || result == -EINTR || result == -EAGAIN;
    case OPERATION_ACCEPT:
        return result >= 0 || result == -ECONNABORTED || result == -EINTR || result == -EAGAIN;
    case OPERATION_ACCEPT_ONE:
    case OPERATION_SEND:
    case OPERATION_CONNECT:
    case OPERATION_READ:
    default:
        return false;
    }
}

static bool is_receive(const struct operation *operation)
{
    return operation->kind == OPERATION_RECEIVE || operation->kind == OPERATION_RECEIVE_ONE ||
           operation->kind == OPERATION_RECEIVE_LARGE;
}

static struct completion completion_of(const struct operation *operation, int result)
{
    struct completion completion = {.status = result < 0 ? status_of(-result) : IO_OK,
                                    .descriptor = -1};
    if (result < 0) {
        return completion;
    }
    if (operation->kind == OPERATION_ACCEPT || operation->kind == OPERATION_ACCEPT_ONE) {
        completion.descriptor = result;
    } else {
        completion.length_bytes = (uint32_t)result;
    }
    if (is_receive(operation) && result == 0) {
        completion.status = IO_ENDED;
    }
    return completion;
}

static void deliver_event(struct ring *ring, const struct io_uring_cqe *event)
{
    struct operation *operation = io_uring_cqe_get_data(event);
    if (operation == NULL) {
        return; /* a cancel's own answer */
    }
    bool has_more = event->flags & IORING_CQE_F_MORE;
    bool has_buffer = event->flags & IORING_CQE_F_BUFFER;
    uint32_t index = event->flags >> IORING_CQE_BUFFER_SHIFT;
    /* Before the delivery, which may end the operation's owner. */
    struct ring_buffers *buffers = &ring->buffers[group_of(operation)];
    struct completion completion = completion_of(operation, event->res);
    if (has_buffer && event->res > 0) {
        completion.received = ring_buffers_bytes(buffers, index, (size_t)event->res);
    }
    if (event->res == -ENOBUFS) {
        ring->counts.buffers_exhausted++;
    }
    bool ended_early = !has_more && is_passing(operation, event->res);
    bool is_to_be_rearmed = ended_early && !operation->is_cancelled;
    if (ended_early && operation->is_cancelled && event->res < 0) {
        completion.status = IO_CANCELLED; /* It would have gone on: the cancel is its only end. */
    }
    if (is_to_be_rearmed) {
        list_add_last(&ring->waiting, &operation->waiting);
    }
    completion.is_final = !has_more && !is_to_be_rearmed;
    if (!is_to_be_rearmed || event->res >= 0) {
        deliver(operation, &completion);
    }
    if (has_buffer) {
        ring_buffers_return(buffers, index);
    }
}

static void rearm_waiting(struct ring *ring)
{
    struct list *node;
    while ((node = list_take_first(&ring->waiting)) != NULL) {
        struct operation *operation = LIST_OWNER(node, struct operation, waiting);
        if (operation->is_cancelled) {
            deliver(operation, &(struct completion){
                                   .status = IO_CANCELLED, .is_final = true, .descriptor = -1});
        } else if (operation->kind == OPERATION_ACCEPT) {
            arm_accept(ring, operation);
        } else if (operation->kind == OPERATION_RECEIVE) {
            arm_receive(ring, operation);
        } else {
            arm_receive_one(ring, operation);
        }
    }
}

static uint32_t deliver_events(struct ring *ring)
{
    struct io_uring_cqe *event;
    unsigned head;
    uint32_t count = 0;
    io_uring_for_each_cqe(&ring->uring, head, event)
    {
        deliver_event(ring, event);
        count++;
    }
    io_uring_cq_advance(&ring->uring, count);
    return count;
}

void ring_submit(struct ring *ring)
{
    /* What cannot be taken now goes with the next wait. */
    (void)io_uring_submit(&ring->uring);
}

void ring_wait(struct ring *ring, uint32_t timeout_ms)
{
    struct __kernel_timespec timeout = {.tv_sec = timeout_ms / 1000,
                                        .tv_nsec = (long long)(timeout_ms % 1000) * 1000000};
    struct io_uring_cqe *event;
    int waited = io_uring_submit_and_wait_timeout(&ring->uring, &event, 1, &timeout, NULL);
    CHECK(waited >= 0 || waited == -ETIME || waited == -EINTR || waited == -EAGAIN ||
          waited == -EBUSY || waited == -ENOMEM || waited == -EBADR);
    if (io_uring_cq_has_overflow(&ring->uring)) {
        ring->counts.queue_overflows++;
    }
    ring->counts.turns++;
}

uint32_t ring_deliver(struct ring *ring)
{
    uint32_t count = deliver_events(ring);
    rearm_waiting(ring);
    ring->counts.completions += count;
    return count;
}

struct ring_counts ring_counts(const struct ring *ring)
{
    return ring->counts;
}
