/*
 * An issuer, a client's certificate, and OCSP responses about it of every right and wrong kind,
 * byte by byte and signed in the test itself. One test program, one thread.
 */
#ifndef TESTS_UNIT_TRUST_OCSP_FIXTURE_H
#define TESTS_UNIT_TRUST_OCSP_FIXTURE_H

#include <stdio.h>
#include <time.h>

#include "../../../src/trust/certificate.h"
#include "certificate_builder.h"
#include "trust/ocsp_answer.h"

#define OCSP_SIGNING   BYTES_OF("\x2B\x06\x01\x05\x05\x07\x03\x09")
#define OCSP_SERIAL    BYTES_OF("\x01\x23") /* certificate_builder.h's */
#define OCSP_NONCE_OID BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01\x02")
#define OCSP_OTHER_OID BYTES_OF("\x2A\x03\x04")
#define OCSP_RESPONDER "http://ocsp.test/"

struct ocsp_world {
    int64_t now_seconds;
    struct builder_key *issuer_key;
    struct builder_key *delegate_key;
    struct builder_key *other_key;
    struct built issuer;
    struct built leaf;
    struct ocsp_question *question;
};

static inline void plan_responder(struct plan *plan, const char *url)
{
    struct built value = {.length = 0};
    built_element(&value, 0x06, BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"));
    built_element(&value, 0x86, bytes_from_string(url));
    built_wrap(&value, 0, 0x30);
    built_wrap(&value, 0, 0x30);
    plan_extension(plan, BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x01"), false, built_bytes(&value));
}

static inline void ocsp_world_open(struct ocsp_world *world, int64_t now_seconds)
{
    *world = (struct ocsp_world){
        .now_seconds = now_seconds,
        .issuer_key = builder_key_create(),
        .delegate_key = builder_key_create(),
        .other_key = builder_key_create(),
    };
    struct plan ca = {.subject = "ca", .key = world->issuer_key};
    plan_ca(&ca, -1);
    plan_key_ids(&ca, BYTES_OF("ca key"), BYTES_OF(""));
    world->issuer = build(ca);
    struct plan leaf = {
        .subject = "leaf", .issuer = "ca", .key = world->other_key, .signer = world->issuer_key};
    plan_responder(&leaf, OCSP_RESPONDER);
    world->leaf = build(leaf);
    CHECK(result_is_ok(ocsp_question_create(built_bytes(&world->leaf), built_bytes(&world->issuer),
                                            &world->question)));
}

static inline void ocsp_world_close(struct ocsp_world *world)
{
    ocsp_question_destroy(world->question);
    builder_key_destroy(world->issuer_key);
    builder_key_destroy(world->delegate_key);
    builder_key_destroy(world->other_key);
}

/* What the issuer issues to a delegate, all right; to be changed before build(). */
static inline struct plan delegate_plan(const struct ocsp_world *world)
{
    struct plan plan = {
        .subject = "delegate",
        .issuer = "ca",
        .key = world->delegate_key,
        .signer = world->issuer_key,
        .serial = BYTES_OF("\x55"),
    };
    plan_key_ids(&plan, BYTES_OF(""), BYTES_OF("ca key"));
    return plan;
}

static inline struct plan good_delegate_plan(const struct ocsp_world *world)
{
    struct plan plan = delegate_plan(world);
    plan_purpose(&plan, OCSP_SIGNING);
    plan_key_usage(&plan, KEY_USAGE_DIGITAL_SIGNATURE);
    return plan;
}

static inline void built_generalized_time(struct built *out, int64_t seconds)
{
    char text[32];
    struct tm parts;
    time_t time = (time_t)seconds;
    CHECK(gmtime_r(&time, &parts) != NULL);
    size_t length = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &parts);
    built_element(out, 0x18, bytes_from(text, length));
}

/* What one SingleResponse is to say. Zero means the usual: good, from now to an hour on. Times are
 * seconds from the world's now. */
struct single_plan {
    enum ocsp_status status;
    int reason; /* 0: none; else one less */
    struct bytes serial;
    enum { SINGLE_SHA1, SINGLE_SHA256, SINGLE_SHA384, SINGLE_SHA512, SINGLE_UNKNOWN_HASH } hash;
    bool has_other_name;
    bool has_other_key;
    bool has_short_digest;
    int64_t this_update;
    int64_t next_update;
    bool has_no_next_update;
    const char *raw_this_update; /* a whole GeneralizedTime's text */
    struct bytes raw_status;
    struct built extensions; /* as in struct plan */
};

/* clang-format off */
static const struct {
    struct bytes algorithm;
    enum wc_HashType hash;
    unsigned size;
} single_hashes[] = {
    [SINGLE_SHA1]         = {BYTES_OF("\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00"), WC_HASH_TYPE_SHA, 20},
    [SINGLE_SHA256]       = {BYTES_OF("\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"), WC_HASH_TYPE_SHA256, 32},
    [SINGLE_SHA384]       = {BYTES_OF("\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00"), WC_HASH_TYPE_SHA384, 48},
    [SINGLE_SHA512]       = {BYTES_OF("\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03"), WC_HASH_TYPE_SHA512, 64},
    [SINGLE_UNKNOWN_HASH] = {BYTES_OF("\x30\x05\x06\x03\x2A\x03\x04"), WC_HASH_TYPE_SHA, 20},
};
/* clang-format on */

static inline void built_digest(struct built *out, const struct single_plan *plan,
                                struct bytes bytes, bool is_other)
{
    uint8_t digest[64];
    unsigned size = single_hashes[plan->hash].size;
    CHECK(wc_Hash(single_hashes[plan->hash].hash, bytes.at, (word32)bytes.length, digest, size) ==
          0);
    digest[size - 1] ^= is_other ? 1 : 0;
    built_element(out, 0x04, bytes_from(digest, size - (plan->has_short_digest ? 1 : 0)));
}

static inline void built_certificate_id(struct built *out, const struct ocsp_world *world,
                                        const struct single_plan *plan)
{
    struct certificate issuer;
    size_t start = out->length;
    CHECK(certificate_read(built_bytes(&world->issuer), &issuer));
    built_add(out, single_hashes[plan->hash].algorithm);
    built_digest(out, plan, issuer.subject, plan->has_other_name);
    built_digest(out, plan, issuer.key.content, plan->has_other_key);
    built_element(out, 0x02, plan->serial.length > 0 ? plan->serial : OCSP_SERIAL);
    built_wrap(out, start, 0x30);
}

static inline void built_status(struct built *out, const struct ocsp_world *world,
                                const struct single_plan *plan)
{
    size_t start = out->length;
    uint8_t reason = (uint8_t)(plan->reason - 1);
    if (plan->raw_status.length > 0) {
        built_add(out, plan->raw_status);
    } else if (plan->status != OCSP_REVOKED) {
        built_element(out, plan->status == OCSP_GOOD ? 0x80 : 0x82, BYTES_OF(""));
    } else {
        built_generalized_time(out, world->now_seconds - 1000);
        if (plan->reason > 0) {
            size_t inner = out->length;
            built_element(out, 0x0A, bytes_from(&reason, 1));
            built_wrap(out, inner, 0xA0);
        }
        built_wrap(out, start, 0xA1);
    }
}

static inline void built_extension_list(struct built *out, const struct built *list, unsigned tag)
{
    if (list->length > 0) {
        size_t start = out->length;
        built_element(out, 0x30, built_bytes(list));
        built_wrap(out, start, tag);
    }
}

/* What a whole response is to be. Zero means the usual: one good single, by the issuer's name,
 * signed by its key. */
struct response_plan {
    struct built singles; /* empty: that good one */
    struct built extensions;
    struct built certificates;
    const struct builder_key *signer;        /* NULL: the issuer's key */
    const char *responder;                   /* common name; NULL: the issuer's */
    const struct builder_key *responder_key; /* by key instead */
    struct bytes raw_responder;
    struct bytes raw_version;
    struct bytes algorithm;
    struct bytes type;
    uint8_t status;   /* of the OCSPResponse */
    int64_t produced; /* seconds from now */
    const char *raw_produced;
    bool has_bad_signature;
    bool has_no_singles;
};

static inline void plan_single(struct response_plan *plan, const struct ocsp_world *world,
                               struct single_plan single)
{
    struct built *out = &plan->singles;
    size_t start = out->length;
    built_certificate_id(out, world, &single);
    built_status(out, world, &single);
    if (single.raw_this_update != NULL) {
        built_element(out, 0x18, bytes_from_string(single.raw_this_update));
    } else {
        built_generalized_time(out, world->now_seconds + single.this_update);
    }
    if (!single.has_no_next_update) {
        size_t next = out->length;
        int64_t offset = single.next_update != 0 ? single.next_update : 3600;
        built_generalized_time(out, world->now_seconds + offset);
        built_wrap(out, next, 0xA0);
    }
    built_extension_list(out, &single.extensions, 0xA1);
    built_wrap(out, start, 0x30);
}

/* Appends an Extension to list. */
static inline void plan_response_extension(struct built *list, struct bytes oid, bool is_critical,
                                           struct bytes value)
{
    struct plan carrier = {.extensions = {.length = 0}};
    plan_extension(&carrier, oid, is_critical, value);
    built_add(list, built_bytes(&carrier.extensions));
}

static inline void plan_nonce(struct response_plan *plan, struct bytes nonce)
{
    struct built value = {.length = 0};
    built_element(&value, 0x04, nonce);
    plan_response_extension(&plan->extensions, OCSP_NONCE_OID, false, built_bytes(&value));
}

static inline void plan_certificate(struct response_plan *plan, struct plan certificate)
{
    struct built der = build(certificate);
    built_add(&plan->certificates, built_bytes(&der));
}

/* A response by the world's delegate, whose certificate is this one. */
static inline struct response_plan by_delegate(const struct ocsp_world *world,
                                               struct plan certificate)
{
    struct response_plan plan = {.signer = world->delegate_key, .responder = "delegate"};
    plan_certificate(&plan, certificate);
    return plan;
}

static inline void built_responder(struct built *out, const struct response_plan *plan)
{
    size_t start = out->length;
    uint8_t digest[20];
    if (plan->raw_responder.length > 0) {
        built_add(out, plan->raw_responder);
    } else if (plan->responder_key != NULL) {
        CHECK(wc_ShaHash(plan->responder_key->point, sizeof(plan->responder_key->point), digest) ==
              0);
        built_element(out, 0x04, bytes_from(digest, sizeof(digest)));
        built_wrap(out, start, 0xA2);
    } else {
        built_name(out, plan->responder != NULL ? plan->responder : "ca", BYTES_OF(""));
        built_wrap(out, start, 0xA1);
    }
}

static inline void built_response_tbs(struct built *out, const struct ocsp_world *world,
                                      const struct response_plan *plan)
{
    size_t start = out->length;
    if (plan->raw_version.length > 0) {
        built_add(out, plan->raw_version);
    }
    built_responder(out, plan);
    if (plan->raw_produced != NULL) {
        built_element(out, 0x18, bytes_from_string(plan->raw_produced));
    } else {
        built_generalized_time(out, world->now_seconds + plan->produced);
    }
    built_element(out, 0x30, built_bytes(&plan->singles));
    built_extension_list(out, &plan->extensions, 0xA1);
    built_wrap(out, start, 0x30);
}

/* OCSPResponse around what is in out. */
static inline void built_response_bytes(struct built *out, const struct response_plan *plan)
{
    struct built basic = *out;
    out->length = 0;
    built_element(out, 0x06,
                  plan->type.length > 0 ? plan->type
                                        : BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01"
                                                   "\x01"));
    built_element(out, 0x04, built_bytes(&basic));
    built_wrap(out, 0, 0x30);
    built_wrap(out, 0, 0xA0);
    struct built bytes = *out;
    out->length = 0;
    built_element(out, 0x0A, bytes_from(&plan->status, 1));
    built_add(out, built_bytes(&bytes));
    built_wrap(out, 0, 0x30);
}

