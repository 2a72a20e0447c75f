/* Which hosts are valid, what is read of them, and which patterns match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/host.h"

static void valid_hosts_are_read_in_lower_case(void **state)
{
    (void)state;
    static const struct {
        const char *authority;
        const char *name;
        uint16_t port;
        bool is_address;
    } rows[] = {
        {"Example.COM", "example.com", 0, false},
        {"a:1", "a", 1, false},
        {"a.b.:65535", "a.b", 65535, false},
        {"under_score-x.y", "under_score-x.y", 0, false},
        {"xn--bcher-kva.example", "xn--bcher-kva.example", 0, false},
        {"1a.2b", "1a.2b", 0, false},
        {"127.0.0.1:8443", "127.0.0.1", 8443, true},
        {"[::1]", "::1", 0, true},
        {"[2001:DB8::A]:443", "2001:db8::a", 443, true},
        {"[::ffff:1.2.3.4]", "::ffff:1.2.3.4", 0, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char memory[HTTP_HOST_BYTES_MAX];
        struct host host;
        assert_true(host_parse(bytes_from_string(rows[i].authority), memory, &host));
        assert_true(bytes_equal(host.name, bytes_from_string(rows[i].name)));
        assert_int_equal(host.port, rows[i].port);
        assert_int_equal(host.is_address, rows[i].is_address);
    }
}

static void invalid_hosts_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",          ".",          "..",        "a..b",      ".a",
        "a:",        ":80",        "a:0",       "a:080",     "a:65536",
        "a:99999",   "a:100000",   "a:-1",      "a:+1",      "a:8 0",
        "a:80:80",   "a:80x",      "a b",       " a",        "a/",
        "a?b",       "a#b",        "u@a",       "a%41",      "a\\b",
        "a,b",       "*.a",        "a\xc3\xa9", "a\x01",     "a\x7f",
        "1.2.3",     "127.1",      "1.2.3.4.5", "256.1.1.1", "01.2.3.4",
        "1",         "a.1",        "0x7f.1",    "[",         "[]",
        "[::1",      "::1",        "[::1]x",    "[::1]:",    "[::1]:0",
        "[1.2.3.4]", "[::1%eth0]", "[::g]",     "[[::1]]",   "[::1]:1:2",
        "~a",        "a\r\nb",     "a;b",       "(a)",       "99999999999999999999.1.1.1",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char memory[HTTP_HOST_BYTES_MAX];
        struct host host = {.port = 7};
        if (host_parse(bytes_from_string(rows[i]), memory, &host)) {
            fail_msg("accepted: %s", rows[i]);
        }
        assert_int_equal(host.port, 7);
    }
    char memory[HTTP_HOST_BYTES_MAX];
    struct host host;
    assert_false(host_parse(bytes_from("a\0b", 3), memory, &host));
}

static void lengths_are_bounded(void **state)
{
    (void)state;
    char memory[HTTP_HOST_BYTES_MAX];
    char name[400];
    struct host host;
    memset(name, 'a', sizeof(name));
    assert_true(host_parse(bytes_from(name, 63), memory, &host));
    assert_false(host_parse(bytes_from(name, 64), memory, &host));
    for (size_t i = 49; i < sizeof(name); i += 50) {
        name[i] = '.';
    }
    assert_true(host_parse(bytes_from(name, HTTP_HOST_BYTES_MAX), memory, &host));
    assert_false(host_parse(bytes_from(name, HTTP_HOST_BYTES_MAX + 1), memory, &host));
    name[0] = '[';
    assert_false(host_parse(bytes_from(name, 300), memory, &host));
}

static void pattern_stands_for_exactly_one_label(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *pattern;
        bool matches;
    } rows[] = {
        {"a.example.com", "*.example.com", true},
        {"a.example.com", "*.EXAMPLE.com", true},
        {"example.com", "Example.com", true},
        {"example.com", "*.example.com", false},
        {"a.b.example.com", "*.example.com", false},
        {".example.com", "*.example.com", false},
        {"aexample.com", "*.example.com", false},
        {"a.example.com", "a*.example.com", false},
        {"a.example.com", "*", false},
        {"a.example.com", "*.", false},
        {"a.", "*.", false},
        {"1.2.3.4", "*.2.3.4", false},
        {"1.2.3.4", "1.2.3.4", true},
        {"", "*.a", false},
        {"a.example.com", "", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(host_matches_pattern(bytes_from_string(rows[i].host),
                                              bytes_from_string(rows[i].pattern)),
                         rows[i].matches);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_hosts_are_read_in_lower_case),
        cmocka_unit_test(invalid_hosts_are_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(pattern_stands_for_exactly_one_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
