/*
 * Tries who may have signed a response: the issuer first, then each certificate that came with it.
 * Called by ocsp_response.c. A delegate is believed for a signature of the issuer's key alone,
 * never for its names: those anybody can write.
 */
#include "ocsp_signer.h"

#include "der.h"
#include "name.h"
#include "x509_digest.h"
#include "x509_signature.h"

struct search {
    const struct ocsp_basic_response *response;
    const struct certificate *issuer;
    struct bytes serial;
    int64_t now_seconds;
    unsigned check_count; /* of signatures */
};

/* Whether the response says that it is by this one. */
static bool is_named(const struct ocsp_basic_response *response,
                     const struct certificate *certificate)
{
    uint8_t digest[X509_DIGEST_SIZE_MAX];
    if (response->responder_name.length > 0) {
        return name_equal(response->responder_name, certificate->subject);
    }
    return x509_digest_of(DIGEST_SHA1, certificate->key.content, digest) &&
           bytes_equal(response->responder_key, bytes_from(digest, x509_digest_size(DIGEST_SHA1)));
}

static bool is_signed_by(struct search *search, const struct certificate *signer)
{
    const struct ocsp_basic_response *response = search->response;
    search->check_count++;
    return x509_signature_is_valid(&signer->key, &response->signature_algorithm, response->tbs,
                                   response->signature);
}

static bool is_issued(struct search *search, const struct certificate *delegate)
{
    search->check_count++;
    return x509_signature_is_valid(&search->issuer->key, &delegate->signature_algorithm,
                                   delegate->tbs, delegate->signature);
}

static enum ocsp_fault try_issuer(struct search *search)
{
    if (!is_named(search->response, search->issuer)) {
        return OCSP_FAULT_UNKNOWN_SIGNER;
    }
    if (!public_key_is_strong(&search->issuer->key)) {
        return OCSP_FAULT_WEAK_ALGORITHM;
    }
    return is_signed_by(search, search->issuer) ? OCSP_FAULT_NONE : OCSP_FAULT_SIGNATURE;
}

/*
 * What a delegate's certificate must say, but for who signed it. anyExtendedKeyUsage delegates
 * nothing. Whether it bears id-pkix-ocsp-nocheck does not matter: its own revocation is never asked
 * about, since who would answer is the same issuer, whose means are short lives of delegates.
 */
static bool may_sign(const struct search *search, const struct certificate *delegate)
{
    if (delegate->has_unknown_critical || (delegate->purposes & KEY_PURPOSE_OCSP_SIGNING) == 0) {
        return false;
    }
    if (certificate_has(delegate, EXTENSION_KEY_USAGE) &&
        (delegate->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0) {
        return false;
    }
    return search->now_seconds >= delegate->not_before_seconds &&
           search->now_seconds < delegate->not_after_seconds &&
           !bytes_equal(delegate->serial, search->serial);
}

static bool is_strong(const struct search *search, const struct certificate *delegate)
{
    return public_key_is_strong(&delegate->key) &&
           signature_algorithm_is_strong(&delegate->signature_algorithm) &&
           public_key_is_strong(&search->issuer->key);
}

/*
 * The cheap questions first. Of the two signatures the response's: among several certificates of
 * one name it tells which is meant, so that a delegate's old certificate beside its new one costs
 * one check and not two.
 */
static enum ocsp_fault try_delegate(struct search *search, const struct certificate *delegate)
{
    if (!is_named(search->response, delegate) ||
        !certificate_may_be_issued_by(delegate, search->issuer)) {
        return OCSP_FAULT_UNKNOWN_SIGNER;
    }
    if (!may_sign(search, delegate)) {
        return OCSP_FAULT_BAD_DELEGATE;
    }
    if (!is_strong(search, delegate)) {
        return OCSP_FAULT_WEAK_ALGORITHM;
    }
    /* Two are needed; half of a proof is none. */
    if (search->check_count + 2 > OCSP_SIGNER_SIGNATURE_CHECKS_MAX) {
        return OCSP_FAULT_UNKNOWN_SIGNER;
    }
    if (!is_signed_by(search, delegate)) {
        return OCSP_FAULT_SIGNATURE;
    }
    return is_issued(search, delegate) ? OCSP_FAULT_NONE : OCSP_FAULT_UNKNOWN_SIGNER;
}

/* The faults stand in OCSP_FAULT_LIST in the order in which a signer meets them. */
static enum ocsp_fault further(enum ocsp_fault a, enum ocsp_fault b)
{
    return a > b ? a : b;
}

enum ocsp_fault ocsp_signer_find(const struct ocsp_basic_response *response,
                                 const struct certificate *issuer, struct bytes serial,
                                 int64_t now_seconds, struct ocsp_signer *ret_signer)
{
    struct search search = {
        .response = response, .issuer = issuer, .serial = serial, .now_seconds = now_seconds};
    if (!signature_algorithm_is_strong(&response->signature_algorithm)) {
        return OCSP_FAULT_WEAK_ALGORITHM;
    }
    enum ocsp_fault fault = try_issuer(&search);
    if (fault == OCSP_FAULT_NONE) {
        *ret_signer = (struct ocsp_signer){.until_seconds = INT64_MAX};
        return OCSP_FAULT_NONE;
    }
    struct bytes_reader certificates = der_over(response->certificates);
    for (unsigned count = 0; count < OCSP_SIGNER_CERTIFICATE_COUNT_MAX; count++) {
        struct certificate delegate;
        if (!der_is_next(&certificates, DER_SEQUENCE)) {
            break;
        }
        if (!certificate_read(der_take_whole(&certificates, DER_SEQUENCE), &delegate)) {
            continue;
        }
        enum ocsp_fault of_this = try_delegate(&search, &delegate);
        if (of_this == OCSP_FAULT_NONE) {
            *ret_signer = (struct ocsp_signer){true, delegate.not_after_seconds};
            return OCSP_FAULT_NONE;
        }
        fault = further(fault, of_this);
    }
    return fault;
}
