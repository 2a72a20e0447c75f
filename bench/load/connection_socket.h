/*
 * The socket of a connection: opening, sending what TLS has written, receiving. Its lane's thread.
 */
#ifndef LOAD_CONNECTION_SOCKET_H
#define LOAD_CONNECTION_SOCKET_H

#include <sys/types.h>

struct connection;

/* Begins connecting and has epoll watch it; 0 or an errno. */
int connection_socket_open(struct connection *connection);

/* How connecting ended: 0 or an errno. */
int connection_socket_error(const struct connection *connection);

/*
 * Sends what is pending and what the lane's pipe holds; what the kernel has no room for is pending
 * from then on, and the connection is not writable. An error shows when next received.
 */
void connection_socket_flush(struct connection *connection);

/* Into the lane's pipe: the length, 0 at the end, or a negative errno. */
ssize_t connection_socket_receive(struct connection *connection);

#endif
