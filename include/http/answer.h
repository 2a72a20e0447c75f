/*
 * The answers that the gateway gives itself. Constants; any thread; writes into the caller's text.
 *
 * The phrases about certificates are matched by users' tools: they do not change. Two of them
 * are of Application Gateway, in a page; two of API Management, in JSON.
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* clang-format off */
/*    id                    status  body  phrase in title and body */
#define ANSWER_LIST(X)                                                                       \
    X(BAD_REQUEST,             400, HTML, NULL)                                              \
    X(NO_CERTIFICATE,          400, HTML, "No required SSL certificate was sent")            \
    X(CERTIFICATE_ERROR,       400, HTML, "The SSL certificate error")                       \
    X(PLAIN_HTTP,              400, HTML, "The plain HTTP request was sent to HTTPS port")   \
    X(API_NO_CERTIFICATE,      401, JSON, "Client certificate missing")                      \
    X(API_CERTIFICATE_ERROR,   401, JSON, "Invalid client certificate")                      \
    X(METHOD_NOT_ALLOWED,      405, HTML, NULL)                                              \
    X(REQUEST_TIMEOUT,         408, HTML, NULL)                                              \
    X(CONTENT_TOO_LARGE,       413, HTML, NULL)                                              \
    X(URI_TOO_LONG,            414, HTML, NULL)                                              \
    X(EXPECTATION_FAILED,      417, HTML, NULL)                                              \
    X(MISDIRECTED_REQUEST,     421, HTML, NULL)                                              \
    X(FIELDS_TOO_LARGE,        431, HTML, NULL)                                              \
    X(INTERNAL_ERROR,          500, HTML, NULL)                                              \
    X(NOT_IMPLEMENTED,         501, HTML, NULL)                                              \
    X(BAD_GATEWAY,             502, HTML, NULL)                                              \
    X(SERVICE_UNAVAILABLE,     503, HTML, NULL)                                              \
    X(GATEWAY_TIMEOUT,         504, HTML, NULL)                                              \
    X(VERSION_NOT_SUPPORTED,   505, HTML, NULL)
/* clang-format on */

#define ANSWER_ENUM_ROW(id, status, body, phrase) ANSWER_##id,
enum answer { ANSWER_LIST(ANSWER_ENUM_ROW) ANSWER_COUNT };

/* Enough for any answer without further fields. */
#define ANSWER_BYTES_MAX 1024

struct answer_field {
    struct bytes name;
    struct bytes value;
};

struct answer_options {
    bool keep_alive;      /* else Connection: close */
    bool says_keep_alive; /* with keep_alive, to an HTTP/1.0 client that asked */
    bool without_body;    /* the request was HEAD */
    struct bytes date;    /* as http_date_write() gives it; empty: no Date field */
    const struct answer_field *fields;
    size_t field_count;
};

/* Status line, fields and a short page, of HTML or JSON. Control bytes in fields become spaces. */
void answer_write(struct text *text, enum answer answer, const struct answer_options *options);

uint16_t answer_status(enum answer answer);

/* The plain one of that status; ANSWER_INTERNAL_ERROR when there is none. */
enum answer answer_for_status(uint16_t status);

/* "HTTP/1.1 100 Continue" and an empty line. */
void answer_write_continue(struct text *text);

/* "Bad Request"; empty for a status that has no phrase here. */
struct bytes answer_reason(uint16_t status);

#endif
