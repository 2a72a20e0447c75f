/*
 * The work by epoll, accept4, recv and send, as most servers do it. Called by main(), on the
 * measured thread.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"

#define DESCRIPTOR_COUNT 1024
#define EVENT_COUNT      128

/* By descriptor: of a message that has not come or gone wholly. */
static size_t received_bytes[DESCRIPTOR_COUNT];
static size_t sent_bytes[DESCRIPTOR_COUNT];

static void accept_all(struct floor_run *run, int poll)
{
    int descriptor;
    while ((descriptor = accept4(run->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        CHECK(descriptor < DESCRIPTOR_COUNT);
        uint32_t events = run->work->receive_bytes > 0 ? EPOLLIN : EPOLLOUT;
        struct epoll_event event = {.events = events, .data.fd = descriptor};
        CHECK(epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0);
        received_bytes[descriptor] = sent_bytes[descriptor] = 0;
    }
    CHECK(errno == EAGAIN || errno == EINTR || errno == ECONNABORTED);
}

static void close_one(struct floor_run *run, int descriptor)
{
    (void)close(descriptor);
    run->connection_count++;
}

/* False when the connection is over. An answer is smaller than the socket's buffer and so goes at
 * once; a piece of a stream may go in part. */
static bool send_rest(struct floor_run *run, int descriptor)
{
    size_t *sent = &sent_bytes[descriptor];
    ssize_t length = send(descriptor, floor_bytes, run->work->send_bytes - *sent, MSG_NOSIGNAL);
    if (length < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    *sent += (size_t)length;
    if (*sent == run->work->send_bytes) {
        *sent = 0;
        run->turn_count++;
    }
    return true;
}

static bool receive_some(struct floor_run *run, int descriptor)
{
    static uint8_t buffer[FLOOR_PIECE_BYTES_MAX];
    const struct floor_work *work = run->work;
    size_t *received = &received_bytes[descriptor];
    ssize_t length = recv(descriptor, buffer, work->receive_bytes - *received, 0);
    if (length <= 0) {
        return length < 0 && (errno == EAGAIN || errno == EINTR);
    }
    *received += (size_t)length;
    if (*received < work->receive_bytes) {
        return true;
    }
    *received = 0;
    if (work->send_bytes > 0) {
        return send_rest(run, descriptor);
    }
    run->turn_count++;
    return true;
}

void floor_by_epoll(struct floor_run *run)
{
    struct epoll_event events[EVENT_COUNT];
    struct epoll_event listening = {.events = EPOLLIN, .data.fd = run->listener};
    int poll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(poll >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, run->listener, &listening) == 0);
    while (!floor_peer_is_served(run)) {
        int count = epoll_wait(poll, events, EVENT_COUNT, FLOOR_WAIT_MS);
        for (int i = 0; i < count; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor == run->listener) {
                accept_all(run, poll);
            } else if (run->work->receive_bytes > 0 ? !receive_some(run, descriptor)
                                                    : !send_rest(run, descriptor)) {
                close_one(run, descriptor);
            }
        }
    }
    (void)close(poll);
}
