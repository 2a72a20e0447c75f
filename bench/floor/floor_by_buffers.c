/*
 * The work by io_uring as the gateway does it, with the receive buffers lent in the ways that newer
 * kernels know: several to one receive (bundles, from 6.10), or a part of one (incremental, from
 * 6.12). On a ring of its own, since net/ring.h knows neither. Called by receive_ways.c, on the
 * measured thread.
 *
 * The kernel takes buffers in the order in which they were given back. A bundle names only its
 * first, so the order is kept here, too; that both agree is part of the check.
 */
#include <liburing.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"
#include "net/ring_features.h"

/* As the kernel's header has them; the distribution's is older. */
#define RECEIVE_BUNDLE      (1U << 4) /* IORING_RECVSEND_BUNDLE */
#define FEATURE_BUNDLE      (1U << 14)
#define BUFFERS_INCREMENTAL 2 /* IOU_PBUF_RING_INC */
#define HAS_MORE_OF_BUFFER  (1U << 4)
#define REGISTER_FLAGS_AT   14 /* in struct io_uring_buf_reg; its name changed from pad to flags */

#define BUFFER_COUNT_MAX 256

/* What an operation is, in the lowest bits of its user's address. */
enum { IS_RECEIVE, IS_SEND, IS_ACCEPT, KIND_MASK = 7 };

struct buffers {
    struct io_uring_buf_ring *free;
    uint8_t *memory;
    uint32_t taken_bytes[BUFFER_COUNT_MAX]; /* by number: of one that was taken in part */
    uint16_t order[BUFFER_COUNT_MAX];       /* numbers, the next that the kernel takes at head */
    uint32_t head;
    uint32_t tail;
};

struct receiver {
    struct io_uring uring;
    struct buffers buffers;
    struct floor_run *run;
    const struct floor_receiving *receiving;
};

struct user {
    uint64_t position; /* in its stream */
    size_t received_bytes;
    int descriptor;
    uint16_t stream;
    bool is_receiving;
    bool is_sending;
    bool is_ended;
};

static size_t size_of_ring(const struct floor_receiving *receiving)
{
    return receiving->buffer_count * sizeof(struct io_uring_buf);
}

static size_t size_of_memory(const struct floor_receiving *receiving)
{
    return (size_t)receiving->buffer_count * receiving->buffer_bytes;
}

static void *map(size_t size_bytes)
{
    void *memory =
        mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static uint8_t *memory_of(const struct receiver *receiver, uint16_t number)
{
    return receiver->buffers.memory + (size_t)number * receiver->receiving->buffer_bytes;
}

static void give_back(struct receiver *receiver, uint16_t number)
{
    struct buffers *buffers = &receiver->buffers;
    uint32_t count = receiver->receiving->buffer_count;
    buffers->taken_bytes[number] = 0;
    buffers->order[buffers->tail++ % count] = number;
    io_uring_buf_ring_add(buffers->free, memory_of(receiver, number),
                          receiver->receiving->buffer_bytes, number, io_uring_buf_ring_mask(count),
                          0);
    io_uring_buf_ring_advance(buffers->free, 1);
}

/* False where the kernel does not know the way. */
static bool open_buffers(struct receiver *receiver)
{
    const struct floor_receiving *receiving = receiver->receiving;
    struct buffers *buffers = &receiver->buffers;
    CHECK(receiving->buffer_count <= BUFFER_COUNT_MAX);
    buffers->free = map(size_of_ring(receiving));
    buffers->memory = map(size_of_memory(receiving));
    struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)buffers->free,
                                            .ring_entries = receiving->buffer_count};
    uint16_t flags = receiving->is_incremental ? BUFFERS_INCREMENTAL : 0;
    memcpy((uint8_t *)&registration + REGISTER_FLAGS_AT, &flags, sizeof(flags));
    if (io_uring_register_buf_ring(&receiver->uring, &registration, 0) != 0) {
        return false;
    }
    io_uring_buf_ring_init(buffers->free);
    for (uint32_t number = 0; number < receiving->buffer_count; number++) {
        give_back(receiver, (uint16_t)number);
    }
    return true;
}

