/* The words, texts and alerts of failures: one table, printed from by logs, metrics and `explain`.
 */
#include <stddef.h>

#include "base/check.h"
#include "tls/tls_failure.h"

static const struct {
    const char *word;
    const char *text;
    enum tls_alert alert;
} failures[TLS_FAILURE_COUNT] = {[TLS_FAILURE_NONE] = {"none", "no failure", TLS_ALERT_NONE},
#define FAILURE_ROW(name, word, alert, text) [TLS_FAILURE_##name] = {word, text, TLS_ALERT_##alert},
                                 TLS_FAILURE_LIST(FAILURE_ROW)
#undef FAILURE_ROW
};

/* RFC 8446 appendix B.2, with the ones of older versions that it lists. */
static const struct {
    uint8_t number;
    const char *name;
} alerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

const char *tls_failure_word(enum tls_failure failure)
{
    CHECK(failure < TLS_FAILURE_COUNT);
    return failures[failure].word;
}

const char *tls_failure_text(enum tls_failure failure)
{
    CHECK(failure < TLS_FAILURE_COUNT);
    return failures[failure].text;
}

enum tls_alert tls_failure_alert(enum tls_failure failure)
{
    CHECK(failure < TLS_FAILURE_COUNT);
    return failures[failure].alert;
}

const char *tls_failure_alert_name(uint8_t alert)
{
    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (alerts[i].number == alert) {
            return alerts[i].name;
        }
    }
    return "unknown";
}
