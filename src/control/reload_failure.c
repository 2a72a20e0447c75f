/*
 * Boiling the messages of a reload down to one line. What is in them comes from files, so no byte
 * that a terminal could obey gets through here, whoever shows the line later.
 */
#include "control/reload_failure.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define GAP "..."
/* Of a line that is too long, what is kept at either end. */
#define END_BYTES_MAX ((RELOAD_FAILURE_BYTES_MAX - (sizeof(GAP) - 1)) / 2)
#define ESCAPED_BYTES 4 /* \xHH */

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

static size_t shown_size(uint8_t byte)
{
    return is_printable(byte) ? 1 : ESCAPED_BYTES;
}

static void append_shown(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        struct bytes byte = bytes_slice(bytes, i, 1);
        if (is_printable(byte.at[0])) {
            text_append(text, byte);
        } else {
            text_append_log_escaped(text, byte);
        }
    }
}

/* How many bytes of the line's beginning, or of its end, are shown in no more than size_max. */
static size_t count_fitting(struct bytes line, bool is_end, size_t size_max)
{
    size_t size = 0;
    for (size_t i = 0; i < line.length; i++) {
        size += shown_size(line.at[is_end ? line.length - 1 - i : i]);
        if (size > size_max) {
            return i;
        }
    }
    return line.length;
}

static void write_line(struct reload_failure *failure, struct bytes line)
{
    struct text text = text_over(failure->first_error, sizeof(failure->first_error));
    if (count_fitting(line, false, RELOAD_FAILURE_BYTES_MAX) == line.length) {
        append_shown(&text, line);
    } else {
        size_t last_count = count_fitting(line, true, END_BYTES_MAX);
        append_shown(&text, bytes_slice(line, 0, count_fitting(line, false, END_BYTES_MAX)));
        text_append_string(&text, GAP);
        append_shown(&text, bytes_slice(line, line.length - last_count, last_count));
    }
    (void)text_terminate(&text);
}

/* As it is printed, without the word that says it is an error. NULL without memory; the caller
 * frees it. */
static char *make_line(const struct diagnostic *error)
{
    const struct config_place *place = &error->place;
    char *line = NULL;
    int length = place->file == NULL ? asprintf(&line, "%s", error->message)
                 : place->line == 0
                     ? asprintf(&line, "%s: %s", place->file, error->message)
                     : asprintf(&line, "%s:%d: %s", place->file, place->line, error->message);
    return length < 0 ? NULL : line;
}

struct reload_failure reload_failure_of(struct result result, const struct diagnostics *diagnostics)
{
    struct reload_failure failure = {0};
    if (result_is_ok(result)) {
        return failure;
    }
    const struct diagnostic *error = diagnostics_first_error(diagnostics);
    char *line = error == NULL ? NULL : make_line(error);
    write_line(&failure, bytes_from_string(line == NULL ? result_text(result) : line));
    failure.further_count = diagnostics->error_count - (line == NULL ? 0 : 1);
    free(line);
    return failure;
}
