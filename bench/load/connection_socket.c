/* System calls of a connection; see the header. Called by connection.c. */
#include "connection_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "lane.h"
#include "lane_limits.h"

/* The kernel chooses the port when it knows both ends: the same one may serve many addresses. */
static int bind_source(int descriptor, struct lane_run *run)
{
    static const int yes = 1;
    if (run->target->source_count == 0) {
        return 0;
    }
    uint64_t number = atomic_fetch_add_explicit(&run->source_count, 1, memory_order_relaxed);
    struct sockaddr_in source = target_source(run->target, number);
    (void)setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
    return bind(descriptor, (const struct sockaddr *)&source, sizeof(source));
}

/* Edge-triggered for both ways: one call to epoll for the whole life of the socket. */
static int watch(struct connection *connection, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP,
                                .data.ptr = connection};
    return epoll_ctl(connection->lane->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int connection_socket_open(struct connection *connection)
{
    static const int yes = 1;
    struct lane_run *run = connection->lane->run;
    const struct sockaddr *address = (const struct sockaddr *)&run->target->address;
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return errno;
    }
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (bind_source(descriptor, run) != 0 ||
        (connect(descriptor, address, run->target->address_length) != 0 && errno != EINPROGRESS) ||
        watch(connection, descriptor) != 0) {
        int failure = errno;
        (void)close(descriptor);
        return failure;
    }
    connection->descriptor = descriptor;
    return 0;
}

int connection_socket_error(const struct connection *connection)
{
    int failure = 0;
    socklen_t length = sizeof(failure);
    if (getsockopt(connection->descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) != 0) {
        return errno;
    }
    return failure;
}

/* How many bytes went; all of them on an error, which the next receive shows. */
static size_t send_some(struct connection *connection, const uint8_t *bytes, size_t length)
{
    ssize_t sent = send(connection->descriptor, bytes, length, MSG_NOSIGNAL);
    if (sent < 0) {
        connection->is_writable = errno != EAGAIN;
        return errno == EAGAIN ? 0 : length;
    }
    connection->is_writable = (size_t)sent == length;
    return (size_t)sent;
}

static void send_pending(struct connection *connection)
{
    connection->pending_at += send_some(connection, connection->pending + connection->pending_at,
                                        connection->pending_length - connection->pending_at);
    if (connection->pending_at == connection->pending_length) {
        free(connection->pending);
        connection->pending = NULL;
        connection->pending_at = 0;
        connection->pending_length = 0;
    }
}

/* Behind what is pending already. No memory: the bytes are lost and the server will say so. */
static void keep(struct connection *connection, const uint8_t *bytes, size_t length)
{
    uint8_t *larger = realloc(connection->pending, connection->pending_length + length);
    if (larger != NULL) {
        memcpy(larger + connection->pending_length, bytes, length);
        connection->pending = larger;
        connection->pending_length += length;
    }
}

void connection_socket_flush(struct connection *connection)
{
    struct tls_client_pipe *pipe = &connection->lane->pipe;
    size_t sent = 0;
    if (connection->pending != NULL) {
        send_pending(connection);
    }
    if (pipe->outgoing_length == 0) {
        return;
    }
    if (connection->pending == NULL) {
        sent = send_some(connection, pipe->outgoing, pipe->outgoing_length);
    }
    if (sent < pipe->outgoing_length) {
        keep(connection, pipe->outgoing + sent, pipe->outgoing_length - sent);
    }
    pipe->outgoing_length = 0;
}

ssize_t connection_socket_receive(struct connection *connection)
{
    struct lane *lane = connection->lane;
    ssize_t length = recv(connection->descriptor, lane->received, RECEIVED_SIZE, 0);
    if (length < 0) {
        lane->pipe.incoming = (struct bytes){0};
        return -errno;
    }
    lane->pipe.incoming = bytes_from(lane->received, (size_t)length);
    return length;
}
