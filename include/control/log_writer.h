/*
 * The thread that writes the logs: takes the lines out of every worker's queue, and what the
 * program says of itself out of message_log.h, and writes them together.
 *
 * Created, told and stopped by the control thread. A full disk or a reader that is stuck delays
 * only this thread, and not for long: what cannot be written is dropped and counted.
 */
#ifndef CONTROL_LOG_WRITER_H
#define CONTROL_LOG_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/log_queue.h"
#include "base/result.h"
#include "config/config.h"

struct log_target;
struct log_writer;

/* access_log and error_log. */
enum log_kind { LOG_ACCESS, LOG_ERROR, LOG_KIND_COUNT };

/* The places that a configuration wants its logs in, opened. A plain value of the control thread's.
 */
struct log_change {
    struct log_target *targets[LOG_KIND_COUNT]; /* NULL: off, or as before */
    bool is_kept[LOG_KIND_COUNT];
};

/* messages: what message_log_queue() is, or NULL: nothing is said. ERROR_OUT_OF_MEMORY,
 * ERROR_SYSTEM.
 */
struct result log_writer_create(struct log_queue *messages, struct log_writer **ret_writer);

/*
 * Opens what gateway asks for and is not in use already. ERROR_BAD_CONFIG when something cannot be
 * opened, and diagnostics say what, where and the remedy; then nothing has changed.
 */
struct result log_writer_prepare(struct log_writer *writer, const struct config_gateway *gateway,
                                 struct diagnostics *diagnostics, struct log_change *ret_change);

/* One that was not published. */
void log_writer_discard(struct log_change *change);

/*
 * Goes over to it: what was put into the queues before their fences goes to where logs went until
 * now, what comes behind them to the new places. Every queue has been fenced, or the thread is not
 * started. Waits for the thread, but not for one that is held up by a disk. Ends the change.
 */
void log_writer_publish(struct log_writer *writer, struct log_change *change);

/* Starts taking from queues, count of them, which must live until log_writer_stop(). ERROR_THREAD.
 */
struct result log_writer_start(struct log_writer *writer, struct log_queue *const *queues,
                               size_t count);

/* The control thread: what was put until now has been written when this returns, unless it takes
 * longer than the blink of an eye. */
void log_writer_flush(struct log_writer *writer);

/* Any thread: closes the files and opens their paths again, after they were moved away. */
void log_writer_reopen(struct log_writer *writer);

/* Writes what is left in the queues, then ends the thread. Accepts NULL. */
void log_writer_stop(struct log_writer *writer);

/* Accepts NULL. Stopped, or never started. */
void log_writer_destroy(struct log_writer *writer);

/* Any thread: lines that could not be written, and their bytes; also messages for which there was
 * no room in their queue. What the workers' queues had no room for the queues know. */
uint64_t log_writer_lost_lines(const struct log_writer *writer, enum log_kind kind);
uint64_t log_writer_lost_bytes(const struct log_writer *writer, enum log_kind kind);

#endif
