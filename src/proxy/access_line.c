/* Values are escaped in pieces, so that what is not logged is not looked at either. */
#include "access_line.h"

/*
 * What a value may take of the line, escaped. A client chooses five of them at most (method,
 * target, host and the two names of its certificate, or what stands for them in another format),
 * the operator one.
 */
#define LOGGED_TEXT_BYTES_MAX 8192

/* Escaped at a time; every byte may become six, and a character is not torn apart. */
#define PIECE_BYTES             64
#define CHARACTER_BYTES_MAX     4
#define PIECE_ESCAPED_BYTES_MAX (6 * (PIECE_BYTES + CHARACTER_BYTES_MAX))

struct access_line access_line_begin(struct proxy *proxy)
{
    return (struct access_line){text_over((char *)proxy->values, sizeof(proxy->values)), false};
}

/* PIECE_BYTES, and what belongs to the last character of them (RFC 3629 section 3). */
static struct bytes first_piece(struct bytes value)
{
    size_t length = value.length < PIECE_BYTES ? value.length : PIECE_BYTES;
    size_t length_max = length + CHARACTER_BYTES_MAX - 1;
    while (length < value.length && length < length_max && (value.at[length] & 0xC0) == 0x80) {
        length++;
    }
    return bytes_slice(value, 0, length);
}

void access_line_append(struct access_line *line, struct bytes value, access_line_escape escape)
{
    size_t length_max = line->text.length + LOGGED_TEXT_BYTES_MAX - PIECE_ESCAPED_BYTES_MAX;
    while (value.length > 0 && line->text.length <= length_max) {
        struct bytes piece = first_piece(value);
        escape(&line->text, piece);
        value = bytes_slice(value, piece.length, value.length);
    }
    line->is_cut |= value.length > 0;
}

const char *access_line_version(const struct http1_head *head)
{
    if (head->target.length == 0) {
        return "";
    }
    return head->version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

void access_line_finish(struct access_line *line, struct proxy *proxy)
{
    struct counters *counters = proxy->around.counters;
    text_append_char(&line->text, '\n');
    if (line->text.overflowed) {
        counters_count(counters, COUNTER_ACCESS_LINES_LOST);
        return;
    }
    counters_add(counters, COUNTER_ACCESS_LINES_CUT, line->is_cut);
    (void)log_queue_put(proxy->around.access_log,
                        text_bytes(&line->text)); /* a drop is counted there */
}
