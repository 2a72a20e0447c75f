/* Sockets in memory, and the system calls on them. Other descriptors go to the kernel as ever. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/check.h"
#include "fake_memory.h"
#include "fake_net.h"

#define SOCKET_COUNT_MAX (1U << 20)

static struct fake_socket **sockets;
static uint32_t socket_count;
static uint32_t open_count;
static uint32_t failure_one_in;
static struct dice dice;

int __real_close(int descriptor);
int __real_shutdown(int descriptor, int how);
int __real_socket(int domain, int type, int protocol);
int __real_getpeername(int descriptor, struct sockaddr *address, socklen_t *length);
int __real_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length);
int __real_getsockopt(int descriptor, int level, int name, void *value, socklen_t *length);
int __real_ioctl(int descriptor, unsigned long request, ...);

int __wrap_close(int descriptor);
int __wrap_shutdown(int descriptor, int how);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_getpeername(int descriptor, struct sockaddr *address, socklen_t *length);
int __wrap_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length);
int __wrap_getsockopt(int descriptor, int level, int name, void *value, socklen_t *length);
int __wrap_ioctl(int descriptor, unsigned long request, ...);

/* Pipes. */

void fake_pipe_append(struct fake_pipe *pipe, struct bytes bytes)
{
    if (bytes.length == 0) {
        return;
    }
    size_t length = pipe->end - pipe->start;
    if (pipe->start > 0 && pipe->capacity - pipe->end < bytes.length) {
        memmove(pipe->memory, pipe->memory + pipe->start, length);
        pipe->start = 0;
        pipe->end = length;
    }
    if (pipe->capacity - pipe->end < bytes.length) {
        pipe->capacity = 2 * (length + bytes.length);
        pipe->memory = realloc(pipe->memory, pipe->capacity);
        CHECK(pipe->memory != NULL);
    }
    memcpy(pipe->memory + pipe->end, bytes.at, bytes.length);
    pipe->end += bytes.length;
}

void fake_pipe_drop(struct fake_pipe *pipe, size_t length)
{
    CHECK(length <= pipe->end - pipe->start);
    pipe->start += length;
}

static size_t pipe_length(const struct fake_pipe *pipe)
{
    return pipe->end - pipe->start;
}

static void free_pipe(struct fake_pipe *pipe)
{
    free(pipe->memory);
    *pipe = (struct fake_pipe){0};
}

/* Sockets. */

static struct fake_socket *make_socket(void)
{
    bool was_fallible = fake_memory_set_fallible(false);
    struct fake_socket *socket = calloc(1, sizeof(*socket));
    CHECK(socket != NULL && socket_count < SOCKET_COUNT_MAX);
    (void)fake_memory_set_fallible(was_fallible);
    socket->descriptor = FAKE_NET_DESCRIPTOR_MIN + (int)socket_count;
    socket->outbound_limit = 64 + dice_size(&dice, 1 << 18);
    socket->piece_limit = dice_one_in(&dice, 3) ? dice_between(&dice, 1, 300) : 16384;
    sockets[socket_count++] = socket;
    open_count++;
    return socket;
}

static void free_when_closed(struct fake_socket *socket)
{
    bool has_far_end = socket->is_connected && !socket->is_far_closed;
    if (socket->is_near_closed && !has_far_end) {
        sockets[socket->descriptor - FAKE_NET_DESCRIPTOR_MIN] = NULL;
        free_pipe(&socket->inbound);
        free_pipe(&socket->outbound);
        free(socket);
    }
}

void fake_net_start(uint64_t seed)
{
    sockets = calloc(SOCKET_COUNT_MAX, sizeof(struct fake_socket *));
    CHECK(sockets != NULL);
    socket_count = 0;
    open_count = 0;
    failure_one_in = 0;
    dice.state = seed ^ 0x6E6574U;
}

void fake_net_stop(void)
{
    CHECK(open_count == 0);
    for (uint32_t i = 0; i < socket_count; i++) {
        CHECK(sockets[i] == NULL);
    }
    free(sockets);
    sockets = NULL;
}

uint32_t fake_net_open_count(void)
{
    return open_count;
}

void fake_net_let_sockets_fail(uint32_t one_in)
{
    failure_one_in = one_in;
}

struct fake_socket *fake_net_accept(uint16_t client_port)
{
    struct fake_socket *socket = make_socket();
    struct sockaddr_in *peer = (struct sockaddr_in *)&socket->peer;
    peer->sin_family = AF_INET;
    peer->sin_port = htons(client_port);
    peer->sin_addr.s_addr = htonl(0x0A000001);
    socket->is_connected = true;
    return socket;
}

static bool is_ours(int descriptor)
{
    return descriptor >= FAKE_NET_DESCRIPTOR_MIN;
}

struct fake_socket *fake_net_find(int descriptor)
{
    CHECK(is_ours(descriptor));
    uint32_t index = (uint32_t)(descriptor - FAKE_NET_DESCRIPTOR_MIN);
    CHECK(index < socket_count && sockets[index] != NULL && !sockets[index]->is_near_closed);
    return sockets[index];
}

