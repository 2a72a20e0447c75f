/*
 * Where the lines of a log go: a file, a standard stream or the system's logger. Opened by the
 * control thread, then the log writer's alone.
 *
 * Nothing here waits longer than log_room.h says. Lines are there whole: what a full disk takes of
 * half a line is taken back, and after half a line in a pipe a new one begins.
 */
#ifndef CONTROL_LOG_TARGET_H
#define CONTROL_LOG_TARGET_H

#include "base/bytes.h"
#include "base/result.h"
#include "config/config_log.h"

struct log_target;

/* holds_messages: lines are those of message_line.h, else records of the access log.
 * ERROR_FILE with errno set, ERROR_OUT_OF_MEMORY. */
struct result log_target_open(const struct config_log *where, bool holds_messages,
                              struct log_target **ret_target);

/* Accepts NULL. */
void log_target_close(struct log_target *target);

/* As the setting says it. */
const char *log_target_name(const struct log_target *target);

/* Whether the target is what the setting asks for. */
bool log_target_is(const struct log_target *target, const struct config_log *where);

/* Opens its path again, after the file was moved away. The former file stays in use when that
 * fails: ERROR_FILE with errno set. */
struct result log_target_reopen(struct log_target *target);

/* What was not written, and why. */
struct log_loss {
    size_t lines;
    size_t bytes;
    int reason; /* of errno; EAGAIN: nobody reads */
};

/* What is written in one turn waits for readers a second at most, all together. */
void log_target_begin_turn(struct log_target *target);

/* Whole lines; their memory is used. */
struct log_loss log_target_write(struct log_target *target, uint8_t *lines, size_t length_bytes);

#endif
