/* Operations kept in an array; each turn a random choice of those that can go on does. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "fake_memory.h"
#include "fake_ring.h"

#define BURST_COUNT_MAX 64
#define QUEUE_COUNT_MAX 64

enum kind {
    KIND_ACCEPT,
    KIND_ACCEPT_ONE,
    KIND_RECEIVE,
    KIND_RECEIVE_ONE,
    KIND_SEND,
    KIND_CONNECT,
    KIND_READ
};

/* An operation in flight. */
struct pending {
    struct operation *operation; /* NULL: the place is free */
    uint64_t serial;
    enum kind kind;
    int descriptor;
    struct bytes bytes; /* to be sent */
    size_t sent_bytes;
    void *memory; /* to be read into */
    uint32_t length_bytes;
    uint32_t length_max; /* of a receive */
    struct fake_connect connect;
    bool is_cancelled;
};

struct queued {
    int listening;
    int accepted;
};

struct ring {
    struct pending *pending;
    size_t place_count;
    uint64_t serial;
    struct dice dice;
    struct fake_ring_settings settings;
    struct ring_counts counts;
    struct queued queue[QUEUE_COUNT_MAX];
    size_t queue_count;
};

static struct fake_ring_settings settings;
static fake_connect_callback decide_connect;
static fake_connected_callback on_connected;
static void *connect_owner;

void fake_ring_configure(const struct fake_ring_settings *new_settings)
{
    settings = *new_settings;
}

void fake_ring_on_connect(fake_connect_callback decide, fake_connected_callback connected,
                          void *owner)
{
    decide_connect = decide;
    on_connected = connected;
    connect_owner = owner;
}

struct result ring_create(uint32_t buffer_count, struct ring **ret_ring)
{
    struct ring *ring = calloc(1, sizeof(*ring));
    CHECK(ring != NULL && (buffer_count & (buffer_count - 1)) == 0);
    ring->settings = settings;
    ring->dice.state = settings.seed ^ 0x72696E67U;
    *ret_ring = ring;
    return RESULT_OK;
}

void ring_destroy(struct ring *ring)
{
    if (ring == NULL) {
        return;
    }
    CHECK(fake_ring_in_flight_count(ring) == 0);
    free(ring->pending);
    free(ring);
}

uint32_t fake_ring_in_flight_count(const struct ring *ring)
{
    uint32_t count = 0;
    for (size_t i = 0; i < ring->place_count; i++) {
        count += ring->pending[i].operation != NULL;
    }
    return count;
}

uint64_t fake_ring_next_due_ms(const struct ring *ring)
{
    uint64_t due_ms = UINT64_MAX;
    for (size_t i = 0; i < ring->place_count; i++) {
        const struct pending *pending = &ring->pending[i];
        bool is_waiting = pending->operation != NULL && pending->kind == KIND_CONNECT;
        if (is_waiting && pending->connect.due_ms < due_ms) {
            due_ms = pending->connect.due_ms;
        }
    }
    return due_ms;
}

void fake_ring_push_accepted(struct ring *ring, int listening, int accepted)
{
    CHECK(ring->queue_count < QUEUE_COUNT_MAX);
    ring->queue[ring->queue_count++] = (struct queued){listening, accepted};
}

static bool is_on_socket(const struct pending *pending)
{
    return pending->descriptor >= FAKE_NET_DESCRIPTOR_MIN;
}

/* Starting. */

static struct pending *start(struct ring *ring, struct operation *operation, enum kind kind,
                             int descriptor)
{
    size_t place = 0;
    CHECK(!operation->is_in_flight && operation->complete != NULL);
    operation->is_in_flight = true;
    operation->is_cancelled = false;
    operation->descriptor = descriptor;
    operation->kind = (uint8_t)kind;
    while (place < ring->place_count && ring->pending[place].operation != NULL) {
        place++;
    }
    if (place == ring->place_count) {
        bool was_fallible = fake_memory_set_fallible(false);
        ring->place_count = 2 * place + 16;
        ring->pending = realloc(ring->pending, ring->place_count * sizeof(*ring->pending));
        CHECK(ring->pending != NULL);
        (void)fake_memory_set_fallible(was_fallible);
        for (size_t i = place; i < ring->place_count; i++) {
            ring->pending[i] = (struct pending){0};
        }
    }
    struct pending *pending = &ring->pending[place];
    *pending = (struct pending){
        .operation = operation, .serial = ++ring->serial, .kind = kind, .descriptor = descriptor};
    if (is_on_socket(pending)) {
        fake_net_find(descriptor)->operation_count++;
    }
    return pending;
}