/* The near end breaks off: what the far end has not read is lost from somewhere on. */
static void reset_by_near(struct fake_socket *socket)
{
    size_t unread = pipe_length(&socket->outbound);
    socket->is_reset_by_near = true;
    if (unread > 0) {
        socket->outbound.end = socket->outbound.start + dice_below(&dice, (uint32_t)unread);
    }
    socket->inbound.end = socket->inbound.start;
}

/* The far end. */

void fake_net_far_write(struct fake_socket *socket, struct bytes bytes)
{
    CHECK(!socket->is_far_finished && !socket->is_far_closed);
    if (socket->is_reset_by_near || socket->is_reset_by_far || bytes.length == 0) {
        return;
    }
    if (socket->is_near_closed || socket->is_near_read_shut) {
        reset_by_near(socket);
        return;
    }
    fake_pipe_append(&socket->inbound, bytes);
}

size_t fake_net_far_read(struct fake_socket *socket, void *memory, size_t capacity)
{
    struct bytes bytes = bytes_slice(fake_pipe_bytes(&socket->outbound), 0, capacity);
    if (bytes.length > 0) {
        memcpy(memory, bytes.at, bytes.length);
        fake_pipe_drop(&socket->outbound, bytes.length);
        socket->received_bytes += bytes.length;
    }
    return bytes.length;
}

void fake_net_far_finish(struct fake_socket *socket)
{
    socket->is_far_finished = true;
}

void fake_net_far_reset(struct fake_socket *socket)
{
    socket->is_reset_by_far = true;
    socket->outbound.end = socket->outbound.start;
    if (pipe_length(&socket->inbound) > 0 && dice_one_in(&dice, 2)) {
        socket->inbound.end = socket->inbound.start; /* it may overtake what was sent */
    }
}

bool fake_net_far_is_at_end(const struct fake_socket *socket)
{
    return pipe_length(&socket->outbound) == 0 && !socket->is_reset_by_near &&
           (socket->is_near_write_shut || socket->is_near_closed);
}

bool fake_net_far_is_reset(const struct fake_socket *socket)
{
    return pipe_length(&socket->outbound) == 0 && socket->is_reset_by_near;
}

void fake_net_far_close(struct fake_socket *socket)
{
    CHECK(!socket->is_far_closed);
    if (pipe_length(&socket->outbound) > 0) {
        fake_net_far_reset(socket);
    }
    socket->is_far_closed = true;
    socket->is_far_finished = true;
    free_when_closed(socket);
}

/* System calls. */

int __wrap_socket(int domain, int type, int protocol)
{
    if (sockets == NULL || (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != SOCK_STREAM) {
        return __real_socket(domain, type, protocol);
    }
    if (dice_one_in(&dice, failure_one_in)) {
        errno = EMFILE;
        return -1;
    }
    return make_socket()->descriptor;
}

int __wrap_close(int descriptor)
{
    if (!is_ours(descriptor)) {
        return __real_close(descriptor);
    }
    struct fake_socket *socket = fake_net_find(descriptor);
    /* A kernel would keep the connection open for them: the peer would never learn of the end. */
    CHECK(socket->operation_count == 0);
    if (socket->is_connected && !socket->is_reset_by_far && pipe_length(&socket->inbound) > 0) {
        reset_by_near(socket);
    }
    socket->is_near_closed = true;
    open_count--;
    free_when_closed(socket);
    return 0;
}

int __wrap_shutdown(int descriptor, int how)
{
    if (!is_ours(descriptor)) {
        return __real_shutdown(descriptor, how);
    }
    struct fake_socket *socket = fake_net_find(descriptor);
    if (!socket->is_connected || socket->is_reset_by_far) {
        errno = ENOTCONN;
        return -1;
    }
    socket->is_near_read_shut |= how != SHUT_WR;
    socket->is_near_write_shut |= how != SHUT_RD;
    return 0;
}

int __wrap_getpeername(int descriptor, struct sockaddr *address, socklen_t *length)
{
    if (!is_ours(descriptor)) {
        return __real_getpeername(descriptor, address, length);
    }
    struct fake_socket *socket = fake_net_find(descriptor);
    if (socket->is_peer_unknown || !socket->is_connected) {
        errno = ENOTCONN;
        return -1;
    }
    CHECK(*length >= sizeof(struct sockaddr_in));
    *length = sizeof(struct sockaddr_in);
    memcpy(address, &socket->peer, *length);
    return 0;
}

int __wrap_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length)
{
    if (!is_ours(descriptor)) {
        return __real_setsockopt(descriptor, level, name, value, length);
    }
    (void)fake_net_find(descriptor);
    return 0;
}

int __wrap_getsockopt(int descriptor, int level, int name, void *value, socklen_t *length)
{
    if (!is_ours(descriptor)) {
        return __real_getsockopt(descriptor, level, name, value, length);
    }
    (void)fake_net_find(descriptor);
    errno = ENOPROTOOPT;
    return -1;
}

/* What the far end has not taken yet, and what the near end has not. */
int __wrap_ioctl(int descriptor, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    int *answer = va_arg(arguments, int *);
    va_end(arguments);
    if (!is_ours(descriptor)) {
        return __real_ioctl(descriptor, request, answer);
    }
    CHECK(request == SIOCOUTQ || request == SIOCINQ);
    const struct fake_socket *socket = fake_net_find(descriptor);
    *answer = (int)pipe_length(request == SIOCOUTQ ? &socket->outbound : &socket->inbound);
    return 0;
}
