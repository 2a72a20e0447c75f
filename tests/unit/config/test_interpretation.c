/* Sections and keys: unknown, repeated, missing, misplaced; and what a section gets without asking.
 */
#include "loaded_config.h"

static void unknown_sections_are_refused(void **state)
{
    (void)state;
    assert_says("[lisener edge]\nadress = x\n" WHOLE,
                "edge.ini:1: error: [lisener edge]: unknown section (did you mean 'listener'?)\n");
    assert_says("[frontend]\n" WHOLE,
                "edge.ini:1: error: [frontend]: unknown section: expected [gateway], [listener "
                "NAME], [ssl_profile NAME], [backend NAME] or [rewrite NAME]\n");
    assert_says("[Gateway]\n" WHOLE,
                "edge.ini:1: error: [Gateway]: unknown section (did you mean 'gateway'?)\n");
}

static void section_names_are_checked(void **state)
{
    (void)state;
    assert_says("[backend]\n[gateway x]\n[backend a b]\n"
                "[backend a23456789012345678901234567890123]\n" WHOLE,
                "edge.ini:1: error: [backend]: the name is missing: expected [backend NAME]\n"
                "edge.ini:2: error: [gateway x]: expected [gateway] without a name\n"
                "edge.ini:3: error: [backend a b]: expected one word as the name\n"
                "edge.ini:4: error: [backend a23456789012345678901234567890123]: the name has 33 "
                "bytes: expected 32 at most\n");
}

static void repeated_sections_are_refused(void **state)
{
    (void)state;
    assert_says(WHOLE "[backend app]\nserver = 127.0.0.1:1\n[gateway]\n[gateway]\n",
                "edge.ini:11: error: [backend app]: it stands in line 9 already: expected it "
                "once\n"
                "edge.ini:14: error: [gateway]: it stands in line 13 already: expected it once\n");
}

static void unknown_keys_are_refused(void **state)
{
    (void)state;
    assert_says("[gateway]\nwrokers = 1\nssl-profile = x\nzzz = 1\nserver = a:1\n"
                "[rewrite r]\nzzz = 1\n" LISTENER "rewrite = r\n" PROFILE BACKEND,
                "edge.ini:2: error: [gateway] wrokers = 1: unknown setting (did you mean "
                "'workers'?)\n"
                "edge.ini:3: error: [gateway] ssl-profile = x: unknown setting: expected one of "
                "those that `sallyport config reference` lists for [gateway]\n"
                "edge.ini:4: error: [gateway] zzz = 1: unknown setting: expected one of those "
                "that `sallyport config reference` lists for [gateway]\n"
                "edge.ini:5: error: [gateway] server = a:1: unknown setting: expected it in a "
                "[backend NAME] section\n"
                "edge.ini:7: error: [rewrite r] zzz = 1: unknown setting: expected one of "
                "request_header, response_header\n");
}

static void keys_are_spelt_in_lower_case(void **state)
{
    (void)state;
    assert_says("[gateway]\nWorkers = 1\n" WHOLE,
                "edge.ini:2: error: [gateway] Workers = 1: unknown setting (did you mean "
                "'workers'?)\n");
}

static void repeated_settings_are_refused(void **state)
{
    (void)state;
    assert_says("[gateway]\nworkers = 1\n\nworkers = 1\nidentity_header = X-A\n"
                "identity_header = x-a\n" LISTENER "address = 0.0.0.0:8443\n" PROFILE
                "trusted_client_ca = CA.pem\ntrusted_client_ca = ca.pem\n" BACKEND
                "server = 127.0.0.1:8080\n",
                "edge.ini:4: error: [gateway] workers = 1: it stands in line 2 already: expected "
                "it once\n"
                "edge.ini:6: error: [gateway] identity_header = x-a: the same stands in line 5 "
                "already: expected it once\n"
                "edge.ini:13: error: [listener edge] address = 0.0.0.0:8443: the same stands in "
                "line 8 already: expected it once\n"
                "edge.ini:17: error: [ssl_profile devices] trusted_client_ca = ca.pem: the same "
                "stands in line 15 already: expected it once\n"
                "edge.ini:20: error: [backend app] server = 127.0.0.1:8080: the same stands in "
                "line 19 already: expected it once\n");
}

