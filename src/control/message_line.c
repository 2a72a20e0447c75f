/* S5 2026-01-31T12:00:00.123456Z sallyport: stopped: S or - (said or not), the severity, time,
 * text.
 */
#include "message_line.h"

#include <time.h>

#include "base/visible_text.h"

#define TIME_AT 3
#define TEXT_AT MESSAGE_LINE_HEAD_BYTES

void message_line_append_time(struct text *output, int64_t wall_us)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_us / 1000000);
    (void)gmtime_r(&seconds, &parts);
    text_append_format(output, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       (int)(wall_us % 1000000));
}

void message_line_append(struct text *output, const struct message_line *line)
{
    text_append_char(output, line->is_said ? 'S' : '-');
    text_append_number(output, line->severity);
    text_append_char(output, ' ');
    text_append(output, line->time);
    text_append_char(output, ' ');
    visible_text_append(output, line->text);
    text_append_char(output, '\n');
}

bool message_line_take(struct bytes *lines, struct message_line *ret_line)
{
    size_t length = bytes_find(*lines, '\n');
    if (length == lines->length || length < TEXT_AT) {
        return false;
    }
    *ret_line = (struct message_line){
        .is_said = lines->at[0] == 'S',
        .severity = (unsigned)(lines->at[1] - '0'),
        .time = bytes_slice(*lines, TIME_AT, MESSAGE_LINE_TIME_BYTES),
        .text = bytes_slice(*lines, TEXT_AT, length - TEXT_AT),
    };
    *lines = bytes_slice(*lines, length + 1, lines->length);
    return true;
}

struct bytes message_line_without_name(struct bytes text)
{
    struct bytes name = BYTES_OF(MESSAGE_LINE_NAME);
    bool has_name = bytes_equal(bytes_slice(text, 0, name.length), name);
    return has_name ? bytes_slice(text, name.length, text.length) : text;
}

size_t message_line_render(uint8_t *lines, size_t length_bytes, bool is_stream,
                           bool is_standard_error)
{
    struct bytes left = bytes_from(lines, length_bytes);
    struct message_line line;
    size_t rendered = 0;
    while (message_line_take(&left, &line)) {
        if (line.is_said && is_standard_error) {
            continue;
        }
        /* From the time, or from the text, to the line end: always further on than it goes to. */
        const uint8_t *from = is_stream ? line.text.at : line.time.at;
        size_t length = (size_t)(line.text.at + line.text.length - from) + 1;
        memmove(lines + rendered, from, length);
        rendered += length;
    }
    return rendered;
}