void ring_accept(struct ring *ring, struct operation *operation, int descriptor)
{
    (void)start(ring, operation, KIND_ACCEPT, descriptor);
}

void ring_accept_one(struct ring *ring, struct operation *operation, int descriptor)
{
    (void)start(ring, operation, KIND_ACCEPT_ONE, descriptor);
}

void ring_receive(struct ring *ring, struct operation *operation, int descriptor)
{
    start(ring, operation, KIND_RECEIVE, descriptor)->length_max = RING_BUFFER_BYTES;
}

void ring_receive_one(struct ring *ring, struct operation *operation, int descriptor)
{
    start(ring, operation, KIND_RECEIVE_ONE, descriptor)->length_max = RING_BUFFER_BYTES;
}

void ring_receive_large(struct ring *ring, struct operation *operation, int descriptor,
                        uint32_t length_max)
{
    start(ring, operation, KIND_RECEIVE_ONE, descriptor)->length_max = length_max;
}

void ring_send(struct ring *ring, struct operation *operation, int descriptor, struct bytes bytes)
{
    CHECK(bytes.length > 0);
    start(ring, operation, KIND_SEND, descriptor)->bytes = bytes;
    if (descriptor >= FAKE_NET_DESCRIPTOR_MIN) {
        struct fake_socket *socket = fake_net_find(descriptor);
        socket->is_sent_after_end |= socket->has_told_end;
    }
}

void ring_connect(struct ring *ring, struct operation *operation, int descriptor,
                  const struct sockaddr *address, socklen_t length_bytes)
{
    struct pending *pending = start(ring, operation, KIND_CONNECT, descriptor);
    CHECK(length_bytes <= sizeof(struct sockaddr_storage));
    memcpy(&fake_net_find(descriptor)->peer, address, length_bytes);
    pending->connect = decide_connect(connect_owner, address);
}

void ring_read(struct ring *ring, struct operation *operation, int descriptor, void *memory,
               uint32_t length_bytes)
{
    struct pending *pending = start(ring, operation, KIND_READ, descriptor);
    pending->memory = memory;
    pending->length_bytes = length_bytes;
}

void ring_cancel(struct ring *ring, struct operation *operation)
{
    if (!operation->is_in_flight || operation->is_cancelled) {
        return;
    }
    operation->is_cancelled = true;
    for (size_t i = 0; i < ring->place_count; i++) {
        if (ring->pending[i].operation == operation) {
            ring->pending[i].is_cancelled = true;
            return;
        }
    }
    CHECK(false); /* in flight, but never started here */
}

/* Completing. */

static struct completion ended_with(enum io_status status)
{
    return (struct completion){.status = status, .is_final = true, .descriptor = -1};
}

static void deliver(struct pending *pending, const struct completion *completion)
{
    struct operation *operation = pending->operation;
    CHECK(operation->is_in_flight);
    if (completion->is_final) {
        operation->is_in_flight = false;
        if (is_on_socket(pending)) {
            fake_net_find(pending->descriptor)->operation_count--;
        }
        pending->operation = NULL;
    }
    /* The array may move from here on. */
    bool was_fallible = fake_memory_set_fallible(true);
    operation->complete(operation, completion);
    (void)fake_memory_set_fallible(was_fallible);
}

/* The bytes lie in memory of their own, which is gone afterwards: who keeps the view is found out.
 */
