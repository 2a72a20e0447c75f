/*
 * The first line of an HTTP/1 message (RFC 9112 3 and 4), read strictly: single spaces, nothing
 * before or after. Called by http1_parser.c; views into the line.
 */
#ifndef HTTP_START_LINE_H
#define HTTP_START_LINE_H

#include "http/http1_fault.h"
#include "http/http1_head.h"
#include "http/http_limits.h"

/* "METHOD target HTTP/1.x" without the longest target, with the line end. */
#define START_LINE_BYTES_MAX (HTTP_METHOD_BYTES_MAX + 12)

/*
 * Both want the line without its CRLF, and set the fields of head that it tells: method, target and
 * version; status, reason and version.
 */
enum http1_fault start_line_read_request(struct bytes line, uint32_t target_bytes_max,
                                         struct http1_head *head);
enum http1_fault start_line_read_response(struct bytes line, struct http1_head *head);

#endif
