/*
 * The blocks of a PEM text (RFC 7468), one at a time, with their lines. Any thread; plain values,
 * and views of the caller's text.
 *
 * Strict inside a block: base64 of whole groups (RFC 4648 section 4), nothing else, an END that
 * matches. Outside blocks any text may stand, as tools write it there; a line that looks like a
 * delimiter and is none is an error. A lenient reader overlooks the latter, indentation, and
 * headers (RFC 1421) at the start of a block.
 */
#ifndef BASE_PEM_H
#define BASE_PEM_H

#include "base/bytes.h"

enum pem_answer {
    PEM_ANSWER_BLOCK,
    PEM_ANSWER_END,        /* no further block */
    PEM_ANSWER_BAD_LINE,   /* a delimiter that is not one, or END without BEGIN */
    PEM_ANSWER_UNFINISHED, /* BEGIN without END, or with another label's END */
    PEM_ANSWER_BAD_BASE64, /* anything in the block that is no base64 */
};

struct pem_reader {
    struct bytes text;
    size_t position;
    int line;        /* the one before position; from 1 on, 0 before the first */
    bool is_lenient; /* to be set before the first pem_reader_next() */
};

struct pem_block {
    struct bytes label;  /* between "BEGIN " and the dashes; empty only with PEM_ANSWER_BAD_LINE */
    struct bytes base64; /* the lines between the delimiters, headers left out; may be empty */
    int line;            /* of BEGIN, or of what is wrong */
    bool has_headers;    /* which only old encrypted keys have; told by a lenient reader alone */
};

struct pem_reader pem_reader_over(struct bytes text);

/*
 * *ret_block is set by every answer but PEM_ANSWER_END. After an error the reader goes on behind
 * it, so that every mistake of a file is found in one run.
 */
enum pem_answer pem_reader_next(struct pem_reader *reader, struct pem_block *ret_block);

/* "PRIVATE KEY" at the label's end, in any of its forms. */
bool pem_block_names_private_key(const struct pem_block *block);

/* Bytes that pem_decode() needs at most for the block. */
size_t pem_decoded_size_max(const struct pem_block *block);

/*
 * Decodes the block's base64. False, with output untouched, when it is none (whoever overlooked
 * PEM_ANSWER_BAD_BASE64 learns it here) or when capacity_bytes are too few.
 */
bool pem_decode(const struct pem_block *block, uint8_t *output, size_t capacity_bytes,
                size_t *ret_length_bytes);

#endif
