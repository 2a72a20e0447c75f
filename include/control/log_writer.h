/*
 * The thread that writes the access log: takes the lines out of every worker's queue and writes
 * them together.
 *
 * Created and stopped by the control thread. A full disk or a reader that is stuck delays only this
 * thread; what the queues cannot hold meanwhile is dropped and counted by the workers.
 */
#ifndef CONTROL_LOG_WRITER_H
#define CONTROL_LOG_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/log_queue.h"
#include "base/result.h"

struct log_writer;

/* Opens path (appending; "-": standard output). ERROR_FILE with errno set, ERROR_OUT_OF_MEMORY. */
struct result log_writer_create(const char *path, struct log_writer **ret_writer);

/* Starts taking from queues, count of them, which must live until log_writer_stop(). ERROR_THREAD.
 */
struct result log_writer_start(struct log_writer *writer, struct log_queue *const *queues,
                               size_t count);

/* Any thread: closes the file and opens its path again, after it was moved away. */
void log_writer_reopen(struct log_writer *writer);

/* Writes what is left in the queues, then ends the thread. */
void log_writer_stop(struct log_writer *writer);

/* Accepts NULL. Stopped, or never started. */
void log_writer_destroy(struct log_writer *writer);

/* Bytes of lines that could not be written. */
uint64_t log_writer_lost_bytes(const struct log_writer *writer);

#endif
