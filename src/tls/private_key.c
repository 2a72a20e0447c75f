/*
 * Private keys: the PEM forms that openssl writes, plain or encrypted. Called by the control
 * thread.
 *
 * Every copy of a key or passphrase that is made here is wiped before its memory is freed.
 */
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>

#include "credential_file.h"
#include "pem_block.h"
#include "private_key.h"

enum { PASSPHRASE_SIZE_MAX = 1024 };

enum key_form { FORM_PLAIN, FORM_ENCRYPTED, FORM_OLD_ENCRYPTED };

/* clang-format off */
static const struct { struct bytes label; bool is_encrypted; } labels[] = {
    {BYTES_OF("PRIVATE KEY"),           false},
    {BYTES_OF("EC PRIVATE KEY"),        false},
    {BYTES_OF("RSA PRIVATE KEY"),       false},
    {BYTES_OF("ENCRYPTED PRIVATE KEY"), true},
};
/* clang-format on */

struct reading {
    const struct config_certificate *files;
    struct diagnostics *diagnostics;
};

static void complain(const struct reading *reading, const char *what)
{
    diagnostics_add(reading->diagnostics, DIAGNOSTIC_ERROR, reading->files->key_path.place,
                    "private key file %s %s", reading->files->key_path.text, what);
}

/* Whether the block is a key; its form too. */
static bool is_key(const struct pem_block *block, enum key_form *ret_form)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (bytes_equal(block->label, labels[i].label)) {
            *ret_form = labels[i].is_encrypted ? FORM_ENCRYPTED
                        : block->has_headers   ? FORM_OLD_ENCRYPTED
                                               : FORM_PLAIN;
            return true;
        }
    }
    return false;
}

/* The one key of the file. */
static bool find_key(const struct reading *reading, struct bytes text, struct pem_block *ret_block,
                     enum key_form *ret_form)
{
    struct pem_block block;
    size_t count = 0;
    enum pem_status status;
    while ((status = pem_block_next(&text, &block)) == PEM_BLOCK) {
        if (is_key(&block, ret_form)) {
            *ret_block = block;
            count++;
        }
    }
    if (status == PEM_BROKEN) {
        complain(reading, "is not valid PEM: a BEGIN line has no matching END line");
    } else if (count == 0) {
        complain(reading, "holds no private key in PEM form (expected a line such as "
                          "-----BEGIN PRIVATE KEY-----)");
    } else if (count > 1) {
        complain(reading, "holds more than one private key; leave one");
    }
    return status == PEM_END && count == 1;
}

static bool decode_key(const struct reading *reading, const struct pem_block *block,
                       struct private_key *key)
{
    key->capacity = pem_block_decoded_size_max(block);
    key->der = malloc(key->capacity);
    if (key->der == NULL) {
        reading->diagnostics->out_of_memory = true;
        return false;
    }
    if (!pem_block_decode(block, key->der, key->capacity, &key->length)) {
        complain(reading, "is not valid PEM: the text between the lines is not Base64");
        return false;
    }
    return true;
}

/* The first line of the passphrase file, in the file's memory. */
static bool read_passphrase(const struct reading *reading, struct credential_file *ret_file,
                            struct bytes *ret_passphrase)
{
    const struct config_text *path = &reading->files->passphrase_path;
    if (!credential_file_open(ret_file, path, "passphrase file", reading->diagnostics)) {
        return false;
    }
    struct bytes text = credential_file_bytes(ret_file);
    struct bytes line = bytes_slice(text, 0, bytes_find(text, '\n'));
    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length--;
    }
    if (line.length == 0 || line.length > PASSPHRASE_SIZE_MAX) {
        diagnostics_add(reading->diagnostics, DIAGNOSTIC_ERROR, path->place,
                        "the first line of the passphrase file %s is %s", path->text,
                        line.length == 0 ? "empty" : "longer than 1024 bytes");
        return false;
    }
    if (ret_file->is_open_to_others) {
        diagnostics_add(reading->diagnostics, DIAGNOSTIC_WARNING, path->place,
                        "the passphrase file %s can be read by others; chmod 600 it", path->text);
    }
    *ret_passphrase = line;
    return true;
}

/* A wrong passphrase yields noise, which begins like a key once in some hundred times: the whole
 * frame of a key in it is looked for (RFC 5208 section 5). */
static bool decipher_with(const struct reading *reading, struct private_key *key,
                          struct bytes passphrase)
{
    word32 key_at = 0;
    int length = wc_DecryptPKCS8Key(key->der, (word32)key->length, (const char *)passphrase.at,
                                    (int)passphrase.length);
    if (length > 0 && wc_GetPkcs8TraditionalOffset(key->der, &key_at, (word32)length) >= 0) {
        key->length = (size_t)length;
        return true;
    }
    /* No code of wolfSSL tells noise from a damaged file. */
    diagnostics_add(
        reading->diagnostics, DIAGNOSTIC_ERROR, reading->files->key_path.place,
        "private key file %s cannot be decrypted with the passphrase in %s: it is wrong, "
        "or the encryption is not PBES2 with AES (openssl pkcs8 -topk8 -v2 aes-256-cbc "
        "makes that)",
        reading->files->key_path.text, reading->files->passphrase_path.text);
    return false;
}

static bool decipher(const struct reading *reading, struct private_key *key)
{
    struct credential_file file = {0};
    struct bytes passphrase;
    if (reading->files->passphrase_path.text == NULL) {
        complain(reading, "is encrypted; name the file with its passphrase in "
                          "certificate_key_passphrase_file");
        return false;
    }
    bool is_done =
        read_passphrase(reading, &file, &passphrase) && decipher_with(reading, key, passphrase);
    credential_file_close(&file);
    return is_done;
}

static void note_unused_passphrase(const struct reading *reading)
{
    if (reading->files->passphrase_path.text != NULL) {
        diagnostics_add(reading->diagnostics, DIAGNOSTIC_NOTE,
                        reading->files->passphrase_path.place,
                        "the passphrase file is not used: the private key %s is not encrypted",
                        reading->files->key_path.text);
    }
}

static bool read_key(const struct reading *reading, struct bytes text, struct private_key *key)
{
    struct pem_block block = {0};
    enum key_form form = FORM_PLAIN;
    if (!find_key(reading, text, &block, &form)) {
        return false;
    }
    if (form == FORM_OLD_ENCRYPTED) {
        complain(reading,
                 "is encrypted in the old way, whose key derivation is MD5; convert it with "
                 "openssl pkcs8 -topk8 -v2 aes-256-cbc");
        return false;
    }
    if (!decode_key(reading, &block, key)) {
        return false;
    }
    if (form == FORM_ENCRYPTED) {
        return decipher(reading, key);
    }
    note_unused_passphrase(reading);
    return true;
}

bool private_key_init(struct private_key *key, const struct config_certificate *files,
                      struct diagnostics *diagnostics)
{
    const struct reading reading = {files, diagnostics};
    struct credential_file file;
    *key = (struct private_key){0};
    if (!credential_file_open(&file, &files->key_path, "private key file", diagnostics)) {
        return false;
    }
    if (file.is_open_to_others) {
        diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, files->key_path.place,
                        "private key file %s can be read by others; chmod 600 it",
                        files->key_path.text);
    }
    bool is_read = read_key(&reading, credential_file_bytes(&file), key);
    credential_file_close(&file);
    if (!is_read) {
        private_key_deinit(key);
    }
    return is_read;
}

void private_key_deinit(struct private_key *key)
{
    if (key->der != NULL) {
        explicit_bzero(key->der, key->capacity);
        free(key->der);
    }
    *key = (struct private_key){0};
}
