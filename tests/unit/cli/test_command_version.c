/* `sallyport version`: one line, or all that it was built with and runs on. */
#include "cli_fixture.h"

#include <sys/utsname.h>

#include "tls/tls_library.h"

static const char *const fact_names[] = {"sallyport", "tls_built_with", "tls_running", "liburing",
                                         "llhttp",    "inih",           "jemalloc",    "compiler",
                                         "kernel",    "io_uring"};

#define FACT_COUNT (sizeof(fact_names) / sizeof(fact_names[0]))

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static void the_version_is_one_line(void **state)
{
    (void)state;
    char name[16];
    unsigned major;
    unsigned minor;
    assert_int_equal(RUN("version"), CLI_DONE);
    assert_int_equal(sscanf(fixture_said, "%15s %u.%u", name, &major, &minor), 3);
    assert_string_equal(name, "sallyport");
    assert_int_equal(count_lines(fixture_said), 1);
    assert_string_equal(fixture_complained, "");
}

static void the_option_of_other_programs_does_the_same(void **state)
{
    (void)state;
    static char version[FIXTURE_OUTPUT_SIZE];
    assert_int_equal(RUN("version"), CLI_DONE);
    (void)snprintf(version, sizeof(version), "%s", fixture_said);
    assert_int_equal(RUN("--version"), CLI_DONE);
    assert_string_equal(fixture_said, version);
}

static void a_verbose_version_has_a_line_for_each_fact(void **state)
{
    (void)state;
    struct utsname kernel;
    assert_int_equal(uname(&kernel), 0);
    assert_int_equal(RUN("version", "-v"), CLI_DONE);
    assert_int_equal(count_lines(fixture_said), FACT_COUNT);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        char begin[32];
        (void)snprintf(begin, sizeof(begin), "%-16s ", fact_names[i]);
        assert_said(begin);
    }
    assert_said(kernel.release);
    assert_said(tls_library_version_running());
}

static void json_has_every_fact_on_one_line(void **state)
{
    (void)state;
    assert_int_equal(RUN("version", "--json"), CLI_DONE);
    assert_int_equal(count_lines(fixture_said), 1);
    assert_int_equal(fixture_said[0], '{');
    assert_string_equal(fixture_said + strlen(fixture_said) - 3, "\"}\n");
    for (size_t i = 0; i < FACT_COUNT; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "\"%s\":\"", fact_names[i]);
        assert_said(name);
    }
}

static void what_it_does_not_take_is_refused(void **state)
{
    (void)state;
    assert_int_equal(RUN("version", "-q"), CLI_WRONG_USAGE);
    assert_complained("sallyport version: ");
    assert_int_equal(RUN("version", "short"), CLI_WRONG_USAGE);
    assert_complained("unexpected argument short");
    assert_int_equal(RUN("version", "--json=pretty"), CLI_WRONG_USAGE);
    assert_string_equal(fixture_said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_one_line),
        cmocka_unit_test(the_option_of_other_programs_does_the_same),
        cmocka_unit_test(a_verbose_version_has_a_line_for_each_fact),
        cmocka_unit_test(json_has_every_fact_on_one_line),
        cmocka_unit_test(what_it_does_not_take_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
