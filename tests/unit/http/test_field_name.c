/* Field names by number, and names that a backend takes for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/field_name.h"

static void every_known_name_is_found_in_any_case(void **state)
{
    (void)state;
    for (unsigned name = FIELD_NAME_UNKNOWN + 1; name < FIELD_NAME_COUNT; name++) {
        struct bytes text = field_name_text((enum field_name)name);
        uint8_t copy[32];
        assert_int_equal(field_name_find(text), name);
        for (size_t i = 0; i < text.length; i++) {
            uint8_t byte = text.at[i];
            copy[i] = byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 32) : byte;
        }
        assert_int_equal(field_name_find(bytes_from(copy, text.length)), name);
        assert_true(field_name_is_plain(text));
    }
}

static void near_misses_are_unknown(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "H",
                                       "Hos",
                                       "Hosts",
                                       "Host ",
                                       "H0st",
                                       "Ho\x13t",
                                       "\x08ost",
                                       "T\x05",
                                       "Content_Length",
                                       "Content\x0dLength",
                                       "X-Forwarded-Fo\x12",
                                       "Proxy-Authorizations",
                                       "a-name-longer-than-any-known-one"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(field_name_find(bytes_from_string(rows[i])), FIELD_NAME_UNKNOWN);
    }
    assert_int_equal(field_name_text(FIELD_NAME_UNKNOWN).length, 0);
    assert_int_equal(field_name_fate(FIELD_NAME_UNKNOWN), FIELD_IS_FORWARDED);
}

static void names_are_tokens_and_plain_ones_less(void **state)
{
    (void)state;
    assert_true(field_name_is_valid(BYTES_OF("a!#$%&'*+-.^_`|~9Z")));
    assert_false(field_name_is_valid(BYTES_OF("")));
    assert_false(field_name_is_valid(BYTES_OF("a b")));
    assert_false(field_name_is_valid(BYTES_OF("a:")));
    assert_false(field_name_is_valid(BYTES_OF("a\xc3")));
    assert_true(field_name_is_plain(BYTES_OF("a-9")));
    assert_false(field_name_is_plain(BYTES_OF("a_9")));
    assert_false(field_name_is_plain(BYTES_OF("a.9")));
    assert_false(field_name_is_plain(BYTES_OF("")));
}

static void underscore_and_hyphen_are_alike(void **state)
{
    (void)state;
    assert_true(field_name_is_alike(BYTES_OF("X-Client-Cert"), BYTES_OF("x_client-CERT")));
    assert_false(field_name_is_alike(BYTES_OF("X-Client-Cert"), BYTES_OF("X-Client-Cer")));
    assert_false(field_name_is_alike(BYTES_OF("ab"), BYTES_OF("ac")));
    assert_false(field_name_is_alike(BYTES_OF("a^"), BYTES_OF("a~")));
    assert_false(field_name_is_alike(BYTES_OF("a\x0d"), BYTES_OF("a-")));
    assert_true(field_name_is_alike(BYTES_OF(""), BYTES_OF("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_name_is_found_in_any_case),
        cmocka_unit_test(near_misses_are_unknown),
        cmocka_unit_test(names_are_tokens_and_plain_ones_less),
        cmocka_unit_test(underscore_and_hyphen_are_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
