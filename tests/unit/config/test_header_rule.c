/* Header rules: names, templates, and what a rule may not touch. */
#include "loaded_config.h"

#define BEFORE LISTENER "rewrite = r\n" PROFILE BACKEND "[rewrite r]\n"

static void assert_rule_says(const char *rule, const char *message)
{
    char text[4096];
    char expected[1024] = "";
    snprintf(text, sizeof(text), BEFORE "%s\n", rule);
    if (message != NULL) {
        snprintf(expected, sizeof(expected), "edge.ini:13: error: [rewrite r] %s: %s\n", rule,
                 message);
    }
    assert_says(text, expected);
}

static void rules_are_split_at_the_first_colon(void **state)
{
    (void)state;
    struct loaded loaded =
        load_clean(BEFORE "request_header = X-A:b:{var_client_ip}\n"
                          "request_header = X-Gone:\nrequest_header = X-Q: \"a ; b\"\n"
                          "response_header = X-A: {http_resp_Server}{var_http_status}\n");
    const struct config_rewrite *rewrite = loaded.config->listeners[0].rewrite;
    assert_int_equal(rewrite->request_header_count, 3);
    assert_string_equal(rewrite->request_headers[0].name, "X-A");
    assert_int_equal(rewrite->request_headers[0].value->segment_count, 2);
    assert_int_equal(rewrite->request_headers[0].place.line, 13);
    assert_int_equal(rewrite->request_headers[1].value->segment_count, 0);
    assert_memory_equal(rewrite->request_headers[2].value->segments[0].text.at, "\"a ; b\"", 7);
    assert_int_equal(rewrite->response_header_count, 1);
    unload(&loaded);
}

static void mistakes_of_form_are_refused(void **state)
{
    (void)state;
    assert_rule_says("request_header = X-A", "expected 'Name: value', or 'Name:' to remove the "
                                             "header");
    assert_rule_says("request_header = : x",
                     "expected the name of a header, such as X-Client-Cert, and ':'");
    assert_rule_says("request_header = X-A : x",
                     "expected the name of a header, such as X-Client-Cert, and ':'");
    assert_rule_says("response_header = X\xC3\xBC: x",
                     "expected the name of a header, such as X-Client-Cert, and ':'");
    assert_says(BEFORE "request_header = \"X-A: a \"\n",
                "edge.ini:13: error: [rewrite r] request_header = X-A: a : blanks around the rule "
                "would be lost: expected none\n");
    assert_rule_says("request_header = X-A: {var_nothing}", "unknown variable 'nothing'");
    assert_rule_says("request_header = X-A: {var_host", "'{' is not closed: expected '}', or '{{' "
                                                        "for a brace");
}

static void framing_belongs_to_the_gateway(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *message;
    } rows[] = {
        {"connection", "Connection belongs to one connection: expected another header"},
        {"Keep-Alive", "Keep-Alive belongs to one connection: expected another header"},
        {"Proxy-Connection", "Proxy-Connection belongs to one connection: expected another header"},
        {"TE", "TE belongs to one connection: expected another header"},
        {"Trailer", "Trailer frames the message: expected another header"},
        {"Transfer-ENCODING", "Transfer-Encoding frames the message: expected another header"},
        {"Content-Length", "Content-Length frames the message: expected another header"},
        {"Upgrade", "Upgrade belongs to one connection: expected another header"},
        {"HTTP2-Settings", "HTTP2-Settings belongs to one connection: expected another header"},
        {"Expect", "Expect is answered by the gateway: expected another header"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char rule[128];
        snprintf(rule, sizeof(rule), "request_header = %s: x", rows[i].name);
        assert_rule_says(rule, rows[i].message);
        snprintf(rule, sizeof(rule), "response_header = %s:", rows[i].name);
        assert_rule_says(rule, rows[i].message);
    }
}

static void requests_know_nothing_of_answers(void **state)
{
    (void)state;
    assert_rule_says("request_header = X-A: {http_resp_Server}",
                     "{http_resp_Server} is not known yet: expected it in a response_header only");
    assert_rule_says("request_header = X-A: {var_http_status}",
                     "{var_http_status} is not known yet: expected it in a response_header only");
    assert_rule_says("request_header = X-A: {var_sent_bytes}",
                     "{var_sent_bytes} is not known yet: expected it in a response_header only");
    assert_rule_says("request_header = X-A: {var_received_bytes}", NULL);
}

static void host_may_be_set_but_not_removed(void **state)
{
    (void)state;
    assert_rule_says("request_header = Host: app.internal", NULL);
    assert_rule_says("request_header = host:", "a request needs its Host: expected a value");
    assert_rule_says("request_header = Host: {var_client_certificate_common_name}",
                     "Host cannot carry the identity, which is removed from what clients send: "
                     "expected another header");
}

static void header_is_set_once(void **state)
{
    (void)state;
    assert_says(BEFORE "request_header = X-A: 1\nresponse_header = X-A: 1\nrequest_header = x-a:\n",
                "edge.ini:15: error: [rewrite r] request_header = x-a:: X-A is set already in line "
                "13: expected one request_header for it\n");
}

static void identity_header_is_no_other(void **state)
{
    (void)state;
    assert_says("[gateway]\nidentity_header = Host\nidentity_header = Content-Length\n"
                "identity_header = X Y\nidentity_header = X-Y\n" WHOLE,
                "edge.ini:2: error: [gateway] identity_header = Host: a request needs its Host: "
                "expected another header\n"
                "edge.ini:3: error: [gateway] identity_header = Content-Length: Content-Length "
                "frames the message: expected another header\n"
                "edge.ini:4: error: [gateway] identity_header = X Y: expected the name of a "
                "header, such as X-Client-Cert\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_split_at_the_first_colon),
        cmocka_unit_test(mistakes_of_form_are_refused),
        cmocka_unit_test(framing_belongs_to_the_gateway),
        cmocka_unit_test(requests_know_nothing_of_answers),
        cmocka_unit_test(host_may_be_set_but_not_removed),
        cmocka_unit_test(header_is_set_once),
        cmocka_unit_test(identity_header_is_no_other),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
