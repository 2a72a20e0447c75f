/*
 * The server variables, as {var_NAME} in rewrite rules: the one list that the configuration checks
 * names by, the reference prints, and src/proxy/variables.c fills. Any thread; constants.
 */
#ifndef CONFIG_VARIABLE_NAMES_H
#define CONFIG_VARIABLE_NAMES_H

/* clang-format off */
#define VARIABLE_LIST(X)                                                                                                    \
    X(ADD_X_FORWARDED_FOR_PROXY,             add_x_forwarded_for_proxy,             "X-Forwarded-For of the client with its own address appended, without ports") \
    X(CIPHERS_USED,                          ciphers_used,                          "cipher suite of the connection")       \
    X(CLIENT_CERTIFICATE,                    client_certificate,                    "PEM of the client's certificate, percent-encoded") \
    X(CLIENT_CERTIFICATE_COMMON_NAME,        client_certificate_common_name,        "last CN of the subject")               \
    X(CLIENT_CERTIFICATE_END_DATE,           client_certificate_end_date,           "notAfter, as Apr 30 15:32:00 2023 GMT") \
    X(CLIENT_CERTIFICATE_FINGERPRINT,        client_certificate_fingerprint,        "SHA-1 of the DER, 40 lowercase hex digits") \
    X(CLIENT_CERTIFICATE_FINGERPRINT_SHA256, client_certificate_fingerprint_sha256, "SHA-256 of the DER, 64 lowercase hex digits") \
    X(CLIENT_CERTIFICATE_ISSUER,             client_certificate_issuer,             "issuer, RFC 2253")                     \
    X(CLIENT_CERTIFICATE_SAN,                client_certificate_san,                "subject alternative names, DNS:a,URI:b") \
    X(CLIENT_CERTIFICATE_SERIAL,             client_certificate_serial,             "serial number, uppercase hex, whole bytes") \
    X(CLIENT_CERTIFICATE_START_DATE,         client_certificate_start_date,         "notBefore, as Apr 30 15:32:00 2023 GMT") \
    X(CLIENT_CERTIFICATE_SUBJECT,            client_certificate_subject,            "subject, RFC 2253")                    \
    X(CLIENT_CERTIFICATE_VERDICT,            client_certificate_verdict,            "SUCCESS, NONE or FAILED:reason, in every mode") \
    X(CLIENT_CERTIFICATE_VERIFICATION,       client_certificate_verification,       "SUCCESS; in passthrough PASSTHROUGH or NONE") \
    X(CLIENT_IP,                             client_ip,                             "address of the client")                \
    X(CLIENT_PORT,                           client_port,                           "port of the client")                   \
    X(CLIENT_TCP_RTT,                        client_tcp_rtt,                        "round trip time to the client in microseconds") \
    X(HOST,                                  host,                                  "host the request is for, without its port") \
    X(HTTP_METHOD,                           http_method,                           "method of the request")                \
    X(HTTP_STATUS,                           http_status,                           "status of the answer; empty before it") \
    X(HTTP_VERSION,                          http_version,                          "HTTP/1.0 or HTTP/1.1")                 \
    X(QUERY_STRING,                          query_string,                          "what follows the ? of the target")     \
    X(RECEIVED_BYTES,                        received_bytes,                        "bytes of the request so far")          \
    X(REQUEST_QUERY,                         request_query,                         "the same as query_string")             \
    X(REQUEST_SCHEME,                        request_scheme,                        "https")                                \
    X(REQUEST_URI,                           request_uri,                           "target as the client sent it")         \
    X(SENT_BYTES,                            sent_bytes,                            "bytes of the answer so far")           \
    X(SERVER_PORT,                           server_port,                           "port that accepted the connection")    \
    X(SSL_CONNECTION_PROTOCOL,               ssl_connection_protocol,               "TLSv1.2 or TLSv1.3")                   \
    X(SSL_ENABLED,                           ssl_enabled,                           "On")                                   \
    X(URI_PATH,                              uri_path,                              "target up to its ?")
/* clang-format on */

#define VARIABLE_ENUM_ROW(id, name, help) VARIABLE_##id,
enum variable { VARIABLE_LIST(VARIABLE_ENUM_ROW) VARIABLE_COUNT };

#endif
