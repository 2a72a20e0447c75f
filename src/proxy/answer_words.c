/* A row for each of our own answers. */
#include "proxy/answer_words.h"

static const struct {
    const char *error_info;
    const char *reason; /* when nothing finer is known */
} own_answers[ANSWER_COUNT] = {
    [ANSWER_BAD_REQUEST] = {"ERRORINFO_INVALID_REQUEST", "bad_request"},
    [ANSWER_NO_CERTIFICATE] = {"ERRORINFO_HTTPS_NO_CERT", "no_certificate"},
    [ANSWER_CERTIFICATE_ERROR] = {"ERRORINFO_HTTPS_NO_CERT", "certificate_error"},
    [ANSWER_PLAIN_HTTP] = {"ERRORINFO_HTTP_TO_HTTPS_PORT", "not_tls"},
    [ANSWER_API_NO_CERTIFICATE] = {"ERRORINFO_HTTPS_NO_CERT", "no_certificate"},
    [ANSWER_API_CERTIFICATE_ERROR] = {"ERRORINFO_HTTPS_NO_CERT", "certificate_error"},
    [ANSWER_METHOD_NOT_ALLOWED] = {"ERRORINFO_INVALID_METHOD", "method_refused"},
    [ANSWER_REQUEST_TIMEOUT] = {"ERRORINFO_CLIENT_TIMED_OUT", "request_timeout"},
    [ANSWER_CONTENT_TOO_LARGE] = {"ERRORINFO_INVALID_REQUEST", "content_too_large"},
    [ANSWER_URI_TOO_LONG] = {"ERRORINFO_REQUEST_URI_INVALID", "target_too_long"},
    [ANSWER_EXPECTATION_FAILED] = {"ERRORINFO_INVALID_REQUEST", "expectation_unknown"},
    [ANSWER_MISDIRECTED_REQUEST] = {"ERRORINFO_INVALID_HOST", "misdirected"},
    [ANSWER_FIELDS_TOO_LARGE] = {"ERRORINFO_INVALID_REQUEST", "fields_too_large"},
    [ANSWER_INTERNAL_ERROR] = {"ERRORINFO_INTERNAL_ERROR", "internal_error"},
    [ANSWER_NOT_IMPLEMENTED] = {"ERRORINFO_INVALID_METHOD", "not_implemented"},
    [ANSWER_BAD_GATEWAY] = {"ERRORINFO_UPSTREAM_NO_LIVE", "backend_failed"},
    [ANSWER_SERVICE_UNAVAILABLE] = {"ERRORINFO_INTERNAL_ERROR", "overload"},
    [ANSWER_GATEWAY_TIMEOUT] = {"ERRORINFO_UPSTREAM_TIMED_OUT", "backend_timeout"},
    [ANSWER_VERSION_NOT_SUPPORTED] = {"ERRORINFO_INVALID_VERSION", "version_unsupported"},
};

const char *answer_words_error_info(enum answer answer)
{
    return own_answers[answer].error_info;
}

const char *answer_words_reason(enum answer answer)
{
    return own_answers[answer].reason;
}
