/* The list of headers that no client may send. */
#include "loaded_config.h"

static void assert_headers(const char *text, const char *expected)
{
    struct loaded loaded = load_clean(text);
    char list[512] = "";
    const struct config_text_list *headers = &loaded.config->gateway.identity_headers;
    for (size_t i = 0; i < headers->count; i++) {
        size_t length = strlen(list);
        snprintf(list + length, sizeof(list) - length, "%s%s:%d", i == 0 ? "" : " ",
                 headers->items[i].text, headers->items[i].place.line);
    }
    assert_string_equal(list, expected);
    unload(&loaded);
}

#define KNOWN                                                               \
    "X-Client-Cert:0 X-ARR-ClientCert:0 Client-Cert:0 Client-Cert-Chain:0 " \
    "X-Forwarded-Client-Cert:0"

static void known_headers_are_always_there(void **state)
{
    (void)state;
    assert_headers(WHOLE, KNOWN);
}

static void given_headers_are_added_once(void **state)
{
    (void)state;
    assert_headers("[gateway]\nidentity_header = X-Id\nidentity_header = client-cert\n" WHOLE,
                   KNOWN " X-Id:2");
}

static void rules_that_tell_the_identity_are_added(void **state)
{
    (void)state;
    assert_headers("[gateway]\nidentity_header = X-Id\n" LISTENER "rewrite = r\n" PROFILE BACKEND
                   "[rewrite r]\nrequest_header = X-Subject: {var_client_certificate_subject}\n"
                   "request_header = X-Ip: {var_client_ip}\n"
                   "request_header = x-id: {var_client_certificate}\n"
                   "request_header = x-client-cert: {var_client_certificate}\n"
                   "response_header = X-Answer: {var_client_certificate}\n",
                   KNOWN " X-Id:2 X-Subject:15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_headers_are_always_there),
        cmocka_unit_test(given_headers_are_added_once),
        cmocka_unit_test(rules_that_tell_the_identity_are_added),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
