/*
 * Signature checks through wolfCrypt's primitives, none of its certificate code. Called by
 * path_rules.c and trusted_chain.c, never more often than their ceilings allow. What the library is
 * given is checked first: lengths, forms, and that algorithm and key belong together.
 */
#include "x509_signature.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include "der.h"
#include "x509_digest.h"

#define RSA_LENGTH_MAX (4096 / 8)

/* Of what the library returns; 0: it has done what it should. */
static enum x509_signature_finding finding_of(int code)
{
    if (code == 0) {
        return X509_SIGNATURE_RIGHT;
    }
    return code == MEMORY_E || code == MP_MEM ? X509_SIGNATURE_UNCHECKED : X509_SIGNATURE_WRONG;
}

static enum x509_signature_finding finding_if(bool is_right)
{
    return is_right ? X509_SIGNATURE_RIGHT : X509_SIGNATURE_WRONG;
}

struct digest {
    uint8_t at[X509_DIGEST_SIZE_MAX];
    word32 length;
};

/* SEQUENCE of two positive INTEGERs, nothing more (RFC 3279 2.2.3). */
static bool is_ecdsa_signature(struct bytes signature)
{
    struct bytes_reader reader = der_over(signature);
    struct bytes_reader numbers = der_enter(&reader, DER_SEQUENCE);
    struct bytes r = der_take_integer(&numbers);
    struct bytes s = der_take_integer(&numbers);
    der_leave(&reader, &numbers);
    return der_is_finished(&reader) && (r.at[0] & 0x80) == 0 && (s.at[0] & 0x80) == 0;
}

static int curve_of(enum public_key_kind kind)
{
    switch (kind) {
    case PUBLIC_KEY_P256:
        return ECC_SECP256R1;
    case PUBLIC_KEY_P384:
        return ECC_SECP384R1;
    case PUBLIC_KEY_P521:
        return ECC_SECP521R1;
    case PUBLIC_KEY_UNSUPPORTED:
    case PUBLIC_KEY_RSA:
    case PUBLIC_KEY_RSA_PSS:
    case PUBLIC_KEY_ED25519:
        break;
    }
    return ECC_CURVE_INVALID;
}

static enum x509_signature_finding check_ecdsa(const struct public_key *key,
                                               const struct digest *digest, struct bytes signature)
{
    ecc_key ecc;
    int curve = curve_of(key->kind);
    int is_valid = 0;
    if (curve == ECC_CURVE_INVALID || !is_ecdsa_signature(signature)) {
        return X509_SIGNATURE_WRONG;
    }
    int code = wc_ecc_init(&ecc);
    if (code != 0) {
        return finding_of(code);
    }
    /* The last argument has the point proved to be on the curve: nobody vouches for the key yet. */
    code = wc_ecc_import_x963_ex2(key->point.at, (word32)key->point.length, &ecc, curve, 1);
    if (code == 0) {
        code = wc_ecc_verify_hash(signature.at, (word32)signature.length, digest->at,
                                  digest->length, &is_valid, &ecc);
    }
    wc_ecc_free(&ecc);
    return code == 0 ? finding_if(is_valid == 1) : finding_of(code);
}

static enum x509_signature_finding check_ed25519(const struct public_key *key, struct bytes message,
                                                 struct bytes signature)
{
    ed25519_key ed25519;
    int is_valid = 0;
    if (key->kind != PUBLIC_KEY_ED25519 || signature.length != ED25519_SIG_SIZE ||
        message.length > UINT32_MAX) {
        return X509_SIGNATURE_WRONG;
    }
    int code = wc_ed25519_init(&ed25519);
    if (code != 0) {
        return finding_of(code);
    }
    code = wc_ed25519_import_public(key->point.at, (word32)key->point.length, &ed25519);
    if (code == 0) {
        code = wc_ed25519_verify_msg(signature.at, (word32)signature.length, message.at,
                                     (word32)message.length, &is_valid, &ed25519);
    }
    wc_ed25519_free(&ed25519);
    return code == 0 ? finding_if(is_valid == 1) : finding_of(code);
}

/* What stands before the digest in a PKCS#1 v1.5 signature (RFC 8017 9.2, note 1). */
static struct bytes digest_info_start(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_NONE:
        break;
    case DIGEST_SHA1:
        return BYTES_OF("\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14");
    case DIGEST_SHA256:
        return BYTES_OF(
            "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20");
    case DIGEST_SHA384:
        return BYTES_OF(
            "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30");
    case DIGEST_SHA512:
        return BYTES_OF(
            "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40");
    }
    return (struct bytes){0};
}

