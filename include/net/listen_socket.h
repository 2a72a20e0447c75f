/*
 * Sockets that accept clients. Made by the control thread before a worker starts, then owned by
 * that worker.
 *
 * Every worker has a socket of its own for each address (SO_REUSEPORT): the kernel spreads the
 * clients.
 */
#ifndef NET_LISTEN_SOCKET_H
#define NET_LISTEN_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/result.h"

/* Clients that the kernel lets wait to be accepted, for each socket. */
#define LISTEN_SOCKET_BACKLOG 4096

/*
 * Fails with ERROR_ADDRESS_IN_USE when another program listens there, which SO_REUSEPORT alone
 * would not tell. Waits up to a second for a gateway that is just ending.
 */
struct result listen_socket_probe(const struct sockaddr *address, socklen_t length_bytes);

/* Whether the machine has the address, whatever the port, which is left alone:
 * ERROR_ADDRESS_UNAVAILABLE, or what kept it from being seen. */
struct result listen_socket_check_address(const struct sockaddr *address, socklen_t length_bytes);

/*
 * Listens. ERROR_ADDRESS_IN_USE, ERROR_ADDRESS_UNAVAILABLE, ERROR_NOT_PERMITTED (a port below
 * 1024), ERROR_SYSTEM.
 */
struct result listen_socket_open(const struct sockaddr *address, socklen_t length_bytes,
                                 int *ret_descriptor);

/* Makes a bound socket listen in our way, also one that listens already. False with errno. */
bool listen_socket_tune(int descriptor);

#endif
