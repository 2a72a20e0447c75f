/*
 * One trusted_client_ca file as it stands on disk: the certificates in it, with their lines.
 * Control thread only; whoever loads it owns it. What the certificates are to each other is
 * trusted_chain.h's matter.
 */
#ifndef TRUST_CA_FILE_H
#define TRUST_CA_FILE_H

#include "base/result.h"
#include "certificate.h"
#include "config/config.h"
#include "config/diagnostics.h"

/* Spec of trusted client CA chains: 25 KB a file. */
#define CA_FILE_SIZE_MAX 25600

/* More than fit such a file. */
#define CA_FILE_CERTIFICATE_COUNT_MAX 128

/*
 * The codes that users of the original know, each with what to do about it. Messages are built from
 * the rows: code: what is wrong; remedy.
 */
/* clang-format off */
#define CA_FILE_FAULT_LIST(X)                                                                                                 \
    X(CA_FILE_NO_DATA,         "ApplicationGatewayTrustedClientCertificateMustSpecifyData",                                   \
      "put the root certificate of the clients, and their intermediates, into it as PEM")                                    \
    X(CA_FILE_PRIVATE_KEY,     "ApplicationGatewayTrustedClientCertificateMustNotHavePrivateKey",                             \
      "remove the private key; and as it was stored here, consider it known")                                                \
    X(CA_FILE_INVALID_DATA,    "ApplicationGatewayTrustedClientCertificateInvalidData",                                       \
      "export the chain anew as PEM (Base-64 X.509)")                                                                        \
    X(CA_FILE_NO_CA,           "ApplicationGatewayTrustedClientCertificateDoesNotContainAnyCACertificate",                    \
      "add the CA that issued the clients: a certificate with basicConstraints CA:TRUE")                                     \
    X(CA_FILE_NOT_ONE_ROOT,    "ApplicationGatewayOnlyOneRootCAAllowedInTrustedClientCertificate",                            \
      "leave exactly one self-signed CA in the file; put each further root into a file of its own")
/* clang-format on */

#define CA_FILE_FAULT_ENUM_ROW(name, code, remedy) name,
enum ca_file_fault { CA_FILE_FAULT_LIST(CA_FILE_FAULT_ENUM_ROW) CA_FILE_FAULT_COUNT };

struct ca_file_certificate {
    struct certificate certificate;
    int line; /* of its BEGIN */
};

struct ca_file {
    const char *path; /* the caller's */
    uint8_t *memory;  /* what the certificates point into */
    struct ca_file_certificate *certificates;
    size_t count;
};

/*
 * Reads the file that the setting names. Every mistake goes to diagnostics, with the setting's
 * place when the file cannot be read and with file and line when its content is wrong; then
 * ERROR_BAD_CONFIG.
 */
struct result ca_file_read(const struct config_text *setting, struct diagnostics *diagnostics,
                           struct ca_file *ret_file);

/* The same over bytes at hand. */
struct result ca_file_parse(const char *path, struct bytes text, struct diagnostics *diagnostics,
                            struct ca_file *ret_file);

/* Accepts a zeroed one. */
void ca_file_deinit(struct ca_file *file);

/* Puts an error about this line into diagnostics: code, what is wrong, remedy. */
[[gnu::format(printf, 5, 6)]] void ca_file_report(struct diagnostics *diagnostics,
                                                  enum ca_file_fault fault, const char *path,
                                                  int line, const char *format, ...);

#endif
