/*
 * Makes identities: everything a backend may be told of a client, rendered once when its chain is
 * first seen. Called by workers. One allocation: the short values are first written to the stack,
 * the sizes of the long ones are counted, then all of it is put behind the struct.
 */
#include "trust/identity.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/text.h"
#include "certificate.h"
#include "general_name_text.h"
#include "name_text.h"
#include "x509_digest.h"

/* A longer value would not pass any backend's header limit; it is left out, never cut. */
#define VALUE_SIZE_MAX 8192
#define SHORT_SIZE_MAX (6 * VALUE_SIZE_MAX)

#define PEM_BEGIN   "-----BEGIN%20CERTIFICATE-----%0A"
#define PEM_END     "-----END%20CERTIFICATE-----%0A"
#define PEM_NEWLINE "%0A"

/* DER bytes on a line of PEM: 64 characters. */
#define PEM_LINE_SIZE 48

struct digests {
    uint8_t sha1[X509_DIGEST_SIZE_MAX];
    uint8_t sha256[X509_DIGEST_SIZE_MAX];
    uint8_t chain[IDENTITY_DIGEST_SIZE];
};

static size_t base64_length(size_t length)
{
    return (length + 2) / 3 * 4;
}

/* How many characters of the base64 are + or /: the sextets 62 and 63. */
static size_t count_escaped_digits(struct bytes der)
{
    size_t count = 0;
    for (size_t i = 0; i < der.length; i += 3) {
        uint32_t group = (uint32_t)der.at[i] << 16;
        group |= i + 1 < der.length ? (uint32_t)der.at[i + 1] << 8 : 0;
        group |= i + 2 < der.length ? (uint32_t)der.at[i + 2] : 0;
        for (unsigned shift = 0; shift < 24; shift += 6) {
            count += (group >> shift & 63) >= 62 ? 1 : 0;
        }
    }
    return count;
}

static size_t escaped_pem_length(struct bytes der)
{
    size_t line_count = (der.length + PEM_LINE_SIZE - 1) / PEM_LINE_SIZE;
    size_t padding_count = (3 - der.length % 3) % 3;
    size_t escaped_count = count_escaped_digits(der) + padding_count;
    return strlen(PEM_BEGIN) + strlen(PEM_END) + base64_length(der.length) + 2 * escaped_count +
           line_count * strlen(PEM_NEWLINE);
}

static void append_escaped_line(struct text *text, struct bytes base64)
{
    size_t start = 0;
    for (size_t i = 0; i < base64.length; i++) {
        uint8_t byte = base64.at[i];
        if (byte != '+' && byte != '/' && byte != '=') {
            continue;
        }
        text_append(text, bytes_slice(base64, start, i - start));
        text_append_string(text, byte == '+' ? "%2B" : byte == '/' ? "%2F" : "%3D");
        start = i + 1;
    }
    text_append(text, bytes_slice(base64, start, base64.length));
}

static void append_escaped_pem(struct text *text, struct bytes der)
{
    text_append_string(text, PEM_BEGIN);
    for (size_t i = 0; i < der.length; i += PEM_LINE_SIZE) {
        char memory[PEM_LINE_SIZE / 3 * 4];
        struct text line = text_over(memory, sizeof(memory));
        text_append_base64(&line, bytes_slice(der, i, PEM_LINE_SIZE));
        append_escaped_line(text, text_bytes(&line));
        text_append_string(text, PEM_NEWLINE);
    }
    text_append_string(text, PEM_END);
}

/* RFC 8941 3.3.5: a byte sequence stands between colons. */
static void append_byte_sequence(struct text *text, struct bytes der)
{
    text_append_char(text, ':');
    text_append_base64(text, der);
    text_append_char(text, ':');
}

static size_t chain_list_length(const struct bytes *chain, size_t count)
{
    size_t length = 0;
    for (size_t i = 1; i < count; i++) {
        length += base64_length(chain[i].length) + 2 + (i > 1 ? 2 : 0);
    }
    return length;
}

