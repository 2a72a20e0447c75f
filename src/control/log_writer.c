/*
 * Writing the access log. The thread looks at the queues at a fixed pace: a worker never wakes
 * anybody, and a few milliseconds of lines leave in one write.
 */
#include "control/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define PACE_MS 20

/* How long a write may wait for a stuck reader of a pipe before the lines are given up. */
#define STUCK_LIMIT_MS 1000

/* What a pipe or terminal that poll() calls writable takes without blocking (POSIX's PIPE_BUF). */
#define STREAM_WRITE_BYTES 4096

struct log_writer {
    char *path;
    int descriptor;
    pthread_t thread;
    struct log_queue *const *queues;
    size_t queue_count;
    _Atomic bool must_reopen;
    _Atomic bool must_stop;
    _Atomic uint64_t lost_bytes;
    bool is_started;
    bool is_stream; /* a pipe or a terminal, whose reader may be stuck; written to only when it has
                       room */
};

static int open_path(const char *path)
{
    if (strcmp(path, "-") == 0) {
        return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    }
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
}

static bool is_stream(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode);
}

static void lose(struct log_writer *writer, size_t length)
{
    atomic_fetch_add_explicit(&writer->lost_bytes, length,
                              memory_order_relaxed); /* a mere figure */
}

static bool wait_for_room(const struct log_writer *writer, uint64_t give_up_ms)
{
    struct pollfd poll_entry = {.fd = writer->descriptor, .events = POLLOUT};
    uint64_t now_ms = clock_monotonic_ms();
    int answer = -1;
    while (answer < 0 && now_ms < give_up_ms) {
        answer = poll(&poll_entry, 1, (int)(give_up_ms - now_ms));
        if (answer < 0 && errno != EINTR) {
            return false;
        }
        now_ms = clock_monotonic_ms();
    }
    return answer == 1 && (poll_entry.revents & POLLOUT);
}

/* One write; 0 when the file takes no more. */
static size_t write_some(const struct log_writer *writer, struct bytes bytes)
{
    uint64_t give_up_ms = clock_monotonic_ms() + STUCK_LIMIT_MS;
    ssize_t length = 0;
    if (writer->is_stream) {
        bytes = bytes_slice(bytes, 0, STREAM_WRITE_BYTES);
    }
    do {
        if (writer->is_stream && !wait_for_room(writer, give_up_ms)) {
            return 0;
        }
        length = write(writer->descriptor, bytes.at, bytes.length);
        /* EAGAIN: another writer of the same pipe was faster. */
    } while (length < 0 && (errno == EINTR || (errno == EAGAIN && writer->is_stream)));
    return length > 0 ? (size_t)length : 0;
}

/* Returns the bytes written; fewer than all when the file takes no more. */
static size_t write_all(const struct log_writer *writer, struct bytes bytes)
{
    size_t written = 0;
    while (written < bytes.length) {
        size_t length = write_some(writer, bytes_slice(bytes, written, bytes.length));
        if (length == 0) {
            break;
        }
        written += length;
    }
    return written;
}

static void drain_queue(struct log_writer *writer, struct log_queue *queue)
{
    struct bytes bytes;
    while ((bytes = log_queue_peek(queue)).length > 0) {
        size_t written = write_all(writer, bytes);
        if (written < bytes.length) {
            lose(writer, bytes.length - written);
        }
        log_queue_take(queue, bytes.length);
    }
}

static void drain_queues(struct log_writer *writer)
{
    for (size_t i = 0; i < writer->queue_count; i++) {
        drain_queue(writer, writer->queues[i]);
    }
}

static void reopen(struct log_writer *writer)
{
    int descriptor = open_path(writer->path);
    if (descriptor < 0) {
        return; /* The old file is better than none. */
    }
    (void)close(writer->descriptor);
    writer->descriptor = descriptor;
    writer->is_stream = is_stream(descriptor);
}

static void *run(void *argument)
{
    struct log_writer *writer = argument;
    const struct timespec pace = {.tv_nsec = PACE_MS * 1000000L};
    bool is_last = false;
    while (!is_last) {
        /* Read before the queues: what was put before the order to stop is written. */
        is_last = atomic_load(&writer->must_stop);
        drain_queues(writer);
        if (atomic_exchange(&writer->must_reopen, false)) {
            reopen(writer);
        }
        if (!is_last) {
            (void)nanosleep(&pace, NULL);
        }
    }
    return NULL;
}

struct result log_writer_create(const char *path, struct log_writer **ret_writer)
{
    struct log_writer *writer = calloc(1, sizeof(*writer));
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (writer == NULL) {
        return result;
    }
    writer->path = strdup(path);
    if (writer->path == NULL) {
        goto free_writer;
    }
    writer->descriptor = open_path(path);
    if (writer->descriptor < 0) {
        result = result_failure(ERROR_FILE);
        goto free_path;
    }
    writer->is_stream = is_stream(writer->descriptor);
    *ret_writer = writer;
    return RESULT_OK;
free_path:
    free(writer->path);
free_writer:
    free(writer);
    return result;
}

struct result log_writer_start(struct log_writer *writer, struct log_queue *const *queues,
                               size_t count)
{
    writer->queues = queues;
    writer->queue_count = count;
    if (pthread_create(&writer->thread, NULL, run, writer) != 0) {
        return result_failure(ERROR_THREAD);
    }
    (void)pthread_setname_np(writer->thread, "log-writer"); /* only what top shows */
    writer->is_started = true;
    return RESULT_OK;
}

void log_writer_reopen(struct log_writer *writer)
{
    atomic_store(&writer->must_reopen, true);
}

void log_writer_stop(struct log_writer *writer)
{
    if (writer->is_started) {
        atomic_store(&writer->must_stop, true);
        (void)pthread_join(writer->thread, NULL);
        writer->is_started = false;
    }
}

void log_writer_destroy(struct log_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    (void)close(writer->descriptor);
    free(writer->path);
    free(writer);
}

uint64_t log_writer_lost_bytes(const struct log_writer *writer)
{
    return atomic_load_explicit(&writer->lost_bytes, memory_order_relaxed); /* a mere figure */
}
