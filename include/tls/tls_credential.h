/*
 * A server certificate chain and its private key, read from PEM files and checked.
 *
 * Made by the control thread, immutable afterwards, read by any thread that makes a tls_context of
 * it, and destroyed when no context will be made any more (contexts keep copies of their own). The
 * private key is wiped from memory by tls_credential_destroy().
 */
#ifndef TLS_TLS_CREDENTIAL_H
#define TLS_TLS_CREDENTIAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "config/diagnostics.h"
#include "tls/tls_key_kind.h"

struct tls_credential;

/*
 * Reads and checks the files. Every mistake is put into diagnostics at the place of the path that
 * is to blame, warnings too (expiry, a key file that others may read); with any error
 * ERROR_BAD_CONFIG and no credential.
 */
struct result tls_credential_create(const struct config_certificate *files,
                                    struct diagnostics *diagnostics,
                                    struct tls_credential **ret_credential);

/* Only tells what is wrong with the chain: of files whose key is not known. */
struct result tls_credential_check_chain(const struct config_certificate *files,
                                         struct diagnostics *diagnostics);

/* Accepts NULL. */
void tls_credential_destroy(struct tls_credential *credential);

enum tls_key_kind tls_credential_key_kind(const struct tls_credential *credential);
const char *tls_credential_key_kind_text(enum tls_key_kind kind);

/* Certificates in the chain, the leaf is number 0; each as DER, a view into the credential. */
size_t tls_credential_chain_count(const struct tls_credential *credential);
struct bytes tls_credential_certificate(const struct tls_credential *credential, size_t index);

/* The chain's DER certificates one after another, and the key's DER; views. */
struct bytes tls_credential_chain(const struct tls_credential *credential);
struct bytes tls_credential_key(const struct tls_credential *credential);

/* The leaf's validity, seconds since 1970. */
int64_t tls_credential_not_before(const struct tls_credential *credential);
int64_t tls_credential_not_after(const struct tls_credential *credential);

#endif
