/* Names, OIDs and times as text: the field's own format, and never a byte that a header cannot
 * hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/name_text.h"
#include "certificate_builder.h"

static char memory[8192];

static void assert_text(const struct text *text, const char *expected)
{
    assert_false(text->overflowed);
    assert_int_equal(text->length, strlen(expected));
    assert_memory_equal(text->at, expected, text->length);
}

static void assert_name(struct built *name, const char *expected)
{
    struct text text = text_over(memory, sizeof(memory));
    built_wrap(name, 0, 0x30);
    name_text_append_rfc2253(built_bytes(name), &text);
    assert_text(&text, expected);
}

static void rdns_are_printed_last_first(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BYTES_OF("\x55\x04\x06"), 0x13, BYTES_OF("US"));
    built_rdn(&name, BYTES_OF("\x55\x04\x08"), 0x0C, BYTES_OF("NY"));
    built_rdn(&name, BUILDER_O, 0x0C, BYTES_OF("Contoso"));
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("FOO"));
    built_rdn(&name, BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01"), 0x16, BYTES_OF("a@b.c"));
    assert_name(&name, "emailAddress=a@b.c,CN=FOO,O=Contoso,ST=NY,C=US");
}

static void empty_name_is_empty_text(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    assert_name(&name, "");
}

static void special_characters_are_escaped(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF(" #a,b+c\"d\\e<f>g;h=i "));
    assert_name(&name, "CN=\\ #a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i\\ ");
    name.length = 0;
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("#a"));
    assert_name(&name, "CN=\\#a");
}

static void line_ends_and_controls_never_come_out(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("a\r\nX-Admin: 1\0\x7F"));
    assert_name(&name, "CN=a\\0D\\0AX-Admin: 1\\00\\7F");
}

static void text_beyond_ascii_is_escaped_utf8(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_CN, 0x1E, BYTES_OF("\0B\0\xFC\x20\xAC"));
    built_rdn(&name, BUILDER_O, 0x14, BYTES_OF("\xE9"));
    built_rdn(&name, BUILDER_CN, 0x1C, BYTES_OF("\x00\x01\xF6\x00"));
    assert_name(&name, "CN=\\F0\\9F\\98\\80,O=\\C3\\A9,CN=B\\C3\\BC\\E2\\82\\AC");
}

static void unknown_types_are_printed_as_numbers(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BYTES_OF("\x2A\x03\x04"), 0x0C, BYTES_OF("abc"));
    built_rdn(&name, BUILDER_CN, 0x04, BYTES_OF("\xDE\xAD"));
    assert_name(&name, "CN=#0402DEAD,1.2.3.4=#0C03616263");
}

static void long_unknown_values_keep_their_der_header(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    uint8_t value[300] = {0};
    built_rdn(&name, BYTES_OF("\x2A\x03"), 0x04, bytes_from(value, 300));
    built_wrap(&name, 0, 0x30);
    struct text text = text_over(memory, sizeof(memory));
    name_text_append_rfc2253(built_bytes(&name), &text);
    assert_memory_equal(text.at, "1.2.3=#0482012C00", 17);
    assert_int_equal(text.length, 6 + 1 + 2 * 304);
}

static void attributes_of_a_set_are_joined(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    struct built attribute = {.length = 0};
    built_element(&attribute, 0x06, BYTES_OF("\x55\x04\x0B"));
    built_element(&attribute, 0x0C, BYTES_OF("A"));
    built_element(&name, 0x30, built_bytes(&attribute));
    attribute.length = 0;
    built_element(&attribute, 0x06, BUILDER_CN);
    built_element(&attribute, 0x0C, BYTES_OF("client"));
    built_element(&name, 0x30, built_bytes(&attribute));
    built_wrap(&name, 0, 0x31);
    assert_name(&name, "CN=client+OU=A");
}

static void last_common_name_counts_and_is_escaped(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    struct text text = text_over(memory, sizeof(memory));
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("first"));
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("Inc, \"x\"\n\\\xC3\xBC"));
    built_wrap(&name, 0, 0x30);
    name_text_append_common_name(built_bytes(&name), &text);
    assert_text(&text, "Inc, \"x\"\\0A\\5C\\C3\\BC");
}

static void oids_are_printed_in_full(void **state)
{
    (void)state;
    static const struct {
        struct bytes oid;
        const char *text;
    } cases[] = {
        {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D"), "1.2.840.113549"},
        {BYTES_OF("\x09\x92\x26"), "0.9.2342"},
        {BYTES_OF("\x88\x37"), "2.999"},
        {BYTES_OF("\x69\x83\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"), "2.25.36893488147419103231"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = text_over(memory, sizeof(memory));
        name_text_append_oid(cases[i].oid, &text);
        assert_text(&text, cases[i].text);
    }
}

static void times_are_printed_with_a_padded_day(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {1682868720, "Apr 30 15:32:00 2023 GMT"},   {0, "Jan  1 00:00:00 1970 GMT"},
        {-1, "Dec 31 23:59:59 1969 GMT"},           {1709208000, "Feb 29 12:00:00 2024 GMT"},
        {253402300799, "Dec 31 23:59:59 9999 GMT"}, {951782400, "Feb 29 00:00:00 2000 GMT"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text text = text_over(memory, sizeof(memory));
        name_text_append_time(cases[i].seconds, &text);
        assert_text(&text, cases[i].text);
    }
}

static void a_name_too_long_for_its_room_overflows(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    char small[8];
    struct text text = text_over(small, sizeof(small));
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("a\n\n\n\n"));
    built_wrap(&name, 0, 0x30);
    name_text_append_rfc2253(built_bytes(&name), &text);
    assert_true(text.overflowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rdns_are_printed_last_first),
        cmocka_unit_test(empty_name_is_empty_text),
        cmocka_unit_test(special_characters_are_escaped),
        cmocka_unit_test(line_ends_and_controls_never_come_out),
        cmocka_unit_test(text_beyond_ascii_is_escaped_utf8),
        cmocka_unit_test(unknown_types_are_printed_as_numbers),
        cmocka_unit_test(long_unknown_values_keep_their_der_header),
        cmocka_unit_test(attributes_of_a_set_are_joined),
        cmocka_unit_test(last_common_name_counts_and_is_escaped),
        cmocka_unit_test(oids_are_printed_in_full),
        cmocka_unit_test(times_are_printed_with_a_padded_day),
        cmocka_unit_test(a_name_too_long_for_its_room_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
