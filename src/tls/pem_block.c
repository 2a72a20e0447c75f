/* One block after another. Called by the control thread on files of ours, where a block that is not
 * Base64 matters only if it is the one looked for. */
#include "pem_block.h"

enum pem_status pem_block_next(struct bytes *rest, struct pem_block *ret_block)
{
    /* clang-format off */
    static const enum pem_status statuses[] = {
        [PEM_ANSWER_BLOCK] = PEM_BLOCK,
        [PEM_ANSWER_END] = PEM_END,
        [PEM_ANSWER_BAD_LINE] = PEM_BROKEN, /* no lenient reader says so */
        [PEM_ANSWER_UNFINISHED] = PEM_BROKEN,
        [PEM_ANSWER_BAD_BASE64] = PEM_BLOCK,
    };
    /* clang-format on */
    struct pem_reader reader = pem_reader_over(*rest);
    reader.is_lenient = true;
    enum pem_answer answer = pem_reader_next(&reader, ret_block);
    *rest = bytes_slice(*rest, reader.position, SIZE_MAX);
    return statuses[answer];
}

size_t pem_block_decoded_size_max(const struct pem_block *block)
{
    return pem_decoded_size_max(block);
}

bool pem_block_decode(const struct pem_block *block, uint8_t *der, size_t capacity,
                      size_t *ret_length)
{
    return block->base64.length > 0 && pem_decode(block, der, capacity, ret_length) &&
           *ret_length > 0;
}
