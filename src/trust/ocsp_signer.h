/* Who signed an OCSP response, and whether it had the right to (RFC 6960 4.2.2.2). Any thread;
 * keeps no state. */
#ifndef TRUST_OCSP_SIGNER_H
#define TRUST_OCSP_SIGNER_H

#include "certificate.h"
#include "ocsp_basic_response.h"

/* Certificates of a response that are looked at, and signatures that are checked (some 40 us each).
 */
#define OCSP_SIGNER_CERTIFICATE_COUNT_MAX 8
#define OCSP_SIGNER_SIGNATURE_CHECKS_MAX  3

struct ocsp_signer {
    bool is_delegate;      /* else the issuer itself */
    int64_t until_seconds; /* the delegate's notAfter; INT64_MAX for the issuer */
};

/*
 * Looks for the signer of response: issuer itself, or a certificate in the response that issuer has
 * issued for that. serial is that of the certificate in question, which may not vouch for itself.
 * OCSP_FAULT_NONE: ret_signer has signed it, the signature is right. Else of all that might have
 * signed the fault of the one that came furthest.
 */
enum ocsp_fault ocsp_signer_find(const struct ocsp_basic_response *response,
                                 const struct certificate *issuer, struct bytes serial,
                                 int64_t now_seconds, struct ocsp_signer *ret_signer);

#endif