static void lists_have_a_length(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    fputs("[ssl_profile devices]\n", stream);
    for (int i = 0; i < 101; i++) {
        fprintf(stream, "trusted_client_ca = ca%d.pem\n", i);
    }
    fputs(LISTENER BACKEND, stream);
    fclose(stream);
    assert_says(text, "edge.ini:102: error: [ssl_profile devices] trusted_client_ca = ca100.pem: "
                      "expected 100 at most in a section\n");
    free(text);
}

static void missing_settings_are_named(void **state)
{
    (void)state;
    assert_says("[listener edge]\n[backend app]\n",
                "edge.ini:1: error: [listener edge]: address is missing: expected 'address = "
                "ADDRESS:PORT'\n"
                "edge.ini:1: error: [listener edge]: certificate is missing: expected "
                "'certificate = PATH'\n"
                "edge.ini:1: error: [listener edge]: ssl_profile is missing: expected "
                "'ssl_profile = NAME'\n"
                "edge.ini:1: error: [listener edge]: backend is missing: expected 'backend = "
                "NAME'\n"
                "edge.ini:2: error: [backend app]: server is missing: expected 'server = "
                "HOST:PORT'\n");
}

static void sections_come_in_any_order(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(BACKEND LISTENER PROFILE "[gateway]\nworkers = 1\n");
    const struct config *config = loaded.config;
    assert_int_equal(config->listener_count, 1);
    assert_ptr_equal(config->listeners[0].backend, &config->backends[0]);
    assert_ptr_equal(config->listeners[0].ssl_profile, &config->ssl_profiles[0]);
    assert_null(config->listeners[0].rewrite);
    assert_int_equal(config->gateway.place.line, 11);
    unload(&loaded);
}

static void all_mistakes_show_in_one_run(void **state)
{
    (void)state;
    assert_says("junk\n[gateway]\nworkers = x\n[oops\n[listener edge]\naddress = 1\n[nonsense]\n",
                "edge.ini:1: error: no '=' in the line: expected 'key = value'\n"
                "edge.ini:3: error: [gateway] workers = x: expected auto or a number from 1 to "
                "256\n"
                "edge.ini:4: error: the section is not closed: expected ']'\n"
                "edge.ini:5: error: [listener edge]: certificate is missing: expected "
                "'certificate = PATH'\n"
                "edge.ini:5: error: [listener edge]: ssl_profile is missing: expected "
                "'ssl_profile = NAME'\n"
                "edge.ini:5: error: [listener edge]: backend is missing: expected 'backend = "
                "NAME'\n"
                "edge.ini:6: error: [listener edge] address = 1: expected ADDRESS:PORT, such as "
                "0.0.0.0:8443 or [::]:8443 (did you mean '0.0.0.0:1'?)\n"
                "edge.ini:7: error: [nonsense]: unknown section: expected [gateway], [listener "
                "NAME], [ssl_profile NAME], [backend NAME] or [rewrite NAME]\n");
}

static void long_values_are_cut_in_messages(void **state)
{
    (void)state;
    char text[2048];
    char value[301] = {0};
    char expected[512];
    memset(value, '9', 300);
    snprintf(text, sizeof(text), "[gateway]\nmax_connections = %s\n" WHOLE, value);
    snprintf(expected, sizeof(expected),
             "edge.ini:2: error: [gateway] max_connections = %.100s...: expected a number from 1 "
             "to 1000000\n",
             value);
    assert_says(text, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_sections_are_refused),
        cmocka_unit_test(section_names_are_checked),
        cmocka_unit_test(repeated_sections_are_refused),
        cmocka_unit_test(unknown_keys_are_refused),
        cmocka_unit_test(keys_are_spelt_in_lower_case),
        cmocka_unit_test(repeated_settings_are_refused),
        cmocka_unit_test(lists_have_a_length),
        cmocka_unit_test(missing_settings_are_named),
        cmocka_unit_test(sections_come_in_any_order),
        cmocka_unit_test(all_mistakes_show_in_one_run),
        cmocka_unit_test(long_values_are_cut_in_messages),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
