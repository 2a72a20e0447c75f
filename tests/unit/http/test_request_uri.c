/* Splitting request targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/request_uri.h"

static void targets_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *target, *authority, *path, *query, *path_and_query;
        bool has_query, is_absolute, is_asterisk;
    } rows[] = {
        {"/", "", "/", "", "/", false, false, false},
        {"/a/b?c=d?e", "", "/a/b", "c=d?e", "/a/b?c=d?e", true, false, false},
        {"/?", "", "/", "", "/?", true, false, false},
        {"//x", "", "//x", "", "//x", false, false, false},
        {"*", "", "*", "", "*", false, false, true},
        {"http://h:8/p?q", "h:8", "/p", "q", "/p?q", true, true, false},
        {"HTTPS://h", "h", "/", "", "", false, true, false},
        {"http://h?q/r", "h", "/", "q/r", "?q/r", true, true, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct request_uri uri;
        assert_true(request_uri_split(bytes_from_string(rows[i].target), &uri));
        assert_true(bytes_equal(uri.authority, bytes_from_string(rows[i].authority)));
        assert_true(bytes_equal(uri.path, bytes_from_string(rows[i].path)));
        assert_true(bytes_equal(uri.query, bytes_from_string(rows[i].query)));
        assert_true(bytes_equal(uri.path_and_query, bytes_from_string(rows[i].path_and_query)));
        assert_int_equal(uri.has_query, rows[i].has_query);
        assert_int_equal(uri.is_absolute, rows[i].is_absolute);
        assert_int_equal(uri.is_asterisk, rows[i].is_asterisk);
    }
}

static void scheme_has_its_port(void **state)
{
    (void)state;
    struct request_uri uri;
    assert_true(request_uri_split(BYTES_OF("http://h/"), &uri));
    assert_int_equal(uri.default_port, 80);
    assert_true(request_uri_split(BYTES_OF("https://h/"), &uri));
    assert_int_equal(uri.default_port, 443);
}

static void other_targets_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"",        "a",       "**",        "*/",        "?a",
                                       "http:/a", "http://", "http:///a", "http://?",  "ftp://a/",
                                       "/a b",    "/a#b",    "/\x7f",     "/\xc3\xa9", "/\r\n",
                                       "h:443",   "https:",  "\t/",       "/\x01"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct request_uri uri = {.default_port = 9};
        assert_false(request_uri_split(bytes_from_string(rows[i]), &uri));
        assert_int_equal(uri.default_port, 9);
    }
    struct request_uri uri;
    assert_false(request_uri_split(bytes_from("/\0", 2), &uri));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_split),
        cmocka_unit_test(scheme_has_its_port),
        cmocka_unit_test(other_targets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
