/*
 * The kernel's part for the tests of this folder: the ring, the sockets, the clock and the
 * allocator of tests/fake, compiled into the test's own program. One include a program.
 *
 * What the fakes would otherwise be linked for with --wrap is bound here by symbol: the program's
 * own close() and so on come before the C library's.
 */
#ifndef TESTS_UNIT_PROXY_STAND_INS_H
#define TESTS_UNIT_PROXY_STAND_INS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../fake/fake_memory.h"

/* Every allocation of the code under test fails while this is set. */
static bool is_memory_short;
static bool is_memory_fallible;

bool fake_memory_set_fallible(bool is_fallible)
{
    bool before = is_memory_fallible;
    is_memory_fallible = is_fallible;
    return before;
}

void *stand_in_malloc(size_t size) __asm__("malloc");

void *stand_in_malloc(size_t size)
{
    static void *(*next)(size_t size);
    if (is_memory_short && is_memory_fallible) {
        return NULL;
    }
    if (next == NULL) {
        *(void **)&next = dlsym(RTLD_NEXT, "malloc");
    }
    return next(size);
}

int __wrap_close(int descriptor) __asm__("close");
int __wrap_shutdown(int descriptor, int how) __asm__("shutdown");
int __wrap_socket(int domain, int type, int protocol) __asm__("socket");
int __wrap_getpeername(int descriptor, struct sockaddr *address,
                       socklen_t *length) __asm__("getpeername");
int __wrap_setsockopt(int descriptor, int level, int name, const void *value,
                      socklen_t length) __asm__("setsockopt");
int __wrap_getsockopt(int descriptor, int level, int name, void *value,
                      socklen_t *length) __asm__("getsockopt");
int __wrap_ioctl(int descriptor, unsigned long request, ...) __asm__("ioctl");

#include "../../fake/fake_clock.c"
#include "../../fake/fake_net.c"
#include "../../fake/fake_ring.c"

int __real_close(int descriptor)
{
    return (int)syscall(SYS_close, descriptor);
}

int __real_shutdown(int descriptor, int how)
{
    return (int)syscall(SYS_shutdown, descriptor, how);
}

int __real_socket(int domain, int type, int protocol)
{
    return (int)syscall(SYS_socket, domain, type, protocol);
}

int __real_getpeername(int descriptor, struct sockaddr *address, socklen_t *length)
{
    return (int)syscall(SYS_getpeername, descriptor, address, length);
}

int __real_setsockopt(int descriptor, int level, int name, const void *value, socklen_t length)
{
    return (int)syscall(SYS_setsockopt, descriptor, level, name, value, length);
}

int __real_getsockopt(int descriptor, int level, int name, void *value, socklen_t *length)
{
    return (int)syscall(SYS_getsockopt, descriptor, level, name, value, length);
}

int __real_ioctl(int descriptor, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return (int)syscall(SYS_ioctl, descriptor, request, argument);
}

#endif
