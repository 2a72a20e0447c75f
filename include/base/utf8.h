/*
 * Characters of UTF-8 in bytes that may hold anything (RFC 3629). Any thread; looks, keeps nothing.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/bytes.h"

/* Of the character that begins bytes (not empty), in bytes: 1 to 4; 0 when none does. */
size_t utf8_length(struct bytes bytes);

/*
 * The same of a character that people may be shown as it is; 0 also for control characters (below
 * U+0020, DEL, and U+0080 to U+009F, of which many a terminal takes U+009B for ESC [), for U+2028
 * and U+2029, which end a line, and for what turns the order of the text around it (U+202A to
 * U+202E, U+2066 to U+2069).
 */
size_t utf8_visible_length(struct bytes bytes);

#endif
