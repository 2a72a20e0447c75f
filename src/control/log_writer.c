/*
 * Writing the logs. The thread looks at the queues at a fixed pace: a worker never wakes anybody,
 * and a few milliseconds of lines leave in one write.
 */
#include "control/log_writer.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "control/message_log.h"
#include "log_outage.h"
#include "log_target.h"

#define PACE_MS 20

/* Taken from a queue at once: more than a line has, and more than all messages together. */
#define BATCH_BYTES (1U << 18)

/* Batches of one queue in one turn: others have their turn, too. */
#define BATCHES_MAX 16

/* How long the control thread waits for this one, looking so often. */
#define PUBLISH_LIMIT_MS 2000
#define FLUSH_LIMIT_MS   200
#define LOOK_US          200

static const char *const settings[LOG_KIND_COUNT] = {
    [LOG_ACCESS] = "access_log", [LOG_ERROR] = "error_log"};

struct log {
    enum log_kind kind;
    struct log_target *target; /* NULL: off */
    struct log_queue *const *queues;
    size_t queue_count;
    struct log_outage outage;
    _Atomic uint64_t lost_lines;
    _Atomic uint64_t lost_bytes;
};

struct log_writer {
    struct log logs[LOG_KIND_COUNT];
    struct log_queue *messages; /* of LOG_ERROR's queues the only one */
    struct log_change ordered;  /* while is_change_ordered */
    pthread_t thread;
    sem_t wish; /* that the next turn begins now */
    _Atomic uint64_t turn_count;
    _Atomic bool is_change_ordered;
    _Atomic bool must_reopen;
    _Atomic bool must_stop;
    bool is_started;
    uint8_t batch[BATCH_BYTES];
};

/* Writing. */

static uint64_t count_lost_lines(const struct log *log)
{
    /* Relaxed: a mere figure. */
    uint64_t count = atomic_load_explicit(&log->lost_lines, memory_order_relaxed);
    for (size_t i = 0; i < log->queue_count; i++) {
        count += log_queue_dropped_count(log->queues[i]);
    }
    return count;
}

static struct log_outage_subject subject_of(const struct log *log)
{
    return (struct log_outage_subject){settings[log->kind], log_target_name(log->target),
                                       count_lost_lines(log)};
}

static void note(struct log *log, const struct log_loss *loss)
{
    if (loss->lines == 0 && loss->bytes == 0) {
        log_outage_note_success(&log->outage);
        return;
    }
    /* Relaxed: mere figures. */
    atomic_fetch_add_explicit(&log->lost_lines, loss->lines, memory_order_relaxed);
    atomic_fetch_add_explicit(&log->lost_bytes, loss->bytes, memory_order_relaxed);
    struct log_outage_subject subject = subject_of(log);
    log_outage_note_loss(&log->outage, &subject, loss->lines, loss->reason);
}

/* What is put while the log is off has been dropped by its configuration. */
static void drain_queue(struct log_writer *writer, struct log *log, struct log_queue *queue)
{
    for (size_t i = 0; i < BATCHES_MAX; i++) {
        size_t length = log_queue_take_lines(queue, writer->batch, sizeof(writer->batch));
        if (length == 0) {
            return;
        }
        if (log->target != NULL) {
            struct log_loss loss = log_target_write(log->target, writer->batch, length);
            note(log, &loss);
        }
    }
}

static void drain_log(struct log_writer *writer, struct log *log)
{
    if (log->target != NULL) {
        log_target_begin_turn(log->target);
    }
    for (size_t i = 0; i < log->queue_count; i++) {
        drain_queue(writer, log, log->queues[i]);
    }
    if (log->target != NULL) {
        struct log_outage_subject subject = subject_of(log);
        log_outage_look(&log->outage, &subject);
    }
}

/* In the order of the kinds: what is said of the access log is in the queue of messages then. */
static void drain_logs(struct log_writer *writer)
{
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        drain_log(writer, &writer->logs[i]);
    }
}

static void reopen(struct log_writer *writer)
{
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        struct log *log = &writer->logs[i];
        if (log->target != NULL && !result_is_ok(log_target_reopen(log->target))) {
            message_log_say(MESSAGE_ERROR,
                            "error: %s = %s: cannot be opened anew: %s; what was open stays in use",
                            settings[i], log_target_name(log->target), strerror(errno));
        }
    }
}

