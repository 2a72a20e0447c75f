/*
 * Looks at the processes of --server-pid: CPU time as the scheduler accounts for it, memory, and
 * system calls where the kernel lets them be counted. The main thread's.
 */
#ifndef LOAD_SERVER_WATCH_H
#define LOAD_SERVER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define SERVER_WATCH_MESSAGE_SIZE 160

struct server_watch;

struct server_usage {
    uint64_t cpu_ns;
    uint64_t resident_bytes;
    uint64_t system_calls;
    bool has_system_calls;
    bool has_gap; /* a process has ended: the sums lack it */
};

/* list: "123,124". ERROR_BAD_INPUT with a message when it is none, or a process is not there. */
struct result server_watch_create(const char *list, struct server_watch **ret_watch,
                                  char message[SERVER_WATCH_MESSAGE_SIZE]);
void server_watch_destroy(struct server_watch *watch);

/* All processes together. */
struct server_usage server_watch_read(const struct server_watch *watch);

/* Of the whole machine: the kernel's own memory for sockets and the like. 0 when it is not told. */
uint64_t server_watch_kernel_bytes(void);

#endif
