/*
 * The PEM files of servers' certificates and keys, as base/pem.h reads them when it is lenient:
 * such files come out of many tools, with text, headers and blocks that are none of ours. Plain
 * values; any thread.
 */
#ifndef TLS_PEM_BLOCK_H
#define TLS_PEM_BLOCK_H

#include "base/pem.h"

enum pem_status {
    PEM_BLOCK,  /* *ret_block is set; whether it is Base64, pem_block_decode() tells */
    PEM_END,    /* no further block */
    PEM_BROKEN, /* a block that does not end, or not as it began */
};

/* Views into *rest, which is advanced past the block. */
enum pem_status pem_block_next(struct bytes *rest, struct pem_block *ret_block);

/* Room that pem_block_decode() needs at most. */
size_t pem_block_decoded_size_max(const struct pem_block *block);

/* False when the block is not Base64, or holds nothing, or more than capacity bytes. */
bool pem_block_decode(const struct pem_block *block, uint8_t *der, size_t capacity,
                      size_t *ret_length);

#endif
