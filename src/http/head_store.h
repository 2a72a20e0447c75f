/*
 * Where a parser keeps the head it reads: inside itself while there is room, else on the heap.
 * Called by http1_parser.c only; the memory goes back when the parser is reset.
 */
#ifndef HTTP_HEAD_STORE_H
#define HTTP_HEAD_STORE_H

#include "http/http1_parser.h"

/* Empty, in the parser itself. */
void head_store_init(struct http1_parser *parser);

/* Accepts a zeroed parser. */
void head_store_deinit(struct http1_parser *parser);

/* Room for length_bytes more text, which may move all of it; false when there is no memory. */
bool head_store_reserve(struct http1_parser *parser, size_t length_bytes);

bool head_store_append(struct http1_parser *parser, struct bytes bytes);

/* One more field, zeroed. HTTP1_FAULT_FIELDS_TOO_MANY, HTTP1_FAULT_OUT_OF_MEMORY. */
enum http1_fault head_store_add_field(struct http1_parser *parser, struct http1_field **ret_field);

#endif
