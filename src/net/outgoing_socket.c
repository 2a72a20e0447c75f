/* Opening the sockets that the ring connects. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/outgoing_socket.h"

#include "open_error.h"

struct result outgoing_socket_open(sa_family_t family, int *ret_descriptor)
{
    int on = 1;
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return result_failure(
            open_error(errno, ERROR_SYSTEM)); /* as for IPv6 where there is none */
    }
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on,
                     sizeof(on)); /* slower without, no worse */
    *ret_descriptor = descriptor;
    return RESULT_OK;
}
