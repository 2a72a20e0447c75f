/*
 * The load tool's reader of answers: wherever the bytes are cut, it comes to the same end at the
 * same place, and takes no more than there is.
 */
#include <stdlib.h>

#include "base/check.h"
#include "load/http_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In pieces of length bytes, each a copy to the byte. */
static enum http_answer_progress feed(struct bytes whole, size_t length, size_t *ret_taken,
                                      struct http_answer *ret_answer)
{
    enum http_answer_progress progress = HTTP_ANSWER_GOES_ON;
    size_t at = 0;
    http_answer_begin(ret_answer);
    while (at < whole.length && progress == HTTP_ANSWER_GOES_ON) {
        struct bytes piece = bytes_slice(whole, at, length);
        uint8_t *copy = malloc(piece.length);
        size_t taken = 0;
        memcpy(copy, piece.at, piece.length);
        progress = http_answer_take(ret_answer, bytes_from(copy, piece.length), &taken);
        free(copy);
        CHECK(taken <= piece.length);
        CHECK(taken == piece.length || progress != HTTP_ANSWER_GOES_ON);
        at += taken;
    }
    *ret_taken = at;
    return progress;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_answer whole;
    struct http_answer parts;
    size_t taken_whole;
    size_t taken_parts;
    if (size == 0) {
        return 0;
    }
    struct bytes bytes = bytes_from(data + 1, size - 1);
    enum http_answer_progress progress = feed(bytes, size, &taken_whole, &whole);
    CHECK(feed(bytes, data[0] % 16 + 1, &taken_parts, &parts) == progress);
    CHECK(whole.status == parts.status && whole.body_bytes == parts.body_bytes);
    CHECK(whole.closes == parts.closes);
    CHECK(progress == HTTP_ANSWER_BAD || taken_whole == taken_parts);
    return 0;
}
