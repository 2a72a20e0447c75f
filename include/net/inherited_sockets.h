/*
 * Listening sockets that a service manager opened and passed on (sd_listen_fds(3)): a port below
 * 1024 then needs no privilege, and clients who come during a restart wait instead of being
 * refused.
 *
 * The control thread's. What is lent is a duplicate: the sockets themselves stay open until the
 * end, so that a reload may give an address back and take it again.
 */
#ifndef NET_INHERITED_SOCKETS_H
#define NET_INHERITED_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/result.h"
#include "base/text.h"

/* More than as many workers on every address of a small machine. */
#define INHERITED_SOCKETS_MAX 256

/* The first one passed, as sd_listen_fds(3) lays down; the others follow. */
#define INHERITED_SOCKETS_FIRST 3

struct inherited_socket {
    int descriptor;
    struct sockaddr_storage address;
    socklen_t length_bytes;
};

struct inherited_sockets {
    struct inherited_socket items[INHERITED_SOCKETS_MAX];
    size_t count;
};

/*
 * Takes what LISTEN_PID and LISTEN_FDS announce to this process, and those variables out of the
 * environment. ERROR_BAD_INPUT when one of them is no listening TCP socket, or there are too many;
 * ret_reason says which, and all that was announced is closed.
 */
struct result inherited_sockets_receive(struct inherited_sockets *sockets, struct text *ret_reason);

void inherited_sockets_close(struct inherited_sockets *sockets);

/* How many were passed for that address. */
size_t inherited_sockets_count(const struct inherited_sockets *sockets,
                               const struct sockaddr *address, socklen_t length_bytes);

/*
 * A duplicate for worker number index; the sockets of an address are dealt to the workers in turn.
 * ERROR_NOT_FOUND when none has that address, ERROR_LIMIT_REACHED without a descriptor.
 */
struct result inherited_sockets_lend(const struct inherited_sockets *sockets,
                                     const struct sockaddr *address, socklen_t length_bytes,
                                     uint32_t index, int *ret_descriptor);

#endif
