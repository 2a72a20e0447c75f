/* allow_identity lines: what they mean, and every way to get one wrong. */
#include "loaded_config.h"

#include "../../../src/config/claim_set.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_create();
    return arena == NULL;
}

static int drop_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static struct config_claim_set parse(const char *source)
{
    char memory[512];
    struct text problem = text_over(memory, sizeof(memory));
    struct config_claim_set set = {0};
    struct result result = claim_set_parse(source, arena, &problem, &set);
    if (!result_is_ok(result)) {
        fail_msg("%s: %s", source, text_terminate(&problem));
    }
    return set;
}

/* The line must be refused with a problem that begins so. */
static void assert_refused(const char *source, const char *expected)
{
    char memory[512];
    struct text problem = text_over(memory, sizeof(memory));
    struct config_claim_set set = {0};
    assert_int_equal(claim_set_parse(source, arena, &problem, &set).code, ERROR_BAD_CONFIG);
    if (strncmp(text_terminate(&problem), expected, strlen(expected)) != 0) {
        fail_msg("%s: %s", source, problem.at);
    }
    assert_int_equal(set.claim_count, 0);
}

static void assert_claim(const struct config_claim_set *set, enum config_claim_kind kind,
                         struct bytes value)
{
    const struct config_claim *claim = claim_set_find(set, kind);
    assert_non_null(claim);
    assert_true(bytes_equal(claim->value, value));
}

static void claims_are_separated_by_commas(void **state)
{
    (void)state;
    struct config_claim_set set =
        parse("common_name=pump-7,dns_name = a.example.com ,  uri=urn:pump:7");
    assert_int_equal(set.claim_count, 3);
    assert_claim(&set, CONFIG_CLAIM_COMMON_NAME, BYTES_OF("pump-7"));
    assert_claim(&set, CONFIG_CLAIM_DNS_NAME, BYTES_OF("a.example.com"));
    assert_claim(&set, CONFIG_CLAIM_URI, BYTES_OF("urn:pump:7"));
    assert_null(claim_set_find(&set, CONFIG_CLAIM_SUBJECT));
}

static void quotes_hold_what_would_end_a_value(void **state)
{
    (void)state;
    struct config_claim_set set =
        parse("subject=\"CN=a, O=\\\"Contoso, Inc.\\\"\", common_name=\"a \\\\ b=c\"");
    assert_claim(&set, CONFIG_CLAIM_SUBJECT, BYTES_OF("CN=a, O=\"Contoso, Inc.\""));
    assert_claim(&set, CONFIG_CLAIM_COMMON_NAME, BYTES_OF("a \\ b=c"));
}

static void an_equals_sign_within_a_value_needs_no_quotes(void **state)
{
    (void)state;
    struct config_claim_set set = parse("subject=CN=a");
    assert_claim(&set, CONFIG_CLAIM_SUBJECT, BYTES_OF("CN=a"));
}

static void thumbprints_are_read_as_people_copy_them(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "thumbprint=5E7FC1A1F7AD302EDFBFB0B87C5AF2A299B72858",
        "thumbprint=5e7fc1a1f7ad302edfbfb0b87c5af2a299b72858",
        "thumbprint=5E:7F:C1:A1:F7:AD:30:2E:DF:BF:B0:B8:7C:5A:F2:A2:99:B7:28:58",
        "thumbprint=5E-7f-C1-A1-F7-AD-30-2E-DF-BF-B0-B8-7C-5A-F2-A2-99-B7-28-58",
        "thumbprint=\"5e 7f c1 a1 f7 ad 30 2e df bf b0 b8 7c 5a f2 a2 99 b7 28 58\"",
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct config_claim_set set = parse(forms[i]);
        assert_claim(&set, CONFIG_CLAIM_THUMBPRINT,
                     BYTES_OF("\x5E\x7F\xC1\xA1\xF7\xAD\x30\x2E\xDF\xBF"
                              "\xB0\xB8\x7C\x5A\xF2\xA2\x99\xB7\x28\x58"));
    }
    struct config_claim_set set = parse("issuer_thumbprint="
                                        "00112233445566778899AABBCCDDEEFF"
                                        "00112233445566778899AABBCCDDEEFF");
    assert_int_equal(claim_set_find(&set, CONFIG_CLAIM_ISSUER_THUMBPRINT)->value.length, 32);
}

static void zeros_in_front_of_a_serial_number_do_not_count(void **state)
{
    (void)state;
    struct config_claim_set set = parse("serial_number=00:00:0a:01");
    assert_claim(&set, CONFIG_CLAIM_SERIAL_NUMBER, BYTES_OF("\x0A\x01"));
    set = parse("serial_number=00");
    assert_int_equal(claim_set_find(&set, CONFIG_CLAIM_SERIAL_NUMBER)->value.length, 0);
}

static void hex_of_another_form_is_refused(void **state)
{
    (void)state;
    static const char hidden[] = {'"', (char)0xE2, (char)0x80, (char)0x8E, '0', 'A', '"', '\0'};
    static const char *const values[] = {
        "A",     "0x0A",   "0A:", "0A:B", ":0A",        "0A::0B",  "0A:0B-0C",
        "0A0B:", "0A:0B0", "0G",  hidden, "\"0A 0B \"", "0A:0B0C",
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char source[64];
        snprintf(source, sizeof(source), "serial_number=%s", values[i]);
        assert_refused(source, "at column 15 of the value: expected pairs of hex digits");
    }
    assert_refused("thumbprint=0A0B", "at column 12 of the value: 4 hex digits: expected 40");
}

