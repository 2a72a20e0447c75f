/*
 * Digests through wolfCrypt; with x509_signature.c the only door of this folder to the library.
 * Called for signatures, fingerprints and the ids of chains and policies.
 */
#include "x509_digest.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/sha256.h>

size_t x509_digest_size(enum digest_kind kind)
{
    static const uint8_t sizes[] = {
        [DIGEST_NONE] = 0,    [DIGEST_SHA1] = 20,   [DIGEST_SHA256] = 32,
        [DIGEST_SHA384] = 48, [DIGEST_SHA512] = 64,
    };
    return sizes[kind];
}

bool x509_digest_of(enum digest_kind kind, struct bytes bytes, uint8_t out[X509_DIGEST_SIZE_MAX])
{
    if (bytes.length > UINT32_MAX) {
        return false;
    }
    word32 length = (word32)bytes.length;
    const uint8_t *at = length > 0 ? bytes.at : (const uint8_t *)""; /* NULL would be refused. */
    switch (kind) {
    case DIGEST_NONE:
        return false;
    case DIGEST_SHA1:
        return wc_ShaHash(at, length, out) == 0;
    case DIGEST_SHA256:
        return wc_Sha256Hash(at, length, out) == 0;
    case DIGEST_SHA384:
        return wc_Sha384Hash(at, length, out) == 0;
    case DIGEST_SHA512:
        return wc_Sha512Hash(at, length, out) == 0;
    }
    return false;
}

static bool add_part(wc_Sha256 *sha, struct bytes part)
{
    uint8_t length[8];
    for (size_t i = 0; i < sizeof(length); i++) {
        length[i] = (uint8_t)((uint64_t)part.length >> (8 * i));
    }
    return part.length <= UINT32_MAX && wc_Sha256Update(sha, length, sizeof(length)) == 0 &&
           (part.length == 0 || wc_Sha256Update(sha, part.at, (word32)part.length) == 0);
}

bool x509_digest_of_parts(const struct bytes *parts, size_t count, uint8_t out[32])
{
    wc_Sha256 sha;
    if (wc_InitSha256(&sha) != 0) {
        return false;
    }
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        is_good = is_good && add_part(&sha, parts[i]);
    }
    is_good = is_good && wc_Sha256Final(&sha, out) == 0;
    wc_Sha256Free(&sha);
    return is_good;
}
