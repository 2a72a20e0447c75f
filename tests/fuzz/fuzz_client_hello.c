/*
 * The first flight: however it is cut, the answer is the same; a name that passes is clean; what
 * goes on to wolfSSL is one record.
 */
#include <stdlib.h>

#include "base/check.h"
#include "tls/client_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each piece in memory of its own, so that reading past it is seen. */
static enum client_hello_status feed(struct client_hello *hello, struct bytes input, size_t size)
{
    enum client_hello_status status = CLIENT_HELLO_NEEDS_MORE;
    client_hello_init(hello);
    while (status == CLIENT_HELLO_NEEDS_MORE && input.length > 0) {
        struct bytes slice = bytes_slice(input, 0, size);
        uint8_t *copy = malloc(slice.length);
        memcpy(copy, slice.at, slice.length);
        struct bytes piece = bytes_from(copy, slice.length);
        status = client_hello_feed(hello, &piece);
        CHECK(status != CLIENT_HELLO_NEEDS_MORE || piece.length == 0);
        input = bytes_slice(input, slice.length - piece.length, SIZE_MAX);
        free(copy);
    }
    return status;
}

static void judge(const struct client_hello *hello, struct bytes flight)
{
    CHECK(strspn(hello->server_name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
          strlen(hello->server_name));
    CHECK(flight.length <= CLIENT_HELLO_SIZE_MAX + 5 && flight.at[0] == 22);
    CHECK((size_t)(flight.at[3] << 8 | flight.at[4]) == flight.length - 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct client_hello whole;
    struct client_hello cut;
    if (size < 2) {
        return 0;
    }
    struct bytes input = bytes_from(data + 1, size - 1);
    struct bytes rest = input;
    client_hello_init(&whole);
    enum client_hello_status status = client_hello_feed(&whole, &rest);
    CHECK(feed(&cut, input, data[0] % 16 + 1u) == status && cut.failure == whole.failure);
    if (status == CLIENT_HELLO_COMPLETE) {
        judge(&whole, whole.flight);
        CHECK(strcmp(whole.server_name, cut.server_name) == 0 && whole.versions == cut.versions &&
              whole.signatures == cut.signatures && whole.groups == cut.groups);
    }
    client_hello_deinit(&whole);
    client_hello_deinit(&cut);
    return 0;
}
