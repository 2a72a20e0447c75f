/*
 * Certificates of RFC 5280 written by hand around wolfCrypt's keys and signatures: the library is
 * built without its own writer. Called by identity_set.c.
 */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "certificate_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/pem.h"
#include "base/random.h"
#include "base/text.h"
#include "identity_set.h"
#include "trust/der.h"

#define KEY_BYTES       32
#define POINT_BYTES     65
#define SERIAL_BYTES    16
#define SIGNATURE_MAX   80
#define DAY_SECONDS     86400
#define VALIDITY_DAYS   30
#define CERTIFICATE_MAX 4096

struct certificate_maker {
    WC_RNG random;
    ecc_key key;
    struct bytes subject; /* the issuer's, whole; within certificate */
    struct bytes chain; /* what follows a leaf, PEM; the identity's, empty when the CA is a root */
    size_t certificate_length;
    uint8_t certificate[CERTIFICATE_MAX];
};

/* RFC 5480 and 5758: ecdsa-with-SHA256; id-ecPublicKey on prime256v1, then a BIT STRING of a point.
 */
#define SIGNATURE_ALGORITHM "\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02"
#define PUBLIC_KEY_ALGORITHM \
    "\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"
/* keyUsage digitalSignature, critical; extendedKeyUsage clientAuth. */
#define EXTENSIONS                                                                     \
    "\xA3\x27\x30\x25\x30\x0E\x06\x03\x55\x1D\x0F\x01\x01\xFF\x04\x04\x03\x02\x07\x80" \
    "\x30\x13\x06\x03\x55\x1D\x25\x04\x0C\x30\x0A\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x02"

/* Tag and length of RFC 5280's DER in front of what was written from start on. */
static void wrap(struct text *text, size_t start, uint8_t tag)
{
    size_t length = text->length - start;
    uint8_t head[4] = {tag};
    size_t head_length = length < 0x80 ? 2 : length < 0x100 ? 3 : 4;
    if (text->overflowed || text->capacity - text->length < head_length) {
        text->overflowed = true;
        return;
    }
    head[1] = head_length == 2 ? (uint8_t)length : (uint8_t)(0x80 + head_length - 2);
    if (head_length == 3) {
        head[2] = (uint8_t)length;
    } else if (head_length == 4) {
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
    }
    memmove(text->at + start + head_length, text->at + start, length);
    memcpy(text->at + start, head, head_length);
    text->length += head_length;
}

static void append_time(struct text *text, int64_t seconds)
{
    char letters[16];
    struct tm broken;
    time_t time = seconds;
    size_t start = text->length;
    (void)gmtime_r(&time, &broken);
    (void)strftime(letters, sizeof(letters), "%y%m%d%H%M%SZ", &broken);
    text_append_string(text, letters);
    wrap(text, start, DER_UTC_TIME);
}

static void append_validity(struct text *text)
{
    size_t start = text->length;
    append_time(text, clock_wall_seconds() - DAY_SECONDS);
    append_time(text, clock_wall_seconds() + (int64_t)VALIDITY_DAYS * DAY_SECONDS);
    wrap(text, start, DER_SEQUENCE);
}

/* One attribute, the common name (2.5.4.3). */
static void append_subject(struct text *text, uint64_t number)
{
    size_t start = text->length;
    text_append(text, BYTES_OF("\x06\x03\x55\x04\x03"));
    size_t value = text->length;
    text_append_format(text, "load-client-%llu", (unsigned long long)number);
    wrap(text, value, DER_UTF8_STRING);
    wrap(text, start, DER_SEQUENCE);
    wrap(text, start, DER_SET);
    wrap(text, start, DER_SEQUENCE);
}

static void append_serial(struct text *text, const uint8_t serial[SERIAL_BYTES])
{
    size_t start = text->length;
    text_append_char(text, 0x40 | (serial[0] & 0x3F)); /* positive, and no byte too many */
    text_append(text, bytes_from(serial + 1, SERIAL_BYTES - 1));
    wrap(text, start, DER_INTEGER);
}

