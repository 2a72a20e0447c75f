/*
 * Every descriptor that was announced is looked at before any is used: one that is no listening
 * socket means that the service manager was told something else than we were.
 */
#include "net/inherited_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listen_socket.h"

static bool read_variable(const char *name, uint64_t maximum, uint64_t *ret_number)
{
    const char *value = getenv(name);
    return value != NULL && bytes_to_number(bytes_from_string(value), maximum, ret_number);
}

/* Programs that we start are not meant by them. */
static void forget_variables(void)
{
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
}

static bool is_listening_tcp(int descriptor)
{
    static const struct {
        int option;
        int wanted;
    } facts[] = {{SO_TYPE, SOCK_STREAM}, {SO_ACCEPTCONN, 1}};
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        int value = -1;
        socklen_t length = sizeof(value);
        if (getsockopt(descriptor, SOL_SOCKET, facts[i].option, &value, &length) != 0 ||
            value != facts[i].wanted) {
            return false;
        }
    }
    return true;
}

/* A socket that does not block would make accept() come back at once instead of waiting. */
static bool make_usable(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 && listen_socket_tune(descriptor);
}

static bool take(struct inherited_socket *item)
{
    item->length_bytes = sizeof(item->address);
    return is_listening_tcp(item->descriptor) &&
           getsockname(item->descriptor, (struct sockaddr *)&item->address, &item->length_bytes) ==
               0 &&
           (item->address.ss_family == AF_INET || item->address.ss_family == AF_INET6) &&
           make_usable(item->descriptor);
}

static void close_announced(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        (void)close((int)(INHERITED_SOCKETS_FIRST + i));
    }
}

struct result inherited_sockets_receive(struct inherited_sockets *sockets, struct text *ret_reason)
{
    uint64_t pid = 0;
    uint64_t count = 0;
    bool is_for_us = read_variable("LISTEN_PID", INT32_MAX, &pid) && pid == (uint64_t)getpid() &&
                     read_variable("LISTEN_FDS", INT32_MAX, &count);
    sockets->count = 0;
    forget_variables();
    if (!is_for_us) {
        return RESULT_OK;
    }
    if (count > INHERITED_SOCKETS_MAX) {
        text_append_format(ret_reason,
                           "%llu sockets were passed by the service manager, %d at most",
                           (unsigned long long)count, INHERITED_SOCKETS_MAX);
        return result_failure(ERROR_BAD_INPUT);
    }
    for (size_t i = 0; i < count; i++) {
        struct inherited_socket *item = &sockets->items[i];
        *item = (struct inherited_socket){.descriptor = INHERITED_SOCKETS_FIRST + (int)i};
        if (!take(item)) {
            text_append_format(ret_reason,
                               "descriptor %d, passed by the service manager, is no listening TCP "
                               "socket",
                               item->descriptor);
            close_announced(count);
            return result_failure(ERROR_BAD_INPUT);
        }
    }
    sockets->count = count;
    return RESULT_OK;
}

void inherited_sockets_close(struct inherited_sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) {
        (void)close(sockets->items[i].descriptor);
    }
    sockets->count = 0;
}

/* Only what belongs to an address: the kernel leaves the rest as it likes. */
static bool is_same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family) {
        return false;
    }
    if (a->ss_family == AF_INET) {
        const struct sockaddr_in *first = (const struct sockaddr_in *)a;
        const struct sockaddr_in *second = (const struct sockaddr_in *)b;
        return first->sin_port == second->sin_port &&
               first->sin_addr.s_addr == second->sin_addr.s_addr;
    }
    const struct sockaddr_in6 *first = (const struct sockaddr_in6 *)a;
    const struct sockaddr_in6 *second = (const struct sockaddr_in6 *)b;
    return first->sin6_port == second->sin6_port && first->sin6_scope_id == second->sin6_scope_id &&
           memcmp(&first->sin6_addr, &second->sin6_addr, sizeof(first->sin6_addr)) == 0;
}

/* Number index of those for that address; NULL when there are not so many. */
static const struct inherited_socket *find(const struct inherited_sockets *sockets,
                                           const struct sockaddr *address, socklen_t length_bytes,
                                           size_t index)
{
    struct sockaddr_storage wanted = {0};
    memcpy(&wanted, address, length_bytes);
    for (size_t i = 0; i < sockets->count; i++) {
        if (is_same_address(&sockets->items[i].address, &wanted) && index-- == 0) {
            return &sockets->items[i];
        }
    }
    return NULL;
}

size_t inherited_sockets_count(const struct inherited_sockets *sockets,
                               const struct sockaddr *address, socklen_t length_bytes)
{
    size_t count = 0;
    while (find(sockets, address, length_bytes, count) != NULL) {
        count++;
    }
    return count;
}

struct result inherited_sockets_lend(const struct inherited_sockets *sockets,
                                     const struct sockaddr *address, socklen_t length_bytes,
                                     uint32_t index, int *ret_descriptor)
{
    size_t count = inherited_sockets_count(sockets, address, length_bytes);
    if (count == 0) {
        return result_failure(ERROR_NOT_FOUND);
    }
    const struct inherited_socket *item = find(sockets, address, length_bytes, index % count);
    int descriptor = fcntl(item->descriptor, F_DUPFD_CLOEXEC, INHERITED_SOCKETS_FIRST);
    if (descriptor < 0) {
        return result_failure(errno == EMFILE ? ERROR_LIMIT_REACHED : ERROR_SYSTEM);
    }
    *ret_descriptor = descriptor;
    return RESULT_OK;
}