static inline struct built respond(const struct ocsp_world *world, struct response_plan plan)
{
    struct built out = {.length = 0};
    uint8_t digest[32];
    uint8_t signature[80] = {0}; /* Its first byte says that no bit is unused. */
    word32 length = sizeof(signature) - 1;
    const struct builder_key *signer = plan.signer != NULL ? plan.signer : world->issuer_key;
    if (plan.singles.length == 0 && !plan.has_no_singles) {
        plan_single(&plan, world, (struct single_plan){.status = OCSP_GOOD});
    }
    built_response_tbs(&out, world, &plan);
    CHECK(wc_Sha256Hash(out.at, (word32)out.length, digest) == 0);
    digest[0] ^= plan.has_bad_signature ? 1 : 0;
    CHECK(wc_ecc_sign_hash(digest, sizeof(digest), signature + 1, &length, builder_rng(),
                           (ecc_key *)(uintptr_t)&signer->ecc) == 0);
    built_add(&out, plan.algorithm.length > 0 ? plan.algorithm : BUILDER_ECDSA_SHA256);
    built_element(&out, 0x03, bytes_from(signature, length + 1));
    if (plan.certificates.length > 0) {
        size_t certificates = out.length;
        built_element(&out, 0x30, built_bytes(&plan.certificates));
        built_wrap(&out, certificates, 0xA0);
    }
    built_wrap(&out, 0, 0x30);
    built_response_bytes(&out, &plan);
    return out;
}

#endif
