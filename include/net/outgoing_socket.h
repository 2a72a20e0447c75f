/*
 * Sockets that we connect to others: to backends and to OCSP responders. Called by the thread that
 * will connect it; never blocks.
 */
#ifndef NET_OUTGOING_SOCKET_H
#define NET_OUTGOING_SOCKET_H

#include <sys/socket.h>

#include "base/result.h"

/*
 * A TCP socket that is not connected yet, to be closed by the caller. family: AF_INET or AF_INET6.
 * ERROR_LIMIT_REACHED: no descriptor; ERROR_OUT_OF_MEMORY; ERROR_SYSTEM: not to such an address.
 */
struct result outgoing_socket_open(sa_family_t family, int *ret_descriptor);

#endif
