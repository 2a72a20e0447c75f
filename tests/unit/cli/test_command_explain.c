/* `sallyport explain`: who gets in and who does not, what is shown of it, and files that are no
 * clients. */
#include <sys/stat.h>

#include "cli_fixture.h"

#define TWO_PROFILES FIXTURE_WHOLE "[ssl_profile guests]\nverify_client_auth_mode = passthrough\n"

static int make(void **state)
{
    if (fixture_make(state) != 0 || setenv("LC_ALL", "C", 1) != 0) {
        return -1;
    }
    fixture_write("edge.ini", FIXTURE_WHOLE);
    return 0;
}

static int explain(const char *path)
{
    return RUN("explain", "-c", "edge.ini", path);
}

static void run_shell(const char *command)
{
    assert_int_equal(system(command), 0);
}

/* Nothing that a terminal would obey, and nothing of a key. */
static void assert_harmless(void)
{
    for (const char *at = fixture_said; *at != '\0'; at++) {
        assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
    }
    for (const char *at = fixture_complained; *at != '\0'; at++) {
        assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
    }
    assert_null(strstr(fixture_said, "PRIVATE KEY"));
    assert_null(strstr(fixture_complained, "PRIVATE KEY"));
}

static void a_good_client_gets_in_with_every_check_shown(void **state)
{
    (void)state;
    assert_int_equal(explain("client_good.pem"), CLI_DONE);
    assert_said("for profile devices (strict), on ");
    assert_said("  ok   a certificate is presented\n");
    assert_said("    ok   every signature is valid\n");
    assert_said("  in: success (SUCCESS)\n  until   ");
    assert_said("  CN=root  (trusted: ");
    assert_said(
        "\n  `- CN=intermediate  (presented as 2)\n     `- CN=client_good  (presented as 1)");
    assert_said("it is not revoked (not asked for: verify_client_revocation = none)\n");
    assert_null(strstr(fixture_said, "FAIL"));
    assert_string_equal(fixture_complained, "");
    assert_harmless();
}

static void a_bad_client_is_told_why_and_what_to_do(void **state)
{
    (void)state;
    assert_int_equal(explain("client_expired.pem"), CLI_FAILED);
    assert_said("    FAIL every certificate is valid at this time: certificate has expired  <- the "
                "reason\n");
    assert_said("  out: expired (FAILED:certificate has expired)\n  about   CN=client_expired\n");
    assert_said("  remedy  Renew the certificate");
    assert_int_equal(explain("client_stranger.pem"), CLI_FAILED);
    assert_said("  out: self_signed (FAILED:self-signed certificate)\n");
    assert_int_equal(explain("client_good.leaf.pem"), CLI_FAILED);
    assert_said("  out: unable_to_verify_first (");
    assert_said("  ? CN=intermediate  (not found)\n  `- CN=client_good");
    assert_harmless();
}

static void the_time_may_be_chosen(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "-c", "edge.ini", "--time=2070-01-01", "client_good.pem"),
                     CLI_FAILED);
    assert_said("on Jan  1 00:00:00 2070 GMT");
    assert_said("  out: expired (");
    assert_int_equal(RUN("explain", "-c", "edge.ini", "--time=@0", "client_good.pem"), CLI_FAILED);
    assert_said("  out: not_yet_valid (");
    assert_int_equal(RUN("explain", "-c", "edge.ini", "--time", "yesterday", "client_good.pem"),
                     CLI_WRONG_USAGE);
    assert_complained("instead of yesterday");
}

static void json_is_one_object(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "client_good.pem"), CLI_DONE);
    assert_int_equal(fixture_said[0], '{');
    assert_said("\"let_in\": true, \"verdict\": \"success\", \"status\": \"SUCCESS\"");
    assert_said("{\"check\": \"signatures\", \"result\": \"passed\"}");
    assert_said("\"remedy\": null");
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "client_expired.pem"), CLI_FAILED);
    assert_said("\"verdict\": \"expired\"");
    assert_said("\"valid_until\": null");
    assert_said("\"text\": \"certificate has expired\", \"is_reason\": true");
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "empty.pem"), CLI_FAILED);
    assert_said("\"verdict\": null, \"error\": \"is empty\"");
    assert_string_equal(fixture_complained, "");
}

