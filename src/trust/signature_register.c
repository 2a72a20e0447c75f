/*
 * Remembers signatures that were checked at load, by the digest of who is said to have signed what.
 * Called by trusted_chain.c, who asks who belongs to a file's chain, and by trust_set.c, who asks
 * the same again and of all files together. Control thread.
 */
#include "signature_register.h"

#include <stdlib.h>

#include "x509_digest.h"
#include "x509_signature.h"

#define PAIR_DIGEST_SIZE 32

struct signature_pair {
    uint8_t digest[PAIR_DIGEST_SIZE];
    bool is_known; /* else the slot is free */
    bool is_valid;
};

struct result signature_register_init(struct signature_register *signatures, size_t file_count)
{
    size_t check_count_max =
        SIGNATURE_REGISTER_CHECKS_PER_PROFILE + file_count * SIGNATURE_REGISTER_CHECKS_PER_FILE;
    size_t slot_count = 1;
    while (slot_count < 2 * check_count_max) { /* A power of two, for the mask. */
        slot_count *= 2;
    }
    *signatures = (struct signature_register){
        .pairs = calloc(slot_count, sizeof(*signatures->pairs)),
        .pair_mask = slot_count - 1,
        .check_count_max = check_count_max,
    };
    return signatures->pairs == NULL ? result_failure(ERROR_OUT_OF_MEMORY) : RESULT_OK;
}

void signature_register_deinit(struct signature_register *signatures)
{
    free(signatures->pairs);
    *signatures = (struct signature_register){0};
}

/* The pair's slot, or the free one that it goes into: there always is one. */
static struct signature_pair *find(const struct signature_register *signatures,
                                   const uint8_t digest[PAIR_DIGEST_SIZE])
{
    uint64_t start;
    memcpy(&start, digest, sizeof(start));
    for (size_t index = (size_t)start & signatures->pair_mask;;
         index = (index + 1) & signatures->pair_mask) {
        struct signature_pair *pair = &signatures->pairs[index];
        if (!pair->is_known || memcmp(pair->digest, digest, PAIR_DIGEST_SIZE) == 0) {
            return pair;
        }
    }
}

static bool check(struct signature_register *signatures, const struct certificate *certificate,
                  const struct certificate *issuer)
{
    if (signatures->check_count == signatures->check_count_max) {
        signatures->outcome = result_failure(ERROR_LIMIT_REACHED);
        return false;
    }
    signatures->check_count++;
    enum x509_signature_finding finding = x509_signature_check(
        &issuer->key, &certificate->signature_algorithm, certificate->tbs, certificate->signature);
    if (finding == X509_SIGNATURE_UNCHECKED) {
        signatures->outcome = result_failure(ERROR_OUT_OF_MEMORY);
    }
    return finding == X509_SIGNATURE_RIGHT;
}

bool signature_register_proves(struct signature_register *signatures,
                               const struct certificate *certificate,
                               const struct certificate *issuer)
{
    const struct bytes parts[] = {certificate->der, issuer->key.whole};
    uint8_t digest[PAIR_DIGEST_SIZE];
    if (signature_register_has_failed(signatures)) {
        return false;
    }
    if (!x509_digest_of_parts(parts, sizeof(parts) / sizeof(parts[0]), digest)) {
        signatures->outcome = result_failure(ERROR_TLS_LIBRARY);
        return false;
    }
    struct signature_pair *pair = find(signatures, digest);
    if (!pair->is_known) {
        bool is_valid = check(signatures, certificate, issuer);
        if (signature_register_has_failed(signatures)) {
            return false;
        }
        *pair = (struct signature_pair){.is_known = true, .is_valid = is_valid};
        memcpy(pair->digest, digest, sizeof(digest));
    }
    return pair->is_valid;
}
