/*
 * Server certificates with their keys: read, checked, kept as DER. Created by the control thread.
 *
 * Nothing that could fail a handshake later is let through: a chain that does not lead from
 * certificate to certificate, a key that is not the certificate's, a kind of key that the library
 * cannot use.
 */
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "base/clock.h"
#include "tls/tls_credential.h"

#include "base/text.h"
#include "credential_file.h"
#include "pem_block.h"
#include "private_key.h"
#include "server_certificate.h"

enum {
    CHAIN_COUNT_MAX = 10,
    RSA_BITS_MIN = 2048, /* NIST SP 800-131A */
    RSA_BITS_MAX = 4096, /* what the library was built for */
    SECONDS_PER_DAY = 86400,
};

struct tls_credential {
    uint8_t *chain; /* DER, one certificate after another */
    size_t chain_capacity;
    size_t ends[CHAIN_COUNT_MAX]; /* of each certificate, in chain */
    size_t count;
    struct server_certificate leaf;
    struct private_key key;
};

struct loading {
    struct tls_credential *credential;
    const struct config_certificate *files;
    struct diagnostics *diagnostics;
};

#define KEY_KIND_TEXT_ROW(name, text) [name] = text,
static const char *const key_kind_texts[TLS_KEY_KIND_COUNT] = {
    TLS_KEY_KIND_LIST(KEY_KIND_TEXT_ROW)};

static void report(const struct loading *loading, enum diagnostic_severity severity,
                   const char *what)
{
    diagnostics_add(loading->diagnostics, severity, loading->files->chain_path.place,
                    "certificate file %s %s", loading->files->chain_path.text, what);
}

static bool add_certificate(const struct loading *loading, const struct pem_block *block)
{
    struct tls_credential *credential = loading->credential;
    size_t start = credential->count == 0 ? 0 : credential->ends[credential->count - 1];
    size_t length;
    if (credential->count == CHAIN_COUNT_MAX) {
        report(loading, DIAGNOSTIC_ERROR, "holds more than 10 certificates");
        return false;
    }
    if (!pem_block_decode(block, credential->chain + start, credential->chain_capacity - start,
                          &length)) {
        report(loading, DIAGNOSTIC_ERROR,
               "is not valid PEM: the text between the lines is not Base64");
        return false;
    }
    credential->ends[credential->count] = start + length;
    credential->count++;
    return true;
}

static bool add_certificates(const struct loading *loading, struct bytes text)
{
    struct pem_block block;
    enum pem_status status;
    while ((status = pem_block_next(&text, &block)) == PEM_BLOCK) {
        if (bytes_equal(block.label, BYTES_OF("CERTIFICATE")) &&
            !add_certificate(loading, &block)) {
            return false;
        }
    }
    if (status == PEM_BROKEN) {
        report(loading, DIAGNOSTIC_ERROR,
               "is not valid PEM: a BEGIN line has no matching END line");
        return false;
    }
    if (loading->credential->count == 0) {
        report(loading, DIAGNOSTIC_ERROR,
               "holds no certificate in PEM form (expected a line -----BEGIN CERTIFICATE-----)");
        return false;
    }
    return true;
}

static bool load_chain(const struct loading *loading)
{
    struct credential_file file;
    if (!credential_file_open(&file, &loading->files->chain_path, "certificate file",
                              loading->diagnostics)) {
        return false;
    }
    bool is_loaded = false;
    loading->credential->chain = malloc(file.length); /* DER is shorter than its PEM. */
    loading->credential->chain_capacity = file.length;
    if (loading->credential->chain == NULL) {
        loading->diagnostics->out_of_memory = true;
    } else {
        is_loaded = add_certificates(loading, credential_file_bytes(&file));
    }
    credential_file_close(&file);
    return is_loaded;
}

/* Each certificate must be issued by the next (RFC 5246 7.4.2); a wrong order breaks strict
 * clients. */
static bool check_order(const struct loading *loading)
{
    struct server_certificate previous = {0};
    for (size_t i = 0; i < loading->credential->count; i++) {
        struct server_certificate certificate;
        if (!server_certificate_read(tls_credential_certificate(loading->credential, i),
                                     &certificate)) {
            report(loading, DIAGNOSTIC_ERROR, "holds a certificate that cannot be parsed");
            return false;
        }
        if (i > 0 && memcmp(previous.issuer_hash, certificate.subject_hash,
                            sizeof(previous.issuer_hash)) != 0) {
            diagnostics_add(
                loading->diagnostics, DIAGNOSTIC_ERROR, loading->files->chain_path.place,
                "certificate file %s is out of order: certificate %zu did not issue the "
                "one before it (expected the server's own first, then its issuers)",
                loading->files->chain_path.text, i + 1);
            return false;
        }
        if (i == 0) {
            loading->credential->leaf = certificate;
        }
        previous = certificate;
    }
    return true;
}

static void check_dates(const struct loading *loading)
{
    int64_t now = clock_wall_seconds();
    const struct server_certificate *leaf = &loading->credential->leaf;
    int64_t days = (now - leaf->not_after) / SECONDS_PER_DAY;
    if (now > leaf->not_after) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_WARNING, loading->files->chain_path.place,
                        "the certificate in %s has expired %lld %s ago",
                        loading->files->chain_path.text, (long long)days,
                        text_noun((uint64_t)days, "day", "days"));
    } else if (now < leaf->not_before) {
        report(loading, DIAGNOSTIC_WARNING, "holds a certificate that is not yet valid");
    }
}

