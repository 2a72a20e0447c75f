/*
 * What a responder sends, and the URL that names it: how an answer is cut into pieces makes no
 * difference to what is read, no body exceeds its bound, a URL that is taken cannot end a line.
 */
#include <stdlib.h>

#include "../../src/ocsp/reply.h"
#include "../../src/ocsp/responder_url.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    enum reply_progress progress;
    enum ocsp_fault fault;
    uint32_t body_length;
};

static struct reading read_in_pieces(struct bytes input, size_t piece, bool ends)
{
    struct buffer_pool pool;
    static struct reply reply;
    struct reading reading = {.progress = REPLY_NEEDS_MORE};
    size_t at = 0;
    buffer_pool_init(&pool);
    reply_init(&reply, HTTP_METHOD_POST);
    while (at < input.length && reading.progress == REPLY_NEEDS_MORE) {
        reading.progress = reply_read(&reply, &pool, bytes_slice(input, at, piece));
        at += piece;
    }
    if (reading.progress == REPLY_NEEDS_MORE && ends) {
        reading.progress = reply_end(&reply);
        CHECK(reading.progress != REPLY_NEEDS_MORE);
    }
    reading.fault = reply.fault;
    reading.body_length = buffer_length(&reply.body);
    CHECK(reading.body_length <= OCSP_RESPONSE_SIZE_MAX);
    CHECK((reading.progress == REPLY_FAILED) == (reading.fault != OCSP_FAULT_NONE));
    reply_release(&reply, &pool);
    CHECK(pool.lent_count == 0);
    buffer_pool_deinit(&pool);
    return reading;
}

static void read_url(struct bytes text)
{
    struct responder_url url;
    if (!responder_url_parse(text, &url)) {
        return;
    }
    CHECK(url.port != 0 && url.target.length > 0 && url.target.at[0] == '/');
    CHECK(memchr(url.host, '\0', sizeof(url.host)) != NULL && url.host[0] != '\0');
    for (size_t i = 0; i < text.length; i++) {
        CHECK(text.at[i] > ' ' && text.at[i] < 0x7F && text.at[i] != '#');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct bytes input = bytes_from(data + 1, size - 1);
    bool ends = (data[0] & 1) != 0;
    struct reading whole = read_in_pieces(input, input.length + 1, ends);
    struct reading cut = read_in_pieces(input, 1U + data[0] / 2, ends);
    CHECK(whole.progress == cut.progress && whole.fault == cut.fault);
    CHECK(whole.progress == REPLY_FAILED || whole.body_length == cut.body_length);
    read_url(input);
    return 0;
}
