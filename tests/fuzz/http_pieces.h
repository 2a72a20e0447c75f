/*
 * What the HTTP fuzz targets share: reading the same bytes whole and in pieces that the bytes
 * themselves choose.
 */
#ifndef TESTS_FUZZ_HTTP_PIECES_H
#define TESTS_FUZZ_HTTP_PIECES_H

#include "../unit/http/reading.h"

/* Pieces of 1 to 16 bytes from a small generator, and now and then a long one. */
static inline size_t http_pieces_next(void *state, size_t left)
{
    uint32_t *random = state;
    *random = *random * 1664525u + 1013904223u;
    size_t length = 1 + (*random >> 16) % ((*random >> 28) == 0 ? 1000 : 16);
    return length < left ? length : left;
}

/* Aborts when the cut makes a difference; the result of reading request whole. */
static inline struct reading_result http_pieces_compare(struct reading_request request)
{
    struct reading_result whole = reading_run(&request);
    uint32_t random = (uint32_t)request.input.length;
    for (size_t i = 0; i < request.input.length; i++) {
        random = random * 31 + request.input.at[i];
    }
    request.piece_length = http_pieces_next;
    request.state = &random;
    struct reading_result pieces = reading_run(&request);
    CHECK(strcmp(whole.transcript, pieces.transcript) == 0);
    CHECK(whole.last == pieces.last && whole.fault == pieces.fault);
    free(pieces.transcript);
    return whole;
}

/* What an edit's value must become. */
static inline bool http_pieces_value_is_clean(struct bytes written, struct bytes asked)
{
    struct bytes trimmed = bytes_trim(written);
    for (size_t i = 0; i < trimmed.length; i++) {
        uint8_t byte = trimmed.at[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            return false;
        }
    }
    return trimmed.length <= asked.length;
}

#endif
