/*
 * Files take what there is in one write. A pipe, or a terminal, takes whole lines of as much as it
 * surely takes at once; only a longer line may be torn by a reader that stops reading.
 */
#include "log_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "message_line.h"
#include "syslog_socket.h"

/* What a pipe or terminal that poll() calls writable takes without blocking (POSIX's PIPE_BUF). */
#define STREAM_WRITE_BYTES 4096

/* Copies of standard streams lie above them: a program that was started without one of the three
 * must not take another file for it. */
#define DESCRIPTOR_MIN 3

/* Informational (RFC 5424 section 6.2.1). */
#define SEVERITY_OF_RECORDS 6

struct log_target {
    enum config_log_kind kind;
    char *name;
    char *path; /* NULL: a standard stream */
    bool holds_messages;
    int descriptor; /* not of syslog */
    bool is_stream; /* whose reader may be stuck; written to only when it has room */
    bool is_torn;   /* the last line is there in part */
    struct log_room room;
    struct syslog_socket syslog;
};

/* Opening. */

static int open_descriptor(const struct log_target *target)
{
    if (target->path == NULL) {
        bool is_output = target->kind == CONFIG_LOG_STANDARD_OUTPUT;
        return fcntl(is_output ? STDOUT_FILENO : STDERR_FILENO, F_DUPFD_CLOEXEC, DESCRIPTOR_MIN);
    }
    return open(target->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                0640);
}

static bool is_stream(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode);
}

/* What was open before is closed only now that there is something better. */
static struct result open_target(struct log_target *target)
{
    if (target->kind == CONFIG_LOG_SYSLOG) {
        struct syslog_socket fresh;
        TRY(syslog_socket_open(&fresh, target->path));
        syslog_socket_close(&target->syslog);
        target->syslog = fresh;
        return RESULT_OK;
    }
    int descriptor = open_descriptor(target);
    if (descriptor < 0) {
        return result_failure(ERROR_FILE);
    }
    if (target->descriptor >= 0) {
        (void)close(target->descriptor);
    }
    target->descriptor = descriptor;
    target->is_stream = is_stream(descriptor);
    target->is_torn = false;
    target->room = (struct log_room){0};
    return RESULT_OK;
}

struct result log_target_open(const struct config_log *where, bool holds_messages,
                              struct log_target **ret_target)
{
    struct log_target *target = calloc(1, sizeof(*target));
    if (target == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    target->kind = where->kind;
    target->holds_messages = holds_messages;
    target->descriptor = -1;
    target->syslog.descriptor = -1;
    target->name = strdup(where->source.text);
    target->path = where->path == NULL ? NULL : strdup(where->path);
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (target->name != NULL && (target->path == NULL) == (where->path == NULL)) {
        result = open_target(target);
    }
    if (!result_is_ok(result)) {
        int reason = errno;
        log_target_close(target);
        errno = reason;
        return result;
    }
    *ret_target = target;
    return RESULT_OK;
}

void log_target_close(struct log_target *target)
{
    if (target == NULL) {
        return;
    }
    if (target->descriptor >= 0) {
        (void)close(target->descriptor);
    }
    syslog_socket_close(&target->syslog);
    free(target->path);
    free(target->name);
    free(target);
}

const char *log_target_name(const struct log_target *target)
{
    return target->name;
}

bool log_target_is(const struct log_target *target, const struct config_log *where)
{
    bool has_path = target->path != NULL;
    return target->kind == where->kind && has_path == (where->path != NULL) &&
           (!has_path || strcmp(target->path, where->path) == 0);
}

struct result log_target_reopen(struct log_target *target)
{
    return open_target(target);
}

void log_target_begin_turn(struct log_target *target)
{
    log_room_begin_turn(&target->room);
    log_room_begin_turn(&target->syslog.room);
}

/* Writing to a descriptor. */

/* As many whole lines as a pipe takes at once, or the first part of a line that is too long. */
static struct bytes first_lines(struct bytes bytes)
{
    struct bytes part = bytes_slice(bytes, 0, STREAM_WRITE_BYTES);
    const uint8_t *end = memrchr(part.at, '\n', part.length);
    return end == NULL ? part : bytes_slice(part, 0, (size_t)(end - part.at) + 1);
}

/* One write; 0 when the target takes no more: errno says why. */
static size_t write_some(struct log_target *target, struct bytes bytes)
{
    if (target->is_stream) {
        bytes = first_lines(bytes);
    }
    for (int tries = 0; tries < LOG_ROOM_TRIES_MAX; tries++) {
        if (target->is_stream && !log_room_await(&target->room, target->descriptor)) {
            errno = EAGAIN;
            return 0;
        }
        ssize_t length = write(target->descriptor, bytes.at, bytes.length);
        if (length > 0) {
            return (size_t)length;
        }
        /* EAGAIN: another writer of the same pipe was faster. */
        if (errno != EINTR && !(errno == EAGAIN && target->is_stream)) {
            return 0;
        }
    }
    return 0;
}

/* Half a line at the end of a file of our own is cut off again, if nobody wrote behind it. */
static bool take_back(const struct log_target *target, size_t length)
{
    struct stat status;
    off_t end = lseek(target->descriptor, 0, SEEK_CUR);
    return target->kind == CONFIG_LOG_FILE && !target->is_stream &&
           fstat(target->descriptor, &status) == 0 && status.st_size == end &&
           end >= (off_t)length && ftruncate(target->descriptor, end - (off_t)length) == 0;
}

/* What is lost, when of bytes so many were written. */
static size_t mend_end(struct log_target *target, struct bytes bytes, size_t written)
{
    const uint8_t *line_end = written == 0 ? NULL : memrchr(bytes.at, '\n', written);
    size_t whole = line_end == NULL ? 0 : (size_t)(line_end - bytes.at) + 1;
    if (whole == written) {
        return written;
    }
    if (take_back(target, written - whole)) {
        return whole;
    }
    target->is_torn = true;
    return written;
}

/* Returns the bytes written; fewer than all when the target takes no more: errno says why. */
static size_t write_all(struct log_target *target, struct bytes bytes)
{
    size_t written = 0;
    if (target->is_torn && write_some(target, BYTES_OF("\n")) == 0) {
        return 0;
    }
    target->is_torn = false;
    while (written < bytes.length) {
        size_t length = write_some(target, bytes_slice(bytes, written, bytes.length));
        if (length == 0) {
            int reason = errno;
            written = mend_end(target, bytes, written);
            errno = reason;
            break;
        }
        written += length;
    }
    return written;
}

static size_t count_lines(struct bytes bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        count += bytes.at[i] == '\n';
    }
    return count;
}

