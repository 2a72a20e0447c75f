/*
 * Feeding an http1_parser in pieces and writing down all it says, so that two ways of feeding can
 * be compared as text. For unit tests and fuzz targets; one thread.
 */
#ifndef TESTS_UNIT_HTTP_READING_H
#define TESTS_UNIT_HTTP_READING_H

#include <stdlib.h>

#include "base/check.h"
#include "base/text.h"
#include "http/http1_parser.h"

/* The shortest field line has four bytes and takes about 25 in the transcript. */
#define READING_CAPACITY(input) (4096 + 10 * (input).length)

struct reading_result {
    char *transcript; /* NUL-terminated; the caller frees it */
    enum http1_event last;
    enum http1_fault fault;
    size_t left_bytes; /* what was not taken behind the end of the message */
};

struct reading_request {
    enum http1_kind kind;
    struct bytes input;
    size_t (*piece_length)(void *state, size_t left); /* at least 1 */
    void *state;
    bool finishes; /* call http1_parser_finish() behind the input */
    enum http_method answers;
    bool upgrade_was_asked;
    const struct http1_limits *limits;
};

static const struct http1_limits reading_default_limits = {
    HTTP_TARGET_BYTES_MAX, HTTP_FIELDS_BYTES_MAX, HTTP_FIELD_COUNT_MAX};

static inline void reading_note_view(struct text *text, const char *title, struct bytes view)
{
    text_append_string(text, title);
    text_append_char(text, '[');
    text_append(text, view);
    text_append_string(text, "]\n");
}

static inline void reading_note_head(struct text *text, const struct http1_head *head,
                                     enum http1_kind kind)
{
    if (kind == HTTP1_REQUEST) {
        reading_note_view(text, "method", http_method_name(head->method));
    }
    reading_note_view(text, "target", head->target);
    reading_note_view(text, "authority", head->authority);
    reading_note_view(text, "host", head->host);
    reading_note_view(text, "reason", head->reason);
    reading_note_view(text, "upgrade", head->upgrade);
    text_append_format(text, "size %u port %u status %u minor %u framing %d has %d length %llu\n",
                       head->size_bytes, head->host_port, head->status, head->version_minor,
                       (int)head->framing, head->has_content_length,
                       (unsigned long long)head->content_length);
    text_append_format(text, "continue %d keep %d\n", head->expects_continue, head->keep_alive);
    for (uint32_t i = 0; i < head->field_count; i++) {
        text_append_format(text, "%u %d ", head->fields[i].known, head->fields[i].is_plain);
        reading_note_view(text, "name", http1_head_name(head, &head->fields[i]));
        reading_note_view(text, "value", http1_head_value(head, &head->fields[i]));
    }
}

/* Takes all events of one piece; bodies are joined, since where they are cut may differ. */
static inline enum http1_event reading_take(struct http1_parser *parser, struct bytes *piece,
                                            struct text *text)
{
    for (;;) {
        struct bytes body = {0};
        enum http1_event event = http1_parser_next(parser, piece, &body);
        if (event == HTTP1_HEAD) {
            text_append_string(text, "HEAD\n");
            reading_note_head(text, http1_parser_head(parser), parser->kind);
            text_append_string(text, "BODY\n");
        } else if (event == HTTP1_BODY) {
            text_append(text, body);
        } else {
            return event;
        }
    }
}

/* Reads one message into the result. */
static inline struct reading_result reading_run(const struct reading_request *request)
{
    struct http1_parser *parser = malloc(sizeof(*parser));
    size_t capacity = READING_CAPACITY(request->input);
    struct reading_result result = {.transcript = malloc(capacity)};
    struct text text = text_over(result.transcript, capacity);
    struct bytes left = request->input;
    http1_parser_init(parser, request->kind,
                      request->limits != NULL ? request->limits : &reading_default_limits);
    http1_parser_expect(parser, request->answers, request->upgrade_was_asked);
    result.last = HTTP1_NEEDS_MORE;
    while (left.length > 0 && result.last == HTTP1_NEEDS_MORE) {
        size_t length = request->piece_length == NULL
                            ? left.length
                            : request->piece_length(request->state, left.length);
        /* A copy of its own, so that a sanitizer sees a read past the piece and views that outlive
         * it. */
        uint8_t *copy = malloc(length);
        memcpy(copy, left.at, length);
        struct bytes piece = bytes_from(copy, length);
        result.last = reading_take(parser, &piece, &text);
        left = bytes_from(left.at + length - piece.length, left.length - length + piece.length);
        free(copy);
    }
    if (result.last == HTTP1_NEEDS_MORE && request->finishes) {
        result.last = http1_parser_finish(parser);
    }
    result.fault = http1_parser_fault(parser);
    result.left_bytes = result.last == HTTP1_END ? left.length : 0;
    text_append_format(&text, "\n%s fault %s left %zu\n",
                       result.last == HTTP1_END ? "ENDED" : "NOT ENDED",
                       http1_fault_word(result.fault), result.left_bytes);
    CHECK(!text.overflowed);
    (void)text_terminate(&text);
    http1_parser_deinit(parser);
    free(parser);
    return result;
}

#endif
