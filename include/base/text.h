/*
 * A bounded text builder over memory that the caller owns. Any thread; a plain value.
 *
 * Appending past the end writes nothing more and sets overflowed, so a line is built without a test
 * at each step and looked at once. The text is not NUL-terminated unless text_terminate() is
 * called.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

struct text {
    char *at;
    size_t length;
    size_t capacity;
    bool overflowed;
};

static inline struct text text_over(char *memory, size_t capacity_bytes)
{
    return (struct text){memory, 0, capacity_bytes, false};
}

static inline struct bytes text_bytes(const struct text *text)
{
    return bytes_from(text->at, text->length);
}

void text_append(struct text *text, struct bytes bytes);
void text_append_string(struct text *text, const char *string);
void text_append_char(struct text *text, char character);
void text_append_number(struct text *text, uint64_t number);

/* printf's way; not for the way of a request. */
[[gnu::format(printf, 2, 3)]] void text_append_format(struct text *text, const char *format, ...);

void text_append_hex_lower(struct text *text, struct bytes bytes);
void text_append_hex_upper(struct text *text, struct bytes bytes);

/* RFC 4648 section 4, with padding, on one line. */
void text_append_base64(struct text *text, struct bytes bytes);

/* All but A-Z a-z 0-9 - . _ ~ becomes %XX with uppercase digits (RFC 3986 section 2.3). */
void text_append_percent_encoded(struct text *text, struct bytes bytes);

/* The inside of a JSON string (RFC 8259 section 7), without any control character, DEL and U+0080
 * to U+009F either; what is not UTF-8 becomes U+FFFD. */
void text_append_json_escaped(struct text *text, struct bytes bytes);

/* Quote, backslash and all that is not printable ASCII become \xHH with uppercase digits: what is
 * between quotes of a log line stays there. */
void text_append_log_escaped(struct text *text, struct bytes bytes);

/* The word that goes with a count: 1 reload, but 0 or 2 reloads. */
static inline const char *text_noun(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* Makes the text a C string; cuts its last byte when there is no room. */
const char *text_terminate(struct text *text);

#endif
