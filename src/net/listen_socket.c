/* Opening the sockets that clients reach. Blocking calls: for the control thread only. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/listen_socket.h"

#define DEFER_ACCEPT_SECONDS 2
#define BIND_TRY_COUNT       50
#define BIND_PAUSE_MS        20

static enum error error_of(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ERROR_ADDRESS_IN_USE;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return ERROR_ADDRESS_UNAVAILABLE;
    case EACCES:
    case EPERM:
        return ERROR_NOT_PERMITTED;
    case EMFILE:
    case ENFILE:
        return ERROR_LIMIT_REACHED;
    default:
        return ERROR_SYSTEM;
    }
}

static bool set_flag(int descriptor, int level, int option, int value)
{
    return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

/* A ring gives its sockets back some milliseconds after its process ended: a bind may need a second
 * try. */
static bool bind_patiently(int descriptor, const struct sockaddr *address, socklen_t length_bytes)
{
    const struct timespec pause = {.tv_nsec = BIND_PAUSE_MS * 1000000L};
    for (int try = 0; try < BIND_TRY_COUNT; try++) {
        if (bind(descriptor, address, length_bytes) == 0) {
            return true;
        }
        if (errno != EADDRINUSE) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    errno = EADDRINUSE;
    return false;
}

static int open_socket(const struct sockaddr *address)
{
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -1;
    }
    bool is_ready = set_flag(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (is_ready && address->sa_family == AF_INET6) {
        /* [::] must not take 0.0.0.0 too: what is listened on is what is written. */
        is_ready = set_flag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (!is_ready) {
        (void)close(descriptor);
        return -1;
    }
    return descriptor;
}

struct result listen_socket_probe(const struct sockaddr *address, socklen_t length_bytes)
{
    int descriptor = open_socket(address);
    if (descriptor < 0) {
        return result_failure(error_of(errno));
    }
    struct result result = RESULT_OK;
    if (!bind_patiently(descriptor, address, length_bytes) || listen(descriptor, 1) != 0) {
        result = result_failure(error_of(errno));
    }
    (void)close(descriptor);
    return result;
}

struct result listen_socket_check_address(const struct sockaddr *address, socklen_t length_bytes)
{
    struct sockaddr_storage any_port = {0};
    int descriptor = open_socket(address);
    if (descriptor < 0) {
        return result_failure(error_of(errno));
    }
    memcpy(&any_port, address, length_bytes);
    if (address->sa_family == AF_INET6) {
        ((struct sockaddr_in6 *)&any_port)->sin6_port = 0;
    } else {
        ((struct sockaddr_in *)&any_port)->sin_port = 0;
    }
    struct result result = RESULT_OK;
    if (bind(descriptor, (const struct sockaddr *)&any_port, length_bytes) != 0) {
        result = result_failure(error_of(errno));
    }
    (void)close(descriptor);
    return result;
}

bool listen_socket_tune(int descriptor)
{
    /* NODELAY is inherited by what is accepted; DEFER_ACCEPT wakes us only when the client has
     * spoken. */
    return set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY, 1) &&
           set_flag(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS) &&
           listen(descriptor, LISTEN_SOCKET_BACKLOG) == 0;
}

struct result listen_socket_open(const struct sockaddr *address, socklen_t length_bytes,
                                 int *ret_descriptor)
{
    int descriptor = open_socket(address);
    if (descriptor < 0) {
        return result_failure(error_of(errno));
    }
    if (!set_flag(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) ||
        !bind_patiently(descriptor, address, length_bytes) || !listen_socket_tune(descriptor)) {
        struct result result = result_failure(error_of(errno));
        (void)close(descriptor);
        return result;
    }
    *ret_descriptor = descriptor;
    return RESULT_OK;
}
