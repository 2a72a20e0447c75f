/*
 * A view of bytes that somebody else owns, and a reader that cannot leave it. Any thread; plain
 * values.
 *
 * All bytes from outside are read through these: a reader that ran out stays failed and yields
 * zeros, so a parser may read a whole structure and ask once at its end.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *at;
    size_t length;
};

/* A view of a string literal, without its terminating NUL. */
#define BYTES_OF(literal) ((struct bytes){(const uint8_t *)("" literal), sizeof(literal) - 1})

static inline struct bytes bytes_from(const void *at, size_t length)
{
    return (struct bytes){at, length};
}

static inline struct bytes bytes_from_string(const char *string)
{
    return (struct bytes){(const uint8_t *)string, strlen(string)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* ASCII letters only: what HTTP field names, host names and configuration words need. */
bool bytes_equal_ignoring_case(struct bytes a, struct bytes b);

/* The first place of byte in bytes, or bytes.length when it is not there. */
size_t bytes_find(struct bytes bytes, uint8_t byte);

/* The part from start (at most bytes.length) on; shorter when length goes past the end. */
struct bytes bytes_slice(struct bytes bytes, size_t start, size_t length);

/* Without leading and trailing spaces and tabs. */
struct bytes bytes_trim(struct bytes bytes);

/* Decimal digits only, at least one, no sign; false and untouched when not, or past maximum. */
bool bytes_to_number(struct bytes bytes, uint64_t maximum, uint64_t *ret_number);

struct bytes_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline struct bytes_reader bytes_reader_over(struct bytes bytes)
{
    /* An empty view may point nowhere, and nothing may be added to that. */
    return (struct bytes_reader){bytes.at, bytes.length == 0 ? bytes.at : bytes.at + bytes.length,
                                 false};
}

static inline size_t bytes_reader_left(const struct bytes_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* The next length bytes; on running out an empty view, and the reader stays failed. */
struct bytes bytes_reader_take(struct bytes_reader *reader, size_t length);

/* Big-endian numbers; 0 once failed. */
uint8_t bytes_reader_u8(struct bytes_reader *reader);
uint16_t bytes_reader_u16(struct bytes_reader *reader);
uint32_t bytes_reader_u24(struct bytes_reader *reader);
uint32_t bytes_reader_u32(struct bytes_reader *reader);

#endif
