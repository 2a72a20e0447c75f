/*
 * OCSP questions and answers without certificates: compiled into the test's own program in place of
 * the real ones. One include a program.
 *
 * An issuer is any text, its id made of the text and the serial number. A response is a line of
 * text, `STATUS SERIAL THIS_UPDATE NEXT_UPDATE SIGNER_UNTIL` and whatever follows, believed as it
 * stands; one that begins with "forged" has a wrong signature. Each claims to carry the nonce.
 */
#ifndef TESTS_FAKE_OCSP_FAKES_H
#define TESTS_FAKE_OCSP_FAKES_H

#include <stdio.h>
#include <stdlib.h>

#include "dice.h"
#include "trust/ocsp_answer.h"

#define OCSP_FAKES_LINE_SIZE 256

static struct ocsp_id ocsp_fakes_id(struct bytes serial, struct bytes issuer)
{
    struct dice dice = {.state = issuer.length * 1000 + serial.length};
    struct ocsp_id id;
    for (size_t i = 0; i < issuer.length; i++) {
        dice.state = dice_throw(&dice) ^ issuer.at[i];
    }
    for (size_t i = 0; i < serial.length; i++) {
        dice.state = dice_throw(&dice) ^ serial.at[i];
    }
    for (size_t i = 0; i < OCSP_ID_SIZE; i++) {
        id.bytes[i] = (uint8_t)dice_throw(&dice);
    }
    return id;
}

static struct bytes ocsp_fakes_copy(uint8_t **at, struct bytes bytes)
{
    struct bytes copied = bytes_from(*at, bytes.length);
    if (bytes.length > 0) {
        memcpy(*at, bytes.at, bytes.length);
    }
    *at += bytes.length;
    return copied;
}

struct result ocsp_question_restore(struct bytes serial, struct bytes issuer, struct bytes url,
                                    struct ocsp_question **ret_question)
{
    if (issuer.length == 0 || serial.length == 0) {
        return result_failure(ERROR_BAD_INPUT);
    }
    if (bytes_equal(serial, BYTES_OF("no memory"))) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    size_t size_bytes = sizeof(struct ocsp_question) + serial.length + issuer.length + url.length;
    struct ocsp_question *question = malloc(size_bytes);
    if (question == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    uint8_t *at = (uint8_t *)(question + 1);
    *question =
        (struct ocsp_question){.id = ocsp_fakes_id(serial, issuer), .size_bytes = size_bytes};
    question->serial = ocsp_fakes_copy(&at, serial);
    question->issuer = ocsp_fakes_copy(&at, issuer);
    question->url = ocsp_fakes_copy(&at, url);
    *ret_question = question;
    return RESULT_OK;
}

void ocsp_question_destroy(struct ocsp_question *question)
{
    free(question);
}

static bool ocsp_fakes_read_status(const char *word, struct ocsp_answer *answer)
{
    static const char *const words[] = {
        [OCSP_GOOD] = "good", [OCSP_REVOKED] = "revoked", [OCSP_UNKNOWN] = "unknown"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], word) == 0) {
            answer->status = (enum ocsp_status)i;
            return true;
        }
    }
    return false;
}

enum ocsp_fault ocsp_response_judge(struct bytes response, const struct ocsp_question *question,
                                    struct bytes nonce, int64_t now_seconds,
                                    struct ocsp_answer *ret_answer)
{
    char line[OCSP_FAKES_LINE_SIZE] = "";
    char word[16] = "";
    char serial[64] = "";
    long long times[3] = {0};
    struct ocsp_answer answer = {.revocation_reason = -1, .has_nonce = true};
    struct bytes head = bytes_slice(response, 0, sizeof(line) - 1);
    (void)nonce;
    if (head.length > 0) {
        memcpy(line, head.at, head.length);
    }
    int count =
        sscanf(line, "%15s %63s %lld %lld %lld", word, serial, &times[0], &times[1], &times[2]);
    if (strcmp(word, "forged") == 0) {
        return OCSP_FAULT_SIGNATURE;
    }
    if (count != 5 || !ocsp_fakes_read_status(word, &answer)) {
        return OCSP_FAULT_MALFORMED;
    }
    if (!bytes_equal(question->serial, bytes_from_string(serial))) {
        return OCSP_FAULT_WRONG_CERTIFICATE;
    }
    answer.this_update_seconds = times[0];
    answer.next_update_seconds = times[1];
    answer.signer_until_seconds = times[2];
    if (now_seconds < times[0] - OCSP_SKEW_SECONDS) {
        return OCSP_FAULT_NOT_YET_VALID;
    }
    if (times[1] != 0 && now_seconds > times[1] + OCSP_SKEW_SECONDS) {
        return OCSP_FAULT_EXPIRED;
    }
    *ret_answer = answer;
    return OCSP_FAULT_NONE;
}

#endif
