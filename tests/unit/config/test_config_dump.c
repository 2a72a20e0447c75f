/* A dump loads to the same again, and marks what nobody wrote. */
#include "loaded_config.h"

#include "config/config_report.h"

#define RICH                                                                                      \
    "[gateway]\nworkers = 2\ncpu_affinity = off\nstats_socket = run/s.sock\naccess_log = -\n"     \
    "stats_address = [::1]:9180\n"                                                                \
    "identity_header = X-Id\nhandshake_timeout = 1500ms\n"                                        \
    "[listener edge]\naddress = 0.0.0.0:8443\naddress = [::]:8443\nserver_name = a.example.com\n" \
    "certificate = a.pem\ncertificate_key = a.key\ncertificate = \"b ; c.pem\"\n"                 \
    "certificate_key = b.key\ncertificate_key_passphrase_file = /b.txt\nssl_profile = devices\n"  \
    "backend = app\nrewrite = r\nforward_identity = client_cert\n"                                \
    "forward_identity = client_cert_chain\n" PROFILE "trusted_client_ca = b.crt\n"                \
    "ssl_policy = Custom\ntls_version = TLSv1.3\ncipher_suite = TLS_AES_256_GCM_SHA384\n"         \
    "group = P-384\nreveal_reason = yes\nverify_client_revocation = ocsp\n"                       \
    "ocsp_failure = allow\nocsp_method = get\nocsp_nonce = on\nocsp_stale_grace = 90s\n"          \
    "allow_identity = common_name=a, subject=\"CN=\\\"b\\\"\"\n" BACKEND "server = [::1]:81\n"    \
    "[rewrite r]\nrequest_header = \"X-Q: \\\"a\\\" ; \\\\ {{x}} {var_client_certificate}\"\n"    \
    "request_header = X-Gone:\nresponse_header = X-H: # ; {http_resp_A}\nresponse_header = "      \
    "Strict-Transport-Security: max-age=1; includeSubDomains\n"

static char *dump(const struct config *config, bool json)
{
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    config_dump(config, output, json);
    assert_int_equal(fclose(output), 0);
    return text;
}

/* What stands in both dumps but for the marks of defaults. */
static void strip_marks(char *text)
{
    char *mark = NULL;
    while ((mark = strstr(text, "; default\n")) != NULL) {
        char *start = mark;
        while (start > text && start[-1] == ' ') {
            start--;
        }
        memmove(start, mark + strlen("; default"), strlen(mark + strlen("; default")) + 1);
    }
}

static void assert_round_trip(const char *text)
{
    struct loaded first = load_clean(text);
    char *dumped = dump(first.config, false);
    assert_int_equal(mkdir("elsewhere", 0700), 0);
    write_file("elsewhere/edge.ini", dumped);
    struct loaded second = load_file("elsewhere/edge.ini");
    assert_string_equal(second.said, "");
    char *again = dump(second.config, false);
    strip_marks(dumped);
    strip_marks(again);
    assert_string_equal(again, dumped);
    free(again);
    free(dumped);
    unload(&second);
    unload(&first);
    assert_int_equal(remove("elsewhere/edge.ini"), 0);
    assert_int_equal(remove("elsewhere"), 0);
}

static void dump_loads_to_the_same_again(void **state)
{
    (void)state;
    assert_round_trip(WHOLE);
    assert_round_trip(RICH);
}

static void defaults_are_marked(void **state)
{
    (void)state;
    struct loaded loaded = load_clean("[gateway]\nkeepalive_timeout = 75s\n" WHOLE);
    char *text = dump(loaded.config, false);
    assert_non_null(strstr(text, "\nkeepalive_timeout = 75s\n"));
    assert_non_null(strstr(text, "\nsend_timeout = 1m                      "));
    assert_non_null(strstr(text, "; default\ndrain_timeout"));
    assert_non_null(strstr(text, "\n; cipher_suite = TLS_AES_128_GCM_SHA256"));
    assert_non_null(strstr(text, "\n; identity_header = X-Client-Cert  "));
    assert_non_null(strstr(text, "\nbackend = app\n"));
    free(text);
    unload(&loaded);
}

static void values_that_need_quotes_get_them(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(RICH);
    char *text = dump(loaded.config, false);
    assert_non_null(strstr(text, "b ; c.pem\"\n"));
    assert_non_null(strstr(text, "\nrequest_header = \"X-Q: \\\"a\\\" ; \\\\ {{x}} "
                                 "{var_client_certificate}\"\n"));
    assert_non_null(strstr(text, "\nresponse_header = Strict-Transport-Security: max-age=1; "
                                 "includeSubDomains\n"));
    assert_non_null(strstr(text, "\nresponse_header = X-H:\n"));
    assert_non_null(strstr(text, "\nallow_identity = \"common_name=a, "
                                 "subject=\\\"CN=\\\\\\\"b\\\\\\\"\\\"\"\n"));
    free(text);
    unload(&loaded);
}

static void json_dump_has_the_values(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(RICH);
    char *text = dump(loaded.config, true);
    assert_memory_equal(text, "{\n  \"worker_count\": 2,\n  \"cpus\": null,\n", 39);
    assert_non_null(strstr(text, "{\"section\": \"listener\", \"name\": \"edge\", \"settings\": {\n"
                                 "      \"address\": [\"0.0.0.0:8443\", \"[::]:8443\"],\n"));
    assert_non_null(strstr(text, "\"certificate_key_passphrase_file\": [null, \"/b.txt\"]"));
    assert_non_null(strstr(text, "\"forward_identity\": [\"client_cert\", \"client_cert_chain\"]"));
    assert_non_null(strstr(text, "\"rewrite\": \"r\""));
    assert_non_null(strstr(text, "\"ocsp_check\": \"leaf\",\n      \"ocsp_method\": \"get\",\n"));
    assert_non_null(strstr(text, "\"X-Q: \\\"a\\\" ; \\\\ {{x}} {var_client_certificate}\""));
    assert_non_null(strstr(text, "\"defaults\": [\"verify_client_auth_mode\", "
                                 "\"verify_client_cert_issuer_dn\", \"ocsp_responder\", "
                                 "\"ocsp_check\", \"ocsp_timeout\", \"ocsp_connect_timeout\", "
                                 "\"ocsp_read_timeout\", \"ocsp_max_age\", \"ocsp_retry_after\", "
                                 "\"validate_trust\", \"validate_not_before\", "
                                 "\"validate_not_after\", \"validate_revocation\", \"report\", "
                                 "\"failure_style\"]"));
    free(text);
    unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dump_loads_to_the_same_again),
        cmocka_unit_test(defaults_are_marked),
        cmocka_unit_test(values_that_need_quotes_get_them),
        cmocka_unit_test(json_dump_has_the_values),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
