/*
 * Setting a ring up and, where that is forbidden or impossible, saying in one sentence why and what
 * to do.
 *
 * Features are found by trying, never by the kernel's version. Nothing here is on the way of a
 * request.
 */
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "net/ring.h"
#include "net/ring_features.h"

/* The completion queue takes every receive buffer's completion and every connection's send in one
 * turn. */
#define SUBMISSION_ENTRIES 1024
#define COMPLETION_ENTRIES 8192

int ring_features_open(struct io_uring *uring)
{
    /* DEFER_TASKRUN and SINGLE_ISSUER: without them each event interrupts the thread (19-53 % more
     * CPU). */
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                                              IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
                                     .cq_entries = COMPLETION_ENTRIES};
    return io_uring_queue_init_params(SUBMISSION_ENTRIES, uring, &params);
}

/* kernel.io_uring_disabled, or -1 where the kernel does not have it (before 6.6). */
static int read_disabled_setting(void)
{
    FILE *file = fopen("/proc/sys/kernel/io_uring_disabled", "re");
    if (file == NULL) {
        return -1;
    }
    int digit = fgetc(file);
    (void)fclose(file);
    return digit >= '0' && digit <= '9' ? digit - '0' : -1;
}

static void explain_permission(struct text *reason)
{
    switch (read_disabled_setting()) {
    case 2:
        text_append_string(reason, "io_uring is disabled on this machine; set it free with "
                                   "`sysctl kernel.io_uring_disabled=0`");
        return;
    case 1:
        text_append_string(reason, "io_uring is allowed only for CAP_SYS_ADMIN and the group in "
                                   "kernel.io_uring_group; put this user into that group or run "
                                   "`sysctl kernel.io_uring_disabled=0`");
        return;
    default:
        text_append_string(reason,
                           "io_uring is blocked, most likely by a container's seccomp profile; "
                           "allow io_uring_setup, io_uring_enter and io_uring_register in it");
    }
}

static void explain_memory(struct text *reason)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_MEMLOCK, &limit);
    text_append_format(reason,
                       "io_uring may lock only %llu KiB of memory; raise it with "
                       "`LimitMEMLOCK=infinity` in the unit or `ulimit -l unlimited`",
                       (unsigned long long)limit.rlim_cur / 1024);
}

static void explain(int error, struct text *reason)
{
    switch (error) {
    case ENOSYS:
        text_append_string(reason, "this kernel has no io_uring; Linux 6.1 or newer is needed");
        return;
    case EPERM:
    case EACCES:
        explain_permission(reason);
        return;
    case EINVAL:
        text_append_string(reason,
                           "this kernel's io_uring is too old; Linux 6.1 or newer is needed");
        return;
    case ENOMEM:
        explain_memory(reason);
        return;
    case EMFILE:
    case ENFILE:
        text_append_string(reason,
                           "no file descriptor is left for io_uring; raise `LimitNOFILE` in "
                           "the unit or `ulimit -n`");
        return;
    default:
        text_append_format(reason, "io_uring cannot be set up: %s", strerrordesc_np(error));
    }
}

static struct result check_operations(struct io_uring *uring, struct text *reason)
{
    static const int needed[] = {IORING_OP_ACCEPT, IORING_OP_RECV,    IORING_OP_SEND,
                                 IORING_OP_READ,   IORING_OP_CONNECT, IORING_OP_ASYNC_CANCEL};
    struct io_uring_probe *probe = io_uring_get_probe_ring(uring);
    bool has_all = probe != NULL;
    for (size_t i = 0; has_all && i < sizeof(needed) / sizeof(needed[0]); i++) {
        has_all = io_uring_opcode_supported(probe, needed[i]);
    }
    io_uring_free_probe(probe);
    if (!has_all) {
        explain(EINVAL, reason);
        return result_failure(ERROR_NO_RING);
    }
    return RESULT_OK;
}

struct result ring_features_check(struct text *reason)
{
    struct io_uring uring;
    int error = -ring_features_open(&uring);
    if (error != 0) {
        explain(error, reason);
        return result_failure(ERROR_NO_RING);
    }
    struct result result = check_operations(&uring, reason);
    io_uring_queue_exit(&uring);
    if (!result_is_ok(result)) {
        return result;
    }
    struct ring *ring;
    result = ring_create(8, &ring);
    if (!result_is_ok(result)) {
        explain(result.code == ERROR_OUT_OF_MEMORY   ? ENOMEM
                : result.code == ERROR_LIMIT_REACHED ? EMFILE
                                                     : EINVAL,
                reason);
        return result_failure(ERROR_NO_RING);
    }
    ring_destroy(ring);
    return RESULT_OK;
}
