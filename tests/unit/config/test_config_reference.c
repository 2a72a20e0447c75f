/* The reference has every setting, and so has the example configuration. */
#include "loaded_config.h"

#include "../../../src/config/schema.h"
#include "config/config_report.h"

static char *print_reference(bool json)
{
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    config_reference(output, json);
    assert_int_equal(fclose(output), 0);
    return text;
}

static void every_setting_is_in_the_reference(void **state)
{
    (void)state;
    char *text = print_reference(false);
    char *json = print_reference(true);
    for (size_t i = 0; i < schema_setting_count; i++) {
        char line[128];
        snprintf(line, sizeof(line), "\n  %s =", schema_settings[i].key);
        assert_non_null(strstr(text, line));
        snprintf(line, sizeof(line), "{\"section\": \"%s\", \"key\": \"%s\", ",
                 schema_sections[schema_settings[i].section].kind, schema_settings[i].key);
        assert_non_null(strstr(json, line));
    }
    free(json);
    free(text);
}

static void facts_of_a_setting_are_told(void **state)
{
    (void)state;
    char *text = print_reference(false);
    assert_non_null(strstr(text,
                           "\n  handshake_timeout = DURATION\n"
                           "      Longest time from accepting a client to the end of its TLS "
                           "handshake.\n"
                           "      From 100ms to 1h. Default: 5s. A change takes effect after a "
                           "reload, for new connections.\n"));
    assert_non_null(strstr(text, "\n  verify_client_auth_mode = strict | passthrough | off\n"));
    assert_non_null(strstr(text, "\n      Required. May be repeated, up to 16 times. "));
    assert_non_null(
        strstr(text, "\n  {var_client_certificate_subject}\n      subject, RFC 2253\n"));
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\n") <= 100);
    }
    free(text);
}

static void example_names_every_setting(void **state)
{
    (void)state;
    char text[16384] = "\n";
    FILE *file = fopen("config/sallyport.ini", "r");
    assert_non_null(file);
    assert_true(fread(text + 1, 1, sizeof(text) - 2, file) > 0);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < schema_setting_count; i++) {
        char given[128];
        char shown[128];
        snprintf(given, sizeof(given), "\n%s = ", schema_settings[i].key);
        snprintf(shown, sizeof(shown), "\n;%s = ", schema_settings[i].key);
        if (strstr(text, given) == NULL && strstr(text, shown) == NULL) {
            fail_msg("config/sallyport.ini does not show %s", schema_settings[i].key);
        }
    }
}

static void examples_load_without_a_word(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "config/sallyport.ini",
        "config/examples/identities.ini",
        "config/examples/minimal.ini",
        "config/examples/passthrough.ini",
        "config/examples/report_only.ini",
        "config/examples/shared_address.ini",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct loaded loaded = load_file(paths[i]);
        assert_string_equal(loaded.said, "");
        unload(&loaded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_in_the_reference),
        cmocka_unit_test(facts_of_a_setting_are_told),
        cmocka_unit_test(example_names_every_setting),
        cmocka_unit_test(examples_load_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
