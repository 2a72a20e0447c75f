/*
 * A line of the access log while it is made, in memory of the worker's proxy: one at a time, on the
 * worker's thread. Whatever a client says has a bound, so that a line always has room for all of
 * it; what is longer is cut, and the line counted.
 */
#ifndef PROXY_ACCESS_LINE_H
#define PROXY_ACCESS_LINE_H

#include "base/text.h"
#include "http/http1_head.h"
#include "proxy_parts.h"

struct access_line {
    struct text text;
    bool is_cut; /* a value is not there as a whole */
};

/* How a value is made harmless: text_append_json_escaped() and its like, which make six bytes of
 * one at most. */
typedef void (*access_line_escape)(struct text *text, struct bytes bytes);

/* An empty line. */
struct access_line access_line_begin(struct proxy *proxy);

/* The value escaped, as much of it as a value may take. Characters are not torn apart. */
void access_line_append(struct access_line *line, struct bytes value, access_line_escape escape);

/* HTTP/1.0 or HTTP/1.1; empty when no head was read. */
const char *access_line_version(const struct http1_head *head);

/* Ends the line and gives it to the log; what there is no room for is counted. */
void access_line_finish(struct access_line *line, struct proxy *proxy);

#endif
