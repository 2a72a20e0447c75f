/*
 * The kinds of keys a server certificate may have, weakest demand on the client last. Plain values.
 *
 * The order is the order of choice: the first that a client can take is used (a P-256 signature
 * costs a thirtieth of an RSA one).
 */
#ifndef TLS_TLS_KEY_KIND_H
#define TLS_TLS_KEY_KIND_H

/* clang-format off */
#define TLS_KEY_KIND_LIST(X) \
    X(TLS_KEY_ECDSA_P256, "ECDSA P-256") \
    X(TLS_KEY_ECDSA_P384, "ECDSA P-384") \
    X(TLS_KEY_ECDSA_P521, "ECDSA P-521") \
    X(TLS_KEY_ED25519,    "Ed25519") \
    X(TLS_KEY_RSA,        "RSA")
/* clang-format on */

#define TLS_KEY_KIND_ENUM_ROW(name, text) name,
enum tls_key_kind { TLS_KEY_KIND_LIST(TLS_KEY_KIND_ENUM_ROW) TLS_KEY_KIND_COUNT };

#endif
