/* `sallyport explain` where a profile asks for revocation: who is asked and who is not, what is
 * said of it, what the cache's file does to it. Answers themselves are in the scenario tests. */
#include <sys/stat.h>

#include "cli_fixture.h"

/* Nobody listens there. */
#define DEAD_RESPONDER "ocsp_responder = http://127.0.0.1:1/\n"
#define REVOCABLE      FIXTURE_WHOLE_OF("verify_client_revocation = ocsp\n")

#define FIXTURE_WHOLE_OF(settings) FIXTURE_LISTENER FIXTURE_PROFILE settings FIXTURE_BACKEND

static int make(void **state)
{
    if (fixture_make(state) != 0 || setenv("LC_ALL", "C", 1) != 0) {
        return -1;
    }
    fixture_write("ocsp.ini", REVOCABLE);
    fixture_write("dead.ini", FIXTURE_WHOLE_OF("verify_client_revocation = ocsp\n" DEAD_RESPONDER));
    fixture_write("allow.ini", FIXTURE_WHOLE_OF("verify_client_revocation = ocsp\n"
                                                "ocsp_failure = allow\n" DEAD_RESPONDER));
    fixture_write("file.ini", "[gateway]\nocsp_cache_file = ocsp.cache\n" FIXTURE_WHOLE_OF(
                                  "verify_client_revocation = ocsp\n" DEAD_RESPONDER));
    return 0;
}

static int explain(const char *config)
{
    return RUN("explain", "-c", config, "client_good.pem");
}

static void a_certificate_that_names_nobody_is_out_and_told_why(void **state)
{
    (void)state;
    assert_int_equal(explain("ocsp.ini"), CLI_FAILED);
    assert_said("  FAIL it is not revoked: certificate has no OCSP responder URL  <- the reason\n");
    assert_said("    responder    none is named\n");
    assert_said("    status       not known: there is nobody to ask\n");
    assert_said("  out: no_ocsp_url (FAILED:certificate has no OCSP responder URL)\n");
    assert_said("in the profile (ocsp_responder).");
}

static void a_dead_responder_is_named_with_its_fault(void **state)
{
    (void)state;
    assert_int_equal(explain("dead.ini"), CLI_FAILED);
    assert_said("    responder    http://127.0.0.1:1/  (ocsp_responder)\n");
    assert_said("    failed       unreachable: the responder cannot be connected to\n");
    assert_said("  out: revocation_unavailable (FAILED:certificate status request failed)\n");
    assert_said("  remedy  Start the responder");
}

static void who_may_be_let_in_without_an_answer_is(void **state)
{
    (void)state;
    assert_int_equal(explain("allow.ini"), CLI_DONE);
    assert_said("ocsp_failure = allow");
    assert_said("    failed       unreachable");
    assert_said("  ok   it is not revoked\n");
    assert_int_equal(RUN("explain", "--json", "--no-network", "-c", "allow.ini", "client_good.pem"),
                     CLI_DONE);
    assert_said("\"nobody_asked\": \"no_network\"");
    assert_said("\"is_supposed_dead\": true, \"status\": null, \"fault\": null");
    assert_said("{\"check\": \"revocation\", \"result\": \"passed\"}");
}

static void without_a_network_nobody_is_asked_and_it_is_said(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "--no-network", "-c", "dead.ini", "client_good.pem"),
                     CLI_FAILED);
    assert_said("  nobody is asked (--no-network)\n");
    assert_said("    status       not known\n");
    assert_said("the verdict is that of a gateway whose responder does not answer\n");
    assert_said("  out: revocation_unavailable (");
    assert_said("  remedy  Nobody was asked");
    assert_null(strstr(fixture_said, "unreachable"));
}

static void for_another_time_nobody_is_asked_and_it_is_said(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "--time=2030-01-01", "-c", "dead.ini", "client_good.pem"),
                     CLI_FAILED);
    assert_said("  nobody is asked (--time: ");
    assert_said("  out: revocation_unavailable (");
}