static bool append_public_key(struct text *text, ecc_key *key)
{
    uint8_t point[POINT_BYTES];
    word32 length = sizeof(point);
    size_t start = text->length;
    if (wc_ecc_export_x963(key, point, &length) != 0) {
        return false;
    }
    text_append(text, BYTES_OF(PUBLIC_KEY_ALGORITHM));
    size_t bits = text->length;
    text_append_char(text, 0);
    text_append(text, bytes_from(point, length));
    wrap(text, bits, DER_BIT_STRING);
    wrap(text, start, DER_SEQUENCE);
    return true;
}

static bool append_to_be_signed(const struct certificate_maker *maker, uint64_t number,
                                ecc_key *key, struct text *text)
{
    uint8_t serial[SERIAL_BYTES];
    if (!result_is_ok(random_fill(serial, sizeof(serial)))) {
        return false;
    }
    text_append(text, BYTES_OF("\xA0\x03\x02\x01\x02")); /* version 3 */
    append_serial(text, serial);
    text_append(text, BYTES_OF(SIGNATURE_ALGORITHM));
    text_append(text, maker->subject);
    append_validity(text);
    append_subject(text, number);
    if (!append_public_key(text, key)) {
        return false;
    }
    text_append(text, BYTES_OF(EXTENSIONS));
    wrap(text, 0, DER_SEQUENCE);
    return !text->overflowed;
}

static bool append_signature(struct certificate_maker *maker, struct text *text)
{
    uint8_t digest[WC_SHA256_DIGEST_SIZE];
    uint8_t signature[SIGNATURE_MAX];
    word32 length = sizeof(signature);
    if (wc_Sha256Hash((const byte *)text->at, (word32)text->length, digest) != 0 ||
        wc_ecc_sign_hash(digest, sizeof(digest), signature, &length, &maker->random, &maker->key) !=
            0) {
        return false;
    }
    text_append(text, BYTES_OF(SIGNATURE_ALGORITHM));
    size_t bits = text->length;
    text_append_char(text, 0);
    text_append(text, bytes_from(signature, length));
    wrap(text, bits, DER_BIT_STRING);
    wrap(text, 0, DER_SEQUENCE);
    return !text->overflowed;
}

/* Base64 in lines of 64, as PEM readers want it (RFC 7468). */
static void append_pem(struct text *text, struct bytes der)
{
    text_append_string(text, "-----BEGIN CERTIFICATE-----\n");
    for (size_t at = 0; at < der.length; at += 48) {
        text_append_base64(text, bytes_slice(der, at, 48));
        text_append_char(text, '\n');
    }
    text_append_string(text, "-----END CERTIFICATE-----\n");
}

/* The caller's memory, with a NUL behind it as whole_file.c has it. */
static bool copy_out(struct bytes bytes, struct bytes *ret_copy)
{
    uint8_t *memory = malloc(bytes.length + 1);
    if (memory == NULL) {
        return false;
    }
    memcpy(memory, bytes.at, bytes.length);
    memory[bytes.length] = '\0';
    *ret_copy = bytes_from(memory, bytes.length);
    return true;
}

static bool write_identity(struct certificate_maker *maker, struct bytes certificate, ecc_key *key,
                           struct identity *ret_identity)
{
    size_t capacity = 2 * CERTIFICATE_MAX + maker->chain.length;
    char *memory = malloc(capacity);
    uint8_t key_der[256];
    int key_length = wc_EccKeyToDer(key, key_der, sizeof(key_der));
    bool is_written = false;
    if (memory != NULL && key_length > 0) {
        struct text pem = text_over(memory, capacity);
        append_pem(&pem, certificate);
        text_append(&pem, maker->chain);
        is_written = !pem.overflowed && copy_out(text_bytes(&pem), &ret_identity->chain) &&
                     copy_out(bytes_from(key_der, (size_t)key_length), &ret_identity->key);
        ret_identity->key_is_der = true;
    }
    explicit_bzero(key_der, sizeof(key_der));
    free(memory);
    return is_written;
}