static void several_files_and_folders_make_a_table(void **state)
{
    (void)state;
    run_shell(
        "mkdir -p clients && cp client_good.pem client_expired.pem client_good.key clients/ "
        "&& cp client_good.key clients/key.pem && touch clients/notes.txt clients/.hidden.pem "
        "&& mkdir -p clients/more.pem && mkfifo clients/fifo.pem");
    assert_int_equal(explain("clients"), CLI_FAILED);
    assert_said("FAIL  clients/client_expired.pem  CN=client_expired  expired  -\n");
    assert_said("ok    clients/client_good.pem     CN=client_good     success  ");
    assert_said("1 let in, 1 refused; 1 file without a certificate passed over\n");
    assert_null(strstr(fixture_said, "hidden"));
    assert_int_equal(RUN("explain", "-c", "edge.ini", "clients/", "client_p384.pem"), CLI_FAILED);
    assert_said("clients/client_good.pem");
    assert_said("2 let in, 1 refused");
    assert_int_equal(RUN("explain", "-c", "edge.ini", "client_good.pem", "client_p384.pem"),
                     CLI_DONE);
    assert_said("2 let in, 0 refused\n");
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "clients"), CLI_FAILED);
    assert_int_equal(strncmp(fixture_said, "{\"clients\": [", 13), 0);
    assert_said("\"let_in\": 1, \"refused\": 1, \"skipped\": 1}\n");
}

static void a_folder_without_certificates_is_no_success(void **state)
{
    (void)state;
    run_shell("mkdir -p nothing keys && cp client_good.key keys/a.pem && touch nothing/readme");
    assert_int_equal(explain("nothing"), CLI_FAILED);
    assert_complained("there is no certificate in the folder");
    assert_string_equal(fixture_said, "");
    assert_int_equal(explain("keys"), CLI_FAILED);
    assert_complained("there is no certificate in the folder");
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "nothing"), CLI_FAILED);
    assert_said("\"let_in\": 0, \"refused\": 0, \"skipped\": 0}\n");
}

static void a_bad_file_in_a_folder_is_a_row_of_its_own(void **state)
{
    (void)state;
    run_shell("mkdir -p mixed && cp client_good.pem empty.pem unended.pem not_der.pem mixed/");
    assert_int_equal(explain("mixed"), CLI_FAILED);
    assert_said("FAIL  mixed/empty.pem");
    assert_said("  is empty\n");
    assert_said("(line 1)\n");
    assert_said("FAIL  mixed/not_der.pem      (cannot be parsed)  malformed  -\n");
    assert_said("1 let in, 3 refused\n");
}

static void files_that_are_no_certificate_are_told_so(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *complaint;
    } rows[] = {
        {"absent.pem", "absent.pem cannot be read: No such file"},
        {"empty.pem", "empty.pem is empty"},
        {"no_pem.pem", "no_pem.pem holds no certificate: expected PEM"},
        {"unended.pem", "unended.pem:1 has a certificate that begins on this line"},
        {"not_base64.pem", "not_base64.pem:2 has a certificate that is not base64 on this line"},
        {"client_good.key", "holds a private key and no certificate"},
        {"two.key", "holds a private key and no certificate"},
        {"parameters.pem", "holds PEM of another kind and no certificate"},
        {"/dev/null", "/dev/null is empty"},
        {"edge.ini", "edge.ini holds no certificate"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(explain(rows[i].path), CLI_FAILED);
        assert_complained(rows[i].complaint);
        assert_string_equal(fixture_said, "");
        assert_harmless();
    }
}

static void der_is_taken_and_keys_in_der_are_not(void **state)
{
    (void)state;
    run_shell("openssl x509 -in client_good.pem -outform DER -out leaf.der &&"
              "openssl pkcs12 -export -in client_good.pem -inkey client_good.key -passout pass:x "
              "-out client.pfx && openssl pkey -in client_good.key -outform DER -out key.der && "
              "cat leaf.der leaf.der >twice.der && head -c 300 leaf.der >short.der");
    assert_int_equal(explain("leaf.der"), CLI_FAILED);
    assert_said("  out: unable_to_verify_first (");
    assert_int_equal(explain("client.pfx"), CLI_FAILED);
    assert_complained("client.pfx is DER, but a private key or a PFX");
    assert_int_equal(explain("key.der"), CLI_FAILED);
    assert_complained("key.der is DER, but a private key or a PFX");
    assert_int_equal(explain("twice.der"), CLI_FAILED);
    assert_said("  out: malformed (");
    assert_int_equal(explain("short.der"), CLI_FAILED);
    assert_said("  out: malformed (");
}

