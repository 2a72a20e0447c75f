/*
 * Walks the text once for each question; see the header. Called by comparison.c with result files,
 * which are small.
 */
#include "json_reader.h"

#include <math.h>
#include <stdlib.h>

#define NUMBER_LENGTH_MAX 40

enum kind {
    KIND_STRING,
    KIND_OTHER, /* a number or a word */
};

/* Where the walk is: the open objects and arrays, and the path of keys to here. */
struct walk {
    struct bytes_reader reader;
    size_t depth;
    bool is_object[JSON_READER_DEPTH_MAX];
    size_t path_lengths[JSON_READER_DEPTH_MAX]; /* of the path outside each */
    char path[JSON_READER_PATH_MAX];
    size_t path_length;
    bool wants_value; /* behind a colon, a comma of an array, or at the begin */
    bool is_after_comma;
    bool has_ended;
    bool is_bad;
};

struct value {
    enum kind kind;
    struct bytes text;
};

static uint8_t peek(const struct walk *walk)
{
    return bytes_reader_left(&walk->reader) == 0 ? 0 : *walk->reader.at;
}

static void skip_spaces(struct walk *walk)
{
    uint8_t byte = peek(walk);
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        (void)bytes_reader_u8(&walk->reader);
        byte = peek(walk);
    }
}

/* The inside of a string whose first quote is next. */
static bool take_string(struct walk *walk, struct bytes *ret_inside)
{
    (void)bytes_reader_u8(&walk->reader);
    const uint8_t *start = walk->reader.at;
    while (bytes_reader_left(&walk->reader) > 0) {
        uint8_t byte = bytes_reader_u8(&walk->reader);
        if (byte == '"') {
            *ret_inside = bytes_from(start, (size_t)(walk->reader.at - start) - 1);
            return true;
        }
        if (byte == '\\') {
            (void)bytes_reader_u8(&walk->reader);
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

static bool take_word(struct walk *walk, struct bytes *ret_word)
{
    const uint8_t *start = walk->reader.at;
    while (is_of_word(peek(walk))) {
        (void)bytes_reader_u8(&walk->reader);
    }
    *ret_word = bytes_from(start, (size_t)(walk->reader.at - start));
    return ret_word->length > 0;
}

static bool open_level(struct walk *walk, bool is_object)
{
    if (walk->depth == JSON_READER_DEPTH_MAX) {
        return false;
    }
    (void)bytes_reader_u8(&walk->reader);
    walk->is_object[walk->depth] = is_object;
    walk->path_lengths[walk->depth] = walk->path_length;
    walk->depth++;
    walk->wants_value = !is_object;
    walk->is_after_comma = false;
    return true;
}

static bool close_level(struct walk *walk, bool is_object)
{
    (void)bytes_reader_u8(&walk->reader);
    bool is_amiss = walk->is_after_comma || (is_object && walk->wants_value);
    if (is_amiss || walk->depth == 0 || walk->is_object[walk->depth - 1] != is_object) {
        return false;
    }
    walk->depth--;
    walk->path_length = walk->path_lengths[walk->depth];
    walk->wants_value = false;
    walk->has_ended = walk->depth == 0;
    return true;
}

/* The key of an object's next member and its colon. */
static bool take_key(struct walk *walk)
{
    struct bytes key;
    if (walk->depth == 0 || !walk->is_object[walk->depth - 1] || !take_string(walk, &key)) {
        return false;
    }
    skip_spaces(walk);
    size_t outside = walk->path_lengths[walk->depth - 1];
    size_t dot = outside > 0 ? 1 : 0;
    if (bytes_reader_u8(&walk->reader) != ':' ||
        outside + dot + key.length >= JSON_READER_PATH_MAX) {
        return false;
    }
    walk->path[outside] = '.';
    memcpy(walk->path + outside + dot, key.at, key.length);
    walk->path_length = outside + dot + key.length;
    walk->wants_value = true;
    walk->is_after_comma = false;
    return true;
}

/* A string, number or word where a value may stand. */
static bool take_scalar(struct walk *walk, struct value *ret_value)
{
    bool is_string = peek(walk) == '"';
    ret_value->kind = is_string ? KIND_STRING : KIND_OTHER;
    if (walk->depth == 0 || !walk->wants_value) {
        return false;
    }
    walk->wants_value = false;
    walk->is_after_comma = false;
    return is_string ? take_string(walk, &ret_value->text) : take_word(walk, &ret_value->text);
}

static bool take_comma(struct walk *walk)
{
    (void)bytes_reader_u8(&walk->reader);
    if (walk->depth == 0 || walk->wants_value || walk->is_after_comma) {
        return false;
    }
    walk->wants_value = !walk->is_object[walk->depth - 1];
    walk->is_after_comma = true;
    return true;
}

/* One token; true with *ret_value when it was a scalar. */
static bool step(struct walk *walk, struct value *ret_value)
{
    bool may_open = walk->wants_value || (walk->depth == 0 && !walk->has_ended);
    switch (peek(walk)) {
    case '{':
        walk->is_bad = !may_open || !open_level(walk, true);
        return false;
    case '[':
        walk->is_bad = !may_open || !open_level(walk, false);
        return false;
    case '}':
        walk->is_bad = !close_level(walk, true);
        return false;
    case ']':
        walk->is_bad = !close_level(walk, false);
        return false;
    case ',':
        walk->is_bad = !take_comma(walk);
        return false;
    case '"':
        if (!walk->wants_value) {
            walk->is_bad = !take_key(walk);
            return false;
        }
        break;
    default:
        break;
    }
    walk->is_bad = !take_scalar(walk, ret_value);
    return !walk->is_bad;
}

static bool next_scalar(struct walk *walk, struct value *ret_value)
{
    skip_spaces(walk);
    while (!walk->is_bad && !walk->has_ended && bytes_reader_left(&walk->reader) > 0) {
        if (step(walk, ret_value)) {
            return true;
        }
        skip_spaces(walk);
    }
    return false;
}

/* The first scalar of the path. */
static bool find(struct bytes text, const char *path, struct value *ret_value)
{
    struct walk walk = {.reader = bytes_reader_over(text)};
    struct value value;
    while (next_scalar(&walk, &value)) {
        if (bytes_equal(bytes_from(walk.path, walk.path_length), bytes_from_string(path))) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool json_reader_find_string(struct bytes text, const char *path, struct bytes *ret_string)
{
    struct value value;
    if (!find(text, path, &value) || value.kind != KIND_STRING) {
        return false;
    }
    *ret_string = value.text;
    return true;
}

bool json_reader_find_number(struct bytes text, const char *path, double *ret_number)
{
    struct value value;
    char memory[NUMBER_LENGTH_MAX + 1];
    char *end;
    if (!find(text, path, &value) || value.kind != KIND_OTHER ||
        value.text.length > NUMBER_LENGTH_MAX ||
        !(value.text.at[0] == '-' || (value.text.at[0] >= '0' && value.text.at[0] <= '9'))) {
        return false;
    }
    memcpy(memory, value.text.at, value.text.length);
    memory[value.text.length] = '\0';
    double number = strtod(memory, &end);
    if (*end != '\0' || !isfinite(number)) {
        return false;
    }
    *ret_number = number;
    return true;
}

bool json_reader_is_object(struct bytes text)
{
    struct walk walk = {.reader = bytes_reader_over(text)};
    struct value value;
    skip_spaces(&walk);
    if (peek(&walk) != '{') {
        return false;
    }
    while (next_scalar(&walk, &value)) {
    }
    skip_spaces(&walk);
    return !walk.is_bad && walk.has_ended && bytes_reader_left(&walk.reader) == 0;
}
