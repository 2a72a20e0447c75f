/*
 * The field names that some part of the gateway asks for, known by number. Constants; any thread.
 *
 * The order is by length, then as it pleases: field_name_find() looks only at names of the right
 * length.
 */
#ifndef HTTP_FIELD_NAME_H
#define HTTP_FIELD_NAME_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * What becomes of a field when a message is passed on, whatever its Connection field nominates
 * (RFC 9110 7.6.1, RFC 9112 9).
 */
enum field_fate {
    FIELD_IS_FORWARDED,
    FIELD_IS_OF_THE_HOP, /* says something to us alone, or is one we never pass on */
    FIELD_IS_OF_FRAMING, /* written anew from how we frame the body */
};

/* clang-format off */
#define FIELD_NAME_LIST(X)                                              \
    X(TE,                  "TE",                  FIELD_IS_OF_THE_HOP)  \
    X(HOST,                "Host",                FIELD_IS_FORWARDED)   \
    X(DATE,                "Date",                FIELD_IS_FORWARDED)   \
    X(PROXY,               "Proxy",               FIELD_IS_OF_THE_HOP)  \
    X(COOKIE,              "Cookie",              FIELD_IS_FORWARDED)   \
    X(EXPECT,              "Expect",              FIELD_IS_FORWARDED)   \
    X(SERVER,              "Server",              FIELD_IS_FORWARDED)   \
    X(REFERER,             "Referer",             FIELD_IS_FORWARDED)   \
    X(TRAILER,             "Trailer",             FIELD_IS_OF_THE_HOP)  \
    X(UPGRADE,             "Upgrade",             FIELD_IS_OF_THE_HOP)  \
    X(CONNECTION,          "Connection",          FIELD_IS_OF_THE_HOP)  \
    X(KEEP_ALIVE,          "Keep-Alive",          FIELD_IS_OF_THE_HOP)  \
    X(USER_AGENT,          "User-Agent",          FIELD_IS_FORWARDED)   \
    X(TRACEPARENT,         "traceparent",         FIELD_IS_FORWARDED)   \
    X(CLIENT_CERT,         "Client-Cert",         FIELD_IS_FORWARDED)   \
    X(X_REQUEST_ID,        "X-Request-Id",        FIELD_IS_FORWARDED)   \
    X(CONTENT_TYPE,        "Content-Type",        FIELD_IS_FORWARDED)   \
    X(AUTHORIZATION,       "Authorization",       FIELD_IS_FORWARDED)   \
    X(X_CLIENT_CERT,       "X-Client-Cert",       FIELD_IS_FORWARDED)   \
    X(CONTENT_LENGTH,      "Content-Length",      FIELD_IS_OF_FRAMING)  \
    X(HTTP2_SETTINGS,      "HTTP2-Settings",      FIELD_IS_OF_THE_HOP)  \
    X(X_FORWARDED_FOR,     "X-Forwarded-For",     FIELD_IS_FORWARDED)   \
    X(X_ORIGINAL_HOST,     "X-Original-Host",     FIELD_IS_FORWARDED)   \
    X(PROXY_CONNECTION,    "Proxy-Connection",    FIELD_IS_OF_THE_HOP)  \
    X(X_FORWARDED_PORT,    "X-Forwarded-Port",    FIELD_IS_FORWARDED)   \
    X(X_APPGW_TRACE_ID,    "X-AppGW-Trace-Id",    FIELD_IS_FORWARDED)   \
    X(X_ARR_CLIENTCERT,    "X-ARR-ClientCert",    FIELD_IS_FORWARDED)   \
    X(X_FORWARDED_HOST,    "X-Forwarded-Host",    FIELD_IS_FORWARDED)   \
    X(TRANSFER_ENCODING,   "Transfer-Encoding",   FIELD_IS_OF_FRAMING)  \
    X(CLIENT_CERT_CHAIN,   "Client-Cert-Chain",   FIELD_IS_FORWARDED)   \
    X(X_FORWARDED_PROTO,   "X-Forwarded-Proto",   FIELD_IS_FORWARDED)   \
    X(PROXY_AUTHENTICATE,  "Proxy-Authenticate",  FIELD_IS_FORWARDED)   \
    X(PROXY_AUTHORIZATION, "Proxy-Authorization", FIELD_IS_FORWARDED)
/* clang-format on */

#define FIELD_NAME_ENUM_ROW(id, name, fate) FIELD_NAME_##id,
enum field_name { FIELD_NAME_UNKNOWN, FIELD_NAME_LIST(FIELD_NAME_ENUM_ROW) FIELD_NAME_COUNT };

/* In any case of letters; FIELD_NAME_UNKNOWN when name is none of them. */
enum field_name field_name_find(struct bytes name);

/* As usually written; empty for FIELD_NAME_UNKNOWN. */
struct bytes field_name_text(enum field_name name);

enum field_fate field_name_fate(enum field_name name);

/* At least one byte, token characters only (RFC 9110 5.6.2). */
bool field_name_is_valid(struct bytes name);

/* Whether name consists of letters, digits and hyphens: what is passed on to a backend. */
bool field_name_is_plain(struct bytes name);

/*
 * Whether a backend may take both for one: letters of any case, and _ stands for - (CGI turns both
 * into _, so X_Client_Cert would arrive as X-Client-Cert does).
 */
bool field_name_is_alike(struct bytes a, struct bytes b);

#endif
