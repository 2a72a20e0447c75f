/*
 * The reading of a responder's URL, by the parts that read request targets and Host fields too.
 * Called for each fetch before anything is looked up or connected to.
 */
#include "responder_url.h"

#include "http/host.h"
#include "http/request_uri.h"

#define HTTP_PORT 80

/* Of what a request target may hold, RFC 3986 does not allow these in a URL. */
static bool is_unsafe(uint8_t byte)
{
    return byte <= ' ' || byte >= 0x7F || strchr("\"#<>[\\]^`{|}", byte) != NULL;
}

static bool is_safe_target(struct bytes target)
{
    for (size_t i = 0; i < target.length; i++) {
        if (is_unsafe(target.at[i])) {
            return false;
        }
    }
    return true;
}

bool responder_url_parse(struct bytes text, struct responder_url *ret_url)
{
    struct request_uri uri;
    struct host host;
    char name[HTTP_HOST_BYTES_MAX];
    if (text.length >= OCSP_URL_SIZE_MAX || !request_uri_split(text, &uri) || !uri.is_absolute ||
        uri.default_port != HTTP_PORT || !host_parse(uri.authority, name, &host)) {
        return false;
    }
    /* A query without a path is not worth rewriting. */
    if (!is_safe_target(uri.path_and_query) ||
        (uri.path_and_query.length > 0 && uri.path_and_query.at[0] != '/')) {
        return false;
    }
    *ret_url = (struct responder_url){
        .port = host.port == 0 ? HTTP_PORT : host.port,
        .is_address = host.is_address,
        .has_query = uri.has_query,
        .authority = uri.authority,
        .target = uri.path_and_query.length == 0 ? BYTES_OF("/") : uri.path_and_query,
    };
    memcpy(ret_url->host, host.name.at, host.name.length); /* zeroed and a byte larger */
    return true;
}
