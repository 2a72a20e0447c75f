/*
 * wolfSSL as a whole: start, stop, version, and the translation of its error codes into ours. Start
 * and stop on the main thread; the translation on any.
 *
 * wolfSSL keeps the program's allocator (malloc and free) and draws random bytes from tls_random.c.
 */
#include <stdio.h>

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "tls/tls_library.h"

#include "tls_library_codes.h"
#include "wolfssl_internal.h"

/* clang-format off */
/* Codes that what a client sends can cause; found by sending it (tests/unit/tls/test_tls_session.c). */
static const struct {
    int code;
    enum tls_failure failure;
} failures[] = {
    {VERSION_ERROR,                TLS_FAILURE_PROTOCOL_VERSION},
    {UNSUPPORTED_PROTO_VERSION,    TLS_FAILURE_PROTOCOL_VERSION},
    {MATCH_SUITE_ERROR,            TLS_FAILURE_NO_SHARED_CIPHER},
    {UNSUPPORTED_SUITE,            TLS_FAILURE_NO_SHARED_CIPHER},
    {KEY_SHARE_ERROR,              TLS_FAILURE_NO_SHARED_GROUP},
    {ECC_CURVE_ERROR,              TLS_FAILURE_NO_SHARED_GROUP},
    {ECC_CURVETYPE_ERROR,          TLS_FAILURE_NO_SHARED_GROUP},
    {BAD_KEY_SHARE_DATA,           TLS_FAILURE_NO_SHARED_GROUP},
    {UNKNOWN_ALPN_PROTOCOL_NAME_E, TLS_FAILURE_NO_SHARED_PROTOCOL},
    {EXT_MISSING,                  TLS_FAILURE_MISSING_EXTENSION},
    {ASN_PARSE_E,                  TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_VERSION_E,                TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_GETINT_E,                 TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_OBJECT_ID_E,              TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_TAG_NULL_E,               TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_EXPECT_0_E,               TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_BITSTR_E,                 TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_DATE_SZ_E,                TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_TIME_E,                   TLS_FAILURE_CERTIFICATE_MALFORMED},
    {ASN_INPUT_E,                  TLS_FAILURE_CERTIFICATE_MALFORMED},
    {BUFFER_E,                     TLS_FAILURE_DECODE_ERROR},
    {MAX_CHAIN_ERROR,              TLS_FAILURE_CERTIFICATE_TOO_LARGE},
    {MAX_CERT_EXTENSIONS_ERR,      TLS_FAILURE_CERTIFICATE_TOO_LARGE},
    {HANDSHAKE_SIZE_ERROR,         TLS_FAILURE_CERTIFICATE_TOO_LARGE},
    {PEER_KEY_ERROR,               TLS_FAILURE_CERTIFICATE_KEY},
    {NO_PEER_KEY,                  TLS_FAILURE_CERTIFICATE_KEY},
    {ASN_UNKNOWN_OID_E,            TLS_FAILURE_CERTIFICATE_KEY},
    {UNSUPPORTED_CERTIFICATE,      TLS_FAILURE_CERTIFICATE_KEY},
    {RSA_KEY_SIZE_E,               TLS_FAILURE_CERTIFICATE_KEY},
    {ECC_KEY_SIZE_E,               TLS_FAILURE_CERTIFICATE_KEY},
    {SIG_VERIFY_E,                 TLS_FAILURE_POSSESSION},
    {VERIFY_CERT_ERROR,            TLS_FAILURE_POSSESSION},
    {VERIFY_SIGN_ERROR,            TLS_FAILURE_POSSESSION},
    {NO_PEER_VERIFY,               TLS_FAILURE_POSSESSION},
    {ASN_SIG_CONFIRM_E,            TLS_FAILURE_POSSESSION},
    {BAD_PADDING_E,                TLS_FAILURE_POSSESSION},
    {RSA_BUFFER_E,                 TLS_FAILURE_POSSESSION},
    {ECC_BAD_ARG_E,                TLS_FAILURE_POSSESSION},
    {FATAL_ERROR,                  TLS_FAILURE_ALERT_RECEIVED},
    {ZERO_RETURN,                  TLS_FAILURE_ALERT_RECEIVED},
    {OUT_OF_ORDER_E,               TLS_FAILURE_UNEXPECTED_MESSAGE},
    {DUPLICATE_MSG_E,              TLS_FAILURE_UNEXPECTED_MESSAGE},
    {SANITY_MSG_E,                 TLS_FAILURE_UNEXPECTED_MESSAGE},
    {UNKNOWN_HANDSHAKE_TYPE,       TLS_FAILURE_UNEXPECTED_MESSAGE},
    {UNKNOWN_RECORD_TYPE,          TLS_FAILURE_UNEXPECTED_MESSAGE},
    {NO_CHANGE_CIPHER_E,           TLS_FAILURE_UNEXPECTED_MESSAGE},
    {SIDE_ERROR,                   TLS_FAILURE_UNEXPECTED_MESSAGE},
    {SECURE_RENEGOTIATION_E,       TLS_FAILURE_RENEGOTIATION},
    {INVALID_PARAMETER,            TLS_FAILURE_ILLEGAL_PARAMETER},
    {EXT_NOT_ALLOWED,              TLS_FAILURE_ILLEGAL_PARAMETER},
    {DUPLICATE_TLS_EXT_E,          TLS_FAILURE_ILLEGAL_PARAMETER},
    {BAD_KEA_TYPE_E,               TLS_FAILURE_ILLEGAL_PARAMETER},
    {BAD_BINDER,                   TLS_FAILURE_ILLEGAL_PARAMETER},
    {HRR_COOKIE_ERROR,             TLS_FAILURE_ILLEGAL_PARAMETER},
    {ECC_PEERKEY_ERROR,            TLS_FAILURE_ILLEGAL_PARAMETER},
    {ECC_SHARED_ERROR,             TLS_FAILURE_ILLEGAL_PARAMETER},
    {COMPRESSION_ERROR,            TLS_FAILURE_ILLEGAL_PARAMETER},
    {PEER_KEY_ERROR,               TLS_FAILURE_ILLEGAL_PARAMETER},
    {BUFFER_ERROR,                 TLS_FAILURE_DECODE_ERROR},
    {PARSE_ERROR,                  TLS_FAILURE_DECODE_ERROR},
    {INCOMPLETE_DATA,              TLS_FAILURE_DECODE_ERROR},
    {LENGTH_ERROR,                 TLS_FAILURE_DECODE_ERROR},
    {DECODE_E,                     TLS_FAILURE_DECODE_ERROR},
    {BAD_HELLO,                    TLS_FAILURE_DECODE_ERROR},
    {MISSING_HANDSHAKE_DATA,       TLS_FAILURE_DECODE_ERROR},
    {BAD_TICKET_MSG_SZ,            TLS_FAILURE_DECODE_ERROR},
    {SUITES_ERROR,                 TLS_FAILURE_HELLO_TOO_LARGE},
    {VERIFY_MAC_ERROR,             TLS_FAILURE_BAD_RECORD},
    {DECRYPT_ERROR,                TLS_FAILURE_BAD_RECORD},
    {AES_GCM_AUTH_E,               TLS_FAILURE_BAD_RECORD},
    {MAC_CMP_FAILED_E,             TLS_FAILURE_BAD_RECORD},
    {VERIFY_FINISHED_ERROR,        TLS_FAILURE_BAD_FINISHED},
    {ALERT_COUNT_E,                TLS_FAILURE_RECORD_FLOOD},
    {EMPTY_RECORD_LIMIT_E,         TLS_FAILURE_RECORD_FLOOD},
    {MEMORY_E,                     TLS_FAILURE_OUT_OF_MEMORY},
    {MEMORY_ERROR,                 TLS_FAILURE_OUT_OF_MEMORY},
};
/* clang-format on */

