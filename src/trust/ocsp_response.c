/*
 * Judges OCSP responses: what is cheap first, signatures last, and of several faults the one that
 * was met first. Called by the OCSP thread for what responders send, and when the stored cache is
 * loaded for what it holds.
 */
#include "certificate.h"
#include "der.h"
#include "name_text.h"
#include "ocsp_basic_response.h"
#include "ocsp_signer.h"
#include "x509_digest.h"

/* What is known after the steps below, which are taken in their order. */
struct judgement {
    struct bytes der;
    const struct ocsp_question *question;
    struct bytes nonce;
    int64_t now_seconds;
    struct ocsp_basic_response response;
    struct certificate issuer;
    struct ocsp_single single;
    struct ocsp_signer signer;
};

static enum ocsp_fault read_parts(struct judgement *judgement)
{
    if (judgement->der.length > OCSP_RESPONSE_SIZE_MAX) {
        return OCSP_FAULT_TOO_LARGE;
    }
    if (!certificate_read(judgement->question->issuer, &judgement->issuer)) {
        return OCSP_FAULT_UNKNOWN_SIGNER; /* Never seen: whoever made the question has read it. */
    }
    return ocsp_basic_response_read(judgement->der, &judgement->response);
}

static enum ocsp_fault check_extensions(struct judgement *judgement)
{
    return judgement->response.has_unknown_critical ? OCSP_FAULT_CRITICAL_EXTENSION
                                                    : OCSP_FAULT_NONE;
}

static bool digest_is(enum digest_kind kind, struct bytes bytes, struct bytes digest)
{
    uint8_t expected[X509_DIGEST_SIZE_MAX];
    return x509_digest_of(kind, bytes, expected) &&
           bytes_equal(digest, bytes_from(expected, x509_digest_size(kind)));
}

/* The name is hashed as the issuer itself bears it: RFC 5280 4.1.2.6 has it written alike in what
 * it issues. */
static bool is_about(const struct ocsp_single *single, const struct judgement *judgement)
{
    const struct certificate *issuer = &judgement->issuer;
    return bytes_equal(single->serial, judgement->question->serial) &&
           single->digest != DIGEST_NONE &&
           digest_is(single->digest, issuer->key.content, single->issuer_key_digest) &&
           digest_is(single->digest, issuer->subject, single->issuer_name_digest);
}

/* RFC 6960 3.2, 5 and 6. */
static enum ocsp_fault time_fault(const struct ocsp_single *single, int64_t now_seconds)
{
    if (single->this_update_seconds > now_seconds + OCSP_SKEW_SECONDS) {
        return OCSP_FAULT_NOT_YET_VALID;
    }
    int64_t end_seconds = single->has_next_update
                              ? single->next_update_seconds
                              : single->this_update_seconds + OCSP_LIFE_SECONDS_DEFAULT;
    /* What ends before it begins never held, not even where the skew would let both pass. */
    bool has_held = end_seconds >= single->this_update_seconds;
    return has_held && end_seconds >= now_seconds - OCSP_SKEW_SECONDS ? OCSP_FAULT_NONE
                                                                      : OCSP_FAULT_EXPIRED;
}

/* How much a status weighs against another of the same certificate. */
static unsigned weight_of(enum ocsp_status status)
{
    static const uint8_t weights[] = {
        [OCSP_GOOD] = 0,
        [OCSP_UNKNOWN] = 1,
        [OCSP_REVOKED] = 2,
    };
    return weights[status];
}

/*
 * The single that counts: the worst of those timely now, or of none timely the first one. Its time
 * is judged later.
 */
