/*
 * Random bytes, one getrandom() for many callers. Reading 4 KiB ahead turns six system calls a
 * connection into one for a hundred connections.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "base/random.h"

#define RANDOM_BLOCK_BYTES 4096

struct block {
    unsigned char bytes[RANDOM_BLOCK_BYTES];
    size_t used_bytes;
    unsigned fork_count; /* of the process that filled it */
};

static _Thread_local struct block block = {.used_bytes = RANDOM_BLOCK_BYTES};

/* Counts forks that made this process, so that a child never hands out its parent's bytes. */
static atomic_uint fork_count;
static pthread_once_t fork_watch = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    atomic_fetch_add(&fork_count, 1);
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, count_fork);
}

static struct result read_kernel(unsigned char *output, size_t length_bytes)
{
    while (length_bytes > 0) {
        ssize_t got = getrandom(output, length_bytes, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return result_failure(ERROR_SYSTEM);
        }
        output += got;
        length_bytes -= (size_t)got;
    }
    return RESULT_OK;
}

static struct result refill(void)
{
    (void)pthread_once(&fork_watch, watch_forks);
    TRY(read_kernel(block.bytes, sizeof(block.bytes)));
    block.used_bytes = 0;
    block.fork_count = atomic_load(&fork_count);
    return RESULT_OK;
}

struct result random_fill(void *output, size_t length_bytes)
{
    if (length_bytes > RANDOM_BLOCK_BYTES / 4) {
        return read_kernel(output, length_bytes);
    }
    if (RANDOM_BLOCK_BYTES - block.used_bytes < length_bytes ||
        block.fork_count != atomic_load(&fork_count)) {
        TRY(refill());
    }
    memcpy(output, block.bytes + block.used_bytes, length_bytes);
    explicit_bzero(block.bytes + block.used_bytes, length_bytes);
    block.used_bytes += length_bytes;
    return RESULT_OK;
}