static void a_private_key_beside_the_certificate_is_not_shown(void **state)
{
    (void)state;
    run_shell("cat client_good.key client_good.pem >both.pem && sed -n 2p client_good.key >secret");
    char secret[128] = "";
    FILE *file = fopen("secret", "r");
    assert_non_null(file);
    assert_non_null(fgets(secret, sizeof(secret), file));
    assert_int_equal(fclose(file), 0);
    secret[strcspn(secret, "\n")] = '\0';
    assert_int_equal(explain("both.pem"), CLI_DONE);
    assert_said("The private key in the file was not looked at.");
    assert_null(strstr(fixture_said, secret));
    assert_harmless();
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "both.pem"), CLI_DONE);
    assert_said("\"has_private_key\": true");
    assert_null(strstr(fixture_said, secret));
}

static void the_first_certificate_is_the_clients_own(void **state)
{
    (void)state;
    run_shell("cat intermediate.pem client_good.leaf.pem >turned.pem");
    assert_int_equal(explain("turned.pem"), CLI_FAILED);
    assert_said("The client's own certificate has to be the first.");
}

static void more_certificates_than_any_client_may_send_are_counted(void **state)
{
    (void)state;
    run_shell(
        "for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat client_good.pem; "
        "done >many.pem");
    assert_int_equal(explain("many.pem"), CLI_FAILED);
    assert_said("and 8 more\n");
    assert_said("  out: chain_too_long (");
}

static void a_file_that_is_too_large_is_not_read(void **state)
{
    (void)state;
    run_shell("head -c 1048577 /dev/zero | tr '\\0' '\\n' >large.pem");
    assert_int_equal(explain("large.pem"), CLI_FAILED);
    assert_complained("is larger than 1 MiB");
    run_shell("head -c 1048576 large.pem >largest.pem");
    assert_int_equal(explain("largest.pem"), CLI_FAILED);
    assert_complained("holds no certificate");
    assert_int_equal(explain("/dev/zero"), CLI_FAILED);
    assert_complained("is larger than 1 MiB");
}

static void names_of_files_and_people_do_nothing_to_a_terminal(void **state)
{
    (void)state;
    static const char hostile[] = "evil\x1b]0;owned\x07\x1b[2J\xc2\x9b.pem";
    run_shell("mkdir -p evil && openssl req -x509 -config ca.conf -key client_good.key -utf8 -subj "
              "\"/CN=$(printf 'a\\033[31mb\\007\\302\\233c')\" -days 9 -out evil.pem 2>/dev/null");
    assert_int_equal(explain("evil.pem"), CLI_FAILED);
    assert_said("  out: self_signed (");
    assert_harmless();
    assert_int_equal(RUN("explain", "--json", "-c", "edge.ini", "evil.pem"), CLI_FAILED);
    assert_harmless();
    assert_int_equal(rename("evil.pem", hostile), 0);
    assert_int_equal(explain(hostile), CLI_FAILED);
    assert_said("evil\\1B]0;owned\\07\\1B[2J\\C2\\9B.pem\n");
    assert_harmless();
    assert_int_equal(RUN("explain", "-c", "edge.ini", hostile, "evil/"), CLI_FAILED);
    assert_harmless();
    assert_int_equal(unlink(hostile), 0);
    assert_int_equal(explain(hostile), CLI_FAILED);
    assert_complained("evil\\1B]0;owned");
    assert_harmless();
}

static void the_profile_must_be_named_when_there_are_several(void **state)
{
    (void)state;
    fixture_write("two.ini", TWO_PROFILES);
    assert_int_equal(RUN("explain", "-c", "two.ini", "client_good.pem"), CLI_WRONG_USAGE);
    assert_complained("which profile? give --profile, one of: devices, guests\n");
    assert_int_equal(RUN("explain", "-c", "two.ini", "--profile=x\x1b", "client_good.pem"),
                     CLI_WRONG_USAGE);
    assert_complained("there is no ssl_profile x\\1B, only: devices, guests\n");
    assert_int_equal(RUN("explain", "-c", "two.ini", "--profile=devices", "client_good.pem"),
                     CLI_DONE);
}

