/*
 * Reads one HTTP/1 answer (RFC 9112) as it comes and says where it ends. A plain value; the thread
 * that owns its connection.
 *
 * A reader of our own, so that the gateway's is checked by another; it remembers of the fields what
 * says where the body ends, and nothing else.
 */
#ifndef LOAD_HTTP_ANSWER_H
#define LOAD_HTTP_ANSWER_H

#include "base/bytes.h"

#define HTTP_ANSWER_LINE_MAX 96 /* of a line, what is looked at; the rest is passed over */
#define HTTP_ANSWER_HEAD_MAX 65536

enum http_answer_progress {
    HTTP_ANSWER_GOES_ON,
    HTTP_ANSWER_WHOLE,
    HTTP_ANSWER_BAD,
};

enum http_answer_part {
    HTTP_ANSWER_STATUS_LINE,
    HTTP_ANSWER_FIELDS,
    HTTP_ANSWER_BODY,
    HTTP_ANSWER_BODY_UNTIL_CLOSE,
    HTTP_ANSWER_CHUNK_SIZE,
    HTTP_ANSWER_CHUNK,
    HTTP_ANSWER_CHUNK_END,
    HTTP_ANSWER_TRAILER,
    HTTP_ANSWER_PARTS_END,
};

struct http_answer {
    enum http_answer_part part;
    unsigned status;     /* 0 until its line was read */
    uint64_t left;       /* bytes of the body or of the chunk */
    uint64_t body_bytes; /* read so far */
    size_t head_bytes;
    bool is_to_head; /* set behind _begin(): no body follows, whatever its length says */
    bool has_length;
    bool is_chunked;
    bool closes;    /* the server will close after it */
    bool has_begun; /* at least a byte was read */
    size_t line_length;
    char line[HTTP_ANSWER_LINE_MAX];
};

void http_answer_begin(struct http_answer *answer);

/*
 * Takes bytes; *ret_taken says how many belonged to the answer. After HTTP_ANSWER_WHOLE or
 * HTTP_ANSWER_BAD it must be begun anew.
 */
enum http_answer_progress http_answer_take(struct http_answer *answer, struct bytes bytes,
                                           size_t *ret_taken);

/* The connection has ended: whole when that is how the body ends (RFC 9112 section 6.3). */
enum http_answer_progress http_answer_end(const struct http_answer *answer);

#endif