/* The whole DigestInfo is compared, not parsed: there is nothing to be lenient about. */
static enum x509_signature_finding check_pkcs1(RsaKey *rsa,
                                               const struct signature_algorithm *algorithm,
                                               const struct digest *digest, struct bytes signature)
{
    uint8_t plain[RSA_LENGTH_MAX];
    struct bytes start = digest_info_start(algorithm->digest);
    int length =
        wc_RsaSSL_Verify(signature.at, (word32)signature.length, plain, sizeof(plain), rsa);
    if (length < 0) {
        return finding_of(length);
    }
    return finding_if(start.length > 0 && (size_t)length == start.length + digest->length &&
                      memcmp(plain, start.at, start.length) == 0 &&
                      memcmp(plain + start.length, digest->at, digest->length) == 0);
}

static enum x509_signature_finding check_pss(RsaKey *rsa, const struct public_key *key,
                                             const struct signature_algorithm *algorithm,
                                             const struct digest *digest, struct bytes signature)
{
    static const struct {
        enum wc_HashType hash;
        int mask;
    } names[] = {
        [DIGEST_SHA256] = {WC_HASH_TYPE_SHA256, WC_MGF1SHA256},
        [DIGEST_SHA384] = {WC_HASH_TYPE_SHA384, WC_MGF1SHA384},
        [DIGEST_SHA512] = {WC_HASH_TYPE_SHA512, WC_MGF1SHA512},
    };
    uint8_t plain[RSA_LENGTH_MAX];
    int salt_length = (int)algorithm->pss_salt_length;
    if (algorithm->digest < DIGEST_SHA256 ||
        (key->pss_digest != DIGEST_NONE && key->pss_digest != algorithm->digest) ||
        algorithm->pss_salt_length < key->pss_salt_length_min) {
        return X509_SIGNATURE_WRONG;
    }
    int length = wc_RsaPSS_Verify_ex(signature.at, (word32)signature.length, plain, sizeof(plain),
                                     names[algorithm->digest].hash, names[algorithm->digest].mask,
                                     salt_length, rsa);
    if (length <= 0) {
        return length == 0 ? X509_SIGNATURE_WRONG : finding_of(length);
    }
    return finding_of(wc_RsaPSS_CheckPadding_ex(digest->at, digest->length, plain, (word32)length,
                                                names[algorithm->digest].hash, salt_length,
                                                (int)key->bits));
}

static enum x509_signature_finding check_rsa(const struct public_key *key,
                                             const struct signature_algorithm *algorithm,
                                             const struct digest *digest, struct bytes signature)
{
    RsaKey rsa;
    bool is_pss = algorithm->kind == SIGNATURE_RSA_PSS;
    bool is_rsa = key->kind == PUBLIC_KEY_RSA || (key->kind == PUBLIC_KEY_RSA_PSS && is_pss);
    /* RFC 8017 8.1.2 and 8.2.2: a signature is as long as its modulus. */
    if (!is_rsa || key->modulus.length > RSA_LENGTH_MAX ||
        signature.length != key->modulus.length) {
        return X509_SIGNATURE_WRONG;
    }
    enum x509_signature_finding finding = finding_of(wc_InitRsaKey(&rsa, NULL));
    if (finding != X509_SIGNATURE_RIGHT) {
        return finding;
    }
    finding =
        finding_of(wc_RsaPublicKeyDecodeRaw(key->modulus.at, (word32)key->modulus.length,
                                            key->exponent.at, (word32)key->exponent.length, &rsa));
    if (finding == X509_SIGNATURE_RIGHT) {
        finding = is_pss ? check_pss(&rsa, key, algorithm, digest, signature)
                         : check_pkcs1(&rsa, algorithm, digest, signature);
    }
    wc_FreeRsaKey(&rsa);
    return finding;
}

enum x509_signature_finding x509_signature_check(const struct public_key *key,
                                                 const struct signature_algorithm *algorithm,
                                                 struct bytes message, struct bytes signature)
{
    struct digest digest = {.length = (word32)x509_digest_size(algorithm->digest)};
    if (algorithm->kind == SIGNATURE_ED25519) {
        return check_ed25519(key, message, signature);
    }
    if (algorithm->kind == SIGNATURE_UNSUPPORTED || signature.length == 0 ||
        !x509_digest_of(algorithm->digest, message, digest.at)) {
        return X509_SIGNATURE_WRONG;
    }
    return algorithm->kind == SIGNATURE_ECDSA ? check_ecdsa(key, &digest, signature)
                                              : check_rsa(key, algorithm, &digest, signature);
}

bool x509_signature_is_valid(const struct public_key *key,
                             const struct signature_algorithm *algorithm, struct bytes message,
                             struct bytes signature)
{
    return x509_signature_check(key, algorithm, message, signature) == X509_SIGNATURE_RIGHT;
}