/* Changing places. */

static void take_over(struct log_writer *writer, struct log_change *change)
{
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        struct log *log = &writer->logs[i];
        if (!change->is_kept[i]) {
            log_target_close(log->target);
            log->target = change->targets[i];
            log->outage = (struct log_outage){0};
        }
        for (size_t j = 0; j < log->queue_count; j++) {
            log_queue_lift_fence(log->queues[j]);
        }
    }
    *change = (struct log_change){0};
}

/* What stands before the fences is still written to the former places. */
static void change_places(struct log_writer *writer)
{
    /* Pairs with the release in log_writer_publish: the fences are seen. */
    if (!atomic_load_explicit(&writer->is_change_ordered, memory_order_acquire)) {
        return;
    }
    drain_logs(writer);
    take_over(writer, &writer->ordered);
    /* Pairs with the acquire in is_changing. */
    atomic_store_explicit(&writer->is_change_ordered, false, memory_order_release);
}

static bool is_changing(struct log_writer *writer)
{
    /* Pairs with the release in change_places. */
    return atomic_load_explicit(&writer->is_change_ordered, memory_order_acquire);
}

/* The thread. */

static void rest(struct log_writer *writer)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += PACE_MS * 1000000L;
    end.tv_sec += end.tv_nsec / 1000000000L;
    end.tv_nsec %= 1000000000L;
    (void)sem_clockwait(&writer->wish, CLOCK_MONOTONIC, &end); /* the next turn, whatever it says */
}

static void *run(void *argument)
{
    struct log_writer *writer = argument;
    bool is_last = false;
    while (!is_last) {
        /* Read before the queues: what was put before the order to stop is written. */
        is_last = atomic_load(&writer->must_stop);
        change_places(writer);
        drain_logs(writer);
        if (atomic_exchange(&writer->must_reopen, false)) {
            reopen(writer);
        }
        /* Pairs with the acquire in log_writer_flush. */
        atomic_fetch_add_explicit(&writer->turn_count, 1, memory_order_release);
        if (!is_last) {
            rest(writer);
        }
    }
    return NULL;
}

/* The control thread's. */

struct result log_writer_create(struct log_queue *messages, struct log_writer **ret_writer)
{
    struct log_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (sem_init(&writer->wish, 0, 0) != 0) {
        free(writer);
        return result_failure(ERROR_SYSTEM);
    }
    writer->messages = messages;
    writer->logs[LOG_ERROR].kind = LOG_ERROR;
    writer->logs[LOG_ERROR].queues = &writer->messages;
    writer->logs[LOG_ERROR].queue_count = messages != NULL;
    *ret_writer = writer;
    return RESULT_OK;
}

static const struct config_log *wanted(const struct config_gateway *gateway, enum log_kind kind)
{
    return kind == LOG_ACCESS ? &gateway->access_log : &gateway->error_log;
}

static const char *remedy_for(const struct config_log *where, int reason)
{
    static const struct {
        int reason;
        const char *of_file;
        const char *of_syslog;
    } rows[] = {
        {ENOENT, "; make its folder first", "; start the system's logger, or name its socket"},
        {EACCES, "; let the gateway's user write there", "; let the gateway's user write to it"},
        {EPERM, "; let the gateway's user write there", "; let the gateway's user write to it"},
        {EISDIR, "; name a file in that folder", ""},
        {ENXIO, "; start the reader of the pipe first", ""},
        {EROFS, "; choose a place that may be written to", ""},
        {ENOSPC, "; make room there", ""},
        {ECONNREFUSED, "", "; nobody listens there: start the system's logger"},
        {EPROTOTYPE, "", "; it must be a datagram socket"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].reason == reason) {
            return where->kind == CONFIG_LOG_SYSLOG ? rows[i].of_syslog : rows[i].of_file;
        }
    }
    return "";
}

static struct result open_one(enum log_kind kind, const struct config_log *where,
                              struct diagnostics *diagnostics, struct log_target **ret_target)
{
    struct result result = log_target_open(where, kind == LOG_ERROR, ret_target);
    if (!result_is_ok(result)) {
        int reason = errno;
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, where->source.place,
                        "[gateway] %s = %s: %s%s", settings[kind], where->source.text,
                        result.code == ERROR_FILE ? strerror(reason) : result_text(result),
                        result.code == ERROR_FILE ? remedy_for(where, reason) : "");
        return result_failure(ERROR_BAD_CONFIG);
    }
    return RESULT_OK;
}

