/* Reading PEM: lines are found here, Base64 is wolfSSL's. Called by the control thread on files of
 * ours. */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/coding.h>

#include "pem_block.h"

static const struct bytes begin_mark = {(const uint8_t *)"-----BEGIN ", 11};
static const struct bytes end_mark = {(const uint8_t *)"-----END ", 9};
static const struct bytes dashes = {(const uint8_t *)"-----", 5};

/* The next line without its end and without blanks around it; false at the end of the text. */
static bool take_line(struct bytes *rest, struct bytes *ret_line)
{
    if (rest->length == 0) {
        return false;
    }
    size_t length = bytes_find(*rest, '\n');
    struct bytes line = bytes_slice(*rest, 0, length);
    *rest = bytes_slice(*rest, length + 1, SIZE_MAX);
    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length--;
    }
    *ret_line = bytes_trim(line);
    return true;
}

/* The label of a line such as -----BEGIN CERTIFICATE-----; empty when it is none. */
static struct bytes label_of(struct bytes line, struct bytes mark)
{
    size_t frame = mark.length + dashes.length;
    bool is_mark = line.length > frame && bytes_equal(bytes_slice(line, 0, mark.length), mark) &&
                   bytes_equal(bytes_slice(line, line.length - dashes.length, SIZE_MAX), dashes);
    return is_mark ? bytes_slice(line, mark.length, line.length - frame) : (struct bytes){0};
}

static bool is_header(struct bytes line)
{
    return bytes_find(line, ':') < line.length;
}

enum pem_status pem_block_next(struct bytes *rest, struct pem_block *ret_block)
{
    struct bytes line;
    struct pem_block block = {0};
    while (block.label.length == 0) {
        if (!take_line(rest, &line)) {
            return PEM_END;
        }
        block.label = label_of(line, begin_mark);
    }
    const uint8_t *start = rest->at;
    while (take_line(rest, &line)) {
        if (label_of(line, begin_mark).length > 0) {
            return PEM_BROKEN;
        }
        if (label_of(line, end_mark).length > 0) {
            block.base64 = bytes_from(start, (size_t)(line.at - start));
            *ret_block = block;
            return bytes_equal(label_of(line, end_mark), block.label) ? PEM_BLOCK : PEM_BROKEN;
        }
        if (is_header(line)) {
            block.has_headers = true;
            start = rest->at;
        }
    }
    return PEM_BROKEN;
}

size_t pem_block_decoded_size_max(const struct pem_block *block)
{
    return block->base64.length / 4 * 3 + 3;
}

bool pem_block_decode(const struct pem_block *block, uint8_t *der, size_t capacity,
                      size_t *ret_length)
{
    word32 length = (word32)capacity;
    if (block->base64.length == 0 || block->base64.length > UINT32_MAX || capacity > UINT32_MAX ||
        Base64_Decode(block->base64.at, (word32)block->base64.length, der, &length) != 0 ||
        length == 0) {
        return false;
    }
    *ret_length = length;
    return true;
}
