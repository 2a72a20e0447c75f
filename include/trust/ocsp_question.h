/*
 * What an OCSP responder is asked about one certificate, and what its answer is checked against:
 * the certificate's serial number, its issuer, and where to ask. Immutable, one allocation that
 * belongs to whoever created it; readable by any thread.
 */
#ifndef TRUST_OCSP_QUESTION_H
#define TRUST_OCSP_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/result.h"

#define OCSP_ID_SIZE 32

/* Certificates have less (RFC 5280 4.1.2.2); what was stored is not believed. */
#define OCSP_SERIAL_SIZE_MAX 64

/* Names one certificate of one issuer: SHA-256 over the issuer's Name, its SubjectPublicKeyInfo and
 * the serial number, each with its length. Not the CertID of RFC 6960 4.1.1, whose SHA-1 is no
 * ground for a shared memory of answers. */
struct ocsp_id {
    uint8_t bytes[OCSP_ID_SIZE];
};

struct ocsp_question {
    struct ocsp_id id;
    struct bytes serial; /* the content of the INTEGER */
    struct bytes issuer; /* the issuer's whole certificate, DER */
    struct bytes url;    /* the certificate's first OCSP responder of http, as text; empty: none */
    size_t size_bytes;   /* of this one allocation */
};

static inline bool ocsp_id_equal(const struct ocsp_id *a, const struct ocsp_id *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Both are DER certificates, issuer the verified issuer of certificate. ERROR_BAD_INPUT when one
 * cannot be read, ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY. */
struct result ocsp_question_create(struct bytes certificate, struct bytes issuer,
                                   struct ocsp_question **ret_question);

/* The id alone, without an allocation. Errors as above. */
struct result ocsp_question_identify(struct bytes certificate, struct bytes issuer,
                                     struct ocsp_id *ret_id);

/* As it was stored: serial (1 to OCSP_SERIAL_SIZE_MAX bytes), issuer and url from before. Errors as
 * above. */
struct result ocsp_question_restore(struct bytes serial, struct bytes issuer, struct bytes url,
                                    struct ocsp_question **ret_question);

struct result ocsp_question_copy(const struct ocsp_question *question,
                                 struct ocsp_question **ret_question);

/* Accepts NULL. */
void ocsp_question_destroy(struct ocsp_question *question);

#endif
