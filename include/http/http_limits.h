/*
 * What one HTTP/1 message may cost, requests and responses alike. Constants; any thread.
 *
 * Each is checked to the byte: a message of exactly the limit passes, one byte more is a fault of
 * the peer.
 */
#ifndef HTTP_HTTP_LIMITS_H
#define HTTP_HTTP_LIMITS_H

#include <stdint.h>

/* The request target as received. */
#define HTTP_TARGET_BYTES_MAX 32768
/* The whole head as received, line ends and padding too, without the request target. */
#define HTTP_FIELDS_BYTES_MAX 32768
#define HTTP_FIELD_COUNT_MAX  100
/* Longest known method is 11 bytes; what is longer than this cannot be a request line. */
#define HTTP_METHOD_BYTES_MAX 24
/* Elements of all Connection fields of a message. */
#define HTTP_CONNECTION_OPTION_COUNT_MAX 16
/* Chunk size, its extensions and its line end. */
#define HTTP_CHUNK_LINE_BYTES_MAX 256
/* The trailer section of a chunked body, its last empty line too. */
#define HTTP_TRAILERS_BYTES_MAX 8192
/* RFC 1035 2.3.4 leaves 253 visible bytes; 255 with the final dot and a byte in hand. */
#define HTTP_HOST_BYTES_MAX 255
/* Bodies are counted in 63 bits. */
#define HTTP_BODY_BYTES_MAX ((uint64_t)INT64_MAX)

/* Where a parser may be given tighter limits than the gateway's; none may exceed the constants
 * above. */
struct http1_limits {
    uint32_t target_bytes_max;
    uint32_t fields_bytes_max;
    uint32_t field_count_max;
};

#define HTTP1_LIMITS_DEFAULT                                          \
    ((struct http1_limits){.target_bytes_max = HTTP_TARGET_BYTES_MAX, \
                           .fields_bytes_max = HTTP_FIELDS_BYTES_MAX, \
                           .field_count_max = HTTP_FIELD_COUNT_MAX})

#endif
