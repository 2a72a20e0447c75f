/*
 * Blocks of a PEM text (RFC 7468), one after another; what stands between them is passed over.
 * Plain values; any thread.
 */
#ifndef TLS_PEM_BLOCK_H
#define TLS_PEM_BLOCK_H

#include "base/bytes.h"

struct pem_block {
    struct bytes label;  /* "CERTIFICATE" */
    struct bytes base64; /* what stands between the lines, headers left out */
    bool has_headers;    /* RFC 1421's, which only the old encrypted keys have */
};

enum pem_status {
    PEM_BLOCK,  /* *ret_block is set */
    PEM_END,    /* no further block */
    PEM_BROKEN, /* a block that does not end, or not as it began */
};

/* Views into *rest, which is advanced past the block. */
enum pem_status pem_block_next(struct bytes *rest, struct pem_block *ret_block);

/* Room that pem_block_decode() needs at most. */
size_t pem_block_decoded_size_max(const struct pem_block *block);

/* False when the block is not Base64, or holds nothing. */
bool pem_block_decode(const struct pem_block *block, uint8_t *der, size_t capacity,
                      size_t *ret_length);

#endif
