/*
 * A file with the certificates that a client presents, the leaf first: PEM, or one in DER. The main
 * thread's; whoever reads it owns it.
 *
 * A private key in it is passed over and never shown, and the memory is wiped.
 */
#ifndef CLI_CLIENT_FILE_H
#define CLI_CLIENT_FILE_H

#include <stdbool.h>

#include "base/bytes.h"

/* More than a gateway takes of a client; further ones are counted only. */
#define CLIENT_FILE_CERTIFICATE_COUNT_MAX 32

#define CLIENT_FILE_SIZE_MAX (1024 * 1024)

/* Why a file presents nothing; a row is the enum value and what is wrong, with what to do. */
/* clang-format off */
#define CLIENT_FILE_FAULT_LIST(X)                                                                                           \
    X(CLIENT_FILE_READ,              "")                                                                                    \
    X(CLIENT_FILE_UNREADABLE,        "cannot be read")                                                                      \
    X(CLIENT_FILE_EMPTY,             "is empty")                                                                            \
    X(CLIENT_FILE_TOO_LARGE,         "is larger than 1 MiB, which no certificate chain is")                                 \
    X(CLIENT_FILE_NO_CERTIFICATE,    "holds no certificate: expected PEM (-----BEGIN CERTIFICATE-----) or DER")             \
    X(CLIENT_FILE_ONLY_PRIVATE_KEY,  "holds a private key and no certificate: give the certificate's file")                 \
    X(CLIENT_FILE_ONLY_OTHER_BLOCKS, "holds PEM of another kind and no certificate (openssl x509 makes plain certificates)") \
    X(CLIENT_FILE_KEY_OR_PFX,        "is DER, but a private key or a PFX and no certificate (openssl pkcs12 -nokeys takes it out of a PFX)") \
    X(CLIENT_FILE_UNFINISHED,        "has a certificate that begins on this line and has no END line of its own")           \
    X(CLIENT_FILE_BAD_BASE64,        "has a certificate that is not base64 on this line")                                   \
    X(CLIENT_FILE_NO_MEMORY,         "does not fit the memory")
/* clang-format on */

#define CLIENT_FILE_FAULT_ENUM_ROW(name, text) name,
enum client_file_fault {
    CLIENT_FILE_FAULT_LIST(CLIENT_FILE_FAULT_ENUM_ROW) CLIENT_FILE_FAULT_COUNT
};

struct client_file {
    enum client_file_fault fault; /* CLIENT_FILE_READ: there is one certificate at least */
    int fault_line;               /* 0: the file as a whole */
    int error_number;             /* errno of CLIENT_FILE_UNREADABLE */
    struct bytes chain[CLIENT_FILE_CERTIFICATE_COUNT_MAX];
    size_t count;
    size_t omitted_count; /* certificates past the maximum */
    bool has_private_key;
    uint8_t *content; /* the file's bytes; chain points into it or into decoded */
    size_t content_length;
    uint8_t *decoded;
};

/* Reads path; a FIFO is read to its end. What went wrong is in ret_file->fault. */
void client_file_read(const char *path, struct client_file *ret_file);

/* Accepts a zeroed one. */
void client_file_deinit(struct client_file *file);

/* Static, never NULL. */
const char *client_file_fault_text(enum client_file_fault fault);

#endif
