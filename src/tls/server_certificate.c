/* Reading our own certificates through wolfCrypt. Called by the control thread on files that are
 * ours. */
#include <string.h>
#include <time.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include "server_certificate.h"

/* clang-format off */
static const struct { word32 curve; enum tls_key_kind kind; } curves[] = {
    {ECC_SECP256R1_OID, TLS_KEY_ECDSA_P256},
    {ECC_SECP384R1_OID, TLS_KEY_ECDSA_P384},
    {ECC_SECP521R1_OID, TLS_KEY_ECDSA_P521},
};
/* clang-format on */

static bool read_date(const byte *date, int size, int64_t *ret_seconds)
{
    const byte *digits;
    byte format;
    int length;
    struct tm calendar = {0};
    if (date == NULL || wc_GetDateInfo(date, size, &digits, &format, &length) != 0 ||
        wc_GetDateAsCalendarTime(digits, length, format, &calendar) != 0) {
        return false;
    }
    *ret_seconds = timegm(&calendar);
    return true;
}

static unsigned count_rsa_bits(const DecodedCert *decoded)
{
    const byte *modulus;
    const byte *exponent;
    word32 modulus_size;
    word32 exponent_size;
    word32 at = 0;
    if (wc_RsaPublicKeyDecode_ex(decoded->publicKey, &at, decoded->pubKeySize, &modulus,
                                 &modulus_size, &exponent, &exponent_size) != 0) {
        return 0;
    }
    return modulus_size * 8;
}

static void read_key_kind(const DecodedCert *decoded, struct server_certificate *certificate)
{
    if (decoded->keyOID == RSAk) {
        certificate->rsa_bits = count_rsa_bits(decoded);
        certificate->key_kind = TLS_KEY_RSA;
        certificate->is_key_supported = true;
    } else if (decoded->keyOID == ED25519k) {
        certificate->key_kind = TLS_KEY_ED25519;
        certificate->is_key_supported = true;
    }
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (decoded->keyOID == ECDSAk && decoded->pkCurveOID == curves[i].curve) {
            certificate->key_kind = curves[i].kind;
            certificate->is_key_supported = true;
        }
    }
}

static bool read_decoded(const DecodedCert *decoded, struct server_certificate *ret_certificate)
{
    struct server_certificate certificate = {0};
    _Static_assert(sizeof(certificate.subject_hash) == sizeof(decoded->subjectHash),
                   "one kind of hash");
    if (!read_date(decoded->beforeDate, decoded->beforeDateLen, &certificate.not_before) ||
        !read_date(decoded->afterDate, decoded->afterDateLen, &certificate.not_after)) {
        return false;
    }
    read_key_kind(decoded, &certificate);
    memcpy(certificate.subject_hash, decoded->subjectHash, sizeof(decoded->subjectHash));
    memcpy(certificate.issuer_hash, decoded->issuerHash, sizeof(decoded->issuerHash));
    *ret_certificate = certificate;
    return true;
}

bool server_certificate_read(struct bytes der, struct server_certificate *ret_certificate)
{
    DecodedCert decoded;
    if (der.length > UINT32_MAX) {
        return false;
    }
    wc_InitDecodedCert(&decoded, der.at, (word32)der.length, NULL);
    bool is_read = wc_ParseCert(&decoded, CERT_TYPE, NO_VERIFY, NULL) == 0 &&
                   read_decoded(&decoded, ret_certificate);
    wc_FreeDecodedCert(&decoded);
    return is_read;
}
