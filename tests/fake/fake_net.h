/*
 * Connections without a kernel. The near end is a descriptor, used through the system calls that
 * fake_net.c stands in for (link with FAKE_NET_WRAPS of the Makefile) and through fake_ring.c; the
 * far end is the test's. One thread.
 *
 * A reset loses what the far end has not read yet, from a random byte on: as a kernel may, so a
 * gateway that closes while its peer is still sending is found out.
 */
#ifndef TESTS_FAKE_FAKE_NET_H
#define TESTS_FAKE_FAKE_NET_H

#include <sys/socket.h>

#include "base/bytes.h"
#include "dice.h"

/* Descriptors from here on are ours. */
#define FAKE_NET_DESCRIPTOR_MIN (1 << 24)

/* Bytes on their way in one direction; without a bound of its own. */
struct fake_pipe {
    uint8_t *memory;
    size_t capacity;
    size_t start;
    size_t end;
};

struct fake_socket {
    int descriptor;
    struct sockaddr_storage peer; /* what getpeername() says, and what was connected to */
    struct fake_pipe inbound;     /* far to near */
    struct fake_pipe outbound;    /* near to far */
    uint32_t outbound_limit;      /* as socket buffers have */
    uint32_t piece_limit;         /* bytes that arrive at once */
    uint32_t operation_count;     /* in flight on it */
    uint64_t received_bytes;      /* that the far end has read */
    bool arrives_whole;           /* no random pieces */
    bool is_near_closed;
    bool is_near_read_shut;
    bool is_near_write_shut;
    bool is_far_closed;
    bool is_far_finished;
    bool is_reset_by_far;
    bool is_reset_by_near;
    bool is_connected;
    bool is_peer_unknown;   /* getpeername() fails */
    bool has_told_end;      /* the near end knows that nothing more will come */
    bool is_sent_after_end; /* and has sent something all the same */
};

/* Before the first use; descriptors count from the start again. */
void fake_net_start(uint64_t seed);

/* Aborts when a descriptor is still open or a far end was not closed. */
void fake_net_stop(void);

/* How many near ends are open. */
uint32_t fake_net_open_count(void);

/* socket() fails once in so many calls; 0: never. */
void fake_net_let_sockets_fail(uint32_t one_in);

/* A connected pair, as if accepted: the near end is socket->descriptor. */
struct fake_socket *fake_net_accept(uint16_t client_port);

/* The socket of an open near end; aborts for any other number. */
struct fake_socket *fake_net_find(int descriptor);

/* The far end. */

/* What is written after the near end is closed resets the connection. */
void fake_net_far_write(struct fake_socket *socket, struct bytes bytes);

/* Takes up to capacity bytes. */
size_t fake_net_far_read(struct fake_socket *socket, void *memory, size_t capacity);

/* No more will come: FIN behind what was written. */
void fake_net_far_finish(struct fake_socket *socket);
void fake_net_far_reset(struct fake_socket *socket);

/* Everything was read, and the near end has finished. */
bool fake_net_far_is_at_end(const struct fake_socket *socket);

/* Everything that got through was read, and the near end has reset the connection. */
bool fake_net_far_is_reset(const struct fake_socket *socket);

/* The test is done with it. With bytes unread it is a reset, as close() is. */
void fake_net_far_close(struct fake_socket *socket);

/* Inside this folder. */

void fake_pipe_append(struct fake_pipe *pipe, struct bytes bytes);
void fake_pipe_drop(struct fake_pipe *pipe, size_t length);

static inline struct bytes fake_pipe_bytes(const struct fake_pipe *pipe)
{
    return pipe->memory == NULL ? (struct bytes){0}
                                : bytes_from(pipe->memory + pipe->start, pipe->end - pipe->start);
}

#endif
