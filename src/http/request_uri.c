/* Splitting a request target into its parts. */
#include "http/request_uri.h"
#include "byte_class.h"

/* clang-format off */
static const struct {
    struct bytes prefix;
    uint16_t port;
} schemes[] = {
    {BYTES_OF("http://"),   80},
    {BYTES_OF("https://"), 443},
};
/* clang-format on */

static bool has_prefix(struct bytes target, struct bytes prefix)
{
    return bytes_equal_ignoring_case(bytes_slice(target, 0, prefix.length), prefix);
}

static void split_path(struct bytes path_and_query, struct request_uri *uri)
{
    size_t mark = bytes_find(path_and_query, '?');
    uri->path_and_query = path_and_query;
    uri->path = mark == 0 ? BYTES_OF("/") : bytes_slice(path_and_query, 0, mark);
    uri->has_query = mark < path_and_query.length;
    uri->query = bytes_slice(path_and_query, mark + 1, path_and_query.length);
}

static bool split_absolute(struct bytes target, struct request_uri *uri)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (!has_prefix(target, schemes[i].prefix)) {
            continue;
        }
        struct bytes rest = bytes_slice(target, schemes[i].prefix.length, target.length);
        size_t slash = bytes_find(rest, '/');
        size_t mark = bytes_find(rest, '?');
        uri->authority = bytes_slice(rest, 0, slash < mark ? slash : mark);
        uri->is_absolute = true;
        uri->default_port = schemes[i].port;
        split_path(bytes_slice(rest, uri->authority.length, rest.length), uri);
        return uri->authority.length > 0;
    }
    return false;
}

bool request_uri_split(struct bytes target, struct request_uri *ret_uri)
{
    struct request_uri uri = {0};
    if (target.length == 0 || byte_class_span(target, BYTE_OF_TARGET) < target.length) {
        return false;
    }
    if (target.at[0] == '/') {
        split_path(target, &uri);
    } else if (bytes_equal(target, BYTES_OF("*"))) {
        split_path(target, &uri);
        uri.is_asterisk = true;
    } else if (!split_absolute(target, &uri)) {
        return false;
    }
    *ret_uri = uri;
    return true;
}
