/* Several threads say things, one takes them: the lock is between those that say, and is held for a
 * copy of a line. */
#include "control/message_log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "message_line.h"

#define QUEUE_BYTES (1U << 18)

/* Of one message; what is longer is cut. */
#define MESSAGE_BYTES_MAX 8192

static struct {
    pthread_mutex_t lock; /* of the putter's side of the queue */
    struct log_queue queue;
    bool is_open;
    _Atomic bool is_settled;
} messages = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct result message_log_open(void)
{
    struct result result = log_queue_init(&messages.queue, QUEUE_BYTES);
    messages.is_open = result_is_ok(result);
    messages.is_settled = false;
    return result;
}

void message_log_close(void)
{
    log_queue_deinit(&messages.queue);
    messages.is_open = false;
    messages.is_settled = false;
}

void message_log_settle(void)
{
    atomic_store(&messages.is_settled, messages.is_open);
}

void message_log_unsettle(void)
{
    atomic_store(&messages.is_settled, false);
}

struct log_queue *message_log_queue(void)
{
    return messages.is_open ? &messages.queue : NULL;
}

static void put(const struct text *lines)
{
    if (messages.is_open) {
        (void)pthread_mutex_lock(&messages.lock);
        (void)log_queue_put(&messages.queue, text_bytes(lines)); /* a drop is counted there */
        (void)pthread_mutex_unlock(&messages.lock);
    }
}

static enum message_severity severity_of(const char *text, size_t length)
{
    if (memmem(text, length, "error: ", strlen("error: ")) != NULL) {
        return MESSAGE_ERROR;
    }
    return memmem(text, length, "warning: ", strlen("warning: ")) != NULL ? MESSAGE_WARNING
                                                                          : MESSAGE_NOTICE;
}

static void say(enum message_severity severity, struct bytes message)
{
    char memory[MESSAGE_LINE_HEAD_BYTES + 4 * MESSAGE_BYTES_MAX];
    char time[MESSAGE_LINE_TIME_BYTES + 1];
    struct text now = text_over(time, sizeof(time));
    struct text line = text_over(memory, sizeof(memory));
    bool is_said = !atomic_load(&messages.is_settled);
    message_line_append_time(&now, clock_wall_microseconds());
    message_line_append(&line, &(struct message_line){.is_said = is_said,
                                                      .severity = severity,
                                                      .time = text_bytes(&now),
                                                      .text = message});
    if (is_said) {
        size_t head = MESSAGE_LINE_HEAD_BYTES;
        (void)fwrite(line.at + head, 1, line.length - head, stderr);
    }
    put(&line);
}

/* Its name and the message; its length, cut to what there is room for. */
static size_t compose(char memory[MESSAGE_BYTES_MAX], const char *format, va_list arguments)
{
    size_t name_length = strlen(MESSAGE_LINE_NAME);
    (void)snprintf(memory, MESSAGE_BYTES_MAX, "%s", MESSAGE_LINE_NAME);
    int length =
        vsnprintf(memory + name_length, MESSAGE_BYTES_MAX - name_length, format, arguments);
    size_t whole = name_length + (length < 0 ? 0 : (size_t)length);
    return whole < MESSAGE_BYTES_MAX ? whole : MESSAGE_BYTES_MAX - 1;
}

void message_log_say(enum message_severity severity, const char *format, ...)
{
    char memory[MESSAGE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    size_t length = compose(memory, format, arguments);
    va_end(arguments);
    say(severity, bytes_from(memory, length));
}

void message_log_tell(const char *format, ...)
{
    char memory[MESSAGE_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    size_t length = compose(memory, format, arguments);
    va_end(arguments);
    say(severity_of(memory, length), bytes_from(memory, length));
}

static size_t count_lines(struct bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        count += text.at[i] == '\n';
    }
    return count;
}

/* All lines as one piece of the queue, so that no reader sees half of them. */
static void put_lines(struct bytes text, bool is_said)
{
    size_t room = 4 * text.length + (count_lines(text) + 1) * (MESSAGE_LINE_HEAD_BYTES + 1);
    char *memory = malloc(room);
    char time[MESSAGE_LINE_TIME_BYTES + 1];
    struct text now = text_over(time, sizeof(time));
    struct text lines = text_over(memory, room);
    message_line_append_time(&now, clock_wall_microseconds());
    while (memory != NULL && text.length > 0) {
        size_t length = bytes_find(text, '\n');
        message_line_append(&lines, &(struct message_line){
                                        .is_said = is_said,
                                        .severity = severity_of((const char *)text.at, length),
                                        .time = text_bytes(&now),
                                        .text = bytes_slice(text, 0, length),
                                    });
        text = bytes_slice(text, length + 1, text.length);
    }
    if (memory != NULL && lines.length > 0) {
        put(&lines);
    }
    free(memory);
}

static void print_diagnostics(const void *diagnostics, FILE *output)
{
    diagnostics_print(diagnostics, output);
}

void message_log_say_diagnostics(const struct diagnostics *diagnostics)
{
    message_log_print(print_diagnostics, diagnostics);
}

void message_log_print(message_print print, const void *subject)
{
    char *text = NULL;
    size_t length = 0;
    bool is_said = !atomic_load(&messages.is_settled);
    if (is_said) {
        print(subject, stderr); /* a terminal may have colours */
    }
    FILE *output = open_memstream(&text, &length);
    if (output == NULL) {
        return;
    }
    print(subject, output);
    if (fclose(output) == 0) {
        put_lines(bytes_from(text, length), is_said);
    }
    free(text);
}
