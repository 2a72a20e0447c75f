/*
 * Walks the text token by token; see the header. Called with result files of the load tool and with
 * what a gateway says of itself.
 */
#include "base/json_reader.h"

#include <math.h>
#include <stdlib.h>

#define NUMBER_LENGTH_MAX 40

static uint8_t peek(const struct json_reader *reader)
{
    return bytes_reader_left(&reader->rest) == 0 ? 0 : *reader->rest.at;
}

static void skip_spaces(struct json_reader *reader)
{
    uint8_t byte = peek(reader);
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        (void)bytes_reader_u8(&reader->rest);
        byte = peek(reader);
    }
}

/* The inside of a string whose first quote is next. */
static bool take_string(struct json_reader *reader, struct bytes *ret_inside)
{
    (void)bytes_reader_u8(&reader->rest);
    const uint8_t *start = reader->rest.at;
    while (bytes_reader_left(&reader->rest) > 0) {
        uint8_t byte = bytes_reader_u8(&reader->rest);
        if (byte == '"') {
            *ret_inside = bytes_from(start, (size_t)(reader->rest.at - start) - 1);
            return true;
        }
        if (byte == '\\') {
            (void)bytes_reader_u8(&reader->rest);
        }
        if (byte < ' ') {
            return false;
        }
    }
    return false;
}

static bool is_of_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '+' || byte == '-' || byte == '.';
}

static bool take_word(struct json_reader *reader, struct bytes *ret_word)
{
    const uint8_t *start = reader->rest.at;
    while (is_of_word(peek(reader))) {
        (void)bytes_reader_u8(&reader->rest);
    }
    *ret_word = bytes_from(start, (size_t)(reader->rest.at - start));
    return ret_word->length > 0;
}

static bool open_level(struct json_reader *reader, bool is_object)
{
    if (reader->depth == JSON_READER_DEPTH_MAX) {
        return false;
    }
    (void)bytes_reader_u8(&reader->rest);
    reader->is_object[reader->depth] = is_object;
    reader->path_lengths[reader->depth] = reader->path_length;
    reader->positions[reader->depth] = 0;
    reader->depth++;
    reader->wants_value = !is_object;
    reader->is_after_comma = false;
    return true;
}

static bool close_level(struct json_reader *reader, bool is_object)
{
    (void)bytes_reader_u8(&reader->rest);
    bool is_amiss = reader->is_after_comma || (is_object && reader->wants_value);
    if (is_amiss || reader->depth == 0 || reader->is_object[reader->depth - 1] != is_object) {
        return false;
    }
    reader->depth--;
    reader->path_length = reader->path_lengths[reader->depth];
    reader->wants_value = false;
    reader->has_ended = reader->depth == 0;
    return true;
}

/* The key of an object's next member and its colon. */
static bool take_key(struct json_reader *reader)
{
    struct bytes key;
    if (reader->depth == 0 || !reader->is_object[reader->depth - 1] || !take_string(reader, &key)) {
        return false;
    }
    skip_spaces(reader);
    size_t outside = reader->path_lengths[reader->depth - 1];
    size_t dot = outside > 0 ? 1 : 0;
    if (bytes_reader_u8(&reader->rest) != ':' ||
        outside + dot + key.length >= JSON_READER_PATH_MAX) {
        return false;
    }
    reader->path[outside] = '.';
    memcpy(reader->path + outside + dot, key.at, key.length);
    reader->path_length = outside + dot + key.length;
    reader->wants_value = true;
    reader->is_after_comma = false;
    return true;
}

/* A string, number or word where a value may stand. */
static bool take_scalar(struct json_reader *reader, struct json_value *ret_value)
{
    bool is_string = peek(reader) == '"';
    ret_value->kind = is_string ? JSON_READER_STRING : JSON_READER_WORD;
    if (reader->depth == 0 || !reader->wants_value) {
        return false;
    }
    reader->wants_value = false;
    reader->is_after_comma = false;
    return is_string ? take_string(reader, &ret_value->text) : take_word(reader, &ret_value->text);
}

static bool take_comma(struct json_reader *reader)
{
    (void)bytes_reader_u8(&reader->rest);
    if (reader->depth == 0 || reader->wants_value || reader->is_after_comma) {
        return false;
    }
    reader->wants_value = !reader->is_object[reader->depth - 1];
    reader->positions[reader->depth - 1]++;
    reader->is_after_comma = true;
    return true;
}

/* One token; true with *ret_value when it was a scalar. */
static bool step(struct json_reader *reader, struct json_value *ret_value)
{
    bool may_open = reader->wants_value || (reader->depth == 0 && !reader->has_ended);
    switch (peek(reader)) {
    case '{':
        reader->is_bad = !may_open || !open_level(reader, true);
        return false;
    case '[':
        reader->is_bad = !may_open || !open_level(reader, false);
        return false;
    case '}':
        reader->is_bad = !close_level(reader, true);
        return false;
    case ']':
        reader->is_bad = !close_level(reader, false);
        return false;
    case ',':
        reader->is_bad = !take_comma(reader);
        return false;
    case '"':
        if (!reader->wants_value) {
            reader->is_bad = !take_key(reader);
            return false;
        }
        break;
    default:
        break;
    }
    reader->is_bad = !take_scalar(reader, ret_value);
    return !reader->is_bad;
}

