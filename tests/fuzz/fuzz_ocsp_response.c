/*
 * OCSP responses: whatever the bytes, an answer is one that was signed. Nobody has signed anything
 * but the seeds, so what is believed has the signed part of a seed, and a delegate's certificate
 * from one.
 *
 * Run from the top of the repository, where the seeds are found; the seed `issuer` is the issuer's
 * certificate, which is no response; the others are about the certificate 01 23 of it, and what is
 * forged is named so.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/trust/certificate.h"
#include "../../src/trust/der.h"
#include "../../src/trust/ocsp_basic_response.h"
#include "base/check.h"

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW          1749945600
#define SEEDS_FOLDER "tests/fuzz/corpus/ocsp_response"
#define SEED_MAX     32
#define SEED_SIZE    8192
#define GENUINE_MAX  64
#define NONCE        BYTES_OF("0123456789abcdef0123456789abcdef")

/* The signed parts of the seeds: of responses and of their certificates. */
static struct bytes genuine[GENUINE_MAX];
static size_t genuine_count;
static struct ocsp_question *question;

static bool is_genuine(struct bytes tbs)
{
    for (size_t i = 0; i < genuine_count; i++) {
        if (bytes_equal(genuine[i], tbs)) {
            return true;
        }
    }
    return false;
}

/* The next readable certificate of a response; false at the end. */
static bool next_certificate(struct bytes_reader *list, struct certificate *ret_certificate)
{
    while (der_is_next(list, DER_SEQUENCE)) {
        if (certificate_read(der_take_whole(list, DER_SEQUENCE), ret_certificate)) {
            return true;
        }
    }
    return false;
}

static void remember(struct bytes tbs)
{
    CHECK(genuine_count < GENUINE_MAX);
    genuine[genuine_count++] = tbs;
}

static void remember_seed(struct bytes seed)
{
    struct ocsp_basic_response response;
    struct certificate certificate;
    if (ocsp_basic_response_read(seed, &response) != OCSP_FAULT_NONE) {
        return;
    }
    remember(response.tbs);
    struct bytes_reader list = der_over(response.certificates);
    while (next_certificate(&list, &certificate)) {
        remember(certificate.tbs);
    }
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    static uint8_t memory[SEED_MAX][SEED_SIZE];
    size_t seed_count = 0;
    DIR *folder = opendir(SEEDS_FOLDER);
    (void)argument_count;
    (void)arguments;
    CHECK(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[sizeof(SEEDS_FOLDER) + sizeof(entry->d_name)];
        (void)snprintf(path, sizeof(path), SEEDS_FOLDER "/%s", entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (file == NULL) {
            continue;
        }
        CHECK(seed_count < SEED_MAX);
        struct bytes seed =
            bytes_from(memory[seed_count], fread(memory[seed_count], 1, SEED_SIZE, file));
        seed_count++;
        if (strcmp(entry->d_name, "issuer") == 0) {
            CHECK(result_is_ok(ocsp_question_restore(BYTES_OF("\x01\x23"), seed,
                                                     BYTES_OF("http://ocsp.test/"), &question)));
        }
        if (strncmp(entry->d_name, "forged", 6) != 0) {
            remember_seed(seed);
        }
        (void)fclose(file);
    }
    (void)closedir(folder);
    CHECK(genuine_count > 0 && question != NULL);
    return 0;
}

static bool has_genuine_delegate(const struct ocsp_basic_response *response)
{
    struct certificate certificate;
    struct bytes_reader list = der_over(response->certificates);
    while (next_certificate(&list, &certificate)) {
        if (is_genuine(certificate.tbs)) {
            return true;
        }
    }
    return false;
}

static void judge(struct bytes der, struct bytes nonce, int64_t now_seconds)
{
    struct ocsp_answer answer;
    struct ocsp_basic_response response;
    enum ocsp_fault fault = ocsp_response_judge(der, question, nonce, now_seconds, &answer);
    CHECK(fault < OCSP_FAULT_COUNT);
    if (fault != OCSP_FAULT_NONE) {
        return;
    }
    CHECK(ocsp_basic_response_read(der, &response) == OCSP_FAULT_NONE);
    CHECK(is_genuine(response.tbs));
    CHECK(!answer.is_by_delegate || has_genuine_delegate(&response));
    CHECK(answer.this_update_seconds <= now_seconds + OCSP_SKEW_SECONDS);
    CHECK(answer.next_update_seconds == 0 ||
          answer.next_update_seconds >= now_seconds - OCSP_SKEW_SECONDS);
    CHECK(answer.signer_until_seconds > now_seconds);
    CHECK(answer.has_nonce == (nonce.length > 0));
}

static void print_signer(struct bytes der)
{
    char memory[256];
    struct text text = text_over(memory, sizeof(memory));
    ocsp_response_append_signer(der, &text);
    for (size_t i = 0; i < text.length; i++) {
        CHECK(text.at[i] >= 0x20 && text.at[i] <= 0x7E);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    struct bytes der = bytes_from(copy, size);
    judge(der, BYTES_OF(""), NOW);
    judge(der, NONCE, NOW);
    judge(der, BYTES_OF(""), NOW + 100000);
    print_signer(der);
    free(copy);
    return 0;
}
