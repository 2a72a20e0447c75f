/*
 * Decoding the chunked coding: a state a place in the grammar, a function a state. Called by
 * http1_parser.c.
 *
 *   SIZE -> (EXTENSION ->) SIZE_LF -> BODY -> BODY_CR -> BODY_LF -> SIZE
 *   SIZE_LF of size 0 -> TRAILER_START -> (NAME -> VALUE -> TRAILER_LF -> TRAILER_START ...) ->
 * LAST_LF -> ENDED
 */
#include "http/chunk_decoder.h"
#include "byte_class.h"
#include "http/http_limits.h"

enum chunk_state {
    CHUNK_AT_SIZE,
    CHUNK_AT_EXTENSION,
    CHUNK_AT_SIZE_LF,
    CHUNK_AT_BODY,
    CHUNK_AT_BODY_CR,
    CHUNK_AT_BODY_LF,
    CHUNK_AT_TRAILER_START,
    CHUNK_AT_TRAILER_NAME,
    CHUNK_AT_TRAILER_VALUE,
    CHUNK_AT_TRAILER_LF,
    CHUNK_AT_LAST_LF,
    CHUNK_AT_ENDED,
    CHUNK_AT_FAILED,
    CHUNK_STATE_COUNT,
};

#define SIZE_DIGITS_MAX 16

static enum http1_fault enter(struct chunk_decoder *decoder, enum chunk_state state)
{
    decoder->state = (uint8_t)state;
    return HTTP1_FAULT_NONE;
}

static bool read_hex_digit(uint8_t byte, uint8_t *ret_digit)
{
    uint8_t lower = byte | 0x20;
    if (byte >= '0' && byte <= '9') {
        *ret_digit = (uint8_t)(byte - '0');
        return true;
    }
    if (lower >= 'a' && lower <= 'f') {
        *ret_digit = (uint8_t)(lower - 'a' + 10);
        return true;
    }
    return false;
}

static enum http1_fault add_digit(struct chunk_decoder *decoder, uint8_t digit)
{
    if (++decoder->digit_count > SIZE_DIGITS_MAX) {
        return HTTP1_FAULT_CHUNK_INVALID;
    }
    if (decoder->size_left > HTTP_BODY_BYTES_MAX >> 4) {
        return HTTP1_FAULT_CHUNK_TOO_LARGE;
    }
    decoder->size_left = decoder->size_left << 4 | digit;
    return HTTP1_FAULT_NONE;
}

static enum http1_fault read_size(struct chunk_decoder *decoder, uint8_t byte)
{
    uint8_t digit = 0;
    if (read_hex_digit(byte, &digit)) {
        return add_digit(decoder, digit);
    }
    if (decoder->digit_count == 0) {
        return HTTP1_FAULT_CHUNK_INVALID;
    }
    if (byte == ';') {
        return enter(decoder, CHUNK_AT_EXTENSION);
    }
    return byte == '\r' ? enter(decoder, CHUNK_AT_SIZE_LF) : HTTP1_FAULT_CHUNK_INVALID;
}

static enum http1_fault read_extension(struct chunk_decoder *decoder, uint8_t byte)
{
    if (byte == '\r') {
        return enter(decoder, CHUNK_AT_SIZE_LF);
    }
    /* Outside ASCII only a quoted string could have it; nobody needs that. */
    return byte_class_has(byte, BYTE_OF_VALUE) && byte < 0x80 ? HTTP1_FAULT_NONE
                                                              : HTTP1_FAULT_CHUNK_INVALID;
}

static enum http1_fault read_size_lf(struct chunk_decoder *decoder, uint8_t byte)
{
    if (byte != '\n') {
        return HTTP1_FAULT_CHUNK_INVALID;
    }
    decoder->line_bytes = 0;
    decoder->digit_count = 0;
    return enter(decoder, decoder->size_left > 0 ? CHUNK_AT_BODY : CHUNK_AT_TRAILER_START);
}

static enum http1_fault read_body_cr(struct chunk_decoder *decoder, uint8_t byte)
{
    return byte == '\r' ? enter(decoder, CHUNK_AT_BODY_LF) : HTTP1_FAULT_CHUNK_INVALID;
}

static enum http1_fault read_body_lf(struct chunk_decoder *decoder, uint8_t byte)
{
    decoder->line_bytes = 0;
    return byte == '\n' ? enter(decoder, CHUNK_AT_SIZE) : HTTP1_FAULT_CHUNK_INVALID;
}

static enum http1_fault read_trailer_start(struct chunk_decoder *decoder, uint8_t byte)
{
    if (byte == '\r') {
        return enter(decoder, CHUNK_AT_LAST_LF);
    }
    return byte_class_has(byte, BYTE_OF_TOKEN) ? enter(decoder, CHUNK_AT_TRAILER_NAME)
                                               : HTTP1_FAULT_TRAILER_INVALID;
}

