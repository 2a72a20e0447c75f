/*
 * The request methods that the gateway passes on, and the two it refuses. Constants; any thread.
 *
 * A method is case-sensitive (RFC 9110 9.1). One that is not here is answered with 501. Every row
 * must be a method that llhttp knows too.
 */
#ifndef HTTP_HTTP_METHOD_H
#define HTTP_HTTP_METHOD_H

#include <stdbool.h>

#include "base/bytes.h"

/* clang-format off */
/*    id           name           may be sent again when no answer came (RFC 9110 9.2.2, RFC 4918 and others) */
#define HTTP_METHOD_LIST(X)                 \
    X(GET,         "GET",         true)     \
    X(HEAD,        "HEAD",        true)     \
    X(POST,        "POST",        false)    \
    X(PUT,         "PUT",         true)     \
    X(DELETE,      "DELETE",      true)     \
    X(PATCH,       "PATCH",       false)    \
    X(OPTIONS,     "OPTIONS",     true)     \
    X(TRACE,       "TRACE",       true)     \
    X(CONNECT,     "CONNECT",     false)    \
    X(ACL,         "ACL",         false)    \
    X(BIND,        "BIND",        false)    \
    X(CHECKOUT,    "CHECKOUT",    false)    \
    X(COPY,        "COPY",        false)    \
    X(LINK,        "LINK",        false)    \
    X(LOCK,        "LOCK",        false)    \
    X(MSEARCH,     "M-SEARCH",    false)    \
    X(MERGE,       "MERGE",       false)    \
    X(MKACTIVITY,  "MKACTIVITY",  false)    \
    X(MKCALENDAR,  "MKCALENDAR",  false)    \
    X(MKCOL,       "MKCOL",       false)    \
    X(MOVE,        "MOVE",        false)    \
    X(NOTIFY,      "NOTIFY",      false)    \
    X(PROPFIND,    "PROPFIND",    true)     \
    X(PROPPATCH,   "PROPPATCH",   false)    \
    X(PURGE,       "PURGE",       false)    \
    X(QUERY,       "QUERY",       true)     \
    X(REBIND,      "REBIND",      false)    \
    X(REPORT,      "REPORT",      true)     \
    X(SEARCH,      "SEARCH",      true)     \
    X(SUBSCRIBE,   "SUBSCRIBE",   false)    \
    X(UNBIND,      "UNBIND",      false)    \
    X(UNLINK,      "UNLINK",      false)    \
    X(UNLOCK,      "UNLOCK",      false)    \
    X(UNSUBSCRIBE, "UNSUBSCRIBE", false)
/* clang-format on */

#define HTTP_METHOD_ENUM_ROW(id, name, is_idempotent) HTTP_METHOD_##id,
enum http_method { HTTP_METHOD_LIST(HTTP_METHOD_ENUM_ROW) HTTP_METHOD_COUNT };

/* HTTP_METHOD_COUNT when token is none of them. */
enum http_method http_method_find(struct bytes token);

/* As it stands in a request line; method below HTTP_METHOD_COUNT. */
struct bytes http_method_name(enum http_method method);

/* Whether a request that may have reached the backend may be sent to it once more. */
bool http_method_is_idempotent(enum http_method method);

/*
 * Whether input may be the beginning of a request: a method and a space, or the first part of that.
 * For telling plain HTTP on a TLS port by its first bytes; false for none.
 */
bool http_method_may_begin(struct bytes input);

#endif
