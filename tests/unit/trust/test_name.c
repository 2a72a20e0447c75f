/* Comparing Names: what RFC 5280 7.1 calls the same is the same, whatever its encoding, and nothing
 * else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/name.h"
#include "certificate_builder.h"

#define UTF8      0x0C
#define PRINTABLE 0x13
#define T61       0x14
#define IA5       0x16
#define BMP       0x1E
#define UNIVERSAL 0x1C
#define NUMERIC   0x12
#define BITS      0x03
#define SEQUENCE  0x30

/* Not a common name when the value is no text. */
static struct built name_of(unsigned tag, struct bytes value)
{
    bool is_text = tag != NUMERIC && tag != BITS && tag != SEQUENCE;
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_O, PRINTABLE, BYTES_OF("Org"));
    built_rdn(&name, is_text ? BUILDER_CN : BUILDER_O, tag, value);
    built_wrap(&name, 0, 0x30);
    return name;
}

static bool are_equal(const struct built *a, const struct built *b)
{
    assert_true(name_is_valid(built_bytes(a)));
    assert_true(name_is_valid(built_bytes(b)));
    bool is_equal = name_equal(built_bytes(a), built_bytes(b));
    assert_int_equal(is_equal, name_equal(built_bytes(b), built_bytes(a)));
    /* Equal names must be found by their hash; different ones with one hash would be a wonder. */
    assert_int_equal(is_equal, name_hash(built_bytes(a)) == name_hash(built_bytes(b)));
    return is_equal;
}

static void encoding_case_and_space_do_not_count(void **state)
{
    (void)state;
    struct built wanted = name_of(UTF8, BYTES_OF("Example  Issuing CA"));
    struct built same[] = {
        name_of(PRINTABLE, BYTES_OF("Example Issuing CA")),
        name_of(IA5, BYTES_OF("EXAMPLE ISSUING ca")),
        name_of(T61, BYTES_OF("  example issuing\t\nca  ")),
        name_of(BMP, BYTES_OF("\0E\0x\0a\0m\0p\0l\0e\0 \0i\0s\0s\0u\0i\0n\0g\0 \0C\0A")),
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_true(are_equal(&wanted, &same[i]));
    }
}

static void letters_beyond_ascii_compare_across_encodings(void **state)
{
    (void)state;
    struct built utf8 = name_of(UTF8, BYTES_OF("B\xC3\xBCro"));
    struct built t61 = name_of(T61, BYTES_OF("B\xFCro"));
    struct built bmp = name_of(BMP, BYTES_OF("\0b\0\xFC\0R\0O"));
    struct built universal = name_of(UNIVERSAL, BYTES_OF("\0\0\0b\0\0\0\xFC\0\0\0R\0\0\0O"));
    assert_true(are_equal(&utf8, &t61));
    assert_true(are_equal(&utf8, &bmp));
    assert_true(are_equal(&utf8, &universal));
}

static void other_text_is_another_name(void **state)
{
    (void)state;
    struct built wanted = name_of(UTF8, BYTES_OF("Example CA"));
    struct built other[] = {
        name_of(UTF8, BYTES_OF("ExampleCA")),
        name_of(UTF8, BYTES_OF("Example CA 2")),
        name_of(UTF8, BYTES_OF("")),
        name_of(UTF8, BYTES_OF("Example CA\0")),
        name_of(BITS, BYTES_OF("\0Example CA")),
    };
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        assert_false(are_equal(&wanted, &other[i]));
    }
}

static void other_types_compare_byte_for_byte(void **state)
{
    (void)state;
    struct built a = name_of(NUMERIC, BYTES_OF("1 2"));
    struct built b = name_of(NUMERIC, BYTES_OF("1  2"));
    assert_true(are_equal(&a, &a));
    assert_false(are_equal(&a, &b));
}

/* One RDN with the two attributes in this order. */
static struct built set_of(struct bytes first, struct bytes second)
{
    struct built name = {.length = 0};
    struct built attribute = {.length = 0};
    struct bytes values[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        attribute.length = 0;
        built_element(&attribute, 0x06, BUILDER_CN);
        built_element(&attribute, UTF8, values[i]);
        built_element(&name, 0x30, built_bytes(&attribute));
    }
    built_wrap(&name, 0, 0x31);
    built_wrap(&name, 0, 0x30);
    return name;
}

static void attributes_of_a_set_have_no_order(void **state)
{
    (void)state;
    struct built ab = set_of(BYTES_OF("a"), BYTES_OF("b"));
    struct built ba = set_of(BYTES_OF("B"), BYTES_OF("A"));
    struct built aa = set_of(BYTES_OF("a"), BYTES_OF("a"));
    assert_true(are_equal(&ab, &ba));
    assert_false(are_equal(&ab, &aa));
    assert_false(are_equal(&aa, &ab));
}

static void order_of_rdns_counts(void **state)
{
    (void)state;
    struct built ab = {.length = 0};
    struct built ba = {.length = 0};
    built_rdn(&ab, BUILDER_CN, UTF8, BYTES_OF("a"));
    built_rdn(&ab, BUILDER_CN, UTF8, BYTES_OF("b"));
    built_wrap(&ab, 0, 0x30);
    built_rdn(&ba, BUILDER_CN, UTF8, BYTES_OF("b"));
    built_rdn(&ba, BUILDER_CN, UTF8, BYTES_OF("a"));
    built_wrap(&ba, 0, 0x30);
    assert_false(are_equal(&ab, &ba));
}