static void a_profile_that_forwards_everybody_says_what_strict_would(void **state)
{
    (void)state;
    fixture_write("two.ini", TWO_PROFILES);
    assert_int_equal(RUN("explain", "-c", "two.ini", "--profile=guests", "client_good.pem"),
                     CLI_DONE);
    assert_said("  in: the profile forwards everybody; strict would say ");
    assert_said("  remedy  ");
    assert_int_equal(
        RUN("explain", "-c", "two.ini", "--profile=guests", "client_good.pem", "client_rsa.pem"),
        CLI_DONE);
    assert_said("2 let in, 0 refused; the profile forwards everybody, strict would refuse 2 of "
                "them\n");
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "-c", "edge.ini"), CLI_WRONG_USAGE);
    assert_complained("give the file of a client's certificate");
    assert_int_equal(RUN("explain", "client_good.pem"), CLI_WRONG_USAGE);
    assert_complained("the configuration is missing");
    assert_int_equal(RUN("explain", "-c", "edge.ini", "--quiet", "client_good.pem"),
                     CLI_WRONG_USAGE);
}

static void a_broken_configuration_is_told_with_its_lines(void **state)
{
    (void)state;
    fixture_write("bad.ini", "[listener\n");
    assert_int_equal(RUN("explain", "-c", "bad.ini", "client_good.pem"), CLI_FAILED);
    assert_complained("bad.ini:1: error: ");
    assert_int_equal(RUN("explain", "--json", "-c", "bad.ini", "client_good.pem"), CLI_FAILED);
    assert_said("{\"error\": \"the configuration cannot be used\", \"diagnostics\": [");
    assert_string_equal(fixture_complained, "");
    fixture_write("no_ca.ini", FIXTURE_LISTENER
                  "[ssl_profile devices]\ntrusted_client_ca = no_pem.pem\n" FIXTURE_BACKEND);
    assert_int_equal(RUN("explain", "-c", "no_ca.ini", "client_good.pem"), CLI_FAILED);
    assert_complained("no_pem.pem:1: error: ApplicationGatewayTrustedClientCertificate");
    assert_string_equal(fixture_said, "");
}

static void no_server_key_is_needed(void **state)
{
    (void)state;
    fixture_write(
        "keyless.ini",
        "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = absent.pem\n"
        "certificate_key = absent.key\nssl_profile = devices\nbackend = app\n" FIXTURE_PROFILE
        "[backend app]\nserver = nobody.invalid:80\n");
    assert_int_equal(RUN("explain", "--no-network", "-c", "keyless.ini", "client_good.pem"),
                     CLI_DONE);
}

static void signs_beyond_ascii_need_a_locale_that_has_them(void **state)
{
    (void)state;
    assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
    assert_int_equal(explain("client_expired.pem"), CLI_FAILED);
    assert_said("✗ every certificate is valid");
    assert_said("└─ ");
    assert_null(strchr(fixture_said, '\x1b')); /* No terminal, no colours. */
    assert_int_equal(setenv("LC_ALL", "not-installed.UTF-8", 1), 0);
    assert_int_equal(explain("client_expired.pem"), CLI_FAILED);
    assert_harmless();
    assert_int_equal(setenv("LC_ALL", "C", 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_client_gets_in_with_every_check_shown),
        cmocka_unit_test(a_bad_client_is_told_why_and_what_to_do),
        cmocka_unit_test(the_time_may_be_chosen),
        cmocka_unit_test(json_is_one_object),
        cmocka_unit_test(several_files_and_folders_make_a_table),
        cmocka_unit_test(a_folder_without_certificates_is_no_success),
        cmocka_unit_test(a_bad_file_in_a_folder_is_a_row_of_its_own),
        cmocka_unit_test(files_that_are_no_certificate_are_told_so),
        cmocka_unit_test(der_is_taken_and_keys_in_der_are_not),
        cmocka_unit_test(a_private_key_beside_the_certificate_is_not_shown),
        cmocka_unit_test(the_first_certificate_is_the_clients_own),
        cmocka_unit_test(more_certificates_than_any_client_may_send_are_counted),
        cmocka_unit_test(a_file_that_is_too_large_is_not_read),
        cmocka_unit_test(names_of_files_and_people_do_nothing_to_a_terminal),
        cmocka_unit_test(the_profile_must_be_named_when_there_are_several),
        cmocka_unit_test(a_profile_that_forwards_everybody_says_what_strict_would),
        cmocka_unit_test(wrong_usage_is_told),
        cmocka_unit_test(a_broken_configuration_is_told_with_its_lines),
        cmocka_unit_test(no_server_key_is_needed),
        cmocka_unit_test(signs_beyond_ascii_need_a_locale_that_has_them),
    };
    return cmocka_run_group_tests(tests, make, fixture_remove);
}
