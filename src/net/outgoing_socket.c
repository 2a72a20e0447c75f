/* Opening the sockets that the ring connects. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/outgoing_socket.h"

static enum error error_of(int code)
{
    switch (code) {
    case EMFILE:
    case ENFILE:
        return ERROR_LIMIT_REACHED;
    case ENOBUFS:
    case ENOMEM:
        return ERROR_OUT_OF_MEMORY;
    default:
        return ERROR_SYSTEM; /* as for IPv6 where there is none */
    }
}

struct result outgoing_socket_open(sa_family_t family, int *ret_descriptor)
{
    int on = 1;
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return result_failure(error_of(errno));
    }
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on,
                     sizeof(on)); /* slower without, no worse */
    *ret_descriptor = descriptor;
    return RESULT_OK;
}
