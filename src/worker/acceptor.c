/*
 * Letting clients in. When the proxy is full the accept is cancelled: clients then wait in the
 * kernel's queue, where they cost nothing, until a slot is free.
 */
#include "acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long to wait after accept() found no descriptor or memory: trying at once would spin. */
#define RETRY_DELAY_MS 100

static void arm(struct acceptor *acceptor)
{
    if (acceptor->is_open && !acceptor->accept.is_in_flight && !timer_is_set(&acceptor->retry) &&
        proxy_has_room(acceptor->proxy)) {
        ring_accept(acceptor->ring, &acceptor->accept, acceptor->descriptor);
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
        timer_wheel_set(acceptor->wheel, &acceptor->retry, RETRY_DELAY_MS);
    }
}

void acceptor_init(struct acceptor *acceptor, int descriptor, const struct endpoint *endpoint)
{
    *acceptor = (struct acceptor){.accept.complete = on_accepted,
                                  .retry.expired = on_retry,
                                  .endpoint = endpoint,
                                  .descriptor = descriptor};
}

void acceptor_open(struct acceptor *acceptor)
{
    acceptor->is_open = true;
    arm(acceptor);
}

/* Takes what is in the kernel's queue without waiting. */
static void take_queued(struct acceptor *acceptor)
{
    int flags = fcntl(acceptor->descriptor, F_GETFL);
    if (flags < 0 || fcntl(acceptor->descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
        return;
    }
    while (proxy_has_room(acceptor->proxy)) {
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
    if (!proxy_has_room(acceptor->proxy)) {
        ring_cancel(acceptor->ring, &acceptor->accept);
        return;
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
