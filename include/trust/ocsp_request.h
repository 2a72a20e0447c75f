/* The OCSPRequest (RFC 6960 4.1.1) for one question: one CertID with SHA-1 digests (RFC
 * 5019 2.1.1), a nonce on request. Any thread; keeps no state. */
#ifndef TRUST_OCSP_REQUEST_H
#define TRUST_OCSP_REQUEST_H

#include "trust/ocsp_question.h"

#define OCSP_REQUEST_SIZE_MAX 256
#define OCSP_NONCE_SIZE       32 /* RFC 8954 2.1 */

/* nonce is empty or has OCSP_NONCE_SIZE bytes. Returns the length; 0 when the question cannot be
 * put (a serial number of more than OCSP_SERIAL_SIZE_MAX bytes) or the library fails. */
size_t ocsp_request_write(const struct ocsp_question *question, struct bytes nonce,
                          uint8_t ret_request[OCSP_REQUEST_SIZE_MAX]);

#endif