static void a_bad_path_is_not_asked_about(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "-c", "dead.ini", "client_expired.pem"), CLI_FAILED);
    assert_said("  out: expired (");
    assert_said("  -    it is not revoked (not reached)\n");
    assert_null(strstr(fixture_said, "The responders"));
    assert_int_equal(RUN("explain", "--json", "-c", "dead.ini", "client_expired.pem"), CLI_FAILED);
    assert_said("\"ocsp\": null");
}

static void a_profile_that_does_not_ask_says_which_setting_it_is(void **state)
{
    (void)state;
    fixture_write("none.ini", FIXTURE_WHOLE);
    assert_int_equal(explain("none.ini"), CLI_DONE);
    assert_said("it is not revoked (not asked for: verify_client_revocation = none)\n");
    fixture_write("waived.ini", FIXTURE_WHOLE_OF("verify_client_revocation = ocsp\n"
                                                 "validate_revocation = off\n"));
    assert_int_equal(explain("waived.ini"), CLI_DONE);
    assert_said("it is not revoked (not asked for: validate_revocation = off)\n");
    assert_null(strstr(fixture_said, "The responders"));
}

static void nobody_is_asked_about_a_root(void **state)
{
    (void)state;
    (void)RUN("explain", "-c", "dead.ini", "root.pem");
    assert_null(strstr(fixture_said, "The responders"));
    assert_null(strstr(fixture_said, "revocation_unavailable"));
}

static void a_table_has_the_word_and_what_failed(void **state)
{
    (void)state;
    assert_int_equal(RUN("explain", "-c", "dead.ini", "client_good.pem", "client_p384.pem"),
                     CLI_FAILED);
    assert_said("FAIL  client_good.pem  CN=client_good  revocation_unavailable  the responder "
                "cannot be connected to\n");
    assert_said("0 let in, 2 refused\n");
    assert_int_equal(
        RUN("explain", "--no-network", "-c", "dead.ini", "client_good.pem", "client_p384.pem"),
        CLI_FAILED);
    assert_said("CN=client_good  revocation_unavailable  nobody was asked\n");
}

static void a_cache_file_that_is_missing_is_an_empty_one(void **state)
{
    (void)state;
    (void)unlink("ocsp.cache");
    assert_int_equal(RUN("explain", "--no-network", "-c", "file.ini", "client_good.pem"),
                     CLI_FAILED);
    assert_string_equal(fixture_complained, "");
    assert_int_equal(access("ocsp.cache", F_OK), -1); /* nor is one made */
}

static void a_cache_file_that_is_damaged_or_not_ours_is_told_and_done_without(void **state)
{
    (void)state;
    fixture_write("ocsp.cache", "this is no cache\n");
    assert_int_equal(chmod("ocsp.cache", 0600), 0);
    assert_int_equal(RUN("explain", "--no-network", "-c", "file.ini", "client_good.pem"),
                     CLI_FAILED);
    assert_complained("part of it is damaged or cannot be believed\n");
    assert_said("    status       not known\n");
    assert_int_equal(chmod("ocsp.cache", 0666), 0);
    assert_int_equal(RUN("explain", "--no-network", "-c", "file.ini", "client_good.pem"),
                     CLI_FAILED);
    assert_complained("ocsp.cache: Operation not permitted\n");
    assert_said("  out: revocation_unavailable (");
    assert_int_equal(unlink("ocsp.cache"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_that_names_nobody_is_out_and_told_why),
        cmocka_unit_test(a_dead_responder_is_named_with_its_fault),
        cmocka_unit_test(who_may_be_let_in_without_an_answer_is),
        cmocka_unit_test(without_a_network_nobody_is_asked_and_it_is_said),
        cmocka_unit_test(for_another_time_nobody_is_asked_and_it_is_said),
        cmocka_unit_test(a_bad_path_is_not_asked_about),
        cmocka_unit_test(a_profile_that_does_not_ask_says_which_setting_it_is),
        cmocka_unit_test(nobody_is_asked_about_a_root),
        cmocka_unit_test(a_table_has_the_word_and_what_failed),
        cmocka_unit_test(a_cache_file_that_is_missing_is_an_empty_one),
        cmocka_unit_test(a_cache_file_that_is_damaged_or_not_ours_is_told_and_done_without),
    };
    return cmocka_run_group_tests(tests, make, fixture_remove);
}
