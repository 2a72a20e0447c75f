/*
 * Why a TLS connection ended before its time, and the alert that the client is told. Any thread;
 * plain values.
 *
 * The words go into the access log and the metrics, the texts into messages for people. A row is
 * the only thing to add for a new reason; which wolfSSL code means what stands in tls_library.c.
 */
#ifndef TLS_TLS_FAILURE_H
#define TLS_TLS_FAILURE_H

#include <stdint.h>

/* RFC 8446 section 6, RFC 5246 section 7.2, RFC 7301 section 3.2. */
enum tls_alert {
    TLS_ALERT_NONE = -1,
    TLS_ALERT_CLOSE_NOTIFY = 0,
    TLS_ALERT_UNEXPECTED_MESSAGE = 10,
    TLS_ALERT_BAD_RECORD_MAC = 20,
    TLS_ALERT_RECORD_OVERFLOW = 22,
    TLS_ALERT_HANDSHAKE_FAILURE = 40,
    TLS_ALERT_BAD_CERTIFICATE = 42,
    TLS_ALERT_UNSUPPORTED_CERTIFICATE = 43,
    TLS_ALERT_ILLEGAL_PARAMETER = 47,
    TLS_ALERT_DECODE_ERROR = 50,
    TLS_ALERT_DECRYPT_ERROR = 51,
    TLS_ALERT_PROTOCOL_VERSION = 70,
    TLS_ALERT_INTERNAL_ERROR = 80,
    TLS_ALERT_INAPPROPRIATE_FALLBACK = 86,
    TLS_ALERT_NO_RENEGOTIATION = 100,
    TLS_ALERT_MISSING_EXTENSION = 109,
    TLS_ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/* clang-format off */
/* Name, word, alert that we send (NONE: TLS allows none any more), text. */
#define TLS_FAILURE_LIST(X) \
    X(NOT_TLS,               "not_tls",               DECODE_ERROR,            "what the client sent is not TLS") \
    X(PROTOCOL_VERSION,      "protocol_version",      PROTOCOL_VERSION,        "no TLS version in common") \
    X(NO_SHARED_CIPHER,      "no_shared_cipher",      HANDSHAKE_FAILURE,       "no cipher suite in common") \
    X(NO_SHARED_GROUP,       "no_shared_group",       HANDSHAKE_FAILURE,       "no key exchange group in common") \
    X(NO_SHARED_SIGNATURE,   "no_shared_signature",   HANDSHAKE_FAILURE,       "no signature algorithm in common") \
    X(NO_SHARED_PROTOCOL,    "no_shared_protocol",    NO_APPLICATION_PROTOCOL, "no application protocol in common") \
    X(FALLBACK,              "fallback",              INAPPROPRIATE_FALLBACK,  "the client fell back to an older TLS version than both know") \
    X(MISSING_EXTENSION,     "missing_extension",     MISSING_EXTENSION,       "a necessary TLS extension is missing") \
    X(CERTIFICATE_MALFORMED, "certificate_malformed", BAD_CERTIFICATE,         "the client's certificate could not be parsed") \
    X(CERTIFICATE_TOO_LARGE, "certificate_too_large", BAD_CERTIFICATE,         "the client's certificate chain is too long or too large") \
    X(CERTIFICATE_KEY,       "certificate_key",       UNSUPPORTED_CERTIFICATE, "the client's certificate has a key of a kind that cannot be used") \
    X(POSSESSION,            "possession",            DECRYPT_ERROR,           "the client did not prove that it holds the key of its certificate") \
    X(ALERT_RECEIVED,        "alert_received",        NONE,                    "the client sent an alert") \
    X(UNEXPECTED_MESSAGE,    "unexpected_message",    UNEXPECTED_MESSAGE,      "a TLS message came out of its order") \
    X(RENEGOTIATION,         "renegotiation",         NO_RENEGOTIATION,        "the client asked for a new handshake within its connection") \
    X(ILLEGAL_PARAMETER,     "illegal_parameter",     ILLEGAL_PARAMETER,       "a TLS message holds a value that is not allowed") \
    X(DECODE_ERROR,          "decode_error",          DECODE_ERROR,            "a TLS message could not be parsed") \
    X(BAD_RECORD,            "bad_record",            BAD_RECORD_MAC,          "a TLS record could not be decrypted") \
    X(BAD_FINISHED,          "bad_finished",          DECRYPT_ERROR,           "the proof of the handshake's integrity is wrong") \
    X(RECORD_TOO_LARGE,      "record_too_large",      RECORD_OVERFLOW,         "a TLS record is larger than allowed") \
    X(HELLO_TOO_LARGE,       "hello_too_large",       ILLEGAL_PARAMETER,       "the ClientHello is larger than allowed") \
    X(RECORD_FLOOD,          "record_flood",          UNEXPECTED_MESSAGE,      "too many TLS records that carry nothing") \
    X(OUT_OF_MEMORY,         "out_of_memory",         INTERNAL_ERROR,          "out of memory") \
    X(INTERNAL,              "internal",              INTERNAL_ERROR,          "the TLS library failed")
/* clang-format on */

#define TLS_FAILURE_ENUM_ROW(name, word, alert, text) TLS_FAILURE_##name,
enum tls_failure { TLS_FAILURE_NONE = 0, TLS_FAILURE_LIST(TLS_FAILURE_ENUM_ROW) TLS_FAILURE_COUNT };

/* For logs and metrics: lower case and underscores; "none" for TLS_FAILURE_NONE. Never NULL. */
const char *tls_failure_word(enum tls_failure failure);

/* A short English sentence without a full stop. Never NULL. */
const char *tls_failure_text(enum tls_failure failure);

/* The alert that ends the connection for this reason. */
enum tls_alert tls_failure_alert(enum tls_failure failure);

/* RFC 8446's name of an alert number as a peer may send it, "unknown" for others. */
const char *tls_failure_alert_name(uint8_t alert);

#endif
