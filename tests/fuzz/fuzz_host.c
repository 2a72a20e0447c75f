/*
 * Hosts and targets: what is accepted is in its lowest terms, reads again as itself, and lies
 * inside of what was given.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/text.h"
#include "http/host.h"
#include "http/request_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_host(struct bytes authority)
{
    char memory[HTTP_HOST_BYTES_MAX];
    char again_memory[HTTP_HOST_BYTES_MAX];
    char written[HTTP_HOST_BYTES_MAX + 10];
    struct host host;
    struct host again;
    if (!host_parse(authority, memory, &host)) {
        return;
    }
    CHECK(host.name.length > 0 && host.name.length <= authority.length);
    struct text text = text_over(written, sizeof(written));
    bool is_ipv6 = bytes_find(host.name, ':') < host.name.length;
    text_append_string(&text, is_ipv6 ? "[" : "");
    text_append(&text, host.name);
    text_append_string(&text, is_ipv6 ? "]" : "");
    if (host.port != 0) {
        text_append_char(&text, ':');
        text_append_number(&text, host.port);
    }
    CHECK(host_parse(text_bytes(&text), again_memory, &again));
    CHECK(bytes_equal(host.name, again.name) && host.port == again.port);
    CHECK(host.is_address == again.is_address);
    CHECK(host_matches_pattern(host.name, again.name));
}

static void judge_target(struct bytes target)
{
    struct request_uri uri;
    if (!request_uri_split(target, &uri)) {
        return;
    }
    CHECK(uri.path.length > 0);
    CHECK(uri.path_and_query.length <= target.length);
    CHECK(!uri.is_absolute || uri.authority.length > 0);
    CHECK(bytes_find(uri.path, '?') == uri.path.length);
    CHECK(bytes_find(uri.path_and_query, ' ') == uri.path_and_query.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    struct bytes bytes = bytes_from(copy, size);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    judge_host(bytes);
    judge_target(bytes);
    size_t half = size / 2;
    (void)host_matches_pattern(bytes_slice(bytes, 0, half), bytes_slice(bytes, half, size));
    free(copy);
    return 0;
}
