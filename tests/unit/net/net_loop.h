/*
 * A ring with the loop around it, and pairs of connected sockets, for the tests of src/net. The
 * real kernel and the real clock: a test waits for what it expects, never for a time.
 */
#ifndef TESTS_UNIT_NET_NET_LOOP_H
#define TESTS_UNIT_NET_NET_LOOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/ring.h"

/* What is expected has come by then, or never will. */
#define PATIENCE_MS 30000

static inline void turn(struct ring *ring)
{
    ring_wait(ring, 10);
    (void)ring_deliver(ring);
}

/* Turns until the condition holds; fails the test when it does not within PATIENCE_MS. */
#define TURN_UNTIL(ring, condition)                                 \
    do {                                                            \
        uint64_t give_up_ms = clock_monotonic_ms() + PATIENCE_MS;   \
        while (!(condition) && clock_monotonic_ms() < give_up_ms) { \
            turn(ring);                                             \
        }                                                           \
        assert_true(condition);                                     \
    } while (0)

/* Turns long enough for whatever is on its way, to see that nothing more comes. */
static inline void turn_a_while(struct ring *ring)
{
    for (size_t i = 0; i < 8; i++) {
        turn(ring);
    }
}

static inline struct ring *make_ring(uint32_t buffer_count)
{
    struct ring *ring = NULL;
    assert_true(result_is_ok(ring_create(buffer_count, &ring)));
    return ring;
}

/* A listening socket on a free port of the loopback, and its address. */
static inline int listen_on_loopback(int backlog, struct sockaddr_in *ret_address)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(descriptor, backlog), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&address, &length), 0);
    *ret_address = address;
    return descriptor;
}

static inline int connect_to(const struct sockaddr_in *address)
{
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)address, sizeof(*address)), 0);
    return descriptor;
}

/* A TCP connection over the loopback: ends[0] is for the ring, ends[1] for the test, not blocking.
 */
static inline void make_connection(int *ends)
{
    struct sockaddr_in address;
    int listener = listen_on_loopback(1, &address);
    ends[1] = connect_to(&address);
    ends[0] = accept(listener, NULL, NULL);
    assert_true(ends[0] >= 0);
    (void)close(listener);
}

static inline void shrink_buffers(int descriptor, int size_bytes)
{
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size_bytes, sizeof(size_bytes));
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size_bytes, sizeof(size_bytes));
}

/* Closes with a reset instead of a FIN. */
static inline void reset_connection(int descriptor)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    assert_int_equal(close(descriptor), 0);
}

/* Until the reset of the far end has come, which a busy kernel delivers later than it was sent. */
static inline void await_reset(int descriptor)
{
    struct pollfd entry = {.fd = descriptor};
    assert_int_equal(poll(&entry, 1, PATIENCE_MS), 1);
    assert_true(entry.revents & POLLERR);
}

static inline void write_all(int descriptor, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length > 0) {
        ssize_t written = send(descriptor, at, length, MSG_NOSIGNAL);
        assert_true(written > 0);
        at += written;
        length -= (size_t)written;
    }
}

/* What has arrived at the test's end: > 0, 0 at its end, -1 when nothing is there now. */
static inline ssize_t read_some(int descriptor, void *memory, size_t capacity)
{
    return recv(descriptor, memory, capacity, MSG_DONTWAIT);
}

#endif
