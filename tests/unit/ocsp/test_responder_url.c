/* Reading a responder's URL: what is taken, and what a certificate may not make us do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/ocsp/responder_url.h"

static void expect(const char *text, const char *host, uint16_t port, const char *target)
{
    struct responder_url url;
    assert_true(responder_url_parse(bytes_from_string(text), &url));
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_true(bytes_equal(url.target, bytes_from_string(target)));
}

static void expect_refused(struct bytes text)
{
    struct responder_url url = {.port = 4711};
    assert_false(responder_url_parse(text, &url));
    assert_int_equal(url.port, 4711);
}

static void http_urls_are_taken_apart(void **state)
{
    (void)state;
    expect("http://ocsp.example.com", "ocsp.example.com", 80, "/");
    expect("HTTP://OCSP.Example.com/", "ocsp.example.com", 80, "/");
    expect("http://ocsp.example.com:8080/a/b?c=%20d", "ocsp.example.com", 8080, "/a/b?c=%20d");
    expect("http://192.0.2.1:1/x", "192.0.2.1", 1, "/x");
}

static void an_ipv6_address_loses_its_brackets_only_for_the_connect(void **state)
{
    struct responder_url url;
    (void)state;
    assert_true(responder_url_parse(BYTES_OF("http://[2001:DB8::1]:81/o"), &url));
    assert_string_equal(url.host, "2001:db8::1");
    assert_int_equal(url.port, 81);
    assert_true(url.is_address);
    assert_true(bytes_equal(url.authority, BYTES_OF("[2001:DB8::1]:81")));
}

static void other_schemes_are_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "http",
                                        "http:",
                                        "http:/",
                                        "http://",
                                        "https://a.test/",
                                        "ldap://a.test/",
                                        "//a.test/",
                                        "/",
                                        "*",
                                        "a.test",
                                        "httpx://a.test/",
                                        " http://a.test/",
                                        "file:///etc/passwd",
                                        "http:///x",
                                        "http://?x"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expect_refused(bytes_from_string(texts[i]));
    }
}

static void what_is_no_host_and_port_is_refused(void **state)
{
    static const char *const texts[] = {"http://user@a.test/",  "http://user:pass@a.test/",
                                        "http://a.test:/",      "http://a.test:0/",
                                        "http://a.test:65536/", "http://a.test:080/",
                                        "http://a..test/",      "http://127.1/",
                                        "http://0x7f000001/",   "http://[::1/",
                                        "http://[::1%25lo]/",   "http://[fe80::1%lo]/",
                                        "http://::1/",          "http://a_b c/",
                                        "http://a%2etest/",     "http://a.test:80:80/"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        bool is_good = strcmp(texts[i], "http://0x7f000001/") == 0; /* a name like any other */
        struct responder_url url;
        assert_int_equal(responder_url_parse(bytes_from_string(texts[i]), &url), is_good);
    }
}

static void nothing_can_end_the_request_line(void **state)
{
    static const char *const texts[] = {
        "http://a.test/\r\nX: y", "http://a.test/\n",   "http://a.test/ HTTP/1.1",
        "http://a.test/\t",       "http://a.test\r\n/", "http://a.test/\x7f",
        "http://a.test/\xc3\xa9", "http://a.test/#x",   "http://a.test/\"",
        "http://a.test/<>",       "http://a.test/\\",   "http://a.test?x"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expect_refused(bytes_from_string(texts[i]));
    }
    expect_refused(BYTES_OF("http://a.test/\0b"));
    expect_refused(BYTES_OF("http://a.test\0/"));
}

static void a_url_is_bounded_to_the_byte(void **state)
{
    char text[OCSP_URL_SIZE_MAX + 1];
    struct responder_url url;
    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "http://a.test/", 14);
    assert_true(responder_url_parse(bytes_from(text, OCSP_URL_SIZE_MAX - 1), &url));
    expect_refused(bytes_from(text, OCSP_URL_SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_urls_are_taken_apart),
        cmocka_unit_test(an_ipv6_address_loses_its_brackets_only_for_the_connect),
        cmocka_unit_test(other_schemes_are_refused),
        cmocka_unit_test(what_is_no_host_and_port_is_refused),
        cmocka_unit_test(nothing_can_end_the_request_line),
        cmocka_unit_test(a_url_is_bounded_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