struct result tls_library_start(void)
{
    bool is_started = wolfssl_internal_fits_library() && wolfSSL_Init() == WOLFSSL_SUCCESS;
    return is_started ? RESULT_OK : result_failure(ERROR_TLS_LIBRARY);
}

void tls_library_stop(void)
{
    (void)wolfSSL_Cleanup();
}

const char *tls_library_version_built(void)
{
    return "wolfSSL " LIBWOLFSSL_VERSION_STRING;
}

const char *tls_library_version_running(void)
{
    /* The library is linked statically, so it tells its bare version, which is put behind its name
     * once. */
    static char version[sizeof("wolfSSL ") + 32];
    (void)snprintf(version, sizeof(version), "wolfSSL %s", wolfSSL_lib_version());
    return version;
}

enum tls_failure tls_library_failure_of(int code)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].code == code) {
            return failures[i].failure;
        }
    }
    return TLS_FAILURE_INTERNAL;
}

enum tls_failure tls_library_refine(enum tls_failure failure, int alert)
{
    if (failure == TLS_FAILURE_ILLEGAL_PARAMETER && alert == TLS_ALERT_BAD_CERTIFICATE) {
        return TLS_FAILURE_CERTIFICATE_KEY;
    }
    static const enum tls_failure more_exact[] = {
        TLS_FAILURE_RECORD_TOO_LARGE,  TLS_FAILURE_UNEXPECTED_MESSAGE,
        TLS_FAILURE_ILLEGAL_PARAMETER, TLS_FAILURE_MISSING_EXTENSION,
        TLS_FAILURE_PROTOCOL_VERSION,  TLS_FAILURE_BAD_RECORD,
    };
    bool is_vague = failure == TLS_FAILURE_DECODE_ERROR || failure == TLS_FAILURE_INTERNAL;
    for (size_t i = 0; is_vague && i < sizeof(more_exact) / sizeof(more_exact[0]); i++) {
        if ((int)tls_failure_alert(more_exact[i]) == alert) {
            return more_exact[i];
        }
    }
    return failure;
}
