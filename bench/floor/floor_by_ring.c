/*
 * The work by io_uring, with the operations that the gateway uses for the same: multishot accept,
 * multishot receive of small messages, large receives one by one, sends of one piece. Called by
 * main(), on the measured thread.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"
#include "net/ring.h"

#define BUFFER_COUNT 64

struct listening {
    struct operation accept;
    struct ring *ring;
    struct floor_run *run;
};

struct user {
    struct operation receive;
    struct operation send;
    struct listening *listening;
    size_t received_bytes;
    bool is_ended;
};

static struct user *user_of_receive(struct operation *operation)
{
    return (struct user *)((char *)operation - offsetof(struct user, receive));
}

static struct user *user_of_send(struct operation *operation)
{
    return (struct user *)((char *)operation - offsetof(struct user, send));
}

static void free_when_ended(struct user *user, int descriptor)
{
    if (!user->is_ended || user->receive.is_in_flight || user->send.is_in_flight) {
        return;
    }
    user->listening->run->connection_count++;
    (void)close(descriptor);
    free(user);
}

static void start_receive(struct user *user, int descriptor)
{
    const struct floor_work *work = user->listening->run->work;
    if (work->receive_bytes <= RING_BUFFER_BYTES) {
        ring_receive(user->listening->ring, &user->receive, descriptor);
    } else {
        ring_receive_large(user->listening->ring, &user->receive, descriptor,
                           RING_LARGE_BUFFER_BYTES);
    }
}

static void start_send(struct user *user, int descriptor)
{
    size_t length = user->listening->run->work->send_bytes;
    ring_send(user->listening->ring, &user->send, descriptor, bytes_from(floor_bytes, length));
}

/* A turn ends with what is received last or sent last. */
static void sent(struct operation *operation, const struct completion *completion)
{
    struct user *user = user_of_send(operation);
    struct floor_run *run = user->listening->run;
    if (completion->status == IO_OK) {
        run->turn_count++;
    } else {
        user->is_ended = true;
    }
    if (user->is_ended) {
        free_when_ended(user, operation->descriptor);
    } else if (run->work->receive_bytes == 0) {
        start_send(user, operation->descriptor);
    }
}

static void take_received(struct user *user, int descriptor, size_t length)
{
    struct floor_run *run = user->listening->run;
    user->received_bytes += length;
    while (user->received_bytes >= run->work->receive_bytes) {
        user->received_bytes -= run->work->receive_bytes;
        if (run->work->send_bytes > 0) {
            start_send(user, descriptor);
        } else {
            run->turn_count++;
        }
    }
}

static void received(struct operation *operation, const struct completion *completion)
{
    struct user *user = user_of_receive(operation);
    if (completion->status == IO_OK) {
        take_received(user, operation->descriptor, completion->received.length);
        if (completion->is_final) {
            start_receive(user, operation->descriptor);
        }
        return;
    }
    user->is_ended = true;
    free_when_ended(user, operation->descriptor);
}

static void accepted(struct operation *operation, const struct completion *completion)
{
    struct listening *listening =
        (struct listening *)((char *)operation - offsetof(struct listening, accept));
    if (completion->status != IO_OK) {
        return;
    }
    struct user *user = calloc(1, sizeof(*user));
    CHECK(user != NULL);
    user->listening = listening;
    user->receive.complete = received;
    user->send.complete = sent;
    if (listening->run->work->receive_bytes > 0) {
        start_receive(user, completion->descriptor);
    } else {
        start_send(user, completion->descriptor);
    }
}

void floor_by_ring(struct floor_run *run)
{
    struct listening listening = {.accept = {.complete = accepted}, .run = run};
    CHECK(result_is_ok(ring_create(BUFFER_COUNT, &listening.ring)));
    ring_accept(listening.ring, &listening.accept, run->listener);
    while (!floor_peer_is_served(run)) {
        ring_wait(listening.ring, FLOOR_WAIT_MS);
        (void)ring_deliver(listening.ring);
    }
    ring_cancel(listening.ring, &listening.accept);
    while (listening.accept.is_in_flight) {
        ring_wait(listening.ring, FLOOR_WAIT_MS);
        (void)ring_deliver(listening.ring);
    }
    ring_destroy(listening.ring);
}
