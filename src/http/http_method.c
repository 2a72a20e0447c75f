/* Finding and naming request methods. */
#include "http/http_method.h"
#include "base/check.h"

#define METHOD_ROW(id, name, is_idempotent) {BYTES_OF(name), is_idempotent},

static const struct {
    struct bytes name;
    bool is_idempotent;
} methods[HTTP_METHOD_COUNT] = {HTTP_METHOD_LIST(METHOD_ROW)};

enum http_method http_method_find(struct bytes token)
{
    for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++) {
        if (bytes_equal(methods[method].name, token)) {
            return (enum http_method)method;
        }
    }
    return HTTP_METHOD_COUNT;
}

struct bytes http_method_name(enum http_method method)
{
    CHECK(method < HTTP_METHOD_COUNT);
    return methods[method].name;
}

bool http_method_is_idempotent(enum http_method method)
{
    CHECK(method < HTTP_METHOD_COUNT);
    return methods[method].is_idempotent;
}

bool http_method_may_begin(struct bytes input)
{
    struct bytes word = bytes_slice(input, 0, bytes_find(input, ' '));
    bool is_whole = word.length < input.length;
    for (unsigned method = 0; word.length > 0 && method < HTTP_METHOD_COUNT; method++) {
        struct bytes name = methods[method].name;
        if (bytes_equal(is_whole ? name : bytes_slice(name, 0, word.length), word)) {
            return true;
        }
    }
    return false;
}
