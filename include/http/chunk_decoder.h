/*
 * Decoding of a chunked body (RFC 9112 7.1), a span at a time. Owned by one http1_parser.
 *
 * Stricter than the grammar where a lax reader could be misled: no white space behind the size, no
 * bare CR or LF, at most 16 digits. Extensions and trailers are checked, bounded and dropped.
 */
#ifndef HTTP_CHUNK_DECODER_H
#define HTTP_CHUNK_DECODER_H

#include <stdint.h>

#include "base/bytes.h"
#include "http/http1_fault.h"

enum chunk_event { CHUNK_NEEDS_MORE, CHUNK_BODY, CHUNK_END, CHUNK_ERROR };

struct chunk_decoder {
    uint64_t size_left;  /* of the chunk being read; while its line is read, its size so far */
    uint32_t line_bytes; /* of the chunk line, or of the trailer section, so far */
    uint8_t digit_count;
    uint8_t state;          /* chunk_decoder.c's */
    enum http1_fault fault; /* with CHUNK_ERROR */
};

/* Zeroed memory is a decoder before its first chunk; this makes it one. */
void chunk_decoder_init(struct chunk_decoder *decoder);

/*
 * Takes from input up to the next event. CHUNK_NEEDS_MORE: input is used up. CHUNK_BODY: ret_body
 * is a part of input. CHUNK_END: input begins behind the body. CHUNK_ERROR, and from then on
 * always.
 */
enum chunk_event chunk_decoder_next(struct chunk_decoder *decoder, struct bytes *input,
                                    struct bytes *ret_body);

#endif
