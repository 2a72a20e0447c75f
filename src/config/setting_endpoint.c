/* The kinds of settings that say where something is: addresses, host names, servers, URLs. Each
 * mistake says what was expected, and what was probably meant. */
#include "setting_endpoint.h"
#include "value.h"

#define EXPECTED_ADDRESS "expected ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443"
#define EXPECTED_SERVER  "expected HOST:PORT, such as 127.0.0.1:8080 or app.internal:8080"
#define EXPECTED_HOST    "expected a host name, such as api.example.com or *.example.com"
#define EXPECTED_URL     "expected http://HOST[:PORT]/PATH, such as http://ocsp.example.com/"

static struct bytes value_of(const struct setting_site *site)
{
    return bytes_from_string(site->given->value);
}

static struct config_text text_of(const struct setting_site *site)
{
    return (struct config_text){.text = site->given->value, .place = site->given->place};
}

/* 8443, :8443 and *:8443 mean every address, which must be said. */
static struct result refuse_address(const struct setting_site *site)
{
    struct bytes value = value_of(site);
    uint64_t port = 0;
    size_t skipped = value.length > 0 && value.at[0] == '*' ? 1 : 0;
    skipped += skipped < value.length && value.at[skipped] == ':';
    if (bytes_to_number(bytes_slice(value, skipped, value.length), UINT16_MAX, &port) && port > 0) {
        return SETTING_SITE_REFUSE(site, EXPECTED_ADDRESS " (did you mean '0.0.0.0:%u'?)",
                                   (unsigned)port);
    }
    return SETTING_SITE_REFUSE(site, EXPECTED_ADDRESS);
}

struct result setting_endpoint_parse_address(const struct setting_site *site, void *field)
{
    struct config_address address = {.source = text_of(site)};
    if (!value_parse_address(value_of(site), &address.socket_address, &address.length_bytes)) {
        return refuse_address(site);
    }
    *(struct config_address *)field = address;
    return RESULT_OK;
}

struct result setting_endpoint_parse_host_name(const struct setting_site *site, void *field)
{
    struct bytes name = value_of(site);
    if (name.length > 2 && name.at[0] == '*' && name.at[1] == '.') {
        name = bytes_slice(name, 2, name.length);
    }
    if (value_is_ipv4(value_of(site)) || value_is_ipv6(value_of(site))) {
        return SETTING_SITE_REFUSE(site,
                                   "TLS names no addresses (RFC 6066 section 3): " EXPECTED_HOST);
    }
    if (!value_is_host_name(name)) {
        return SETTING_SITE_REFUSE(site, EXPECTED_HOST);
    }
    char *lower = arena_copy(site->loading->document->arena, value_of(site));
    if (lower == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (char *at = lower; *at != '\0'; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
    *(struct config_text *)field = (struct config_text){lower, site->given->place};
    return RESULT_OK;
}

struct result setting_endpoint_parse_server(const struct setting_site *site, void *field)
{
    struct value_endpoint endpoint;
    if (strstr(site->given->value, "://") != NULL) {
        return SETTING_SITE_REFUSE(site, EXPECTED_SERVER ", without a scheme");
    }
    if (!value_parse_endpoint(value_of(site), &endpoint)) {
        return SETTING_SITE_REFUSE(site, EXPECTED_SERVER);
    }
    bool is_host = endpoint.is_bracketed
                       ? value_is_ipv6(endpoint.host)
                       : value_is_ipv4(endpoint.host) || value_is_resolvable_name(endpoint.host);
    if (!is_host) {
        return SETTING_SITE_REFUSE(site, EXPECTED_SERVER);
    }
    const char *host = arena_copy(site->loading->document->arena, endpoint.host);
    if (host == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *(struct config_server *)field =
        (struct config_server){.host = host, .port = endpoint.port, .source = text_of(site)};
    return RESULT_OK;
}

struct result setting_endpoint_parse_http_url(const struct setting_site *site, void *field)
{
    struct bytes url = value_of(site);
    if (bytes_equal_ignoring_case(bytes_slice(url, 0, 6), BYTES_OF("https:"))) {
        return SETTING_SITE_REFUSE(site, "responders sign their answers and are asked over plain "
                                         "HTTP: " EXPECTED_URL);
    }
    if (!value_is_http_url(url)) {
        return SETTING_SITE_REFUSE(site, EXPECTED_URL);
    }
    if (url.length > site->row->maximum) {
        return SETTING_SITE_REFUSE(site, "it has %zu bytes: expected %llu at most", url.length,
                                   (unsigned long long)site->row->maximum);
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}
