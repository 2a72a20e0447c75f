/* SHA-1 and SHA-2 digests of views, through wolfCrypt. Any thread. */
#ifndef TRUST_X509_DIGEST_H
#define TRUST_X509_DIGEST_H

#include "base/bytes.h"
#include "digest_kind.h"

#define X509_DIGEST_SIZE_MAX 64

/* Bytes of a digest; 0 for DIGEST_NONE. */
size_t x509_digest_size(enum digest_kind kind);

/* False when the library refuses (no memory); kind is not DIGEST_NONE. */
bool x509_digest_of(enum digest_kind kind, struct bytes bytes, uint8_t out[X509_DIGEST_SIZE_MAX]);

/* SHA-256 over several parts, each preceded by its length, so that no two lists of parts look
 * alike. */
bool x509_digest_of_parts(const struct bytes *parts, size_t count, uint8_t out[32]);

#endif
