/* The memory of a parser's head. */
#include "head_store.h"

#include <stdlib.h>

#include "base/check.h"
#include "start_line.h"

/* The longest head, or request line, and the host behind it. */
#define TEXT_BYTES_MAX \
    (HTTP_TARGET_BYTES_MAX + HTTP_FIELDS_BYTES_MAX + START_LINE_BYTES_MAX + HTTP_HOST_BYTES_MAX)

void head_store_init(struct http1_parser *parser)
{
    parser->text = parser->inline_text;
    parser->text_length = 0;
    parser->text_capacity = HTTP1_PARSER_TEXT_BYTES;
    parser->fields = parser->inline_fields;
    parser->field_capacity = HTTP1_PARSER_FIELD_COUNT;
}

void head_store_deinit(struct http1_parser *parser)
{
    if (parser->text != parser->inline_text) {
        free(parser->text);
    }
    if (parser->fields != parser->inline_fields) {
        free(parser->fields);
    }
    parser->text = NULL;
    parser->fields = NULL;
}

/* The start line's views move with the text. */
static void move_view(struct bytes *view, const uint8_t *from, const uint8_t *to)
{
    if (view->length > 0) {
        view->at = to + (view->at - from);
    }
}

/* Doubling up to what the limits allow: five steps at most. */
static size_t larger_capacity(size_t capacity, size_t needed)
{
    CHECK(needed <= TEXT_BYTES_MAX);
    while (capacity < needed) {
        capacity *= 2;
    }
    return capacity < TEXT_BYTES_MAX ? capacity : TEXT_BYTES_MAX;
}

bool head_store_reserve(struct http1_parser *parser, size_t length_bytes)
{
    size_t needed = parser->text_length + length_bytes;
    if (needed <= parser->text_capacity) {
        return true;
    }
    size_t capacity = larger_capacity(parser->text_capacity, needed);
    uint8_t *text = malloc(capacity);
    if (text == NULL) {
        return false;
    }
    memcpy(text, parser->text, parser->text_length);
    move_view(&parser->head.target, parser->text, text);
    move_view(&parser->head.reason, parser->text, text);
    if (parser->text != parser->inline_text) {
        free(parser->text);
    }
    parser->text = text;
    parser->text_capacity = (uint32_t)capacity;
    return true;
}

bool head_store_append(struct http1_parser *parser, struct bytes bytes)
{
    if (!head_store_reserve(parser, bytes.length)) {
        return false;
    }
    memcpy(parser->text + parser->text_length, bytes.at, bytes.length);
    parser->text_length += (uint32_t)bytes.length;
    return true;
}

/* All the fields that a head may have, at once: it happens to few heads, and once to each. */
static bool reserve_field(struct http1_parser *parser)
{
    if (parser->head.field_count < parser->field_capacity) {
        return true;
    }
    CHECK(parser->fields == parser->inline_fields);
    struct http1_field *fields = calloc(HTTP_FIELD_COUNT_MAX, sizeof(*fields));
    if (fields == NULL) {
        return false;
    }
    memcpy(fields, parser->inline_fields, sizeof(parser->inline_fields));
    parser->fields = fields;
    parser->field_capacity = HTTP_FIELD_COUNT_MAX;
    return true;
}

enum http1_fault head_store_add_field(struct http1_parser *parser, struct http1_field **ret_field)
{
    if (parser->head.field_count == parser->limits->field_count_max) {
        return HTTP1_FAULT_FIELDS_TOO_MANY;
    }
    if (!reserve_field(parser)) {
        return HTTP1_FAULT_OUT_OF_MEMORY;
    }
    *ret_field = &parser->fields[parser->head.field_count++];
    **ret_field = (struct http1_field){0};
    return HTTP1_FAULT_NONE;
}
