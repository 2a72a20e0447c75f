/*
 * Finds single values in a JSON text (RFC 8259) by their path, such as "measures.rate". Any thread;
 * views of the caller's text.
 *
 * The text may be anything: reading is bounded by its length and by a depth, without recursion.
 */
#ifndef LOAD_JSON_READER_H
#define LOAD_JSON_READER_H

#include "base/bytes.h"

#define JSON_READER_DEPTH_MAX 16
#define JSON_READER_PATH_MAX  256

/* The inside of a string, escapes as written; false when there is none at the path. */
bool json_reader_find_string(struct bytes text, const char *path, struct bytes *ret_string);

/* False when there is none at the path, as with null. */
bool json_reader_find_number(struct bytes text, const char *path, double *ret_number);

/* Whether it is one object, well-formed as far as this reader looks. */
bool json_reader_is_object(struct bytes text);

#endif
