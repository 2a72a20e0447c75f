/* Checks one signature with one key, through wolfCrypt's primitives. Any thread; keeps no state. */
#ifndef TRUST_X509_SIGNATURE_H
#define TRUST_X509_SIGNATURE_H

#include "base/bytes.h"
#include "public_key.h"
#include "signature_algorithm.h"

enum x509_signature_finding {
    X509_SIGNATURE_WRONG,     /* by somebody else, over something else, or no signature at all */
    X509_SIGNATURE_RIGHT,     /* over the message, by the key */
    X509_SIGNATURE_UNCHECKED, /* the library had no memory: it may be either */
};

/*
 * What there is to say of signature over message by key. Wrong too when algorithm and key do not
 * belong together, when a number is out of range, or when the library fails for another reason than
 * lack of memory: never right by accident.
 */
enum x509_signature_finding x509_signature_check(const struct public_key *key,
                                                 const struct signature_algorithm *algorithm,
                                                 struct bytes message, struct bytes signature);

/* Whether it is right; for who does not tell the other two apart. */
bool x509_signature_is_valid(const struct public_key *key,
                             const struct signature_algorithm *algorithm, struct bytes message,
                             struct bytes signature);

#endif
