/* The table of commands: what is found, what is refused with which status, and the help of each. */
#include "cli_fixture.h"

static const char *const command_names[] = {"run",     "check", "explain", "config",
                                            "version", "demo",  "manual",  "completion"};

#define COMMAND_COUNT (sizeof(command_names) / sizeof(command_names[0]))

static void no_command_is_wrong_usage_and_shows_the_help(void **state)
{
    (void)state;
    assert_int_equal(RUN(), CLI_WRONG_USAGE);
    assert_complained("Usage: sallyport COMMAND");
    assert_string_equal(fixture_said, "");
}

static void the_help_lists_every_command(void **state)
{
    (void)state;
    static const char *const words[] = {"--help", "-h", "help"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_int_equal(RUN(words[i]), CLI_DONE);
        for (size_t j = 0; j < COMMAND_COUNT; j++) {
            char row[32];
            (void)snprintf(row, sizeof(row), "\n  %-10s ", command_names[j]);
            assert_said(row);
        }
        assert_string_equal(fixture_complained, "");
    }
}

static void each_command_has_a_help_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char usage[64];
        (void)snprintf(usage, sizeof(usage), "Usage: sallyport %s", command_names[i]);
        assert_int_equal(RUN(command_names[i], "--help"), CLI_DONE);
        assert_said(usage);
        assert_said("-h, --help");
        assert_string_equal(fixture_complained, "");
        assert_int_equal(RUN(command_names[i], "-h"), CLI_DONE);
        assert_said(usage);
    }
    assert_int_equal(fixture_gateway_count, 0);
}

static void help_shows_only_the_options_of_its_command(void **state)
{
    (void)state;
    assert_int_equal(RUN("run", "--help"), CLI_DONE);
    assert_said("-c, --config FILE");
    assert_null(strstr(fixture_said, "--json"));
    assert_int_equal(RUN("check", "--help"), CLI_DONE);
    assert_said("--strict");
    assert_null(strstr(fixture_said, "--verbose"));
    assert_int_equal(RUN("config", "--help"), CLI_DONE);
    assert_said("Usage: sallyport config reference | dump");
}

static void an_unknown_command_is_named(void **state)
{
    (void)state;
    static const char *const words[] = {"chekc", "", "Run", "--strict", "-c", "../run"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "there is no command '%s'", words[i]);
        assert_int_equal(RUN(words[i], "-c", "edge.ini"), CLI_WRONG_USAGE);
        assert_complained(text);
        assert_string_equal(fixture_said, "");
    }
    assert_int_equal(fixture_gateway_count, 0);
}

static void an_option_of_another_command_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        const char *option;
    } rows[] = {
        {"run", "--json"},     {"run", "-q"},         {"check", "--verbose"},  {"check", "-x"},
        {"config", "-q"},      {"version", "-c"},     {"version", "--strict"}, {"demo", "--json"},
        {"check", "--colour"}, {"check", "--json=1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char begin[32];
        (void)snprintf(begin, sizeof(begin), "sallyport %s: ", rows[i].command);
        assert_int_equal(RUN(rows[i].command, rows[i].option), CLI_WRONG_USAGE);
        assert_ptr_equal(strstr(fixture_complained, begin), fixture_complained);
        assert_string_equal(fixture_said, "");
    }
}

static void an_option_without_its_argument_is_refused(void **state)
{
    (void)state;
    assert_int_equal(RUN("check", "-c"), CLI_WRONG_USAGE);
    assert_complained("requires an argument");
    assert_int_equal(RUN("run", "--config"), CLI_WRONG_USAGE);
    assert_complained("requires an argument");
    assert_int_equal(fixture_gateway_count, 0);
}

static void a_missing_configuration_is_wrong_usage(void **state)
{
    (void)state;
    assert_int_equal(RUN("run"), CLI_WRONG_USAGE);
    assert_complained("sallyport run: the configuration is missing: give -c FILE");
    assert_int_equal(RUN("check", "--json"), CLI_WRONG_USAGE);
    assert_complained("sallyport check: the configuration is missing");
    assert_int_equal(fixture_gateway_count, 0);
}

static void a_word_too_many_is_refused(void **state)
{
    (void)state;
    assert_int_equal(RUN("run", "-c", "edge.ini", "fast"), CLI_WRONG_USAGE);
    assert_complained("sallyport run: unexpected argument fast");
    assert_int_equal(RUN("config", "reference", "dump"), CLI_WRONG_USAGE);
    assert_complained("unexpected argument dump");
    assert_int_equal(RUN("version", "--", "-v"), CLI_WRONG_USAGE);
    assert_complained("unexpected argument -v");
    assert_int_equal(fixture_gateway_count, 0);
}

static void run_hands_its_file_to_the_gateway(void **state)
{
    (void)state;
    fixture_gateway_answer = RESULT_OK;
    assert_int_equal(RUN("run", "-c", "edge.ini"), CLI_DONE);
    assert_string_equal(fixture_config_path, "edge.ini");
    assert_int_equal(RUN("run", "--config=other.ini"), CLI_DONE);
    assert_string_equal(fixture_config_path, "other.ini");
    assert_int_equal(RUN("run", "-c", "one.ini", "-c", "two.ini"), CLI_DONE);
    assert_string_equal(fixture_config_path, "two.ini");
    assert_int_equal(fixture_gateway_count, 1);
}

static void a_gateway_that_fails_is_a_failed_run(void **state)
{
    (void)state;
    fixture_gateway_answer = result_failure(ERROR_BAD_CONFIG);
    assert_int_equal(RUN("run", "-c", "edge.ini"), CLI_FAILED);
    assert_int_equal(fixture_gateway_count, 1);
    fixture_gateway_answer = RESULT_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_command_is_wrong_usage_and_shows_the_help),
        cmocka_unit_test(the_help_lists_every_command),
        cmocka_unit_test(each_command_has_a_help_of_its_own),
        cmocka_unit_test(help_shows_only_the_options_of_its_command),
        cmocka_unit_test(an_unknown_command_is_named),
        cmocka_unit_test(an_option_of_another_command_is_refused),
        cmocka_unit_test(an_option_without_its_argument_is_refused),
        cmocka_unit_test(a_missing_configuration_is_wrong_usage),
        cmocka_unit_test(a_word_too_many_is_refused),
        cmocka_unit_test(run_hands_its_file_to_the_gateway),
        cmocka_unit_test(a_gateway_that_fails_is_a_failed_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