struct result certificate_maker_make(struct certificate_maker *maker, uint64_t number,
                                     struct identity *ret_identity)
{
    ecc_key key;
    char memory[CERTIFICATE_MAX];
    struct text text = text_over(memory, sizeof(memory));
    if (wc_ecc_init(&key) != 0) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    bool is_made = wc_ecc_make_key_ex(&maker->random, KEY_BYTES, &key, ECC_SECP256R1) == 0 &&
                   append_to_be_signed(maker, number, &key, &text) &&
                   append_signature(maker, &text) &&
                   write_identity(maker, text_bytes(&text), &key, ret_identity);
    (void)wc_ecc_free(&key);
    return is_made ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

/* The issuer's subject, and whether that is its issuer too. RFC 5280 section 4.1. */
static bool read_names(struct certificate_maker *maker, bool *ret_is_root)
{
    struct bytes_reader whole =
        bytes_reader_over(bytes_from(maker->certificate, maker->certificate_length));
    struct bytes_reader certificate = der_enter(&whole, DER_SEQUENCE);
    struct bytes_reader fields = der_enter(&certificate, DER_SEQUENCE);
    (void)der_take(&fields, DER_CONTEXT_CONSTRUCTED(0));
    (void)der_take_integer(&fields);
    (void)der_take(&fields, DER_SEQUENCE);
    struct bytes issuer = der_take_whole(&fields, DER_SEQUENCE);
    (void)der_take(&fields, DER_SEQUENCE);
    maker->subject = der_take_whole(&fields, DER_SEQUENCE);
    *ret_is_root = bytes_equal(issuer, maker->subject);
    return !fields.failed && maker->subject.length > 0;
}

/* The next block of the PEM text that is a certificate or a private key, whichever is wanted. */
static bool find_block(struct bytes text, bool wants_key, struct pem_block *ret_block)
{
    struct pem_reader reader = pem_reader_over(text);
    reader.is_lenient = true;
    while (pem_reader_next(&reader, ret_block) == PEM_ANSWER_BLOCK) {
        bool is_key = pem_block_names_private_key(ret_block);
        if (wants_key ? is_key : bytes_equal(ret_block->label, BYTES_OF("CERTIFICATE"))) {
            return true;
        }
    }
    return false;
}

/* RFC 5915 alone, or within PKCS #8 (RFC 5958). */
static bool read_key(struct certificate_maker *maker, struct bytes pem)
{
    struct pem_block block;
    uint8_t der[CERTIFICATE_MAX];
    size_t length = 0;
    word32 at = 0;
    bool is_read = find_block(pem, true, &block) && pem_decode(&block, der, sizeof(der), &length) &&
                   wc_EccPrivateKeyDecode(der, &at, &maker->key, (word32)length) == 0 &&
                   wc_ecc_get_curve_id(maker->key.idx) == ECC_SECP256R1;
    explicit_bzero(der, sizeof(der));
    return is_read;
}

static bool read_issuer(struct certificate_maker *maker, const struct identity *issuer)
{
    struct pem_block block;
    bool is_root;
    if (!find_block(issuer->chain, false, &block) ||
        !pem_decode(&block, maker->certificate, sizeof(maker->certificate),
                    &maker->certificate_length) ||
        !read_names(maker, &is_root) || !read_key(maker, issuer->key)) {
        return false;
    }
    maker->chain = is_root ? (struct bytes){0} : issuer->chain;
    return true;
}

struct result certificate_maker_create(const struct identity *issuer,
                                       struct certificate_maker **ret_maker)
{
    struct certificate_maker *maker = calloc(1, sizeof(*maker));
    if (maker == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (wc_InitRng(&maker->random) != 0 || wc_ecc_init(&maker->key) != 0) {
        free(maker);
        return result_failure(ERROR_TLS_LIBRARY);
    }
    if (!read_issuer(maker, issuer)) {
        certificate_maker_destroy(maker);
        return result_failure(ERROR_BAD_INPUT);
    }
    *ret_maker = maker;
    return RESULT_OK;
}

void certificate_maker_destroy(struct certificate_maker *maker)
{
    if (maker != NULL) {
        (void)wc_ecc_free(&maker->key);
        (void)wc_FreeRng(&maker->random);
        free(maker);
    }
}
