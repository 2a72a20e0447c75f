/*
 * The reading of a responder's answer over the strict HTTP/1 parser. Called with what arrives, by
 * the fetch that waits for it. Nothing of a body is kept that does not belong to a 200.
 */
#include "reply.h"

/* 103 and its kin may come before the answer, but not for ever. */
#define INTERIM_COUNT_MAX 4

static const struct http1_limits limits = {
    .target_bytes_max = 8192, .fields_bytes_max = 8192, .field_count_max = 64};

void reply_init(struct reply *reply, enum http_method request_method)
{
    *reply = (struct reply){0};
    http1_parser_init(&reply->parser, HTTP1_RESPONSE, &limits);
    http1_parser_expect(&reply->parser, request_method, false);
}

void reply_release(struct reply *reply, struct buffer_pool *pool)
{
    http1_parser_deinit(&reply->parser);
    buffer_release(pool, &reply->body);
    *reply = (struct reply){0};
}

bool reply_is_empty(const struct reply *reply)
{
    return reply->interim_count == 0 && http1_parser_is_idle(&reply->parser);
}

static enum reply_progress fail(struct reply *reply, enum ocsp_fault fault)
{
    reply->fault = fault;
    return REPLY_FAILED;
}

static enum ocsp_fault fault_of_parser(enum http1_fault fault)
{
    return fault == HTTP1_FAULT_OUT_OF_MEMORY ? OCSP_FAULT_OVERLOAD : OCSP_FAULT_HTTP;
}

/* RFC 6960 appendix A.2. A page that a portal or a proxy has put in the responder's place says
 * something else, and is told apart in the log. */
static bool is_ocsp_response(const struct http1_head *head)
{
    const struct http1_field *field = http1_head_find(head, FIELD_NAME_CONTENT_TYPE);
    if (field == NULL) {
        return false;
    }
    struct bytes value = http1_head_value(head, field);
    struct bytes type = bytes_trim(bytes_slice(value, 0, bytes_find(value, ';')));
    return bytes_equal_ignoring_case(type, BYTES_OF("application/ocsp-response"));
}

static enum reply_progress judge_head(struct reply *reply)
{
    const struct http1_head *head = http1_parser_head(&reply->parser);
    if (head->status < 200) {
        return REPLY_NEEDS_MORE; /* its end comes next, then the answer */
    }
    if (head->status >= 300 && head->status < 400) {
        return fail(reply, OCSP_FAULT_REDIRECT);
    }
    if (head->status != 200) {
        return fail(reply, OCSP_FAULT_HTTP_STATUS);
    }
    if (head->has_content_length && head->content_length > OCSP_RESPONSE_SIZE_MAX) {
        return fail(reply, OCSP_FAULT_TOO_LARGE);
    }
    return is_ocsp_response(head) ? REPLY_NEEDS_MORE : fail(reply, OCSP_FAULT_CONTENT_TYPE);
}

static enum reply_progress add_body(struct reply *reply, struct buffer_pool *pool,
                                    struct bytes part)
{
    if (part.length > OCSP_RESPONSE_SIZE_MAX - buffer_length(&reply->body)) {
        return fail(reply, OCSP_FAULT_TOO_LARGE);
    }
    if (!result_is_ok(buffer_append(pool, &reply->body, part))) {
        return fail(reply, OCSP_FAULT_OVERLOAD);
    }
    return REPLY_NEEDS_MORE;
}

static enum reply_progress end_message(struct reply *reply, bool has_rest)
{
    const struct http1_head *head = http1_parser_head(&reply->parser);
    if (head->status >= 200) {
        reply->keeps_connection = head->keep_alive && !has_rest;
        return REPLY_COMPLETE;
    }
    if (++reply->interim_count > INTERIM_COUNT_MAX) {
        return fail(reply, OCSP_FAULT_HTTP);
    }
    http1_parser_reset(&reply->parser);
    return REPLY_NEEDS_MORE;
}

enum reply_progress reply_read(struct reply *reply, struct buffer_pool *pool, struct bytes bytes)
{
    enum reply_progress progress = REPLY_NEEDS_MORE;
    while (progress == REPLY_NEEDS_MORE) {
        struct bytes part = {0};
        switch (http1_parser_next(&reply->parser, &bytes, &part)) {
        case HTTP1_NEEDS_MORE:
            return REPLY_NEEDS_MORE;
        case HTTP1_HEAD:
            progress = judge_head(reply);
            break;
        case HTTP1_BODY:
            progress = add_body(reply, pool, part);
            break;
        case HTTP1_END:
            progress = end_message(reply, bytes.length > 0);
            break;
        case HTTP1_ERROR:
        default:
            return fail(reply, fault_of_parser(http1_parser_fault(&reply->parser)));
        }
    }
    return progress;
}

enum reply_progress reply_end(struct reply *reply)
{
    bool is_whole = http1_parser_finish(&reply->parser) == HTTP1_END;
    return is_whole && http1_parser_head(&reply->parser)->status >= 200
               ? REPLY_COMPLETE
               : fail(reply, OCSP_FAULT_CLOSED);
}
