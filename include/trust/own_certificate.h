/*
 * What a server certificate of the gateway's own says of its revocation, for whoever staples OCSP
 * responses to it. Any thread; keeps no state.
 */
#ifndef TRUST_OWN_CERTIFICATE_H
#define TRUST_OWN_CERTIFICATE_H

#include <stdbool.h>

#include "base/bytes.h"

struct own_certificate {
    bool names_responder; /* of http */
    bool must_staple;     /* clients may insist on a response beside it (RFC 7633) */
};

/* False when der is not one well-formed certificate. */
bool own_certificate_read(struct bytes der, struct own_certificate *ret_certificate);

/* Whether issuer has issued certificate, its signature included; both are DER. */
bool own_certificate_is_issued_by(struct bytes certificate, struct bytes issuer);

#endif
