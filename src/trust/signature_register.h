/*
 * Which CA made whose signature, each pair looked at once. For the control thread alone, while it
 * loads what one profile trusts; nothing of it is needed afterwards.
 *
 * It keeps the count of checks below a ceiling whatever the files hold: CAs of one name without key
 * identifiers may all have issued each other, and each file may hold dozens of them.
 */
#ifndef TRUST_SIGNATURE_REGISTER_H
#define TRUST_SIGNATURE_REGISTER_H

#include "base/result.h"
#include "certificate.h"

/*
 * Checks that are made at most, for each file and for each profile besides. A file has room for
 * some seventy CAs, and as a rule each has one issuer. Two hundred files in as many profiles cost
 * 51,200 checks at most: some seconds, whatever stands in them.
 */
#define SIGNATURE_REGISTER_CHECKS_PER_FILE    128
#define SIGNATURE_REGISTER_CHECKS_PER_PROFILE 128

struct signature_pair;

struct signature_register {
    struct signature_pair *pairs; /* a hash table that never gets more than half full */
    size_t pair_mask;
    size_t check_count; /* so far; each made one pair */
    size_t check_count_max;
    struct result outcome; /* the first failure */
};

/* For the files of one profile, any number of them. ERROR_OUT_OF_MEMORY. */
struct result signature_register_init(struct signature_register *signatures, size_t file_count);

/* Accepts a zeroed one. */
void signature_register_deinit(struct signature_register *signatures);

/*
 * Whether issuer's key made the signature of certificate. The pair is known by its bytes: the whole
 * certificate and the whole key. False, too, once it has failed, and then for every pair: who has
 * asked looks at the outcome before it believes in a false. ERROR_LIMIT_REACHED, of the ceiling;
 * ERROR_OUT_OF_MEMORY, when the library had none to check with; ERROR_TLS_LIBRARY.
 */
bool signature_register_proves(struct signature_register *signatures,
                               const struct certificate *certificate,
                               const struct certificate *issuer);

static inline bool signature_register_has_failed(const struct signature_register *signatures)
{
    return !result_is_ok(signatures->outcome);
}

#endif