static void deliver_received(struct ring *ring, struct pending *pending, bool is_final)
{
    struct fake_socket *socket = fake_net_find(pending->descriptor);
    struct bytes there = fake_pipe_bytes(&socket->inbound);
    size_t limit = there.length < pending->length_max ? there.length : pending->length_max;
    if (!socket->arrives_whole) {
        limit = limit < socket->piece_limit ? limit : socket->piece_limit;
        limit = dice_one_in(&ring->dice, 2) ? limit : dice_between(&ring->dice, 1, (uint32_t)limit);
    }
    uint8_t *memory = malloc(limit);
    CHECK(memory != NULL);
    memcpy(memory, there.at, limit);
    fake_pipe_drop(&socket->inbound, limit);
    deliver(pending, &(struct completion){.status = IO_OK,
                                          .is_final = is_final,
                                          .descriptor = -1,
                                          .length_bytes = (uint32_t)limit,
                                          .received = bytes_from(memory, limit)});
    memset(memory, 0xDD, limit);
    free(memory);
}

static enum io_status rare_status(struct ring *ring)
{
    static const enum io_status rare[] = {IO_RESET, IO_UNREACHABLE, IO_OUT_OF_RESOURCES, IO_FAILED};
    return rare[dice_below(&ring->dice, sizeof(rare) / sizeof(rare[0]))];
}

/*
 * Now and then many pieces at once, as the kernel posts them for a bulk sender: what the owner does
 * in the first event, a cancel too, comes too late for the rest.
 */
static void deliver_burst(struct ring *ring, struct pending *pending)
{
    size_t place = (size_t)(pending - ring->pending);
    uint64_t serial = pending->serial;
    struct fake_socket *socket = fake_net_find(pending->descriptor);
    uint32_t count = dice_one_in(&ring->dice, 8) ? BURST_COUNT_MAX : 1;
    for (uint32_t i = 0; i < count; i++) {
        pending = &ring->pending[place]; /* the array may have moved */
        bool is_gone = pending->operation == NULL || pending->serial != serial;
        if (is_gone || fake_pipe_bytes(&socket->inbound).length == 0) {
            return;
        }
        deliver_received(ring, pending, pending->is_cancelled && dice_one_in(&ring->dice, 2));
    }
}

static bool advance_receive(struct ring *ring, struct pending *pending)
{
    struct fake_socket *socket = fake_net_find(pending->descriptor);
    bool has_bytes = fake_pipe_bytes(&socket->inbound).length > 0;
    if (pending->is_cancelled && (!has_bytes || dice_one_in(&ring->dice, 2))) {
        deliver(pending, &(struct completion){IO_CANCELLED, true, -1, 0, {0}});
        return true;
    }
    if (has_bytes && dice_one_in(&ring->dice, ring->settings.fault_one_in)) {
        struct completion completion = ended_with(rare_status(ring));
        deliver(pending, &completion);
        return true;
    }
    if (has_bytes && pending->kind == KIND_RECEIVE_ONE) {
        deliver_received(ring, pending, true);
        return true;
    }
    if (has_bytes) {
        deliver_burst(ring, pending);
        return true;
    }
    if (socket->is_reset_by_far || socket->is_far_finished || socket->is_near_read_shut) {
        struct completion completion = ended_with(socket->is_reset_by_far ? IO_RESET : IO_ENDED);
        socket->has_told_end = true;
        deliver(pending, &completion);
        return true;
    }
    return false;
}

static void complete_send(struct pending *pending, enum io_status status)
{
    struct completion completion = ended_with(pending->sent_bytes > 0 ? IO_OK : status);
    completion.length_bytes = (uint32_t)pending->sent_bytes;
    deliver(pending, &completion);
}

static bool advance_send(struct ring *ring, struct pending *pending)
{
    struct fake_socket *socket = fake_net_find(pending->descriptor);
    if (socket->is_near_write_shut || socket->is_reset_by_far) {
        complete_send(pending, IO_RESET);
        return true;
    }
    if (dice_one_in(&ring->dice, ring->settings.fault_one_in)) {
        complete_send(pending, rare_status(ring));
        return true;
    }
    size_t used = fake_pipe_bytes(&socket->outbound).length;
    size_t room = used < socket->outbound_limit ? socket->outbound_limit - used : 0;
    struct bytes taken = bytes_slice(pending->bytes, pending->sent_bytes, room);
    fake_pipe_append(&socket->outbound, taken);
    pending->sent_bytes += taken.length;
    bool is_whole = pending->sent_bytes == pending->bytes.length;
    bool is_short =
        pending->sent_bytes > 0 && dice_one_in(&ring->dice, ring->settings.short_one_in);
    if (is_whole || is_short || pending->is_cancelled) {
        complete_send(pending, IO_CANCELLED);
        return true;
    }
    return taken.length > 0;
}

