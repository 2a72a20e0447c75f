/*
 * Reads a whole ClientHello message. Used by client_hello.c only, which puts the message together.
 */
#ifndef TLS_CLIENT_HELLO_PARSER_H
#define TLS_CLIENT_HELLO_PARSER_H

#include "tls/client_hello.h"

/* The bits of client_hello.signatures and client_hello.groups. */
enum client_hello_signature {
    SIGNATURE_P256 = 1,
    SIGNATURE_P384 = 2,
    SIGNATURE_P521 = 4,
    SIGNATURE_ED25519 = 8,
    SIGNATURE_RSA_PSS = 16,
    SIGNATURE_RSA_PKCS1 = 32,
    SIGNATURE_ECDSA = SIGNATURE_P256 | SIGNATURE_P384 | SIGNATURE_P521,
    SIGNATURE_RSA = SIGNATURE_RSA_PSS | SIGNATURE_RSA_PKCS1,
};

enum client_hello_group {
    GROUP_NONE = 0,
    GROUP_P256 = 1,
    GROUP_P384 = 2,
    GROUP_P521 = 4,
    GROUP_X25519 = 8,
    GROUP_X25519MLKEM768 = 16,
};

/* The bit of a group by IANA's number, GROUP_NONE for one that is not known. */
uint32_t client_hello_parser_group(uint16_t number);

/*
 * message: with its four-byte header, whose type and length are known to be right. Sets the outer
 * fields of hello; TLS_FAILURE_NONE or what is wrong with it.
 */
enum tls_failure client_hello_parser_read(struct client_hello *hello, struct bytes message);

#endif
