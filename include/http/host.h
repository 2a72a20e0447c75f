/*
 * The host and port that a request is for (RFC 9110 7.2, RFC 3986 3.2). Any thread; plain values.
 *
 * Names are of letters, digits, hyphens, underscores and dots; percent-encoding and user names are
 * refused.
 */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "http/http_limits.h"

struct host {
    struct bytes name; /* lower case, without brackets and final dot; lies in the caller's memory */
    uint16_t port;     /* 0 when none was given */
    bool is_address;   /* an IPv4 or IPv6 address, so no pattern matches it */
};

/*
 * Reads host[:port] and writes its lower-case name to memory. False, and *ret_host untouched, when
 * it is no valid host: empty, a bad character or label, a bad address, a port outside 1..65535 or
 * with a leading 0.
 */
bool host_parse(struct bytes authority, char memory[static HTTP_HOST_BYTES_MAX],
                struct host *ret_host);

/*
 * Whether host (lower case) is the one of a pattern: equal, or *.example.com for exactly one label
 * more, as in certificates (RFC 6125 6.4.3).
 */
bool host_matches_pattern(struct bytes host, struct bytes pattern);

#endif