static bool check_key_kind(const struct loading *loading)
{
    const struct server_certificate *leaf = &loading->credential->leaf;
    if (!leaf->is_key_supported) {
        report(loading, DIAGNOSTIC_ERROR,
               "has a key of an unsupported kind (expected RSA, ECDSA on P-256, P-384 or P-521, "
               "or Ed25519)");
        return false;
    }
    if (leaf->key_kind == TLS_KEY_RSA &&
        (leaf->rsa_bits < RSA_BITS_MIN || leaf->rsa_bits > RSA_BITS_MAX)) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, loading->files->chain_path.place,
                        "certificate file %s has an RSA key of %u bits (expected 2048 to 4096)",
                        loading->files->chain_path.text, leaf->rsa_bits);
        return false;
    }
    return true;
}

/* What a session will do with them, tried on a context that nobody uses. NULL or what is wrong. */
static const char *try_pair(const struct tls_credential *credential, WOLFSSL_CTX *library)
{
    if (wolfSSL_CTX_use_certificate_chain_buffer_format(
            library, credential->chain, (long)tls_credential_chain(credential).length,
            WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS) {
        return "is refused by the TLS library";
    }
    if (wolfSSL_CTX_use_PrivateKey_buffer(library, credential->key.der,
                                          (long)credential->key.length,
                                          WOLFSSL_FILETYPE_ASN1) != WOLFSSL_SUCCESS) {
        return "does not match the private key, or that is damaged or of an unsupported kind";
    }
    return wolfSSL_CTX_check_private_key(library) == WOLFSSL_SUCCESS
               ? NULL
               : "does not match the private key";
}

static bool check_pair(const struct loading *loading)
{
    WOLFSSL_METHOD *method = wolfSSLv23_server_method();
    WOLFSSL_CTX *library = method == NULL ? NULL : wolfSSL_CTX_new(method);
    if (library == NULL) {
        loading->diagnostics->out_of_memory = true;
        return false;
    }
    const char *fault = try_pair(loading->credential, library);
    wolfSSL_CTX_free(library);
    if (fault == NULL) {
        return true;
    }
    diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, loading->files->key_path.place,
                    "the certificate in %s %s in %s", loading->files->chain_path.text, fault,
                    loading->files->key_path.text);
    return false;
}

static bool load_and_check_chain(const struct loading *loading)
{
    if (!load_chain(loading) || !check_order(loading) || !check_key_kind(loading)) {
        return false;
    }
    check_dates(loading);
    return true;
}

/* Both files are looked at before giving up, so that one run shows the mistakes of both. */
static bool load(const struct loading *loading)
{
    bool has_chain = load_and_check_chain(loading);
    bool has_key =
        private_key_init(&loading->credential->key, loading->files, loading->diagnostics);
    return has_chain && has_key && check_pair(loading);
}

struct result tls_credential_create(const struct config_certificate *files,
                                    struct diagnostics *diagnostics,
                                    struct tls_credential **ret_credential)
{
    CHECK(files->chain_path.text != NULL && files->key_path.text != NULL);
    const struct loading loading = {calloc(1, sizeof(*loading.credential)), files, diagnostics};
    if (loading.credential == NULL) {
        diagnostics->out_of_memory = true;
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!load(&loading)) {
        tls_credential_destroy(loading.credential);
        return result_failure(ERROR_BAD_CONFIG);
    }
    *ret_credential = loading.credential;
    return RESULT_OK;
}

struct result tls_credential_check_chain(const struct config_certificate *files,
                                         struct diagnostics *diagnostics)
{
    const struct loading loading = {calloc(1, sizeof(*loading.credential)), files, diagnostics};
    if (loading.credential == NULL) {
        diagnostics->out_of_memory = true;
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    bool is_good = load_and_check_chain(&loading);
    tls_credential_destroy(loading.credential);
    return is_good ? RESULT_OK : result_failure(ERROR_BAD_CONFIG);
}

void tls_credential_destroy(struct tls_credential *credential)
{
    if (credential == NULL) {
        return;
    }
    private_key_deinit(&credential->key);
    free(credential->chain);
    free(credential);
}

enum tls_key_kind tls_credential_key_kind(const struct tls_credential *credential)
{
    return credential->leaf.key_kind;
}

const char *tls_credential_key_kind_text(enum tls_key_kind kind)
{
    CHECK(kind < TLS_KEY_KIND_COUNT);
    return key_kind_texts[kind];
}

size_t tls_credential_chain_count(const struct tls_credential *credential)
{
    return credential->count;
}

struct bytes tls_credential_certificate(const struct tls_credential *credential, size_t index)
{
    CHECK(index < credential->count);
    size_t start = index == 0 ? 0 : credential->ends[index - 1];
    return bytes_from(credential->chain + start, credential->ends[index] - start);
}

struct bytes tls_credential_chain(const struct tls_credential *credential)
{
    return bytes_from(credential->chain, credential->ends[credential->count - 1]);
}

struct bytes tls_credential_key(const struct tls_credential *credential)
{
    return bytes_from(credential->key.der, credential->key.length);
}

int64_t tls_credential_not_before(const struct tls_credential *credential)
{
    return credential->leaf.not_before;
}

int64_t tls_credential_not_after(const struct tls_credential *credential)
{
    return credential->leaf.not_after;
}
