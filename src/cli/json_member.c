/*
 * Strings and points in time for JSON. Called by whatever prints a document: it may end up on a
 * terminal, and names of files hold anything, so all is ASCII.
 */
#include "json_member.h"

#include "base/text.h"
#include "moment.h"

/* The longest value is a path or a name; six characters for one byte at most. */
#define STRING_SIZE (6 * 16384)

/* One character of what is UTF-8 for certain; returns how many bytes it has. */
static size_t decode(const char *at, uint32_t *ret_character)
{
    const uint8_t *bytes = (const uint8_t *)at;
    size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    uint32_t character = size == 1 ? bytes[0] : bytes[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        character = character << 6 | (bytes[i] & 0x3F);
    }
    *ret_character = character;
    return size;
}

void json_member_print_string(FILE *output, struct bytes bytes)
{
    char memory[STRING_SIZE];
    struct text text = text_over(memory, sizeof(memory));
    text_append_json_escaped(&text, bytes);
    (void)fputc('"', output);
    for (size_t at = 0; at < text.length;) {
        uint32_t character;
        at += decode(text.at + at, &character);
        if (character < 0x7F) {
            (void)fputc((int)character, output);
        } else if (character < 0x10000) {
            (void)fprintf(output, "\\u%04x", character);
        } else { /* RFC 8259 section 7: a pair of surrogates */
            (void)fprintf(output, "\\u%04x\\u%04x", 0xD800 + ((character - 0x10000) >> 10),
                          0xDC00 + ((character - 0x10000) & 0x3FF));
        }
    }
    (void)fputc('"', output);
}

void json_member_print(FILE *output, const char *name, struct bytes bytes)
{
    (void)fprintf(output, ", \"%s\": ", name);
    json_member_print_string(output, bytes);
}

void json_member_print_text(FILE *output, const char *name, const char *value)
{
    if (value == NULL) {
        (void)fprintf(output, ", \"%s\": null", name);
    } else {
        json_member_print(output, name, bytes_from_string(value));
    }
}

void json_member_print_flag(FILE *output, const char *name, bool value)
{
    (void)fprintf(output, ", \"%s\": %s", name, value ? "true" : "false");
}

void json_member_print_moment(FILE *output, const char *name, bool is_known, int64_t seconds)
{
    char moment[MOMENT_SIZE];
    if (!is_known) {
        (void)fprintf(output, ", \"%s\": null, \"%s_seconds\": null", name, name);
        return;
    }
    (void)fprintf(output, ", \"%s\": \"%s\", \"%s_seconds\": %lld", name,
                  moment_write(seconds, moment), name, (long long)seconds);
}