bool json_reader_next(struct json_reader *reader, struct json_value *ret_value)
{
    skip_spaces(reader);
    while (!reader->is_bad && !reader->has_ended && bytes_reader_left(&reader->rest) > 0) {
        if (step(reader, ret_value)) {
            ret_value->path = bytes_from(reader->path, reader->path_length);
            return true;
        }
        skip_spaces(reader);
    }
    return false;
}

size_t json_reader_position(const struct json_reader *reader, size_t array)
{
    for (size_t level = 0; level < reader->depth; level++) {
        if (reader->is_object[level]) {
            continue;
        }
        if (array == 0) {
            return reader->positions[level];
        }
        array--;
    }
    return 0;
}

bool json_reader_number(const struct json_value *value, double *ret_number)
{
    char memory[NUMBER_LENGTH_MAX + 1];
    char *end;
    if (value->kind != JSON_READER_WORD || value->text.length > NUMBER_LENGTH_MAX ||
        !(value->text.at[0] == '-' || (value->text.at[0] >= '0' && value->text.at[0] <= '9'))) {
        return false;
    }
    memcpy(memory, value->text.at, value->text.length);
    memory[value->text.length] = '\0';
    double number = strtod(memory, &end);
    if (*end != '\0' || !isfinite(number)) {
        return false;
    }
    *ret_number = number;
    return true;
}

/* The first scalar of the path. */
static bool find(struct bytes text, const char *path, struct json_value *ret_value)
{
    struct json_reader reader = json_reader_over(text);
    struct json_value value;
    while (json_reader_next(&reader, &value)) {
        if (bytes_equal(value.path, bytes_from_string(path))) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool json_reader_find_string(struct bytes text, const char *path, struct bytes *ret_string)
{
    struct json_value value;
    if (!find(text, path, &value) || value.kind != JSON_READER_STRING) {
        return false;
    }
    *ret_string = value.text;
    return true;
}

bool json_reader_find_number(struct bytes text, const char *path, double *ret_number)
{
    struct json_value value;
    return find(text, path, &value) && json_reader_number(&value, ret_number);
}

bool json_reader_is_whole(struct json_reader *reader)
{
    skip_spaces(reader);
    return !reader->is_bad && reader->has_ended && bytes_reader_left(&reader->rest) == 0;
}

bool json_reader_is_object(struct bytes text)
{
    struct json_reader reader = json_reader_over(text);
    struct json_value value;
    skip_spaces(&reader);
    if (peek(&reader) != '{') {
        return false;
    }
    while (json_reader_next(&reader, &value)) {
    }
    return json_reader_is_whole(&reader);
}

/* Strings. */

static void append_character(struct text *text, uint32_t character)
{
    if (character < 0x80) {
        text_append_char(text, (char)character);
    } else if (character < 0x800) {
        text_append_char(text, (char)(0xC0 | character >> 6));
        text_append_char(text, (char)(0x80 | (character & 0x3F)));
    } else {
        text_append_char(text, (char)(0xE0 | character >> 12));
        text_append_char(text, (char)(0x80 | (character >> 6 & 0x3F)));
        text_append_char(text, (char)(0x80 | (character & 0x3F)));
    }
}

/* The four digits of \uXXXX; U+FFFD when they are none, and for half of a pair (no name needs one).
 */
static uint32_t take_character(struct bytes_reader *reader)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t character = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = strchr(digits, bytes_reader_u8(reader) | ' ');
        if (reader->failed || digit == NULL || *digit == '\0') {
            return 0xFFFD;
        }
        character = character << 4 | (uint32_t)(digit - digits);
    }
    return character >= 0xD800 && character < 0xE000 ? 0xFFFD : character;
}

void json_reader_append_string(struct text *text, struct bytes string)
{
    static const uint8_t escapes[] = {'b', '\b', 'f', '\f', 'n', '\n', 'r', '\r', 't', '\t'};
    struct bytes_reader reader = bytes_reader_over(string);
    while (bytes_reader_left(&reader) > 0) {
        uint8_t byte = bytes_reader_u8(&reader);
        if (byte != '\\' || bytes_reader_left(&reader) == 0) {
            text_append_char(text, (char)byte);
            continue;
        }
        byte = bytes_reader_u8(&reader);
        if (byte == 'u') {
            append_character(text, take_character(&reader));
            continue;
        }
        for (size_t i = 0; i < sizeof(escapes); i += 2) {
            byte = byte == escapes[i] ? escapes[i + 1] : byte;
        }
        text_append_char(text, (char)byte);
    }
}
