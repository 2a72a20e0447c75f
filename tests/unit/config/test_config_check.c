/* Settings that are right one by one and wrong together. */
#include "loaded_config.h"

static void gateway_without_listeners_is_refused(void **state)
{
    (void)state;
    assert_says("[gateway]\n",
                "edge.ini: error: nothing would be served: expected a [listener NAME] section\n");
    assert_says("", "edge.ini: error: nothing would be served: expected a [listener NAME] "
                    "section\n");
}

static void certificate_wants_its_key(void **state)
{
    (void)state;
    assert_says("[listener edge]\naddress = 0.0.0.0:8443\ncertificate = /s.pem\n"
                "ssl_profile = devices\nbackend = app\n" PROFILE BACKEND,
                "edge.ini:3: error: [listener edge] certificate = /s.pem: expected a "
                "certificate_key in a line after it\n");
}

static void strict_wants_somebody_to_trust(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = strict\n",
                "edge.ini:10: error: [ssl_profile devices] verify_client_auth_mode = strict: "
                "nobody would be trusted: expected a trusted_client_ca besides\n");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\n",
                "edge.ini:9: error: [ssl_profile devices] verify_client_auth_mode = strict: "
                "nobody would be trusted: expected a trusted_client_ca besides\n");
}

static void mode_off_checks_nothing(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE
                "verify_client_auth_mode = off\nverify_client_cert_issuer_dn = on\n"
                "reveal_reason = yes\n",
                "edge.ini:10: error: [ssl_profile devices] trusted_client_ca = ca.pem: with "
                "verify_client_auth_mode = off, no certificate is asked for: expected none\n"
                "edge.ini:12: error: [ssl_profile devices] verify_client_cert_issuer_dn = on: "
                "with verify_client_auth_mode = off, no certificate is asked for: expected off\n"
                "edge.ini:13: warning: [ssl_profile devices] reveal_reason = yes: with "
                "verify_client_auth_mode = off, no certificate is asked for: expected off\n");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = off\n", "");
}

static void passthrough_lets_everybody_in(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE
                "verify_client_auth_mode = passthrough\nverify_client_cert_issuer_dn = on\n",
                "edge.ini:10: warning: [ssl_profile devices] trusted_client_ca = ca.pem: with "
                "verify_client_auth_mode = passthrough, everybody is let in: expected none\n"
                "edge.ini:12: warning: [ssl_profile devices] verify_client_cert_issuer_dn = on: "
                "with verify_client_auth_mode = passthrough, everybody is let in: expected off\n");
}

static void rules_without_a_verdict_that_counts_are_noticed(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = off\n"
                                 "allow_identity = uri=a\n",
                "edge.ini:11: error: [ssl_profile devices] allow_identity = uri=a: with "
                "verify_client_auth_mode = off, no certificate is asked for: expected none\n");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = passthrough\n"
                                 "allow_identity = uri=a\nvalidate_not_after = off\n"
                                 "failure_style = api_management\n",
                "edge.ini:11: warning: [ssl_profile devices] allow_identity = uri=a: with "
                "verify_client_auth_mode = passthrough, everybody is let in: expected none\n"
                "edge.ini:12: warning: [ssl_profile devices] validate_not_after = off: with "
                "verify_client_auth_mode = passthrough, everybody is let in: expected on\n"
                "edge.ini:13: warning: [ssl_profile devices] failure_style = api_management: with "
                "verify_client_auth_mode = passthrough, everybody is let in: expected "
                "application_gateway\n");
}

