/*
 * What a responder sends back, read as HTTP: one answer of status 200 and at most 64 KiB. What the
 * body says is judged elsewhere. A part of a fetch; owned by the OCSP thread.
 */
#ifndef OCSP_REPLY_H
#define OCSP_REPLY_H

#include "http/http1_parser.h"
#include "net/buffer.h"
#include "trust/ocsp_answer.h"

enum reply_progress { REPLY_NEEDS_MORE, REPLY_COMPLETE, REPLY_FAILED };

struct reply {
    struct http1_parser parser;
    struct buffer body;
    uint32_t interim_count;
    enum ocsp_fault fault; /* with REPLY_FAILED */
    bool keeps_connection; /* with REPLY_COMPLETE: it ended where its bytes did */
};

/* Zeroed memory, or a reply that was released. */
void reply_init(struct reply *reply, enum http_method request_method);

/* Gives all memory back. Accepts a zeroed reply. */
void reply_release(struct reply *reply, struct buffer_pool *pool);

/* Whether nothing has come yet. */
bool reply_is_empty(const struct reply *reply);

enum reply_progress reply_read(struct reply *reply, struct buffer_pool *pool, struct bytes bytes);

/* The responder sends no more. Never REPLY_NEEDS_MORE. */
enum reply_progress reply_end(struct reply *reply);

#endif