static void subtree_is_a_prefix_of_rdns(void **state)
{
    (void)state;
    struct built base = {.length = 0};
    struct built empty = {.length = 0};
    struct built name = name_of(UTF8, BYTES_OF("x"));
    built_rdn(&base, BUILDER_O, UTF8, BYTES_OF("ORG"));
    built_wrap(&base, 0, 0x30);
    built_wrap(&empty, 0, 0x30);
    assert_true(name_is_within(built_bytes(&name), built_bytes(&base)));
    assert_true(name_is_within(built_bytes(&name), built_bytes(&empty)));
    assert_true(name_is_within(built_bytes(&base), built_bytes(&base)));
    assert_false(name_is_within(built_bytes(&base), built_bytes(&name)));
    assert_true(name_is_empty(built_bytes(&empty)));
    assert_false(name_is_empty(built_bytes(&base)));
}

static bool text_is_valid(unsigned tag, struct bytes value)
{
    struct built name = name_of(tag, value);
    return name_is_valid(built_bytes(&name));
}

static void text_that_is_not_of_its_encoding_is_refused(void **state)
{
    (void)state;
    assert_true(text_is_valid(UTF8, BYTES_OF("\xF0\x9F\x98\x80")));
    assert_false(text_is_valid(UTF8, BYTES_OF("\xC0\x80")));
    assert_false(text_is_valid(UTF8, BYTES_OF("\xED\xA0\x80")));
    assert_false(text_is_valid(UTF8, BYTES_OF("\xE2\x82")));
    assert_false(text_is_valid(UTF8, BYTES_OF("\xF4\x90\x80\x80")));
    assert_false(text_is_valid(UTF8, BYTES_OF("\x80")));
    assert_false(text_is_valid(BMP, BYTES_OF("\0a\0")));
    assert_false(text_is_valid(BMP, BYTES_OF("\xD8\x00\xDC\x00")));
    assert_false(text_is_valid(UNIVERSAL, BYTES_OF("\x00\x11\x00\x00")));
}

/* A constructed one with anything inside was let through, which others could not even read. */
static void values_of_types_that_names_do_not_have_are_refused(void **state)
{
    static const uint8_t others[] = {0x01, 0x02, 0x04, 0x05, 0x06, 0x17, 0x18,
                                     0x1A, 0x1B, 0x24, 0x31, 0x2C, 0x80, 0xA0};
    (void)state;
    for (size_t i = 0; i < sizeof(others); i++) {
        assert_false(text_is_valid(others[i], BYTES_OF("\x02\x01\x01")));
    }
    assert_true(text_is_valid(NUMERIC, BYTES_OF("12")));
    assert_true(text_is_valid(BITS, BYTES_OF("\0")));
    assert_true(text_is_valid(BITS, BYTES_OF("\x03\xA8")));
    assert_false(text_is_valid(BITS, BYTES_OF("")));
    assert_false(text_is_valid(BITS, BYTES_OF("\x01")));
    assert_false(text_is_valid(BITS, BYTES_OF("\x08\0")));
    assert_false(text_is_valid(BITS, BYTES_OF("\x03\xAC")));
    assert_true(text_is_valid(SEQUENCE, BYTES_OF("\x0C\x01"
                                                 "a\x0C\x01"
                                                 "b")));
    assert_false(text_is_valid(SEQUENCE, BYTES_OF("\x0C\x02"
                                                  "a")));
}

/* Whether a constraint permits them could not be told. */
static void common_names_and_addresses_that_are_no_text_are_refused(void **state)
{
    static const uint8_t others[] = {NUMERIC, BITS, SEQUENCE};
    const struct bytes types[] = {BUILDER_CN, BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01")};
    (void)state;
    for (size_t i = 0; i < sizeof(others); i++) {
        for (size_t type = 0; type < sizeof(types) / sizeof(types[0]); type++) {
            struct built name = {.length = 0};
            built_rdn(&name, types[type], others[i], BYTES_OF("\0\0"));
            built_wrap(&name, 0, 0x30);
            assert_false(name_is_valid(built_bytes(&name)));
        }
    }
}

static void broken_structure_is_refused(void **state)
{
    (void)state;
    assert_true(name_is_valid(BYTES_OF("\x30\x00")));
    assert_false(name_is_valid(BYTES_OF("")));
    assert_false(name_is_valid(BYTES_OF("\x30\x00\x00")));
    assert_false(name_is_valid(BYTES_OF("\x30\x02\x31\x00")));
    assert_false(name_is_valid(BYTES_OF("\x30\x04\x31\x02\x30\x00")));
    assert_false(name_is_valid(BYTES_OF("\x31\x00")));
}

static void a_name_beyond_the_bounds_is_refused(void **state)
{
    (void)state;
    static uint8_t text[NAME_SIZE_MAX];
    memset(text, 'a', sizeof(text));
    assert_true(text_is_valid(UTF8, bytes_from(text, 4000)));
    assert_false(text_is_valid(UTF8, bytes_from(text, sizeof(text))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_case_and_space_do_not_count),
        cmocka_unit_test(letters_beyond_ascii_compare_across_encodings),
        cmocka_unit_test(other_text_is_another_name),
        cmocka_unit_test(other_types_compare_byte_for_byte),
        cmocka_unit_test(attributes_of_a_set_have_no_order),
        cmocka_unit_test(order_of_rdns_counts),
        cmocka_unit_test(subtree_is_a_prefix_of_rdns),
        cmocka_unit_test(text_that_is_not_of_its_encoding_is_refused),
        cmocka_unit_test(values_of_types_that_names_do_not_have_are_refused),
        cmocka_unit_test(common_names_and_addresses_that_are_no_text_are_refused),
        cmocka_unit_test(broken_structure_is_refused),
        cmocka_unit_test(a_name_beyond_the_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
