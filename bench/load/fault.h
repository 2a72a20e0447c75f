/*
 * What can go wrong with an operation, each kind with its word for JSON and its text for people.
 * Any thread; plain values.
 *
 * A fault is of the server, the network or this machine; a mistake in the command line is none.
 */
#ifndef LOAD_FAULT_H
#define LOAD_FAULT_H

/* clang-format off */
#define FAULT_LIST(X)                                                                              \
    X(CONNECT_REFUSED,    "connect_refused",    "nobody listens there")                            \
    X(CONNECT,            "connect",            "the connection could not be made")                \
    X(TIMEOUT,            "timeout",            "it took longer than --timeout")                   \
    X(TLS,                "tls",                "TLS failed")                                      \
    X(TLS_ALERT,          "tls_alert",          "the server sent a TLS alert")                     \
    X(SERVER_CERTIFICATE, "server_certificate", "the server's certificate is not trusted")         \
    X(CLOSED,             "closed",             "the server closed before the answer was whole")   \
    X(RESET,              "reset",              "the connection was reset")                        \
    X(BAD_ANSWER,         "bad_answer",         "the answer is not HTTP/1")                        \
    X(HTTP_400,           "http_400",           "status 400, such as for a refused certificate")   \
    X(HTTP_4XX,           "http_4xx",           "another status from 400 to 499")                  \
    X(HTTP_5XX,           "http_5xx",           "a status from 500 to 599")                        \
    X(HTTP_OTHER,         "http_other",         "a status that was not expected")                  \
    X(NOT_RESUMED,        "not_resumed",        "the server wanted a full handshake")              \
    X(NOT_HELD,           "not_held",           "an idle connection was ended by the server")      \
    X(UNFINISHED,         "unfinished",         "it had not ended, or not begun, when the run did")
/* clang-format on */

#define FAULT_ENUM_ROW(name, word, text) FAULT_##name,
enum fault { FAULT_NONE = 0, FAULT_LIST(FAULT_ENUM_ROW) FAULT_COUNT };
#undef FAULT_ENUM_ROW

/* For FAULT_NONE "none". */
const char *fault_word(enum fault fault);
const char *fault_text(enum fault fault);

/* The fault of a status (100 to 599) when expected is wanted, or any of 200 to 299 when it is 0. */
enum fault fault_of_status(unsigned status, unsigned expected);

#endif
