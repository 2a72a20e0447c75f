/*
 * Makes certificates for the tests of the trust engine, right ones and every kind of wrong one,
 * byte by byte and signed in the test itself. One test program, one thread. What it cannot make it
 * aborts on.
 */
#ifndef TESTS_UNIT_TRUST_CERTIFICATE_BUILDER_H
#define TESTS_UNIT_TRUST_CERTIFICATE_BUILDER_H

#include <stdlib.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "base/bytes.h"
#include "base/check.h"

#define BUILDER_SIZE_MAX 16384
/* 2025-06-15 00:00:00 UTC: the tests' time. Certificates hold from 2024 to 2034 unless told
 * otherwise. */
#define BUILDER_NOW        1749945600
#define BUILDER_NOT_BEFORE "240101000000Z"
#define BUILDER_NOT_AFTER  "340101000000Z"

/* Bytes under construction; the newest element is always at the end. */
struct built {
    uint8_t at[BUILDER_SIZE_MAX];
    size_t length;
};

static inline struct bytes built_bytes(const struct built *built)
{
    return bytes_from(built->at, built->length);
}

static inline void built_add(struct built *built, struct bytes bytes)
{
    CHECK(bytes.length <= sizeof(built->at) - built->length);
    if (bytes.length > 0) {
        memcpy(built->at + built->length, bytes.at, bytes.length);
    }
    built->length += bytes.length;
}

static inline void built_element(struct built *built, unsigned tag, struct bytes content)
{
    uint8_t header[4] = {(uint8_t)tag, (uint8_t)content.length};
    size_t length = 2;
    if (content.length >= 0x80) {
        bool is_long = content.length > 0xFF;
        header[1] = is_long ? 0x82 : 0x81;
        header[2] = (uint8_t)(is_long ? content.length >> 8 : content.length);
        header[3] = (uint8_t)content.length;
        length = is_long ? 4 : 3;
    }
    built_add(built, bytes_from(header, length));
    built_add(built, content);
}

/* Puts everything from start on into one element: what was added since becomes its content. */
static inline void built_wrap(struct built *built, size_t start, unsigned tag)
{
    struct built content = {.length = 0};
    built_add(&content, bytes_from(built->at + start, built->length - start));
    built->length = start;
    built_element(built, tag, built_bytes(&content));
}

/* A Name of one RDN a type and text: {"\x55\x04\x03", 3, "CN"}. Text goes out as UTF8String. */
static inline void built_rdn(struct built *built, struct bytes type, unsigned tag,
                             struct bytes value)
{
    size_t start = built->length;
    built_element(built, 0x06, type);
    built_element(built, tag, value);
    built_wrap(built, start, 0x30);
    built_wrap(built, start, 0x31);
}

#define BUILDER_CN BYTES_OF("\x55\x04\x03")
#define BUILDER_O  BYTES_OF("\x55\x04\x0A")

struct builder_key {
    ecc_key ecc;
    uint8_t point[65];
};

static inline WC_RNG *builder_rng(void)
{
    static WC_RNG rng;
    static bool is_ready;
    if (!is_ready) {
        CHECK(wc_InitRng(&rng) == 0);
        is_ready = true;
    }
    return &rng;
}

static inline struct builder_key *builder_key_create(void)
{
    struct builder_key *key = calloc(1, sizeof(*key));
    word32 length = sizeof(key->point);
    CHECK(key != NULL && wc_ecc_init(&key->ecc) == 0);
    CHECK(wc_ecc_make_key_ex(builder_rng(), 32, &key->ecc, ECC_SECP256R1) == 0);
    CHECK(wc_ecc_export_x963(&key->ecc, key->point, &length) == 0);
    return key;
}

static inline void builder_key_destroy(struct builder_key *key)
{
    wc_ecc_free(&key->ecc);
    free(key);
}

/* What a certificate is to be. Zero means the usual. */
struct plan {
    const char *subject; /* common name; NULL: an empty Name */
    const char *issuer;
    struct bytes raw_subject; /* whole Names instead */
    struct bytes raw_issuer;
    const struct builder_key *key;
    const struct builder_key *signer;
    const char *not_before; /* UTCTime, or GeneralizedTime by its length */
    const char *not_after;
    unsigned version; /* 0: 3 */
    struct bytes serial;
    struct built extensions; /* SEQUENCE OF Extension, without its header */
    bool has_bad_signature;
    struct bytes inner_algorithm; /* of the tbs, when it is not to be that of the signature */
    struct bytes raw_key;         /* a whole SubjectPublicKeyInfo */
};

#define BUILDER_ECDSA_SHA256 BYTES_OF("\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02")

static inline void plan_extension(struct plan *plan, struct bytes oid, bool is_critical,
                                  struct bytes value)
{
    size_t start = plan->extensions.length;
    built_element(&plan->extensions, 0x06, oid);
    if (is_critical) {
        built_element(&plan->extensions, 0x01, BYTES_OF("\xFF"));
    }
    built_element(&plan->extensions, 0x04, value);
    built_wrap(&plan->extensions, start, 0x30);
}

static inline void plan_ca(struct plan *plan, int path_length)
{
    struct built value = {.length = 0};
    uint8_t number = (uint8_t)path_length;
    built_element(&value, 0x01, BYTES_OF("\xFF"));
    if (path_length >= 0) {
        built_element(&value, 0x02, bytes_from(&number, 1));
    }
    built_wrap(&value, 0, 0x30);
    plan_extension(plan, BYTES_OF("\x55\x1D\x13"), true, built_bytes(&value));
}