static void unknown_claims_get_a_suggestion(void **state)
{
    (void)state;
    assert_refused("comon_name=a", "at column 1 of the value: there is no claim 'comon_name': "
                                   "expected thumbprint, serial_number, common_name, subject, "
                                   "dns_name, uri, issuer_subject or issuer_thumbprint (did you "
                                   "mean 'common_name'?)");
    assert_refused("uri=a, issuer-thumbprint=0A",
                   "at column 8 of the value: there is no claim 'issuer-thumbprint'");
    assert_refused("Thumbprint=0A", "at column 1 of the value: there is no claim 'Thumbprint'");
    assert_refused("subject=CN=a, O=b", "at column 15 of the value: there is no claim 'O': expected"
                                        " thumbprint, serial_number, common_name, subject, "
                                        "dns_name, uri, issuer_subject or issuer_thumbprint; a "
                                        "value with a comma in it goes in double quotes");
}

static void a_claim_stands_once_in_a_line(void **state)
{
    (void)state;
    assert_refused("dns_name=a, dns_name=b", "at column 13 of the value: dns_name a second time");
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        const char *problem;
    } cases[] = {
        {"", "at column 1 of the value: expected a claim"},
        {"  ", "at column 3 of the value: expected a claim"},
        {"uri=a,", "at column 7 of the value: expected a claim"},
        {"uri=a,,dns_name=b", "at column 7 of the value: expected a claim"},
        {"=a", "at column 1 of the value: expected a claim"},
        {"uri", "at column 4 of the value: expected '=' and a value after uri"},
        {"uri, dns_name=b", "at column 4 of the value: expected '='"},
        {"uri=", "at column 5 of the value: expected a value for uri"},
        {"uri= ,dns_name=b", "at column 6 of the value: expected a value for uri"},
        {"uri=\"\"", "at column 5 of the value: expected a value for uri"},
        {"uri=a dns_name=b", "at column 6 of the value: expected a comma before the next claim"},
        {"uri=\"a\" dns_name=b", "at column 9 of the value: expected a comma"},
        {"uri=\"a\"b", "at column 8 of the value: expected a comma"},
        {"uri=a\"b\"", "at column 6 of the value: expected a comma"},
        {"subject=CN=a\\+b", "at column 13 of the value: expected a comma"},
        {"uri=\"a", "at column 5 of the value: a quote is not closed"},
        {"uri=\"a\\", "at column 7 of the value: a backslash in quotes"},
        {"uri=\"a\\\"", "at column 5 of the value: a quote is not closed"},
        {"subject=\"CN=a\\,b\"", "at column 14 of the value: a backslash in quotes"},
        {"uri=\"a b\"", "at column 5 of the value: expected ASCII without blanks"},
        {"dns_name=\xC3\xA9", "at column 10 of the value: expected ASCII without blanks"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(cases[i].source, cases[i].problem);
    }
}

static void lines_are_kept_in_order_and_dumped_as_written(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(WHOLE "[ssl_profile devices2]\ntrusted_client_ca = ca.pem\n"
                                            "allow_identity = common_name=a ; the first\n"
                                            "allow_identity = common_name=\"b;c\"\n"
                                            "[listener two]\naddress = 0.0.0.0:8444\n"
                                            "certificate = s.pem\ncertificate_key = s.key\n"
                                            "ssl_profile = devices2\nbackend = app\n");
    const struct config_ssl_profile *profile = &loaded.config->ssl_profiles[1];
    assert_int_equal(profile->identity_count, 2);
    assert_string_equal(profile->identities[0].source.text, "common_name=a");
    assert_int_equal(profile->identities[1].source.place.line, 14);
    assert_claim(&profile->identities[1], CONFIG_CLAIM_COMMON_NAME, BYTES_OF("b;c"));
    unload(&loaded);
}

static void mistakes_stand_at_their_line(void **state)
{
    (void)state;
    assert_says(
        LISTENER BACKEND PROFILE "allow_identity = uri=a b\n"
                                 "allow_identity = serial_number=01\n",
        "edge.ini:11: error: [ssl_profile devices] allow_identity = uri=a b: at column 6 of "
        "the value: expected a comma before the next claim, or the whole value in double "
        "quotes\n"
        "edge.ini:12: warning: [ssl_profile devices] allow_identity = serial_number=01: "
        "serial numbers are unique for one issuer only: expected issuer_thumbprint or "
        "issuer_subject besides\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_separated_by_commas),
        cmocka_unit_test(quotes_hold_what_would_end_a_value),
        cmocka_unit_test(an_equals_sign_within_a_value_needs_no_quotes),
        cmocka_unit_test(thumbprints_are_read_as_people_copy_them),
        cmocka_unit_test(zeros_in_front_of_a_serial_number_do_not_count),
        cmocka_unit_test(hex_of_another_form_is_refused),
        cmocka_unit_test(unknown_claims_get_a_suggestion),
        cmocka_unit_test(a_claim_stands_once_in_a_line),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test_setup_teardown(lines_are_kept_in_order_and_dumped_as_written, enter_folder,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(mistakes_stand_at_their_line, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
