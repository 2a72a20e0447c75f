/* `sallyport check`: its words, its outputs, its status; good files, warnings and mistakes. */
#include "cli_fixture.h"

#define EXPIRED                                                                             \
    "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = expired.pem\n"                \
    "certificate_key = expired.key\nssl_profile = devices\nbackend = app\n" FIXTURE_PROFILE \
        FIXTURE_BACKEND
#define MISMATCHED                                                        \
    "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n" \
    "certificate_key = p384.key\nssl_profile = devices\nbackend = app\n"

static void a_good_file_is_said_to_be_fine(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_int_equal(RUN("check", "-c", "edge.ini"), CLI_DONE);
    assert_string_equal(fixture_said, "edge.ini: the configuration is fine\n");
    assert_string_equal(fixture_complained, "");
    assert_int_equal(fixture_gateway_count, 0);
}

static void a_quiet_check_of_a_good_file_says_nothing(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_int_equal(RUN("check", "-q", "-c", "edge.ini"), CLI_DONE);
    assert_string_equal(fixture_said, "");
    assert_string_equal(fixture_complained, "");
}

static void json_of_a_good_file_is_an_empty_list(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_int_equal(RUN("check", "--json", "-c", "edge.ini"), CLI_DONE);
    assert_int_equal(strspn(fixture_said, "[] \n"), strlen(fixture_said));
    assert_int_equal(fixture_said[0], '[');
    assert_string_equal(fixture_complained, "");
}

static void a_warning_fails_only_a_strict_check(void **state)
{
    (void)state;
    fixture_write("edge.ini", EXPIRED);
    assert_int_equal(RUN("check", "-c", "edge.ini"), CLI_DONE);
    assert_complained("edge.ini:3: warning: ");
    assert_said("edge.ini: the configuration is fine\n");
    assert_int_equal(RUN("check", "--strict", "-c", "edge.ini"), CLI_FAILED);
    assert_complained("edge.ini: 0 errors, 1 warning\n");
    assert_string_equal(fixture_said, "");
}

static void a_file_that_is_not_there_fails(void **state)
{
    (void)state;
    assert_int_equal(RUN("check", "-c", "absent.ini"), CLI_FAILED);
    assert_complained("absent.ini");
    assert_complained("absent.ini: 1 error, 0 warnings\n");
    assert_int_equal(RUN("check", "-q", "-c", "."), CLI_FAILED);
    assert_complained("1 error");
    assert_int_equal(RUN("check", "-c", ""), CLI_FAILED);
    assert_string_equal(fixture_said, "");
}

static void mistakes_of_all_files_are_told_with_their_lines(void **state)
{
    (void)state;
    fixture_write("edge.ini", MISMATCHED "[ssl_profile devices]\ntrusted_client_ca = no_pem.pem\n"
                                         "[backend app]\nserver = nobody.invalid:80\n");
    assert_int_equal(RUN("check", "-c", "edge.ini"), CLI_FAILED);
    assert_complained("edge.ini:4: error: ");
    assert_complained("no_pem.pem:1: error: ApplicationGatewayTrustedClientCertificate");
    assert_complained("edge.ini:10: error: server = nobody.invalid:80");
    assert_complained("edge.ini: 3 errors, 0 warnings\n");
    assert_string_equal(fixture_said, "");
}

static void a_quiet_check_still_tells_mistakes(void **state)
{
    (void)state;
    fixture_write("edge.ini", MISMATCHED FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_int_equal(RUN("check", "--quiet", "-c", "edge.ini"), CLI_FAILED);
    assert_complained("edge.ini:4: error: ");
    assert_complained("does not match");
}

static void json_tells_mistakes_on_standard_output(void **state)
{
    (void)state;
    fixture_write("edge.ini", MISMATCHED FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_int_equal(RUN("check", "--json", "-c", "edge.ini"), CLI_FAILED);
    assert_int_equal(fixture_said[0], '[');
    assert_said("\"severity\": \"error\"");
    assert_said("\"line\": 4");
    assert_string_equal(fixture_complained, "");
}

static void a_check_can_be_run_again(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE);
    fixture_write("bad.ini", "[listener\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(RUN("check", "-c", "bad.ini"), CLI_FAILED);
        assert_int_equal(RUN("check", "-c", "edge.ini"), CLI_DONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_is_said_to_be_fine),
        cmocka_unit_test(a_quiet_check_of_a_good_file_says_nothing),
        cmocka_unit_test(json_of_a_good_file_is_an_empty_list),
        cmocka_unit_test(a_warning_fails_only_a_strict_check),
        cmocka_unit_test(a_file_that_is_not_there_fails),
        cmocka_unit_test(mistakes_of_all_files_are_told_with_their_lines),
        cmocka_unit_test(a_quiet_check_still_tells_mistakes),
        cmocka_unit_test(json_tells_mistakes_on_standard_output),
        cmocka_unit_test(a_check_can_be_run_again),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