/* bits as in enum key_usage: the first bit highest. */
static inline void plan_key_usage(struct plan *plan, unsigned bits)
{
    uint8_t value[] = {0x03, 0x03, 0x00, (uint8_t)(bits >> 8), (uint8_t)bits};
    plan_extension(plan, BYTES_OF("\x55\x1D\x0F"), true, bytes_from(value, sizeof(value)));
}

#define BUILDER_CLIENT_AUTH BYTES_OF("\x2B\x06\x01\x05\x05\x07\x03\x02")
#define BUILDER_SERVER_AUTH BYTES_OF("\x2B\x06\x01\x05\x05\x07\x03\x01")
#define BUILDER_ANY_PURPOSE BYTES_OF("\x55\x1D\x25\x00")

static inline void plan_purpose(struct plan *plan, struct bytes purpose)
{
    struct built value = {.length = 0};
    built_element(&value, 0x06, purpose);
    built_wrap(&value, 0, 0x30);
    plan_extension(plan, BYTES_OF("\x55\x1D\x25"), false, built_bytes(&value));
}

/* names: GeneralName after GeneralName. */
static inline void plan_alt_names(struct plan *plan, struct bytes names)
{
    struct built value = {.length = 0};
    built_element(&value, 0x30, names);
    plan_extension(plan, BYTES_OF("\x55\x1D\x11"), false, built_bytes(&value));
}

static inline void plan_key_ids(struct plan *plan, struct bytes own, struct bytes issuers)
{
    struct built value = {.length = 0};
    if (own.length > 0) {
        built_element(&value, 0x04, own);
        plan_extension(plan, BYTES_OF("\x55\x1D\x0E"), false, built_bytes(&value));
    }
    value.length = 0;
    if (issuers.length > 0) {
        built_element(&value, 0x80, issuers);
        built_wrap(&value, 0, 0x30);
        plan_extension(plan, BYTES_OF("\x55\x1D\x23"), false, built_bytes(&value));
    }
}

static inline void built_name(struct built *out, const char *common_name, struct bytes raw)
{
    size_t start = out->length;
    if (raw.length > 0) {
        built_add(out, raw);
        return;
    }
    if (common_name != NULL) {
        built_rdn(out, BUILDER_CN, 0x0C, bytes_from_string(common_name));
    }
    built_wrap(out, start, 0x30);
}

static inline void built_time(struct built *out, const char *time)
{
    built_element(out, strlen(time) == 13 ? 0x17 : 0x18, bytes_from_string(time));
}

static inline void built_key(struct built *out, const struct plan *plan)
{
    size_t start = out->length;
    if (plan->raw_key.length > 0) {
        built_add(out, plan->raw_key);
        return;
    }
    built_add(out, BYTES_OF("\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48"
                            "\xCE\x3D\x03\x01\x07\x03\x42\x00"));
    built_add(out, bytes_from(plan->key->point, sizeof(plan->key->point)));
    built_wrap(out, start, 0x30);
}

static inline void built_tbs(struct built *out, const struct plan *plan)
{
    uint8_t version = (uint8_t)((plan->version == 0 ? 3 : plan->version) - 1);
    size_t start = out->length;
    if (version > 0) {
        built_element(out, 0x02, bytes_from(&version, 1));
        built_wrap(out, start, 0xA0);
    }
    built_element(out, 0x02, plan->serial.length > 0 ? plan->serial : BYTES_OF("\x01\x23"));
    built_add(out, plan->inner_algorithm.length > 0 ? plan->inner_algorithm : BUILDER_ECDSA_SHA256);
    built_name(out, plan->issuer, plan->raw_issuer);
    size_t validity = out->length;
    built_time(out, plan->not_before != NULL ? plan->not_before : BUILDER_NOT_BEFORE);
    built_time(out, plan->not_after != NULL ? plan->not_after : BUILDER_NOT_AFTER);
    built_wrap(out, validity, 0x30);
    built_name(out, plan->subject, plan->raw_subject);
    built_key(out, plan);
    if (plan->extensions.length > 0) {
        size_t extensions = out->length;
        built_element(out, 0x30, built_bytes(&plan->extensions));
        built_wrap(out, extensions, 0xA3);
    }
    built_wrap(out, start, 0x30);
}

/* Makes the certificate; signer defaults to the key itself, issuer to the subject. */
static inline struct built build(struct plan plan)
{
    struct built out = {.length = 0};
    uint8_t digest[32];
    uint8_t signature[80] = {0}; /* Its first byte says that no bit is unused. */
    word32 length = sizeof(signature) - 1;
    plan.issuer = plan.issuer == NULL ? plan.subject : plan.issuer;
    plan.signer = plan.signer == NULL ? plan.key : plan.signer;
    built_tbs(&out, &plan);
    CHECK(wc_Sha256Hash(out.at, (word32)out.length, digest) == 0);
    digest[0] ^= plan.has_bad_signature ? 1 : 0;
    CHECK(wc_ecc_sign_hash(digest, sizeof(digest), signature + 1, &length, builder_rng(),
                           (ecc_key *)(uintptr_t)&plan.signer->ecc) == 0);
    built_add(&out, BUILDER_ECDSA_SHA256);
    built_element(&out, 0x03, bytes_from(signature, length + 1));
    built_wrap(&out, 0, 0x30);
    return out;
}

#endif
