/*
 * Letting clients in. When the proxy is full the accept is cancelled: clients then wait in the
 * kernel's queue, where they cost nothing, until a slot is free.
 */
#include "acceptor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/listen_socket.h"

/* How long to wait after accept() found no descriptor or memory: trying at once would spin. */
#define RETRY_DELAY_MS 100

/*
 * A multishot accept takes the kernel's whole queue at once; with less room than that may be,
 * clients are taken one by one, so that none is taken only to be closed.
 */
#define ROOM_FOR_MANY_COUNT LISTEN_SOCKET_BACKLOG

/*
 * Of a socket that several workers share, too: a multishot accept keeps its place in the kernel's
 * line and would be given every client. Who takes one goes to the end of that line.
 */

static void arm(struct acceptor *acceptor)
{
    uint32_t room_count = proxy_room_count(acceptor->proxy);
    if (!acceptor->is_open || acceptor->accept.is_in_flight || timer_is_set(&acceptor->retry) ||
        room_count == 0) {
        return;
    }
    acceptor->takes_many = room_count > ROOM_FOR_MANY_COUNT && !acceptor->is_shared;
    if (acceptor->takes_many) {
        ring_accept(acceptor->ring, &acceptor->accept, acceptor->descriptor);
    } else {
        ring_accept_one(acceptor->ring, &acceptor->accept, acceptor->descriptor);
    }
}

static void on_retry(struct timer *timer)
{
    arm(LIST_OWNER(timer, struct acceptor, retry));
}

static void on_accepted(struct operation *operation, const struct completion *completion)
{
    struct acceptor *acceptor = LIST_OWNER(operation, struct acceptor, accept);
    if (completion->status == IO_OK) {
        proxy_accept(acceptor->proxy, completion->descriptor, acceptor->endpoint);
    } else if (completion->is_final && completion->status != IO_CANCELLED && acceptor->is_open) {
        acceptor->room_at_failure = proxy_room_count(acceptor->proxy);
        timer_wheel_set(acceptor->wheel, &acceptor->retry, RETRY_DELAY_MS);
    }
}

struct acceptor *acceptor_create(int descriptor, const struct endpoint *endpoint)
{
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
    if (acceptor != NULL) {
        acceptor->accept.complete = on_accepted;
        acceptor->retry.expired = on_retry;
        acceptor->endpoint = endpoint;
        acceptor->descriptor = descriptor;
    }
    return acceptor;
}

void acceptor_destroy(struct acceptor *acceptor)
{
    if (acceptor != NULL) {
        acceptor_close(acceptor);
        free(acceptor);
    }
}

void acceptor_open(struct acceptor *acceptor)
{
    if (!acceptor->is_shut) {
        acceptor->is_open = true;
        arm(acceptor);
    }
}

/* Takes what is in the kernel's queue without waiting. */
static void take_queued(struct acceptor *acceptor)
{
    int flags = fcntl(acceptor->descriptor, F_GETFL);
    if (flags < 0 || fcntl(acceptor->descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
        return;
    }
    while (proxy_room_count(acceptor->proxy) > 0) {
        int descriptor = accept4(acceptor->descriptor, NULL, NULL, SOCK_CLOEXEC);
        if (descriptor < 0) {
            return;
        }
        proxy_accept(acceptor->proxy, descriptor, acceptor->endpoint);
    }
}

void acceptor_review(struct acceptor *acceptor)
{
    if (acceptor->is_shut) {
        if (acceptor->descriptor >= 0 && !acceptor->accept.is_in_flight) {
            take_queued(acceptor);
            acceptor_close(acceptor);
        }
        return;
    }
    uint32_t room_count = proxy_room_count(acceptor->proxy);
    bool is_full = room_count == 0;
    if (is_full || (acceptor->takes_many && room_count <= ROOM_FOR_MANY_COUNT)) {
        ring_cancel(acceptor->ring, &acceptor->accept);
    }
    if (is_full && !acceptor->is_paused) {
        proxy_count_pause(acceptor->proxy);
    }
    acceptor->is_paused = is_full;
    if (timer_is_set(&acceptor->retry) && room_count > acceptor->room_at_failure) {
        timer_wheel_clear(acceptor->wheel, &acceptor->retry); /* A descriptor is free again. */
    }
    arm(acceptor);
}

void acceptor_shut(struct acceptor *acceptor)
{
    acceptor->is_open = false;
    acceptor->is_shut = true;
    timer_wheel_clear(acceptor->wheel, &acceptor->retry);
    ring_cancel(acceptor->ring, &acceptor->accept);
}

bool acceptor_is_closed(const struct acceptor *acceptor)
{
    return acceptor->descriptor < 0;
}

void acceptor_close(struct acceptor *acceptor)
{
    if (acceptor->descriptor >= 0) {
        (void)close(acceptor->descriptor);
        acceptor->descriptor = -1;
    }
}