static void each_switch_turned_off_is_warned_of(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE "validate_trust = off\nvalidate_not_before = no\n"
                                         "validate_not_after = false\nvalidate_revocation = off\n",
                "edge.ini:11: warning: [ssl_profile devices] validate_trust = off: certificates "
                "that anybody has made get in: expected on, or a thumbprint in every "
                "allow_identity\n"
                "edge.ini:12: warning: [ssl_profile devices] validate_not_before = no: "
                "certificates that are not valid yet get in: expected on\n"
                "edge.ini:13: warning: [ssl_profile devices] validate_not_after = false: "
                "certificates that have expired get in: expected on\n"
                "edge.ini:14: warning: [ssl_profile devices] validate_revocation = off: "
                "certificates that were revoked get in: expected on\n");
    assert_says(LISTENER BACKEND PROFILE "validate_trust = on\nvalidate_not_before = yes\n"
                                         "validate_not_after = true\nvalidate_revocation = on\n",
                "");
    assert_says(
        LISTENER BACKEND PROFILE "validate_trust = offf\n",
        "edge.ini:11: error: [ssl_profile devices] validate_trust = offf: expected on, off, "
        "yes, no, true or false (did you mean 'off'?)\n");
}

static void figures_are_told_to_this_machine_only(void **state)
{
    (void)state;
    static const char *const refused[] = {"0.0.0.0:9180", "192.0.2.1:9180", "[::]:9180",
                                          "[2001:db8::1]:9180", "128.0.0.1:1"};
    static const char *const taken[] = {"127.0.0.1:9180", "127.255.255.254:1", "[::1]:9180"};
    char text[1024];
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char expected[512];
        snprintf(text, sizeof(text), "[gateway]\nstats_address = %s\n" WHOLE, refused[i]);
        snprintf(expected, sizeof(expected),
                 "edge.ini:2: error: [gateway] stats_address = %s: others could read it over the "
                 "network: expected an address of loopback, such as 127.0.0.1:9180 or "
                 "[::1]:9180\n",
                 refused[i]);
        assert_says(text, expected);
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        snprintf(text, sizeof(text), "[gateway]\nstats_address = %s\n" WHOLE, taken[i]);
        assert_says(text, "");
    }
}

static void ocsp_settings_want_ocsp(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE "ocsp_timeout = 6s\nocsp_failure = deny\n"
                                         "ocsp_responder = http://a/\n",
                "edge.ini:11: warning: [ssl_profile devices] ocsp_timeout = 6s: with "
                "verify_client_revocation = none nobody is asked: expected "
                "verify_client_revocation = ocsp besides\n"
                "edge.ini:13: warning: [ssl_profile devices] ocsp_responder = http://a/: with "
                "verify_client_revocation = none nobody is asked: expected "
                "verify_client_revocation = ocsp besides\n");
    assert_says(WHOLE_WITH_OCSP "ocsp_timeout = 6s\nocsp_responder = http://a/\n", "");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = off\n"
                                 "verify_client_revocation = ocsp\n",
                "edge.ini:11: error: [ssl_profile devices] verify_client_revocation = ocsp: with "
                "verify_client_auth_mode = off, no certificate is asked for: expected none\n");
}

static void a_part_of_the_question_outlasts_the_whole_in_vain(void **state)
{
    (void)state;
    assert_says(WHOLE_WITH_OCSP "ocsp_timeout = 1s\n", "");
    assert_says(WHOLE_WITH_OCSP "ocsp_timeout = 1s\nocsp_connect_timeout = 1s\n"
                                "ocsp_read_timeout = 1s\n",
                "");
    assert_says(WHOLE_WITH_OCSP "ocsp_timeout = 1s\nocsp_connect_timeout = 2s\n"
                                "ocsp_read_timeout = 1001ms\n",
                "edge.ini:13: warning: [ssl_profile devices] ocsp_connect_timeout = 2s: "
                "ocsp_timeout ends it sooner: expected no more than that\n"
                "edge.ini:14: warning: [ssl_profile devices] ocsp_read_timeout = 1001ms: "
                "ocsp_timeout ends it sooner: expected no more than that\n");
}