static bool advance_connect(struct pending *pending)
{
    struct fake_socket *socket = fake_net_find(pending->descriptor);
    if (clock_monotonic_ms() >= pending->connect.due_ms) {
        struct completion completion = ended_with(pending->connect.status);
        if (completion.status == IO_OK) {
            socket->is_connected = true;
            on_connected(connect_owner, socket);
        }
        deliver(pending, &completion);
        return true;
    }
    if (pending->is_cancelled) {
        deliver(pending, &(struct completion){IO_CANCELLED, true, -1, 0, {0}});
        return true;
    }
    return false;
}

static bool advance_accept(struct ring *ring, struct pending *pending)
{
    for (size_t i = 0; i < ring->queue_count; i++) {
        if (ring->queue[i].listening == pending->descriptor) {
            int accepted = ring->queue[i].accepted;
            ring->queue[i] = ring->queue[--ring->queue_count];
            bool is_final = pending->kind == KIND_ACCEPT_ONE;
            deliver(pending, &(struct completion){
                                 .status = IO_OK, .is_final = is_final, .descriptor = accepted});
            return true;
        }
    }
    if (pending->is_cancelled) {
        deliver(pending, &(struct completion){IO_CANCELLED, true, -1, 0, {0}});
        return true;
    }
    return false;
}

/* Of a real descriptor. */
static bool advance_read(struct pending *pending)
{
    struct pollfd poll_descriptor = {.fd = pending->descriptor, .events = POLLIN};
    if (poll(&poll_descriptor, 1, 0) == 1) {
        ssize_t length = read(pending->descriptor, pending->memory, pending->length_bytes);
        struct completion completion = ended_with(length < 0 ? IO_FAILED : IO_OK);
        completion.length_bytes = length < 0 ? 0 : (uint32_t)length;
        deliver(pending, &completion);
        return true;
    }
    if (pending->is_cancelled) {
        deliver(pending, &(struct completion){IO_CANCELLED, true, -1, 0, {0}});
        return true;
    }
    return false;
}

static bool advance(struct ring *ring, struct pending *pending)
{
    switch (pending->kind) {
    case KIND_ACCEPT:
    case KIND_ACCEPT_ONE:
        return advance_accept(ring, pending);
    case KIND_RECEIVE:
    case KIND_RECEIVE_ONE:
        return advance_receive(ring, pending);
    case KIND_SEND:
        return advance_send(ring, pending);
    case KIND_CONNECT:
        return advance_connect(pending);
    case KIND_READ:
    default:
        return advance_read(pending);
    }
}

void ring_submit(struct ring *ring)
{
    (void)ring; /* everything is known here at once */
}

void ring_wait(struct ring *ring, uint32_t timeout_ms)
{
    (void)timeout_ms; /* the test moves the clock */
    ring->counts.turns++;
}

/* One pass over the operations from a random place on; with may_postpone some are left for later.
 */
static uint32_t pass(struct ring *ring, uint64_t last_serial, bool may_postpone)
{
    uint32_t count = 0;
    size_t place_count = ring->place_count;
    size_t offset = place_count == 0 ? 0 : dice_below(&ring->dice, (uint32_t)place_count);
    for (size_t i = 0; i < place_count; i++) {
        struct pending *pending = &ring->pending[(i + offset) % place_count];
        /* What a callback starts is for the next turn. */
        if (pending->operation == NULL || pending->serial > last_serial) {
            continue;
        }
        if (may_postpone && dice_one_in(&ring->dice, ring->settings.postpone_one_in)) {
            continue;
        }
        count += advance(ring, pending);
    }
    return count;
}

uint32_t ring_deliver(struct ring *ring)
{
    uint64_t last_serial = ring->serial;
    uint32_t count = pass(ring, last_serial, true);
    if (count == 0) {
        count = pass(ring, last_serial, false); /* not all of them for ever */
    }
    ring->counts.completions += count;
    return count;
}

struct ring_counts ring_counts(const struct ring *ring)
{
    return ring->counts;
}
