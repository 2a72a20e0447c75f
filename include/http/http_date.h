/*
 * The date of HTTP fields (RFC 9110 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT. Any thread; no locale,
 * no heap.
 */
#ifndef HTTP_HTTP_DATE_H
#define HTTP_HTTP_DATE_H

#include <stdint.h>

#include "base/bytes.h"

#define HTTP_DATE_BYTES 29

/*
 * Seconds since 1970, UTC, up to the year 9999; what lies outside is written as the nearest end.
 * The view is of memory. A caller keeps it for the second.
 */
struct bytes http_date_write(int64_t wall_seconds, char memory[static HTTP_DATE_BYTES]);

#endif
