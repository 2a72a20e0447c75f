/*
 * What reports say of a certificate's dates, from its DER. Any thread; a plain value. Names, serial
 * number and fingerprints are identity.h's matter.
 */
#ifndef TRUST_CERTIFICATE_FACTS_H
#define TRUST_CERTIFICATE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct certificate_facts {
    int64_t not_before_seconds; /* since 1970 */
    int64_t not_after_seconds;
    bool is_ca;
};

/* False when der is not one well-formed certificate. */
bool certificate_facts_read(struct bytes der, struct certificate_facts *ret_facts);

#endif