static struct log_loss write_text(struct log_target *target, struct bytes text)
{
    size_t written = write_all(target, text);
    int reason = errno;
    struct bytes rest = bytes_slice(text, written, text.length);
    return (struct log_loss){count_lines(rest), rest.length, rest.length == 0 ? 0 : reason};
}

/* Writing to syslog. */

static bool take_record(struct bytes *lines, struct bytes *ret_text)
{
    size_t length = bytes_find(*lines, '\n');
    if (length == lines->length) {
        return false;
    }
    *ret_text = bytes_slice(*lines, 0, length);
    *lines = bytes_slice(*lines, length + 1, lines->length);
    return true;
}

static bool take_message(const struct log_target *target, struct bytes *lines,
                         struct syslog_message *message)
{
    struct message_line line;
    if (!target->holds_messages) {
        return take_record(lines, &message->text);
    }
    if (!message_line_take(lines, &line)) {
        return false;
    }
    message->severity = line.severity;
    message->time = line.time;
    message->text = message_line_without_name(line.text);
    return true;
}

static struct log_loss send_messages(struct log_target *target, struct bytes lines)
{
    char memory[MESSAGE_LINE_TIME_BYTES + 1];
    struct text now = text_over(memory, sizeof(memory));
    struct log_loss loss = {0};
    message_line_append_time(&now, clock_wall_microseconds());
    struct syslog_message message = {
        .severity = SEVERITY_OF_RECORDS,
        .time = text_bytes(&now),
        .kind = target->holds_messages ? "message" : "access",
    };
    while (take_message(target, &lines, &message)) {
        if (!syslog_socket_send(&target->syslog, &message)) {
            loss.lines++;
            loss.bytes += message.text.length + 1;
            loss.reason = errno;
        }
    }
    return loss;
}

struct log_loss log_target_write(struct log_target *target, uint8_t *lines, size_t length_bytes)
{
    if (target->kind == CONFIG_LOG_SYSLOG) {
        return send_messages(target, bytes_from(lines, length_bytes));
    }
    if (target->holds_messages) {
        bool is_standard_error = target->kind == CONFIG_LOG_STANDARD_ERROR;
        bool is_standard = is_standard_error || target->kind == CONFIG_LOG_STANDARD_OUTPUT;
        length_bytes = message_line_render(lines, length_bytes, is_standard, is_standard_error);
    }
    return write_text(target, bytes_from(lines, length_bytes));
}
