/*
 * Reads HTTP/1 messages from bytes, an event at a time: head, parts of the body, end. One thread; a
 * value inside the object that owns the connection, not to be moved once initialised.
 *
 * How the bytes are cut into pieces never changes what is read. What two readers could take
 * differently (RFC 9112 11.2) is refused. The head lies in the parser: up to
 * HTTP1_PARSER_TEXT_BYTES and HTTP1_PARSER_FIELD_COUNT fields without the heap, then in at most 65
 * KiB and 1.6 KiB of it.
 *
 *   START_LINE -> FIELDS -> (head) -> BODY... -> DONE; http1_parser_reset() leads back.
 */
#ifndef HTTP_HTTP1_PARSER_H
#define HTTP_HTTP1_PARSER_H

#include "http/chunk_decoder.h"
#include "http/http1_fault.h"
#include "http/http1_head.h"
#include "http/http_limits.h"

#define HTTP1_PARSER_TEXT_BYTES  3520
#define HTTP1_PARSER_FIELD_COUNT 28

enum http1_kind { HTTP1_REQUEST, HTTP1_RESPONSE };

enum http1_event {
    HTTP1_NEEDS_MORE, /* the input is used up */
    HTTP1_HEAD,       /* http1_parser_head() is complete; the input begins behind it */
    HTTP1_BODY,       /* a part of the body, decoded, at least one byte; it lies in the input */
    HTTP1_END,        /* the message is complete; the input begins behind it */
    HTTP1_ERROR,      /* http1_parser_fault(); for good */
};

struct http1_parser {
    enum http1_kind kind;
    uint8_t phase; /* http1_parser.c's */
    bool has_skipped_line;
    enum http1_fault fault;
    const struct http1_limits *limits;
    /* What a response answers. */
    enum http_method request_method;
    bool upgrade_was_asked;

    uint8_t *text; /* the head as received, then what was derived from it; inline_text or heap */
    uint32_t text_length;
    uint32_t text_capacity;
    uint32_t line_count;      /* line ends in text */
    uint32_t head_length_max; /* of text: while in the start line of that, then of the whole head */
    struct http1_field *fields; /* inline_fields or heap */
    uint32_t field_capacity;

    struct http1_head head;
    uint64_t body_left; /* of HTTP_FRAMING_LENGTH */
    struct chunk_decoder chunks;

    struct http1_field inline_fields[HTTP1_PARSER_FIELD_COUNT];
    uint8_t inline_text[HTTP1_PARSER_TEXT_BYTES];
};

/* limits must outlive the parser; none above the constants of http_limits.h. */
void http1_parser_init(struct http1_parser *parser, enum http1_kind kind,
                       const struct http1_limits *limits);

/* Frees what the head needed beyond the parser. Accepts a zeroed parser. */
void http1_parser_deinit(struct http1_parser *parser);

/* For the next message on the same connection; the head is gone. What is expected of a response
 * stays. */
void http1_parser_reset(struct http1_parser *parser);

/*
 * Says what the next responses answer; before their first byte. A HEAD's has no body (RFC
 * 9112 6.3), and 101 to who did not ask is a fault.
 */
void http1_parser_expect(struct http1_parser *parser, enum http_method request_method,
                         bool upgrade_was_asked);

/*
 * Takes from input up to the next event; call again until HTTP1_NEEDS_MORE. After HTTP1_END it goes
 * on saying HTTP1_END and takes nothing until it is reset. ret_body is set with HTTP1_BODY only.
 */
enum http1_event http1_parser_next(struct http1_parser *parser, struct bytes *input,
                                   struct bytes *ret_body);

/*
 * The peer sends no more. HTTP1_END: the message is complete, perhaps just because of that.
 * HTTP1_ERROR: it is cut off (HTTP1_FAULT_TRUNCATED), or http1_parser_is_idle() was true and there
 * is none.
 */
enum http1_event http1_parser_finish(struct http1_parser *parser);

/* Whether no byte of a message has been seen yet. */
bool http1_parser_is_idle(const struct http1_parser *parser);

/* From HTTP1_HEAD until the parser is reset. */
static inline const struct http1_head *http1_parser_head(const struct http1_parser *parser)
{
    return &parser->head;
}

static inline enum http1_fault http1_parser_fault(const struct http1_parser *parser)
{
    return parser->fault;
}

#endif
