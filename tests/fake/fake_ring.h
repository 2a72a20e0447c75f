/*
 * net/ring.h without a kernel, on the sockets of fake_net.h. Linked in place of src/net/ring.c; one
 * thread.
 *
 * Completions come in a random order, in random pieces and after a random number of turns; a send
 * may come back short, a cancelled receive may still deliver. What the kernel would forbid aborts:
 * an operation that is started twice, a descriptor that is closed under one, bytes used after their
 * callback returned.
 */
#ifndef TESTS_FAKE_FAKE_RING_H
#define TESTS_FAKE_FAKE_RING_H

#include "fake_net.h"
#include "net/ring.h"

struct fake_ring_settings {
    uint64_t seed;
    uint32_t postpone_one_in; /* a completion that is there waits for a later turn; 0: none does */
    uint32_t short_one_in;    /* a send comes back short */
    uint32_t fault_one_in;    /* a receive or send ends with a rare status */
};

/* How a connect goes. Until due_ms nothing is heard; UINT64_MAX: nothing ever is. */
struct fake_connect {
    enum io_status status;
    uint64_t due_ms;
};

typedef struct fake_connect (*fake_connect_callback)(void *owner, const struct sockaddr *address);

/* The far end of a connection that was made. */
typedef void (*fake_connected_callback)(void *owner, struct fake_socket *socket);

/* For every ring made from now on. */
void fake_ring_configure(const struct fake_ring_settings *settings);
void fake_ring_on_connect(fake_connect_callback decide, fake_connected_callback connected,
                          void *owner);

/* A client in the queue of the listening descriptor, which may be any number. */
void fake_ring_push_accepted(struct ring *ring, int listening, int accepted);

/* When the next connect is due; UINT64_MAX: none. */
uint64_t fake_ring_next_due_ms(const struct ring *ring);

/* Operations that have not come back. */
uint32_t fake_ring_in_flight_count(const struct ring *ring);

#endif
