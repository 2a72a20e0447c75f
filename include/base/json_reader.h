/*
 * Reads a JSON text (RFC 8259): value after value, or a single one by its path, such as
 * "measures.rate". Any thread; views of the caller's text.
 *
 * The text may be anything: reading is bounded by its length and by a depth, without recursion.
 */
#ifndef BASE_JSON_READER_H
#define BASE_JSON_READER_H

#include "base/bytes.h"
#include "base/text.h"

#define JSON_READER_DEPTH_MAX 16
#define JSON_READER_PATH_MAX  256

enum json_reader_kind {
    JSON_READER_STRING,
    JSON_READER_WORD, /* a number, true, false or null */
};

/* A string, number or word, and where it stands. */
struct json_value {
    enum json_reader_kind kind;
    struct bytes text; /* of a string the inside, escapes as written */
    struct bytes path; /* the keys to it, with dots between them; arrays add nothing */
};

/* Where the reading is: the open objects and arrays, and the path of keys to here. A plain value.
 */
struct json_reader {
    struct bytes_reader rest;
    size_t depth;
    bool is_object[JSON_READER_DEPTH_MAX];
    size_t path_lengths[JSON_READER_DEPTH_MAX]; /* of the path outside each */
    size_t positions[JSON_READER_DEPTH_MAX];    /* commas seen in each */
    char path[JSON_READER_PATH_MAX];
    size_t path_length;
    bool wants_value; /* behind a colon, a comma of an array, or at the begin */
    bool is_after_comma;
    bool has_ended;
    bool is_bad;
};

static inline struct json_reader json_reader_over(struct bytes text)
{
    return (struct json_reader){.rest = bytes_reader_over(text)};
}

/* The next string, number or word, valid until the next call; false at the end and at the first
 * mistake. */
bool json_reader_next(struct json_reader *reader, struct json_value *ret_value);

/* After a value: which element it is, or is in, of the array-th array around it, from the outermost
 * on; counted from 0. */
size_t json_reader_position(const struct json_reader *reader, size_t array);

/* After the last value: whether the text was one object or array and nothing more. */
bool json_reader_is_whole(struct json_reader *reader);

/* False, and untouched, when the value is no finite number. */
bool json_reader_number(const struct json_value *value, double *ret_number);

/* The inside of a string as it is meant, in UTF-8; what is no escape stands for itself, and what
 * \u says of more than sixteen bits becomes U+FFFD. */
void json_reader_append_string(struct text *text, struct bytes string);

/* The inside of a string, escapes as written; false when there is none at the path. */
bool json_reader_find_string(struct bytes text, const char *path, struct bytes *ret_string);

/* False when there is none at the path, as with null. */
bool json_reader_find_number(struct bytes text, const char *path, double *ret_number);

/* Whether it is one object, well-formed as far as this reader looks. */
bool json_reader_is_object(struct bytes text);

#endif
