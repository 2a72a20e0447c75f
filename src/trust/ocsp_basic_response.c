/*
 * Walks an OCSPResponse from its first byte to its last, every SingleResponse included: a response
 * is read as a whole or not at all. Called by ocsp_response.c; what it lets through has every field
 * in its one DER form.
 */
#include "ocsp_basic_response.h"

#include "der.h"
#include "name.h"

#define OID_BASIC BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01\x01")
#define OID_NONCE BYTES_OF("\x2B\x06\x01\x05\x05\x07\x30\x01\x02")

#define KEY_HASH_SIZE 20 /* SHA-1, whatever the CertIDs use (RFC 6960 4.2.1) */

struct extensions {
    bool has_unknown_critical;
    struct bytes nonce;
};

static bool is_among(struct bytes oid, const struct bytes *oids, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (bytes_equal(oid, oids[i])) {
            return true;
        }
    }
    return false;
}

/* tag [n] EXPLICIT Extensions OPTIONAL. Of all that RFC 6960 4.4 lists, the nonce is understood. */
static struct extensions take_extensions(struct bytes_reader *reader, unsigned tag)
{
    struct extensions found = {0};
    struct bytes seen[OCSP_EXTENSION_COUNT_MAX];
    unsigned seen_count = 0;
    if (!der_is_next(reader, tag)) {
        return found;
    }
    struct bytes_reader outer = der_enter(reader, tag);
    struct bytes_reader list = der_enter(&outer, DER_SEQUENCE);
    do {
        struct bytes_reader extension = der_enter(&list, DER_SEQUENCE);
        struct bytes oid = der_take_oid(&extension);
        bool is_critical = der_take_flag(&extension);
        struct bytes value = der_take(&extension, DER_OCTET_STRING);
        der_leave(&list, &extension);
        if (list.failed || seen_count == OCSP_EXTENSION_COUNT_MAX ||
            is_among(oid, seen, seen_count)) {
            list.failed = true;
            break;
        }
        seen[seen_count++] = oid;
        if (bytes_equal(oid, OID_NONCE)) {
            found.nonce = value;
        } else if (is_critical) {
            found.has_unknown_critical = true;
        }
    } while (bytes_reader_left(&list) > 0);
    der_leave(&outer, &list);
    der_leave(reader, &outer);
    return found;
}

static void take_certificate_id(struct bytes_reader *reader, struct ocsp_single *single)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    single->digest = signature_algorithm_take_digest(&inner);
    single->issuer_name_digest = der_take(&inner, DER_OCTET_STRING);
    single->issuer_key_digest = der_take(&inner, DER_OCTET_STRING);
    single->serial = der_take_integer(&inner);
    der_leave(reader, &inner);
}

static void take_revocation(struct bytes_reader *reader, struct ocsp_single *single)
{
    struct bytes_reader inner = der_enter(reader, DER_CONTEXT_CONSTRUCTED(1));
    single->status = OCSP_REVOKED;
    single->revoked_at_seconds = der_take_generalized_time(&inner);
    if (der_is_next(&inner, DER_CONTEXT_CONSTRUCTED(0))) {
        struct bytes_reader reason = der_enter(&inner, DER_CONTEXT_CONSTRUCTED(0));
        /* A number that means nothing is let through: it must not undo the revocation. */
        single->revocation_reason =
            (int32_t)der_take_small_number(&reason, DER_ENUMERATED, INT32_MAX);
        der_leave(&inner, &reason);
    }
    der_leave(reader, &inner);
}

/* good and unknown are NULLs. */
static void take_status(struct bytes_reader *reader, struct ocsp_single *single)
{
    if (der_is_next(reader, DER_CONTEXT_CONSTRUCTED(1))) {
        take_revocation(reader, single);
        return;
    }
    bool is_good = der_is_next(reader, DER_CONTEXT(0));
    single->status = is_good ? OCSP_GOOD : OCSP_UNKNOWN;
    if (der_take(reader, is_good ? DER_CONTEXT(0) : DER_CONTEXT(2)).length > 0) {
        reader->failed = true;
    }
}

void ocsp_basic_response_take_single(struct bytes_reader *reader, struct ocsp_single *ret_single)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    *ret_single = (struct ocsp_single){.status = OCSP_UNKNOWN, .revocation_reason = -1};
    take_certificate_id(&inner, ret_single);
    take_status(&inner, ret_single);
    ret_single->this_update_seconds = der_take_generalized_time(&inner);
    if (der_is_next(&inner, DER_CONTEXT_CONSTRUCTED(0))) {
        struct bytes_reader time = der_enter(&inner, DER_CONTEXT_CONSTRUCTED(0));
        ret_single->next_update_seconds = der_take_generalized_time(&time);
        ret_single->has_next_update = true;
        der_leave(&inner, &time);
    }
    ret_single->has_unknown_critical =
        take_extensions(&inner, DER_CONTEXT_CONSTRUCTED(1)).has_unknown_critical;
    der_leave(reader, &inner);
}