static void close_receiver(struct receiver *receiver)
{
    io_uring_queue_exit(&receiver->uring);
    (void)munmap(receiver->buffers.free, size_of_ring(receiver->receiving));
    (void)munmap(receiver->buffers.memory, size_of_memory(receiver->receiving));
    free(receiver);
}

/* NULL where the kernel does not know the way. */
static struct receiver *open_receiver(const struct floor_receiving *receiving)
{
    struct receiver *receiver = calloc(1, sizeof(*receiver));
    CHECK(receiver != NULL);
    receiver->receiving = receiving;
    CHECK(ring_features_open(&receiver->uring) == 0);
    bool has_buffers = open_buffers(receiver);
    if (!has_buffers || (receiving->is_bundled && !(receiver->uring.features & FEATURE_BUNDLE))) {
        close_receiver(receiver);
        return NULL;
    }
    (void)io_uring_register_ring_fd(&receiver->uring);
    return receiver;
}

static struct io_uring_sqe *next_slot(struct receiver *receiver)
{
    struct io_uring_sqe *slot = io_uring_get_sqe(&receiver->uring);
    CHECK(slot != NULL); /* a turn has a receive and a send for each of a few connections */
    return slot;
}

static void start_accept(struct receiver *receiver)
{
    struct io_uring_sqe *slot = next_slot(receiver);
    io_uring_prep_multishot_accept(slot, receiver->run->listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data64(slot, IS_ACCEPT);
}

static void start_receive(struct receiver *receiver, struct user *user)
{
    const struct floor_receiving *receiving = receiver->receiving;
    struct io_uring_sqe *slot = next_slot(receiver);
    if (receiving->length_max > 0) {
        io_uring_prep_recv(slot, user->descriptor, NULL, receiving->length_max, 0);
    } else {
        io_uring_prep_recv_multishot(slot, user->descriptor, NULL, 0, 0);
    }
    slot->ioprio |= receiving->is_bundled ? RECEIVE_BUNDLE : 0;
    slot->flags |= IOSQE_BUFFER_SELECT;
    io_uring_sqe_set_data64(slot, (uintptr_t)user | IS_RECEIVE);
    user->is_receiving = true;
}

static void start_send(struct receiver *receiver, struct user *user)
{
    struct io_uring_sqe *slot = next_slot(receiver);
    io_uring_prep_send(slot, user->descriptor, floor_bytes, receiver->run->work->send_bytes,
                       MSG_WAITALL | MSG_NOSIGNAL);
    io_uring_sqe_set_data64(slot, (uintptr_t)user | IS_SEND);
    user->is_sending = true;
}

static void free_when_ended(struct receiver *receiver, struct user *user)
{
    if (user->is_ended && !user->is_receiving && !user->is_sending) {
        receiver->run->connection_count++;
        (void)close(user->descriptor);
        free(user);
    }
}

static void accepted(struct receiver *receiver, int descriptor)
{
    if (descriptor < 0) {
        return;
    }
    struct sockaddr_in address;
    socklen_t length = sizeof(address);
    struct user *user = calloc(1, sizeof(*user));
    CHECK(user != NULL);
    CHECK(getpeername(descriptor, (struct sockaddr *)&address, &length) == 0);
    user->descriptor = descriptor;
    user->stream = ntohs(address.sin_port);
    start_receive(receiver, user);
}

static void take_bytes(struct receiver *receiver, struct user *user, const uint8_t *bytes,
                       size_t length)
{
    struct floor_run *run = receiver->run;
    if (run->is_checked && !floor_pattern_matches(user->stream, user->position, bytes, length)) {
        run->is_wrong = true;
    }
    user->position += length;
}

/* What a receive has put into the kernel's next buffer; returns its length. The buffer goes back
 * when no more will come into it. */
static uint32_t take_from_next(struct receiver *receiver, struct user *user, uint32_t length)
{
    const struct floor_receiving *receiving = receiver->receiving;
    struct buffers *buffers = &receiver->buffers;
    uint16_t number = buffers->order[buffers->head % receiving->buffer_count];
    uint32_t from = buffers->taken_bytes[number];
    uint32_t room = receiving->buffer_bytes - from;
    uint32_t part = length < room ? length : room;
    take_bytes(receiver, user, memory_of(receiver, number) + from, part);
    buffers->taken_bytes[number] = from + part;
    if (!receiving->is_incremental || part == room) {
        buffers->head++;
        give_back(receiver, number);
    }
    return part;
}

static void take_buffers(struct receiver *receiver, struct user *user,
                         const struct io_uring_cqe *event)
{
    const struct floor_receiving *receiving = receiver->receiving;
    struct buffers *buffers = &receiver->buffers;
    uint16_t first = (uint16_t)(event->flags >> IORING_CQE_BUFFER_SHIFT);
    bool is_in_order = first == buffers->order[buffers->head % receiving->buffer_count];
    uint32_t left = (uint32_t)event->res, count = 0;
    do {
        left -= take_from_next(receiver, user, left);
        count++;
    } while (left > 0);
    uint16_t next = buffers->order[buffers->head % receiving->buffer_count];
    bool has_more = receiving->is_incremental && buffers->taken_bytes[next] > 0;
    if (!is_in_order || (count > 1 && !receiving->is_bundled) ||
        has_more != !!(event->flags & HAS_MORE_OF_BUFFER)) {
        receiver->run->is_wrong = true;
    }
}

static void count_turns(struct receiver *receiver, struct user *user, uint32_t length)
{
    struct floor_run *run = receiver->run;
    user->received_bytes += length;
    while (user->received_bytes >= run->work->receive_bytes) {
        user->received_bytes -= run->work->receive_bytes;
        if (run->work->send_bytes > 0) {
            start_send(receiver, user);
        } else {
            run->turn_count++;
        }
    }
}

static void received(struct receiver *receiver, struct user *user, const struct io_uring_cqe *event)
{
    user->is_receiving = event->flags & IORING_CQE_F_MORE;
    receiver->run->receive_count++;
    if (event->res > 0) {
        uint32_t length = (uint32_t)event->res, *most = &receiver->run->receive_bytes_max;
        *most = length > *most ? length : *most;
        take_buffers(receiver, user, event);
        count_turns(receiver, user, length);
    } else if (event->res != -ENOBUFS) {
        user->is_ended = true;
    }
    if (!user->is_receiving && !user->is_ended) {
        start_receive(receiver, user); /* goes to the kernel when all buffers are back */
    }
    free_when_ended(receiver, user);
}

static void sent(struct receiver *receiver, struct user *user, int result)
{
    user->is_sending = false;
    if (result == (int)receiver->run->work->send_bytes) {
        receiver->run->turn_count++;
    } else {
        user->is_ended = true;
    }
    free_when_ended(receiver, user);
}

static void deliver(struct receiver *receiver, const struct io_uring_cqe *event)
{
    uint64_t of = io_uring_cqe_get_data64(event);
    struct user *user = (struct user *)(uintptr_t)(of & ~(uint64_t)KIND_MASK);
    if ((of & KIND_MASK) == IS_ACCEPT) {
        accepted(receiver, event->res);
    } else if ((of & KIND_MASK) == IS_SEND) {
        sent(receiver, user, event->res);
    } else {
        received(receiver, user, event);
    }
}

static void turn(struct receiver *receiver)
{
    struct __kernel_timespec timeout = {.tv_nsec = FLOOR_WAIT_MS * 1000000};
    struct io_uring_cqe *event;
    unsigned head, count = 0;
    (void)io_uring_submit_and_wait_timeout(&receiver->uring, &event, 1, &timeout, NULL);
    io_uring_for_each_cqe(&receiver->uring, head, event)
    {
        deliver(receiver, event);
        count++;
    }
    io_uring_cq_advance(&receiver->uring, count);
}

bool floor_by_buffers_is_known(const struct floor_receiving *receiving)
{
    struct receiver *receiver = open_receiver(receiving);
    if (receiver != NULL) {
        close_receiver(receiver);
    }
    return receiver != NULL;
}

void floor_by_buffers(struct floor_run *run)
{
    struct receiver *receiver = open_receiver(run->receiving);
    CHECK(receiver != NULL);
    receiver->run = run;
    start_accept(receiver);
    while (!floor_peer_is_served(run)) {
        turn(receiver);
    }
    close_receiver(receiver);
}
