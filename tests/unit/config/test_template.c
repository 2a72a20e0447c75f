/* Templates: cut into the right segments, or refused with the reason. */
#include "loaded_config.h"

#include "../../../src/config/template_parse.h"

/* The segments as text: "abc", v:name, q:name, a:name. */
static void assert_segments(const char *source, const char *expected)
{
    struct diagnostics diagnostics;
    struct template *template = NULL;
    char memory[1024];
    struct text text = text_over(memory, sizeof(memory));
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(
        template_create(source, (struct config_place){"a.ini", 1}, &diagnostics, &template)));
    for (size_t i = 0; i < template->segment_count; i++) {
        const struct template_segment *segment = &template->segments[i];
        static const char *const marks[] = {"=", "v:", "q:", "a:"};
        text_append_string(&text, i == 0 ? "" : " ");
        text_append_string(&text, marks[segment->kind]);
        text_append(&text, segment->text);
        if (segment->kind == TEMPLATE_VARIABLE) {
            text_append_string(&text, template_parse_variable_name(segment->variable));
        }
    }
    assert_string_equal(text_terminate(&text), expected);
    assert_int_equal(diagnostics.count, 0);
    template_destroy(template);
    diagnostics_deinit(&diagnostics);
}

static void assert_refused(const char *source, const char *message)
{
    struct diagnostics diagnostics;
    struct template *template = NULL;
    diagnostics_init(&diagnostics);
    struct result result =
        template_create(source, (struct config_place){"a.ini", 7}, &diagnostics, &template);
    assert_int_equal(result.code, ERROR_BAD_CONFIG);
    assert_null(template);
    assert_int_equal(diagnostics.error_count, 1);
    assert_int_equal(diagnostics.items[0].place.line, 7);
    assert_string_equal(diagnostics.items[0].message, message);
    diagnostics_deinit(&diagnostics);
}

static void text_stands_for_itself(void **state)
{
    (void)state;
    assert_segments("", "");
    assert_segments("max-age=31536000; includeSubDomains", "=max-age=31536000; includeSubDomains");
    assert_segments("a\tb \xC3\xBC", "=a\tb \xC3\xBC");
}

static void references_become_segments(void **state)
{
    (void)state;
    assert_segments("{var_client_ip}", "v:client_ip");
    assert_segments("a{var_host}b{http_req_X-Y}{http_resp_Server}c",
                    "=a v:host =b q:X-Y a:Server =c");
}

static void doubled_braces_are_braces(void **state)
{
    (void)state;
    assert_segments("{{\"a\": {var_host}}}", "={\"a\":  v:host =}");
    assert_segments("{{}}", "={}");
    assert_segments("{{var_host}}", "={var_host}");
}

static void every_variable_has_a_name_that_parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        char source[128];
        char expected[128];
        const char *name = template_parse_variable_name((enum variable)i);
        snprintf(source, sizeof(source), "{var_%s}", name);
        snprintf(expected, sizeof(expected), "v:%s", name);
        assert_segments(source, expected);
        assert_true(strlen(template_parse_variable_help((enum variable)i)) > 0);
    }
}

static void unknown_variables_are_refused(void **state)
{
    (void)state;
    assert_refused("{var_clint_ip}",
                   "{var_clint_ip}: unknown variable 'clint_ip' (did you mean 'client_ip'?)");
    assert_refused("{var_}", "{var_}: unknown variable ''");
    assert_refused("{var_HOST}", "{var_HOST}: unknown variable 'HOST' (did you mean 'host'?)");
    assert_refused("{var_client_certificate_subject_1}",
                   "{var_client_certificate_subject_1}: unknown variable "
                   "'client_certificate_subject_1' (did you mean 'client_certificate_subject'?)");
}

static void unknown_references_are_refused(void **state)
{
    (void)state;
#define EXPECTED "expected {var_NAME}, {http_req_NAME} or {http_resp_NAME} ({{ stands for a brace)"
    assert_refused("{client_ip}", "{client_ip}: unknown reference {client_ip}: " EXPECTED);
    assert_refused("{}", "{}: unknown reference {}: " EXPECTED);
    assert_refused("{http_req_}", "{http_req_}: '' is not the name of a header");
    assert_refused("{http_req_a b}", "{http_req_a b}: 'a b' is not the name of a header");
}

static void open_braces_are_refused(void **state)
{
    (void)state;
    assert_refused("a{var_host",
                   "a{var_host: '{' is not closed: expected '}', or '{{' for a brace");
    assert_refused("a}", "a}: '}' without a '{' before it: expected '}}' for a brace");
    assert_refused("{", "{: '{' is not closed: expected '}', or '{{' for a brace");
    assert_refused("{{{", "{{{: '{' is not closed: expected '}', or '{{' for a brace");
}

static void control_characters_are_refused(void **state)
{
    (void)state;
    assert_refused("a\nb", "a\nb: a control character: expected plain text");
    assert_refused("a\x7f", "a\x7f: a control character: expected plain text");
}

static void long_mistakes_make_short_messages(void **state)
{
    (void)state;
    char source[8000];
    struct diagnostics diagnostics;
    struct template *template = NULL;
    memset(source, 'x', sizeof(source));
    memcpy(source, "{http_req_ ", 11);
    source[sizeof(source) - 2] = '}';
    source[sizeof(source) - 1] = '\0';
    diagnostics_init(&diagnostics);
    assert_int_equal(
        template_create(source, (struct config_place){0}, &diagnostics, &template).code,
        ERROR_BAD_CONFIG);
    assert_true(strlen(diagnostics.items[0].message) < 250);
    assert_non_null(strstr(diagnostics.items[0].message, "is not the name of a header"));
    diagnostics_deinit(&diagnostics);
}

static bool tells_identity(const char *source)
{
    struct diagnostics diagnostics;
    struct template *template = NULL;
    diagnostics_init(&diagnostics);
    assert_true(
        result_is_ok(template_create(source, (struct config_place){0}, &diagnostics, &template)));
    bool answer = template_tells_identity(template);
    template_destroy(template);
    diagnostics_deinit(&diagnostics);
    return answer;
}

static void certificate_variables_tell_the_identity(void **state)
{
    (void)state;
    assert_true(tells_identity("{var_client_certificate}"));
    assert_true(tells_identity("v={var_host}; s={var_client_certificate_verdict}"));
    assert_false(tells_identity("{var_client_ip}"));
    assert_false(tells_identity("client_certificate {http_req_client_certificate}"));
    assert_false(tells_identity(""));
}

static void destroying_nothing_is_harmless(void **state)
{
    (void)state;
    template_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_stands_for_itself),
        cmocka_unit_test(references_become_segments),
        cmocka_unit_test(doubled_braces_are_braces),
        cmocka_unit_test(every_variable_has_a_name_that_parses),
        cmocka_unit_test(unknown_variables_are_refused),
        cmocka_unit_test(unknown_references_are_refused),
        cmocka_unit_test(open_braces_are_refused),
        cmocka_unit_test(control_characters_are_refused),
        cmocka_unit_test(long_mistakes_make_short_messages),
        cmocka_unit_test(certificate_variables_tell_the_identity),
        cmocka_unit_test(destroying_nothing_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
