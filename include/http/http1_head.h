/*
 * The head of one HTTP/1 message, checked: what it asks and how its body is framed. One thread.
 *
 * Made by an http1_parser and valid until that parser is reset or ended. All views point into the
 * parser's memory, never into the bytes that were fed.
 */
#ifndef HTTP_HTTP1_HEAD_H
#define HTTP_HTTP1_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "http/field_name.h"
#include "http/http_method.h"

enum http_framing {
    HTTP_FRAMING_NONE,   /* there is no body */
    HTTP_FRAMING_LENGTH, /* Content-Length, which may be 0 */
    HTTP_FRAMING_CHUNKED,
    HTTP_FRAMING_UNTIL_CLOSE, /* responses only */
};

/* Offsets into http1_head.text; read through http1_head_name() and http1_head_value(). */
struct http1_field {
    uint32_t name_at;
    uint32_t value_at;
    uint16_t name_length;
    uint16_t value_length;
    uint8_t known; /* enum field_name */
    bool is_plain; /* field_name_is_plain() */
};

struct http1_head {
    const uint8_t *text;
    const struct http1_field *fields; /* in the order received */
    uint32_t field_count;
    uint32_t size_bytes; /* of the head as received */

    /* Of a request. */
    enum http_method method;
    struct bytes target; /* as received: /path?query, *, or http(s)://authority/path?query */
    struct bytes
        authority;      /* the Host field as received; else the target's; empty in HTTP/1.0 only */
    struct bytes host;  /* of it: lower case, without port, brackets and final dot */
    uint16_t host_port; /* of it; 0 when none is given */
    bool expects_continue; /* and there is a body to wait with */

    /* Of a response. */
    uint16_t status; /* 100 to 599 */
    struct bytes reason;

    /* Of both. */
    uint8_t version_minor; /* HTTP/1.0 or HTTP/1.1 */
    enum http_framing framing;
    bool has_content_length; /* of a HEAD's answer too, whose framing is NONE */
    uint64_t content_length;
    bool keep_alive; /* the peer would keep the connection after this message */
    struct bytes
        upgrade; /* one protocol asked for or switched to; empty: none, or one we do not pass on */
};

static inline struct bytes http1_head_name(const struct http1_head *head,
                                           const struct http1_field *field)
{
    return bytes_from(head->text + field->name_at, field->name_length);
}

/* Without the white space around it. */
static inline struct bytes http1_head_value(const struct http1_head *head,
                                            const struct http1_field *field)
{
    return bytes_from(head->text + field->value_at, field->value_length);
}

/* The first field of that name, or NULL. */
const struct http1_field *http1_head_find(const struct http1_head *head, enum field_name name);

/* The same by text, in any case of letters. */
const struct http1_field *http1_head_find_text(const struct http1_head *head, struct bytes name);

/* Appends the values of all fields of that name, comma and space between (RFC 9110 5.3). */
void http1_head_append_all(const struct http1_head *head, struct bytes name, struct text *text);

#endif
