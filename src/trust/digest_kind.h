/* The hash functions that signatures name. SHA-1 is read so that it can be refused by its name. */
#ifndef TRUST_DIGEST_KIND_H
#define TRUST_DIGEST_KIND_H

enum digest_kind { DIGEST_NONE, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

#endif
