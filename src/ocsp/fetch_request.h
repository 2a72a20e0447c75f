/* The HTTP request that asks a responder one question (RFC 6960 appendix A.1). Any thread. */
#ifndef OCSP_FETCH_REQUEST_H
#define OCSP_FETCH_REQUEST_H

#include "base/text.h"
#include "responder_url.h"

/* Head and body together. */
#define FETCH_REQUEST_SIZE_MAX 2048

/*
 * Appends the request to text, which has room for FETCH_REQUEST_SIZE_MAX: a GET when wants_get and
 * it is short enough for one (RFC 5019 5), else a POST. nonce: see ocsp_request_write(). False: the
 * question cannot be put.
 */
bool fetch_request_write(struct text *text, const struct responder_url *url,
                         const struct ocsp_question *question, struct bytes nonce, bool wants_get);

#endif
