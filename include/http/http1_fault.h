/*
 * What a peer may do wrong in HTTP/1, and the status a client gets for it. Constants; any thread.
 *
 * For a backend's fault the status means nothing: the gateway answers 502. After a fault the
 * connection it came from ends: where the next message would begin is not known.
 */
#ifndef HTTP_HTTP1_FAULT_H
#define HTTP_HTTP1_FAULT_H

#include <stdint.h>

/* clang-format off */
/*    id                            status  word for logs                   */
#define HTTP1_FAULT_LIST(X)                                                 \
    /* the start line */                                                    \
    X(REQUEST_LINE_INVALID,           400, "request_line_invalid")          \
    X(STATUS_LINE_INVALID,            502, "status_line_invalid")           \
    X(METHOD_UNKNOWN,                 501, "method_unknown")                \
    X(METHOD_REFUSED,                 405, "method_refused")                \
    X(TARGET_INVALID,                 400, "target_invalid")                \
    X(TARGET_TOO_LONG,                414, "target_too_long")               \
    X(VERSION_UNSUPPORTED,            505, "version_unsupported")           \
    /* fields */                                                            \
    X(LINE_END_INVALID,               400, "line_end_invalid")              \
    X(FIELD_INVALID,                  400, "field_invalid")                 \
    X(FIELD_REPEATED,                 400, "field_repeated")                \
    X(FIELDS_TOO_LARGE,               431, "fields_too_large")              \
    X(FIELDS_TOO_MANY,                431, "fields_too_many")               \
    X(HOST_MISSING,                   400, "host_missing")                  \
    X(HOST_REPEATED,                  400, "host_repeated")                 \
    X(HOST_INVALID,                   400, "host_invalid")                  \
    X(HOST_DISAGREES,                 400, "host_disagrees_with_target")    \
    X(CONNECTION_INVALID,             400, "connection_invalid")            \
    X(EXPECTATION_UNKNOWN,            417, "expectation_unknown")           \
    X(UPGRADE_NOT_ASKED,              502, "upgrade_not_asked")             \
    /* framing */                                                           \
    X(LENGTH_INVALID,                 400, "content_length_invalid")        \
    X(LENGTH_REPEATED,                400, "content_length_repeated")       \
    X(LENGTH_WITH_CODING,             400, "content_length_with_transfer_encoding") \
    X(CODING_UNKNOWN,                 501, "transfer_encoding_unknown")     \
    X(CODING_INVALID,                 400, "transfer_encoding_invalid")     \
    X(CODING_NOT_ALLOWED,             400, "transfer_encoding_not_allowed") \
    X(CHUNK_INVALID,                  400, "chunk_invalid")                 \
    X(CHUNK_TOO_LARGE,                413, "chunk_too_large")               \
    X(CHUNK_LINE_TOO_LONG,            400, "chunk_line_too_long")           \
    X(TRAILER_INVALID,                400, "trailer_invalid")               \
    X(TRAILERS_TOO_LARGE,             431, "trailers_too_large")            \
    /* anything */                                                          \
    X(TRUNCATED,                      400, "truncated")                     \
    X(PARSERS_DISAGREE,               400, "ambiguous")                     \
    X(OUT_OF_MEMORY,                  503, "out_of_memory")
/* clang-format on */

#define HTTP1_FAULT_ENUM_ROW(id, status, word) HTTP1_FAULT_##id,
enum http1_fault { HTTP1_FAULT_NONE, HTTP1_FAULT_LIST(HTTP1_FAULT_ENUM_ROW) HTTP1_FAULT_COUNT };

/* For a client's fault; 0 for HTTP1_FAULT_NONE. */
uint16_t http1_fault_status(enum http1_fault fault);

/* One word for logs and counters; "none" for HTTP1_FAULT_NONE. */
const char *http1_fault_word(enum http1_fault fault);

#endif
