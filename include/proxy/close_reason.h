/*
 * Why a client's connection ended: one list for the enum, the log and the counters. Any thread;
 * constants.
 *
 * The first reason is the true one. A word ends up in dashboards: it is never changed, only added
 * to.
 */
#ifndef PROXY_CLOSE_REASON_H
#define PROXY_CLOSE_REASON_H

/* clang-format off */
#define CLOSE_REASON_LIST(X)                                                                      \
    X(CLOSE_CLIENT_FINISHED,    "client_finished",    "the client closed an idle connection")     \
    X(CLOSE_CLIENT_ABORTED,     "client_aborted",     "the client left before its answer was complete") \
    X(CLOSE_KEEPALIVE_ENDED,    "keepalive_ended",    "this was the connection's last request")   \
    X(CLOSE_KEEPALIVE_TIMEOUT,  "keepalive_timeout",  "no further request came in time")          \
    X(CLOSE_HANDSHAKE_TIMEOUT,  "handshake_timeout",  "the TLS handshake took too long")          \
    X(CLOSE_HANDSHAKE_FAILED,   "handshake_failed",   "the TLS handshake failed")                 \
    X(CLOSE_HANDSHAKE_ABORTED,  "handshake_aborted",  "the client left during the TLS handshake") \
    X(CLOSE_NOT_TLS,            "not_tls",            "the client does not speak TLS")            \
    X(CLOSE_UNRECOGNIZED_NAME,  "unrecognized_name",  "no listener has the server name asked for") \
    X(CLOSE_TLS_FAILED,         "tls_failed",         "the TLS connection broke its rules")       \
    X(CLOSE_REFUSED,            "refused",            "the client certificate was refused")       \
    X(CLOSE_REVOKED,            "revoked",            "the client certificate was revoked meanwhile") \
    X(CLOSE_BAD_REQUEST,        "bad_request",        "the request was malformed or over a limit") \
    X(CLOSE_REQUEST_TIMEOUT,    "request_timeout",    "the request did not arrive in time")       \
    X(CLOSE_SEND_TIMEOUT,       "send_timeout",       "the client stopped taking its answer")     \
    X(CLOSE_BACKEND_FAILED,     "backend_failed",     "the backend failed in the middle of its answer") \
    X(CLOSE_TUNNEL_ENDED,       "tunnel_ended",       "an upgraded connection came to its end")   \
    X(CLOSE_TUNNEL_TIMEOUT,     "tunnel_timeout",     "nothing moved on an upgraded connection")  \
    X(CLOSE_OVERLOAD,           "overload",           "memory or connections ran out")            \
    X(CLOSE_DRAINING,           "draining",           "the gateway is stopping")
/* clang-format on */

#define CLOSE_REASON_ENUM_ROW(name, word, text) name,
enum close_reason { CLOSE_NONE = 0, CLOSE_REASON_LIST(CLOSE_REASON_ENUM_ROW) CLOSE_REASON_COUNT };

/* As in the log: `keepalive_timeout`. */
const char *close_reason_word(enum close_reason reason);

/* An English sentence without a full stop. */
const char *close_reason_text(enum close_reason reason);

#endif
