/* Checks one signature with one key, through wolfCrypt's primitives. Any thread; keeps no state. */
#ifndef TRUST_X509_SIGNATURE_H
#define TRUST_X509_SIGNATURE_H

#include "base/bytes.h"
#include "public_key.h"
#include "signature_algorithm.h"

/*
 * Whether signature over message is by key. False too when algorithm and key do not belong
 * together, when a number is out of range, or when the library fails: never true by accident.
 */
bool x509_signature_is_valid(const struct public_key *key,
                             const struct signature_algorithm *algorithm, struct bytes message,
                             struct bytes signature);

#endif