static void append_chain_list(struct text *text, const struct bytes *chain, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        text_append_string(text, i > 1 ? ", " : "");
        append_byte_sequence(text, chain[i]);
    }
}

/* Two's complement to sign and magnitude, as nginx and openssl print it; DER's leading zero is no
 * digit. */
static void append_serial(struct text *text, struct bytes serial)
{
    uint8_t magnitude[32];
    bool is_negative = serial.length > 0 && (serial.at[0] & 0x80) != 0;
    unsigned carry = 1;
    CHECK(serial.length <= sizeof(magnitude));
    for (size_t i = serial.length; i-- > 0;) {
        unsigned byte = is_negative ? (uint8_t)~serial.at[i] + carry : serial.at[i];
        carry = byte >> 8;
        magnitude[i] = (uint8_t)byte;
    }
    struct bytes digits = bytes_from(magnitude, serial.length);
    if (digits.length > 1 && digits.at[0] == 0) {
        digits = bytes_slice(digits, 1, digits.length);
    }
    text_append_string(text, is_negative ? "-" : "");
    text_append_hex_upper(text, digits);
}

static void append_subject(struct text *text, const struct certificate *leaf)
{
    name_text_append_rfc2253(leaf->subject, text);
}

static void append_issuer(struct text *text, const struct certificate *leaf)
{
    name_text_append_rfc2253(leaf->issuer, text);
}

static void append_serial_of(struct text *text, const struct certificate *leaf)
{
    append_serial(text, leaf->serial);
}

static void append_start_date(struct text *text, const struct certificate *leaf)
{
    name_text_append_time(leaf->not_before_seconds, text);
}

static void append_end_date(struct text *text, const struct certificate *leaf)
{
    name_text_append_time(leaf->not_after_seconds, text);
}

static void append_common_name(struct text *text, const struct certificate *leaf)
{
    name_text_append_common_name(leaf->subject, text);
}

static void append_san(struct text *text, const struct certificate *leaf)
{
    general_name_text_append_all(leaf->subject_alt_names, text);
}

/* The values that need a leaf that can be read. */
static const struct {
    size_t field; /* of struct identity */
    void (*append)(struct text *text, const struct certificate *leaf);
} short_values[] = {
    {offsetof(struct identity, subject), append_subject},
    {offsetof(struct identity, issuer), append_issuer},
    {offsetof(struct identity, serial), append_serial_of},
    {offsetof(struct identity, start_date), append_start_date},
    {offsetof(struct identity, end_date), append_end_date},
    {offsetof(struct identity, common_name), append_common_name},
    {offsetof(struct identity, san), append_san},
};

#define SHORT_VALUE_COUNT (sizeof(short_values) / sizeof(short_values[0]))

/* Renders the short values one behind the other; lengths has one a row. */
static void render_short_values(struct bytes der, struct text *text, size_t *lengths)
{
    struct certificate leaf;
    bool is_readable = certificate_read(der, &leaf);
    for (size_t i = 0; i < SHORT_VALUE_COUNT; i++) {
        size_t left = text->capacity - text->length;
        struct text value =
            text_over(text->at + text->length, left < VALUE_SIZE_MAX ? left : VALUE_SIZE_MAX);
        if (is_readable) {
            short_values[i].append(&value, &leaf);
        }
        lengths[i] = value.overflowed ? 0 : value.length;
        text->length += lengths[i];
    }
}

static bool compute_digests(const struct bytes *chain, size_t count, struct digests *digests)
{
    return x509_digest_of(DIGEST_SHA1, chain[0], digests->sha1) &&
           x509_digest_of(DIGEST_SHA256, chain[0], digests->sha256) &&
           x509_digest_of_parts(chain, count, digests->chain);
}

/* What was appended since start, as a view. */
static struct bytes part_since(const struct text *text, size_t start)
{
    return bytes_from(text->at + start, text->length - start);
}