static void without_trust_nothing_is_known_of_the_issuer(void **state)
{
    (void)state;
    struct loaded loaded =
        load_text(LISTENER BACKEND "[ssl_profile devices]\nvalidate_trust = off\n"
                                   "verify_client_cert_issuer_dn = on\n"
                                   "allow_identity = uri=a, issuer_thumbprint="
                                   "5E7FC1A1F7AD302EDFBFB0B87C5AF2A299B72858\n");
    assert_non_null(strstr(loaded.said, "edge.ini:11: error: [ssl_profile devices] "
                                        "verify_client_cert_issuer_dn = on: the issuer is not "
                                        "known: expected validate_trust = on\n"));
    assert_non_null(strstr(loaded.said, "edge.ini:12: error: [ssl_profile devices] "
                                        "allow_identity = uri=a, issuer_thumbprint="));
    assert_int_equal(loaded.diagnostics.error_count, 2);
    unload(&loaded);
}

static void report_wants_passthrough_and_what_strict_wants(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE "report = on\n",
                "edge.ini:11: error: [ssl_profile devices] report = on: strict refuses clients: "
                "expected verify_client_auth_mode = passthrough besides\n");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = off\n"
                                 "report = on\n",
                "edge.ini:11: error: [ssl_profile devices] report = on: nobody is asked for a "
                "certificate: expected verify_client_auth_mode = passthrough besides\n");
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = passthrough\n"
                                 "report = on\n",
                "edge.ini:11: error: [ssl_profile devices] report = on: nobody would be trusted: "
                "expected a trusted_client_ca besides\n");
    assert_says(LISTENER BACKEND PROFILE
                "verify_client_auth_mode = passthrough\nreport = on\n"
                "verify_client_cert_issuer_dn = on\nallow_identity = uri=a\n",
                "");
}

static void wrong_mode_has_no_consequences(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND "[ssl_profile devices]\nverify_client_auth_mode = opt\n",
                "edge.ini:10: error: [ssl_profile devices] verify_client_auth_mode = opt: "
                "expected strict, passthrough or off\n");
}

static void trusted_files_are_certificates_by_name(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE "trusted_client_ca = /a.cer\ntrusted_client_ca = /b.CRT\n"
                                         "trusted_client_ca = /c.pfx\ntrusted_client_ca = /d\n",
                "edge.ini:13: error: [ssl_profile devices] trusted_client_ca = /c.pfx: expected a "
                "file named .pem, .cer or .crt\n"
                "edge.ini:14: error: [ssl_profile devices] trusted_client_ca = /d: expected a "
                "file named .pem, .cer or .crt\n");
}

/* Three profiles of 67 files: 201 names, of which the first is shared when it is said so. */
static char *many_chains(bool is_first_shared)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    fputs(BACKEND, stream);
    for (int profile = 0; profile < 3; profile++) {
        fprintf(stream, "[listener l%d]\naddress = 0.0.0.0:%d\ncertificate = s.pem\n", profile,
                8000 + profile);
        fprintf(stream, "certificate_key = s.key\nbackend = app\nssl_profile = p%d\n", profile);
        fprintf(stream, "[ssl_profile p%d]\n", profile);
        for (int i = 0; i < 67; i++) {
            int owner = is_first_shared && i == 0 ? 0 : profile;
            fprintf(stream, "trusted_client_ca = /%d-%d.pem\n", owner, i);
        }
    }
    fclose(stream);
    return text;
}

static void gateway_has_200_chains_at_most(void **state)
{
    (void)state;
    char *text = many_chains(false);
    assert_says(text, "edge.ini: error: 201 different trusted_client_ca files in all profiles: "
                      "expected 200 at most\n");
    free(text);
    text = many_chains(true);
    assert_says(text, "");
    free(text);
}

static void unused_sections_are_noticed(void **state)
{
    (void)state;
    assert_says(WHOLE "[backend b]\nserver = 127.0.0.1:1\n[rewrite r]\n[ssl_profile p]\n"
                      "verify_client_auth_mode = off\n",
                "edge.ini:11: warning: [backend b]: no listener uses it\n"
                "edge.ini:13: warning: [rewrite r]: no listener uses it\n"
                "edge.ini:14: warning: [ssl_profile p]: no listener uses it\n");
}

