/*
 * What the program says of itself: from any thread but the workers', which say nothing, to the log
 * writer, and thus to error_log. Nobody waits for a file: what there is no room for is dropped and
 * counted.
 *
 * There is one, as there is one standard error, whose place it takes: whatever may go wrong in any
 * folder is said by callbacks that have no owner. Opened and closed by the control thread.
 */
#ifndef CONTROL_MESSAGE_LOG_H
#define CONTROL_MESSAGE_LOG_H

#include <stdint.h>
#include <stdio.h>

#include "base/log_queue.h"
#include "config/diagnostics.h"

/* As syslog numbers them (RFC 5424 section 6.2.1). */
enum message_severity { MESSAGE_ERROR = 3, MESSAGE_WARNING = 4, MESSAGE_NOTICE = 5 };

/*
 * Before any other thread is started. ERROR_OUT_OF_MEMORY. Until message_log_settle() all is said
 * on standard error too; unless it is open, there alone.
 */
struct result message_log_open(void);

/* Every other thread has ended. */
void message_log_close(void);

/* The log writer's alone from now on say what is said; and back again, before it stops. */
void message_log_settle(void);
void message_log_unsettle(void);

/* One line: `sallyport: ` and what the format yields, which is no secret. */
[[gnu::format(printf, 2, 3)]] void message_log_say(enum message_severity severity,
                                                   const char *format, ...);

/* The same; severe as its first word says: error:, warning:, or none. */
[[gnu::format(printf, 1, 2)]] void message_log_tell(const char *format, ...);

/* What print writes, lines as they are, all of them or none; severe as the first of the words that
 * a line holds. */
typedef void (*message_print)(const void *subject, FILE *output);
void message_log_print(message_print print, const void *subject);

void message_log_say_diagnostics(const struct diagnostics *diagnostics);

/* For the log writer: lines as of message_line.h. NULL when it is not open. */
struct log_queue *message_log_queue(void);

#endif