/* ResponderID, a CHOICE of explicit tags. */
static void take_responder(struct bytes_reader *reader, struct ocsp_basic_response *response)
{
    if (der_is_next(reader, DER_CONTEXT_CONSTRUCTED(1))) {
        struct bytes_reader inner = der_enter(reader, DER_CONTEXT_CONSTRUCTED(1));
        response->responder_name = der_take_whole(&inner, DER_SEQUENCE);
        der_leave(reader, &inner);
        reader->failed = reader->failed || !name_is_valid(response->responder_name);
    } else {
        struct bytes_reader inner = der_enter(reader, DER_CONTEXT_CONSTRUCTED(2));
        response->responder_key = der_take(&inner, DER_OCTET_STRING);
        der_leave(reader, &inner);
        reader->failed = reader->failed || response->responder_key.length != KEY_HASH_SIZE;
    }
}

static void take_singles(struct bytes_reader *reader, struct ocsp_basic_response *response)
{
    response->singles = der_take(reader, DER_SEQUENCE);
    struct bytes_reader list = der_over(response->singles);
    while (!list.failed && bytes_reader_left(&list) > 0) {
        struct ocsp_single single;
        ocsp_basic_response_take_single(&list, &single);
    }
    reader->failed = reader->failed || list.failed;
}

/* ResponseData. Its version is v1, which is the default and so left out; there is no other. */
static void take_tbs(struct bytes_reader *reader, struct ocsp_basic_response *response)
{
    struct bytes_reader at_tbs = *reader;
    struct bytes_reader tbs = der_enter(reader, DER_SEQUENCE);
    take_responder(&tbs, response);
    response->produced_at_seconds = der_take_generalized_time(&tbs);
    take_singles(&tbs, response);
    struct extensions extensions = take_extensions(&tbs, DER_CONTEXT_CONSTRUCTED(1));
    response->has_unknown_critical = extensions.has_unknown_critical;
    response->nonce = extensions.nonce;
    der_leave(reader, &tbs);
    response->tbs = der_take_whole(&at_tbs, DER_SEQUENCE);
}

/* certs: only that they are a list is looked at; one that nobody needs may be anything. */
static void take_certificates(struct bytes_reader *reader, struct ocsp_basic_response *response)
{
    if (!der_is_next(reader, DER_CONTEXT_CONSTRUCTED(0))) {
        return;
    }
    struct bytes_reader outer = der_enter(reader, DER_CONTEXT_CONSTRUCTED(0));
    response->certificates = der_take(&outer, DER_SEQUENCE);
    der_leave(reader, &outer);
    struct bytes_reader list = der_over(response->certificates);
    while (!list.failed && bytes_reader_left(&list) > 0) {
        (void)der_take(&list, DER_SEQUENCE);
    }
    reader->failed = reader->failed || list.failed;
}

static bool read_basic(struct bytes der, struct ocsp_basic_response *response)
{
    struct bytes_reader reader = der_over(der);
    struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
    *response = (struct ocsp_basic_response){0};
    take_tbs(&inner, response);
    signature_algorithm_take(&inner, &response->signature_algorithm);
    response->signature = der_take_whole_bytes(&inner);
    take_certificates(&inner, response);
    der_leave(&reader, &inner);
    return der_is_finished(&reader);
}

/* responseBytes: returns what is in it when it is of the one type there is. */
static struct bytes take_response_bytes(struct bytes_reader *reader)
{
    struct bytes_reader outer = der_enter(reader, DER_CONTEXT_CONSTRUCTED(0));
    struct bytes_reader inner = der_enter(&outer, DER_SEQUENCE);
    bool is_basic = bytes_equal(der_take_oid(&inner), OID_BASIC);
    struct bytes basic = der_take(&inner, DER_OCTET_STRING);
    der_leave(&outer, &inner);
    der_leave(reader, &outer);
    reader->failed = reader->failed || !is_basic;
    return basic;
}

enum ocsp_fault ocsp_basic_response_read(struct bytes response,
                                         struct ocsp_basic_response *ret_response)
{
    static const enum ocsp_fault faults[] = {
        [0] = OCSP_FAULT_NONE,           [1] = OCSP_FAULT_MALFORMED_REQUEST,
        [2] = OCSP_FAULT_INTERNAL_ERROR, [3] = OCSP_FAULT_TRY_LATER,
        [4] = OCSP_FAULT_MALFORMED, /* was never given out */
        [5] = OCSP_FAULT_SIG_REQUIRED,   [6] = OCSP_FAULT_UNAUTHORIZED,
    };
    struct bytes_reader reader = der_over(response);
    struct bytes_reader outer = der_enter(&reader, DER_SEQUENCE);
    enum ocsp_fault fault = faults[der_take_small_number(&outer, DER_ENUMERATED, 6)];
    struct bytes basic = {0};
    if (fault == OCSP_FAULT_NONE) {
        basic = take_response_bytes(&outer);
    }
    der_leave(&reader, &outer);
    if (!der_is_finished(&reader)) {
        return OCSP_FAULT_MALFORMED;
    }
    if (fault == OCSP_FAULT_NONE && !read_basic(basic, ret_response)) {
        return OCSP_FAULT_MALFORMED;
    }
    return fault;
}
