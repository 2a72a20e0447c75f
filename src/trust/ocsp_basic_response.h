/*
 * An OCSPResponse with a BasicOCSPResponse in it (RFC 6960 4.2.1), read strictly into views of its
 * DER. Any thread; plain values that live no longer than the bytes. Nothing is judged here but form
 * and the responder's own word for a failure.
 */
#ifndef TRUST_OCSP_BASIC_RESPONSE_H
#define TRUST_OCSP_BASIC_RESPONSE_H

#include "signature_algorithm.h"
#include "trust/ocsp_answer.h"

/* Of one list; responders send one or two. */
#define OCSP_EXTENSION_COUNT_MAX 16

struct ocsp_basic_response {
    struct bytes tbs; /* what the signature covers */
    /* Who says to have signed: one of the two, the other is empty. */
    struct bytes responder_name; /* a whole Name */
    struct bytes responder_key;  /* the SHA-1 digest of a key */
    int64_t produced_at_seconds;
    struct bytes singles;      /* SingleResponse after SingleResponse, all well-formed */
    bool has_unknown_critical; /* of its own extensions, not those of singles */
    struct bytes nonce; /* the extension's value: DER of an OCTET STRING, if it is as asked */
    struct signature_algorithm signature_algorithm;
    struct bytes signature;
    struct bytes certificates; /* one after the other, each a SEQUENCE of whatever content */
};

/* What is said of one certificate. */
struct ocsp_single {
    enum digest_kind digest; /* of the two below; DIGEST_NONE: none that is known here */
    struct bytes issuer_name_digest;
    struct bytes issuer_key_digest;
    struct bytes serial; /* the content of the INTEGER */
    enum ocsp_status status;
    int64_t revoked_at_seconds; /* of OCSP_REVOKED, as the reason */
    int32_t revocation_reason;  /* -1: none */
    int64_t this_update_seconds;
    int64_t next_update_seconds; /* with has_next_update */
    bool has_next_update;
    bool has_unknown_critical;
};

/* OCSP_FAULT_NONE, what responseStatus says, or OCSP_FAULT_MALFORMED; ret_response is to be used
 * with the first only. */
enum ocsp_fault ocsp_basic_response_read(struct bytes response,
                                         struct ocsp_basic_response *ret_response);

/* The next one of response->singles; a malformed one fails the reader. */
void ocsp_basic_response_take_single(struct bytes_reader *reader, struct ocsp_single *ret_single);

#endif
