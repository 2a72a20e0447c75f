/* `sallyport config`: the reference, a dump that loads again, and what is refused. */
#include "cli_fixture.h"

static void the_reference_needs_no_file(void **state)
{
    (void)state;
    assert_int_equal(RUN("config", "reference"), CLI_DONE);
    assert_said("trusted_client_ca");
    assert_said("[backend");
    assert_string_equal(fixture_complained, "");
}

static void the_reference_comes_as_json_too(void **state)
{
    (void)state;
    assert_int_equal(RUN("config", "--json", "reference"), CLI_DONE);
    assert_true(fixture_said[0] == '[' || fixture_said[0] == '{');
    assert_said("\"trusted_client_ca\"");
}

/* Takes the notes out of a dump: `; default` after a value, which is none once it is written. */
static void forget_notes(char *text)
{
    char *to = text;
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        const char *note = memmem(line, length, "; default", 9);
        size_t kept = note == NULL || line[0] == ';' ? length : (size_t)(note - line);
        while (kept > 0 && line[kept - 1] == ' ') {
            kept--;
        }
        memmove(to, line, kept);
        to += kept;
        line += length;
        if (*line == '\n') {
            *to++ = *line++;
        }
    }
    *to = '\0';
}

static void a_dump_loads_again_and_is_dumped_the_same(void **state)
{
    (void)state;
    static char first[FIXTURE_OUTPUT_SIZE];
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_int_equal(RUN("config", "dump", "-c", "edge.ini"), CLI_DONE);
    assert_said("127.0.0.1:8443");
    assert_string_equal(fixture_complained, "");
    (void)snprintf(first, sizeof(first), "%s", fixture_said);
    fixture_write("dumped.ini", first);
    assert_int_equal(RUN("config", "-c", "dumped.ini", "dump"), CLI_DONE);
    assert_string_equal(fixture_complained, "");
    forget_notes(first);
    forget_notes(fixture_said);
    assert_string_equal(fixture_said, first);
}

static void a_dump_comes_as_json_too(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE);
    assert_int_equal(RUN("config", "dump", "--json", "-c", "edge.ini"), CLI_DONE);
    assert_int_equal(fixture_said[0], '{');
    assert_said("127.0.0.1:8443");
}

/* Certificates are the check's business: a dump reads the configuration alone. */
static void a_dump_does_not_read_certificates(void **state)
{
    (void)state;
    fixture_write("edge.ini",
                  "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = absent.pem\n"
                  "certificate_key = absent.key\nssl_profile = devices\nbackend = app\n" //
                  FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_int_equal(RUN("config", "dump", "-c", "edge.ini"), CLI_DONE);
    assert_said("absent.pem");
}

static void a_word_that_is_neither_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"refrence", "", "dumps", "REFERENCE"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_int_equal(RUN("config", words[i]), CLI_WRONG_USAGE);
        assert_complained("say `reference` or `dump`");
        assert_string_equal(fixture_said, "");
    }
    assert_int_equal(RUN("config"), CLI_WRONG_USAGE);
    assert_complained("say `reference` or `dump`");
}

static void a_dump_without_a_file_is_wrong_usage(void **state)
{
    (void)state;
    assert_int_equal(RUN("config", "dump"), CLI_WRONG_USAGE);
    assert_complained("give -c FILE");
    assert_string_equal(fixture_said, "");
}

static void a_dump_of_a_bad_file_tells_the_mistake_and_prints_nothing(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_WHOLE "colour = red\n");
    assert_int_equal(RUN("config", "dump", "-c", "edge.ini"), CLI_FAILED);
    assert_complained("edge.ini:11: error: ");
    assert_string_equal(fixture_said, "");
    assert_int_equal(RUN("config", "dump", "-c", "absent.ini"), CLI_FAILED);
    assert_complained("absent.ini");
    assert_string_equal(fixture_said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_needs_no_file),
        cmocka_unit_test(the_reference_comes_as_json_too),
        cmocka_unit_test(a_dump_loads_again_and_is_dumped_the_same),
        cmocka_unit_test(a_dump_comes_as_json_too),
        cmocka_unit_test(a_dump_does_not_read_certificates),
        cmocka_unit_test(a_word_that_is_neither_is_refused),
        cmocka_unit_test(a_dump_without_a_file_is_wrong_usage),
        cmocka_unit_test(a_dump_of_a_bad_file_tells_the_mistake_and_prints_nothing),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
