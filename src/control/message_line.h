/*
 * A message on its way from who says it to the log writer: one line that carries when it was said,
 * how grave it is, and whether standard error has it already. Any thread; plain values.
 */
#ifndef CONTROL_MESSAGE_LINE_H
#define CONTROL_MESSAGE_LINE_H

#include "base/text.h"
#include "control/message_log.h"

/* What most texts begin with. */
#define MESSAGE_LINE_NAME "sallyport: "

/* What a line has before its text. */
#define MESSAGE_LINE_HEAD_BYTES 31

/* 2026-01-31T12:00:00.123456Z (RFC 3339, which is RFC 5424's, too). */
#define MESSAGE_LINE_TIME_BYTES 27
void message_line_append_time(struct text *output, int64_t wall_us);

struct message_line {
    bool is_said; /* on standard error */
    unsigned severity;
    struct bytes time;
    struct bytes text; /* without the line end */
};

/* As visible_text_append() shows it, one byte of message becomes four at most: a control character
 * would end the line, or play with the terminal that shows it. */
void message_line_append(struct text *output, const struct message_line *line);

/* The next line; what was taken is gone from lines. False when there is none. */
bool message_line_take(struct bytes *lines, struct message_line *ret_line);

/* A text without the name of the program, for whoever says that elsewhere. */
struct bytes message_line_without_name(struct bytes text);

/* As a file shows them (with their times), or a standard stream: in place. Returns the length. */
size_t message_line_render(uint8_t *lines, size_t length_bytes, bool is_stream,
                           bool is_standard_error);

#endif
