/*
 * Makes questions: from a certificate and its issuer when one is first judged, from stored parts
 * when the cache is loaded, from another question when both are kept. Called by workers, by the
 * OCSP thread and before any of them starts; each question is one allocation.
 */
#include "trust/ocsp_question.h"

#include <stdlib.h>

#include "certificate.h"
#include "x509_digest.h"

static struct result identify(const struct certificate *issuer, struct bytes serial,
                              struct ocsp_id *ret_id)
{
    const struct bytes parts[] = {issuer->subject, issuer->key.whole, serial};
    struct ocsp_id id;
    if (!x509_digest_of_parts(parts, sizeof(parts) / sizeof(parts[0]), id.bytes)) {
        return result_failure(ERROR_TLS_LIBRARY);
    }
    *ret_id = id;
    return RESULT_OK;
}

/* Copies part to *at, which moves on. */
static struct bytes place(uint8_t **at, struct bytes part)
{
    struct bytes placed = bytes_from(*at, part.length);
    if (part.length > 0) {
        memcpy(*at, part.at, part.length);
    }
    *at += part.length;
    return placed;
}

/* Views of anybody's become views of the question's own. */
static struct result make(const struct ocsp_question *parts, struct ocsp_question **ret_question)
{
    size_t size = sizeof(*parts) + parts->serial.length + parts->issuer.length + parts->url.length;
    struct ocsp_question *question = malloc(size);
    if (question == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    uint8_t *at = (uint8_t *)(question + 1);
    question->id = parts->id;
    question->serial = place(&at, parts->serial);
    question->issuer = place(&at, parts->issuer);
    question->url = place(&at, parts->url);
    question->size_bytes = size;
    *ret_question = question;
    return RESULT_OK;
}

struct result ocsp_question_create(struct bytes certificate, struct bytes issuer,
                                   struct ocsp_question **ret_question)
{
    struct certificate subject;
    struct certificate ca;
    if (!certificate_read(certificate, &subject) || !certificate_read(issuer, &ca)) {
        return result_failure(ERROR_BAD_INPUT);
    }
    struct ocsp_question parts = {
        .serial = subject.serial, .issuer = issuer, .url = subject.ocsp_url};
    TRY(identify(&ca, parts.serial, &parts.id));
    return make(&parts, ret_question);
}

struct result ocsp_question_identify(struct bytes certificate, struct bytes issuer,
                                     struct ocsp_id *ret_id)
{
    struct certificate subject;
    struct certificate ca;
    if (!certificate_read(certificate, &subject) || !certificate_read(issuer, &ca)) {
        return result_failure(ERROR_BAD_INPUT);
    }
    return identify(&ca, subject.serial, ret_id);
}

struct result ocsp_question_restore(struct bytes serial, struct bytes issuer, struct bytes url,
                                    struct ocsp_question **ret_question)
{
    struct certificate ca;
    if (serial.length == 0 || serial.length > OCSP_SERIAL_SIZE_MAX ||
        !certificate_read(issuer, &ca)) {
        return result_failure(ERROR_BAD_INPUT);
    }
    struct ocsp_question parts = {.serial = serial, .issuer = issuer, .url = url};
    TRY(identify(&ca, serial, &parts.id));
    return make(&parts, ret_question);
}

struct result ocsp_question_copy(const struct ocsp_question *question,
                                 struct ocsp_question **ret_question)
{
    return make(question, ret_question);
}

void ocsp_question_destroy(struct ocsp_question *question)
{
    free(question);
}
