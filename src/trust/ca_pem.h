/*
 * The blocks of a PEM file (RFC 7468), one at a time, with their lines. Any thread; a plain value.
 *
 * Strict inside a block: base64 lines of whole groups, nothing else, an END that matches. Outside
 * blocks any text may stand, as tools write it there; a line that looks like a delimiter and is
 * none is an error.
 */
#ifndef TRUST_CA_PEM_H
#define TRUST_CA_PEM_H

#include "base/bytes.h"

enum ca_pem_answer {
    CA_PEM_BLOCK,
    CA_PEM_END,        /* no further block */
    CA_PEM_BAD_LINE,   /* a delimiter that is not one, or END without BEGIN */
    CA_PEM_UNFINISHED, /* BEGIN without END, or with another label's END */
    CA_PEM_BAD_BASE64, /* anything in the block that is no base64 */
};

struct ca_pem_reader {
    struct bytes text;
    size_t position;
    int line; /* of position, from 1 on */
};

struct ca_pem_block {
    struct bytes label;  /* between "BEGIN " and the dashes */
    struct bytes base64; /* the lines between the delimiters; may be empty */
    int line;            /* of BEGIN, or of what is wrong */
};

struct ca_pem_reader ca_pem_over(struct bytes text);

/* After an error the reader goes on behind it, so that every mistake of a file is found in one run.
 */
enum ca_pem_answer ca_pem_next(struct ca_pem_reader *reader, struct ca_pem_block *ret_block);

/* "PRIVATE KEY" at the label's end, in any of its forms. */
bool ca_pem_is_private_key(const struct ca_pem_block *block);

/*
 * Decodes a block that ca_pem_next() found good. capacity at least 3/4 of its base64. Returns the
 * bytes written.
 */
size_t ca_pem_decode(const struct ca_pem_block *block, uint8_t *output, size_t capacity);

#endif
