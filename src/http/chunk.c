/* Writing the chunked coding. */
#include "http/chunk.h"
#include "base/check.h"

void chunk_append_header(struct text *text, uint64_t size_bytes)
{
    char digits[16];
    size_t start = sizeof(digits);
    /* A chunk of size 0 would end the body. */
    CHECK(size_bytes > 0);
    for (; size_bytes != 0; size_bytes >>= 4) {
        digits[--start] = "0123456789abcdef"[size_bytes & 15];
    }
    text_append(text, bytes_from(digits + start, sizeof(digits) - start));
    text_append(text, BYTES_OF("\r\n"));
}

void chunk_append_end(struct text *text)
{
    text_append(text, BYTES_OF("\r\n"));
}

void chunk_append_last(struct text *text)
{
    text_append(text, BYTES_OF("0\r\n\r\n"));
}
