/*
 * Our own chunked coding on the way out (RFC 9112 7.1). Any thread; writes into the caller's text.
 */
#ifndef HTTP_CHUNK_H
#define HTTP_CHUNK_H

#include "base/text.h"

/* What a chunk needs beside its bytes, at most: 16 digits and two line ends. */
#define CHUNK_OVERHEAD_BYTES_MAX 20

/* Before size_bytes (not 0) bytes of body. */
void chunk_append_header(struct text *text, uint64_t size_bytes);

/* Behind those bytes. */
void chunk_append_end(struct text *text);

/* The end of the body, without trailers. */
void chunk_append_last(struct text *text);

#endif