static enum ocsp_fault choose_single(struct judgement *judgement)
{
    enum ocsp_fault fault = OCSP_FAULT_WRONG_CERTIFICATE;
    struct ocsp_single *chosen = &judgement->single;
    struct bytes_reader singles = der_over(judgement->response.singles);
    while (bytes_reader_left(&singles) > 0) {
        struct ocsp_single single;
        ocsp_basic_response_take_single(&singles, &single);
        if (!is_about(&single, judgement)) {
            continue;
        }
        /* Also where a better one follows: what it says may be worse, and cannot be understood. */
        if (single.has_unknown_critical) {
            return OCSP_FAULT_CRITICAL_EXTENSION;
        }
        bool is_timely = time_fault(&single, judgement->now_seconds) == OCSP_FAULT_NONE;
        bool is_chosen_timely = time_fault(chosen, judgement->now_seconds) == OCSP_FAULT_NONE;
        bool is_worse = is_chosen_timely && weight_of(single.status) > weight_of(chosen->status);
        if (fault != OCSP_FAULT_NONE || (is_timely && (!is_chosen_timely || is_worse))) {
            *chosen = single;
        }
        fault = OCSP_FAULT_NONE;
    }
    return fault;
}

/* The nonce comes back as it was sent, within an OCTET STRING of its own. */
static enum ocsp_fault check_nonce(struct judgement *judgement)
{
    struct bytes_reader reader = der_over(judgement->response.nonce);
    if (judgement->nonce.length == 0) {
        return OCSP_FAULT_NONE;
    }
    struct bytes content = der_take(&reader, DER_OCTET_STRING);
    return der_is_finished(&reader) && bytes_equal(content, judgement->nonce) ? OCSP_FAULT_NONE
                                                                              : OCSP_FAULT_NONCE;
}

static enum ocsp_fault check_times(struct judgement *judgement)
{
    if (judgement->response.produced_at_seconds > judgement->now_seconds + OCSP_SKEW_SECONDS) {
        return OCSP_FAULT_NOT_YET_VALID;
    }
    return time_fault(&judgement->single, judgement->now_seconds);
}

static enum ocsp_fault find_signer(struct judgement *judgement)
{
    return ocsp_signer_find(&judgement->response, &judgement->issuer, judgement->question->serial,
                            judgement->now_seconds, &judgement->signer);
}

static enum ocsp_fault (*const steps[])(struct judgement *judgement) = {
    read_parts, check_extensions, choose_single, check_nonce, check_times, find_signer,
};

static struct ocsp_answer answer_from(const struct judgement *judgement)
{
    const struct ocsp_single *single = &judgement->single;
    return (struct ocsp_answer){
        .status = single->status,
        .produced_at_seconds = judgement->response.produced_at_seconds,
        .this_update_seconds = single->this_update_seconds,
        .next_update_seconds = single->has_next_update ? single->next_update_seconds : 0,
        .revoked_at_seconds = single->revoked_at_seconds,
        .revocation_reason = single->revocation_reason,
        .has_nonce = judgement->nonce.length > 0,
        .is_by_delegate = judgement->signer.is_delegate,
        .signer_until_seconds = judgement->signer.until_seconds,
    };
}

enum ocsp_fault ocsp_response_judge(struct bytes response, const struct ocsp_question *question,
                                    struct bytes nonce, int64_t now_seconds,
                                    struct ocsp_answer *ret_answer)
{
    struct judgement judgement = {
        .der = response, .question = question, .nonce = nonce, .now_seconds = now_seconds};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum ocsp_fault fault = steps[i](&judgement);
        if (fault != OCSP_FAULT_NONE) {
            return fault;
        }
    }
    *ret_answer = answer_from(&judgement);
    return OCSP_FAULT_NONE;
}

void ocsp_response_append_signer(struct bytes response, struct text *text)
{
    struct ocsp_basic_response basic;
    if (ocsp_basic_response_read(response, &basic) != OCSP_FAULT_NONE) {
        return;
    }
    if (basic.responder_name.length > 0) {
        name_text_append_rfc2253(basic.responder_name, text);
        return;
    }
    text_append_string(text, "key:");
    text_append_hex_lower(text, basic.responder_key);
}