static void chain_header_goes_with_the_leaf(void **state)
{
    (void)state;
    assert_says(LISTENER "forward_identity = client_cert_chain\n" PROFILE BACKEND,
                "edge.ini:7: error: [listener edge] forward_identity = client_cert_chain: "
                "client_cert_chain goes with client_cert only (RFC 9440 section 2.3): expected "
                "forward_identity = client_cert besides\n");
    assert_says(
        LISTENER
        "forward_identity = client_cert_chain\nforward_identity = client_cert\n" PROFILE BACKEND,
        "");
}

static void identity_of_nobody_is_noticed(void **state)
{
    (void)state;
    assert_says(LISTENER "forward_identity = x_client_cert\n" BACKEND
                         "[ssl_profile devices]\nverify_client_auth_mode = off\n",
                "edge.ini:7: warning: [listener edge] forward_identity = x_client_cert: "
                "[ssl_profile devices] asks for no certificate: nothing will be forwarded\n");
}

static void custom_policy_wants_its_lists(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE "ssl_policy = Custom\n",
                "edge.ini:11: error: [ssl_profile devices] ssl_policy = Custom: expected "
                "tls_version and cipher_suite besides\n");
    assert_says(LISTENER BACKEND PROFILE
                "ssl_policy = Custom\ntls_version = TLSv1.3\ntls_version = TLSv1.2\n"
                "cipher_suite = TLS_AES_128_GCM_SHA256\n",
                "edge.ini:12: error: [ssl_profile devices] tls_version = TLSv1.3: TLSv1.2 has no "
                "suite: expected a cipher_suite of that version\n");
    assert_says(LISTENER BACKEND PROFILE "ssl_policy = Custom\ntls_version = TLSv1.3\n"
                                         "cipher_suite = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
                                         "cipher_suite = TLS_AES_128_GCM_SHA256\n",
                "edge.ini:13: error: [ssl_profile devices] cipher_suite = "
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: there is a suite of TLSv1.2: expected "
                "tls_version = TLSv1.2 besides\n");
}

static void named_policy_takes_no_lists(void **state)
{
    (void)state;
    assert_says(LISTENER BACKEND PROFILE
                "tls_version = TLSv1.3\ncipher_suite = TLS_AES_128_GCM_SHA256\n",
                "edge.ini:11: error: [ssl_profile devices] tls_version = TLSv1.3: "
                "AppGwSslPolicy20220101S has its own list: expected ssl_policy = Custom besides\n"
                "edge.ini:12: error: [ssl_profile devices] cipher_suite = "
                "TLS_AES_128_GCM_SHA256: AppGwSslPolicy20220101S has its own list: expected "
                "ssl_policy = Custom besides\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gateway_without_listeners_is_refused),
        cmocka_unit_test(certificate_wants_its_key),
        cmocka_unit_test(strict_wants_somebody_to_trust),
        cmocka_unit_test(mode_off_checks_nothing),
        cmocka_unit_test(passthrough_lets_everybody_in),
        cmocka_unit_test(rules_without_a_verdict_that_counts_are_noticed),
        cmocka_unit_test(each_switch_turned_off_is_warned_of),
        cmocka_unit_test(figures_are_told_to_this_machine_only),
        cmocka_unit_test(ocsp_settings_want_ocsp),
        cmocka_unit_test(a_part_of_the_question_outlasts_the_whole_in_vain),
        cmocka_unit_test(without_trust_nothing_is_known_of_the_issuer),
        cmocka_unit_test(report_wants_passthrough_and_what_strict_wants),
        cmocka_unit_test(wrong_mode_has_no_consequences),
        cmocka_unit_test(trusted_files_are_certificates_by_name),
        cmocka_unit_test(gateway_has_200_chains_at_most),
        cmocka_unit_test(unused_sections_are_noticed),
        cmocka_unit_test(chain_header_goes_with_the_leaf),
        cmocka_unit_test(identity_of_nobody_is_noticed),
        cmocka_unit_test(custom_policy_wants_its_lists),
        cmocka_unit_test(named_policy_takes_no_lists),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
