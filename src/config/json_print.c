/* Prints strings as JSON; the escaping itself is base/text's. */
#include "config/json_print.h"

#include <stdlib.h>

#include "base/text.h"

#define ESCAPED_BYTES_MAX 6 /* of one byte: \u001f */

void json_print_bytes(FILE *output, struct bytes bytes)
{
    size_t room_bytes = bytes.length * ESCAPED_BYTES_MAX + 1;
    char *room = malloc(room_bytes);
    if (room == NULL) {
        fputs("null", output);
        return;
    }
    struct text escaped = text_over(room, room_bytes);
    text_append_json_escaped(&escaped, bytes);
    fprintf(output, "\"%s\"", text_terminate(&escaped));
    free(room);
}

void json_print_string(FILE *output, const char *string)
{
    if (string == NULL) {
        fputs("null", output);
        return;
    }
    json_print_bytes(output, bytes_from_string(string));
}