static enum http1_fault read_trailer_name(struct chunk_decoder *decoder, uint8_t byte)
{
    if (byte == ':') {
        return enter(decoder, CHUNK_AT_TRAILER_VALUE);
    }
    return byte_class_has(byte, BYTE_OF_TOKEN) ? HTTP1_FAULT_NONE : HTTP1_FAULT_TRAILER_INVALID;
}

static enum http1_fault read_trailer_value(struct chunk_decoder *decoder, uint8_t byte)
{
    if (byte == '\r') {
        return enter(decoder, CHUNK_AT_TRAILER_LF);
    }
    return byte_class_has(byte, BYTE_OF_VALUE) ? HTTP1_FAULT_NONE : HTTP1_FAULT_TRAILER_INVALID;
}

static enum http1_fault read_trailer_lf(struct chunk_decoder *decoder, uint8_t byte)
{
    return byte == '\n' ? enter(decoder, CHUNK_AT_TRAILER_START) : HTTP1_FAULT_TRAILER_INVALID;
}

static enum http1_fault read_last_lf(struct chunk_decoder *decoder, uint8_t byte)
{
    return byte == '\n' ? enter(decoder, CHUNK_AT_ENDED) : HTTP1_FAULT_TRAILER_INVALID;
}

/* clang-format off */
static const struct {
    enum http1_fault (*read)(struct chunk_decoder *decoder, uint8_t byte);
    uint32_t bytes_max; /* of decoder->line_bytes */
    enum http1_fault too_long;
} states[CHUNK_STATE_COUNT] = {
    [CHUNK_AT_SIZE]          = {read_size,          HTTP_CHUNK_LINE_BYTES_MAX, HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
    [CHUNK_AT_EXTENSION]     = {read_extension,     HTTP_CHUNK_LINE_BYTES_MAX, HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
    [CHUNK_AT_SIZE_LF]       = {read_size_lf,       HTTP_CHUNK_LINE_BYTES_MAX, HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
    [CHUNK_AT_BODY_CR]       = {read_body_cr,       HTTP_CHUNK_LINE_BYTES_MAX, HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
    [CHUNK_AT_BODY_LF]       = {read_body_lf,       HTTP_CHUNK_LINE_BYTES_MAX, HTTP1_FAULT_CHUNK_LINE_TOO_LONG},
    [CHUNK_AT_TRAILER_START] = {read_trailer_start, HTTP_TRAILERS_BYTES_MAX,   HTTP1_FAULT_TRAILERS_TOO_LARGE},
    [CHUNK_AT_TRAILER_NAME]  = {read_trailer_name,  HTTP_TRAILERS_BYTES_MAX,   HTTP1_FAULT_TRAILERS_TOO_LARGE},
    [CHUNK_AT_TRAILER_VALUE] = {read_trailer_value, HTTP_TRAILERS_BYTES_MAX,   HTTP1_FAULT_TRAILERS_TOO_LARGE},
    [CHUNK_AT_TRAILER_LF]    = {read_trailer_lf,    HTTP_TRAILERS_BYTES_MAX,   HTTP1_FAULT_TRAILERS_TOO_LARGE},
    [CHUNK_AT_LAST_LF]       = {read_last_lf,       HTTP_TRAILERS_BYTES_MAX,   HTTP1_FAULT_TRAILERS_TOO_LARGE},
};
/* clang-format on */

void chunk_decoder_init(struct chunk_decoder *decoder)
{
    *decoder = (struct chunk_decoder){.state = CHUNK_AT_SIZE};
}

static void read_byte(struct chunk_decoder *decoder, uint8_t byte)
{
    enum http1_fault fault = ++decoder->line_bytes > states[decoder->state].bytes_max
                                 ? states[decoder->state].too_long
                                 : states[decoder->state].read(decoder, byte);
    if (fault != HTTP1_FAULT_NONE) {
        decoder->fault = fault;
        decoder->state = CHUNK_AT_FAILED;
    }
}

static enum chunk_event take_body(struct chunk_decoder *decoder, struct bytes *input,
                                  struct bytes *ret_body)
{
    size_t length = input->length < decoder->size_left ? input->length : (size_t)decoder->size_left;
    *ret_body = bytes_slice(*input, 0, length);
    *input = bytes_from(input->at + length, input->length - length);
    decoder->size_left -= length;
    decoder->line_bytes = 0;
    if (decoder->size_left == 0) {
        decoder->state = CHUNK_AT_BODY_CR;
    }
    return CHUNK_BODY;
}

enum chunk_event chunk_decoder_next(struct chunk_decoder *decoder, struct bytes *input,
                                    struct bytes *ret_body)
{
    for (;;) {
        if (decoder->state == CHUNK_AT_ENDED) {
            return CHUNK_END;
        }
        if (decoder->state == CHUNK_AT_FAILED) {
            return CHUNK_ERROR;
        }
        if (input->length == 0) {
            return CHUNK_NEEDS_MORE;
        }
        if (decoder->state == CHUNK_AT_BODY) {
            return take_body(decoder, input, ret_body);
        }
        read_byte(decoder, *input->at);
        *input = bytes_from(input->at + 1, input->length - 1);
    }
}
