/*
 * Loaded before libc: while the file SLOW_NAMES_FILE exists, a name server does not answer. Whoever
 * asks hangs as long as it is there; that it happens shows by the file SLOW_NAMES_FILE.asked.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*getaddrinfo_function)(const char *, const char *, const struct addrinfo *,
                                    struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    const char *file = getenv("SLOW_NAMES_FILE");
    char asked[4096];
    (void)snprintf(asked, sizeof(asked), "%s.asked", file == NULL ? "" : file);
    while (file != NULL && access(file, F_OK) == 0) {
        int descriptor = open(asked, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        (void)nanosleep(&pause, NULL);
    }
    return ((getaddrinfo_function)dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, found);
}