static void place_long_values(struct identity *identity, const struct bytes *chain, size_t count,
                              struct text *text)
{
    size_t start = text->length;
    append_escaped_pem(text, chain[0]);
    identity->escaped_pem = part_since(text, start);
    start = text->length;
    append_byte_sequence(text, chain[0]);
    identity->client_cert = part_since(text, start);
    identity->base64 = bytes_slice(identity->client_cert, 1, identity->client_cert.length - 2);
    start = text->length;
    append_chain_list(text, chain, count);
    identity->client_cert_chain = part_since(text, start);
}

static void place_chain(struct identity *identity, const struct bytes *chain, size_t count,
                        struct text *text)
{
    identity->chain_count = count;
    for (size_t i = 0; i < count; i++) {
        size_t start = text->length;
        text_append(text, chain[i]);
        identity->chain[i] = part_since(text, start);
    }
}

static void place_digests(struct identity *identity, const struct digests *digests,
                          struct text *text)
{
    size_t start = text->length;
    text_append_hex_lower(text, bytes_from(digests->sha1, x509_digest_size(DIGEST_SHA1)));
    identity->fingerprint = part_since(text, start);
    start = text->length;
    text_append_hex_lower(text, bytes_from(digests->sha256, x509_digest_size(DIGEST_SHA256)));
    identity->fingerprint_sha256 = part_since(text, start);
    memcpy(identity->chain_digest, digests->chain, sizeof(identity->chain_digest));
}

static void place_short_values(struct identity *identity, struct bytes values,
                               const size_t *lengths, struct text *text)
{
    size_t used = 0;
    for (size_t i = 0; i < SHORT_VALUE_COUNT; i++) {
        struct bytes *field = (struct bytes *)(void *)((char *)identity + short_values[i].field);
        size_t start = text->length;
        text_append(text, bytes_slice(values, used, lengths[i]));
        *field = part_since(text, start);
        used += lengths[i];
    }
}

static bool is_within_bounds(const struct bytes *chain, size_t count, size_t *ret_size_bytes)
{
    *ret_size_bytes = 0;
    if (count == 0 || count > IDENTITY_CHAIN_COUNT_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (chain[i].length > IDENTITY_CHAIN_SIZE_MAX - *ret_size_bytes) {
            return false;
        }
        *ret_size_bytes += chain[i].length;
    }
    return true;
}

struct result identity_create(const struct bytes *chain, size_t count,
                              struct identity **ret_identity)
{
    char short_memory[SHORT_SIZE_MAX];
    struct text short_text = text_over(short_memory, sizeof(short_memory));
    size_t short_lengths[SHORT_VALUE_COUNT];
    struct digests digests;
    size_t chain_size_bytes;
    if (!is_within_bounds(chain, count, &chain_size_bytes)) {
        return result_failure(ERROR_BAD_INPUT);
    }
    if (!compute_digests(chain, count, &digests)) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    render_short_values(chain[0], &short_text, short_lengths);
    size_t text_size_bytes = chain_size_bytes + short_text.length + escaped_pem_length(chain[0]) +
                             base64_length(chain[0].length) + 2 + chain_list_length(chain, count) +
                             2 * (x509_digest_size(DIGEST_SHA1) + x509_digest_size(DIGEST_SHA256));
    size_t struct_size_bytes = sizeof(struct identity) + count * sizeof(struct bytes);
    struct identity *identity = malloc(struct_size_bytes + text_size_bytes);
    if (identity == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    struct text text = text_over((char *)identity + struct_size_bytes, text_size_bytes);
    identity->size_bytes = struct_size_bytes + text_size_bytes;
    place_chain(identity, chain, count, &text);
    place_long_values(identity, chain, count, &text);
    place_digests(identity, &digests, &text);
    place_short_values(identity, text_bytes(&short_text), short_lengths, &text);
    CHECK(!text.overflowed && text.length == text.capacity);
    *ret_identity = identity;
    return RESULT_OK;
}

void identity_destroy(struct identity *identity)
{
    free(identity);
}