struct result log_writer_prepare(struct log_writer *writer, const struct config_gateway *gateway,
                                 struct diagnostics *diagnostics, struct log_change *ret_change)
{
    struct log_change change = {0};
    struct result result = RESULT_OK;
    if (is_changing(writer)) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, gateway->place,
                        "the log writer is held up by its disk and has not gone over to the "
                        "configuration before; try again");
        return result_failure(ERROR_BAD_CONFIG);
    }
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        const struct config_log *where = wanted(gateway, i);
        const struct log *log = &writer->logs[i];
        change.is_kept[i] = log->target != NULL && log_target_is(log->target, where);
        if (where->kind == CONFIG_LOG_OFF || change.is_kept[i]) {
            continue;
        }
        struct result opened = open_one(i, where, diagnostics, &change.targets[i]);
        result = result_is_ok(result) ? opened : result;
    }
    if (!result_is_ok(result)) {
        log_writer_discard(&change);
        return result;
    }
    *ret_change = change;
    return RESULT_OK;
}

void log_writer_discard(struct log_change *change)
{
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        log_target_close(change->targets[i]);
    }
    *change = (struct log_change){0};
}

/* The control thread's: the next turn is not to wait for its time. */
static void hurry(struct log_writer *writer)
{
    const struct timespec look = {.tv_nsec = LOOK_US * 1000L};
    (void)sem_post(&writer->wish);
    (void)nanosleep(&look, NULL);
}

void log_writer_publish(struct log_writer *writer, struct log_change *change)
{
    uint64_t limit_ms = clock_monotonic_ms() + PUBLISH_LIMIT_MS;
    if (!writer->is_started) {
        take_over(writer, change);
        return;
    }
    CHECK(!is_changing(writer)); /* since it was prepared */
    writer->ordered = *change;
    *change = (struct log_change){0};
    /* Pairs with the acquire in change_places. */
    atomic_store_explicit(&writer->is_change_ordered, true, memory_order_release);
    while (is_changing(writer) && clock_monotonic_ms() < limit_ms) {
        hurry(writer);
    }
}

void log_writer_flush(struct log_writer *writer)
{
    uint64_t limit_ms = clock_monotonic_ms() + FLUSH_LIMIT_MS;
    /* Pairs with the release in run. The turn under way may have passed what is to be written. */
    uint64_t turn_count = atomic_load_explicit(&writer->turn_count, memory_order_acquire) + 2;
    while (atomic_load_explicit(&writer->turn_count, memory_order_acquire) < turn_count &&
           clock_monotonic_ms() < limit_ms) {
        hurry(writer);
    }
}

struct result log_writer_start(struct log_writer *writer, struct log_queue *const *queues,
                               size_t count)
{
    writer->logs[LOG_ACCESS].queues = queues;
    writer->logs[LOG_ACCESS].queue_count = count;
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
    if (writer == NULL) {
        return;
    }
    if (writer->is_started) {
        atomic_store(&writer->must_stop, true);
        (void)pthread_join(writer->thread, NULL);
        writer->is_started = false;
    }
    drain_log(writer, &writer->logs[LOG_ERROR]); /* what kept the thread from being started */
}

void log_writer_destroy(struct log_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    log_writer_discard(&writer->ordered);
    for (enum log_kind i = 0; i < LOG_KIND_COUNT; i++) {
        log_target_close(writer->logs[i].target);
    }
    (void)sem_destroy(&writer->wish);
    free(writer);
}

uint64_t log_writer_lost_lines(const struct log_writer *writer, enum log_kind kind)
{
    /* Relaxed: a mere figure. */
    uint64_t count = atomic_load_explicit(&writer->logs[kind].lost_lines, memory_order_relaxed);
    bool has_messages = kind == LOG_ERROR && writer->messages != NULL;
    return count + (has_messages ? log_queue_dropped_count(writer->messages) : 0);
}

uint64_t log_writer_lost_bytes(const struct log_writer *writer, enum log_kind kind)
{
    return atomic_load_explicit(&writer->logs[kind].lost_bytes,
                                memory_order_relaxed); /* a mere figure */
}
