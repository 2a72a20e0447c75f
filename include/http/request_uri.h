/*
 * The parts of a request target (RFC 9112 3.2). Any thread; views into the target.
 */
#ifndef HTTP_REQUEST_URI_H
#define HTTP_REQUEST_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct request_uri {
    struct bytes authority; /* of the absolute form, else empty */
    struct bytes path;      /* "/" when the absolute form has none; "*" */
    struct bytes query;     /* behind the ?, empty when there is none */
    struct bytes
        path_and_query; /* may begin with ? where the absolute form has no path; may be empty */
    bool has_query;
    bool is_absolute;
    bool is_asterisk;
    uint16_t default_port; /* of the absolute form's scheme */
};

/*
 * Splits a target: /path, *, http://authority/path or https://. False when it is in none of these
 * forms or holds a byte that no target may: white space, controls, non-ASCII, #.
 */
bool request_uri_split(struct bytes target, struct request_uri *ret_uri);

#endif
