/* The DER reader: what is the one encoding is read, every other encoding of the same is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/der.h"

static void short_and_long_lengths_are_read(void **state)
{
    (void)state;
    uint8_t bytes[300] = {0x04, 0x82, 0x01, 0x00};
    struct bytes_reader reader = der_over(bytes_from(bytes, 4 + 256));
    struct der_element element;
    assert_true(der_next(&reader, &element));
    assert_int_equal(element.content.length, 256);
    assert_int_equal(element.whole.length, 260);
    assert_true(der_is_finished(&reader));
}

static bool is_read(struct bytes bytes)
{
    struct bytes_reader reader = der_over(bytes);
    struct der_element element;
    bool is_good = der_next(&reader, &element);
    assert_int_equal(is_good, !reader.failed);
    return is_good && der_is_finished(&reader);
}

static void lengths_that_are_not_minimal_are_refused(void **state)
{
    (void)state;
    assert_true(is_read(BYTES_OF("\x04\x01\x00")));
    assert_false(is_read(BYTES_OF("\x04\x81\x01\x00")));
    assert_false(is_read(BYTES_OF("\x04\x82\x00\x01\x00")));
    assert_false(is_read(BYTES_OF("\x04\x83\x00\x00\x01\x00")));
    assert_false(is_read(BYTES_OF("\x04\x84\x00\x00\x00\x01\x00")));
}

static void indefinite_length_and_long_tags_are_refused(void **state)
{
    (void)state;
    assert_false(is_read(BYTES_OF("\x30\x80\x00\x00")));
    assert_false(is_read(BYTES_OF("\x1F\x01\x00")));
    assert_false(is_read(BYTES_OF("\xBF\x22\x01\x00")));
    assert_false(is_read(BYTES_OF("\x00\x00")));
}

static void a_length_past_the_end_fails_and_stays_failed(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x04\x05\x01\x02\x05\x00"));
    struct der_element element;
    assert_false(der_next(&reader, &element));
    assert_true(reader.failed);
    assert_int_equal(bytes_reader_left(&reader), 0);
    assert_false(der_next(&reader, &element));
    assert_false(is_read(BYTES_OF("")));
    assert_false(is_read(BYTES_OF("\x30")));
}

static void another_tag_than_expected_fails(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x05\x00"));
    assert_int_equal(der_take(&reader, DER_SEQUENCE).length, 0);
    assert_true(reader.failed);
}

static void bytes_left_over_inside_fail_the_outer_reader(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x30\x04\x05\x00\x05\x00"));
    struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
    (void)der_take(&inner, DER_NULL);
    der_leave(&reader, &inner);
    assert_true(reader.failed);
}

static bool integer_is_read(struct bytes bytes)
{
    struct bytes_reader reader = der_over(bytes);
    (void)der_take_integer(&reader);
    return der_is_finished(&reader);
}

static void integers_are_minimal(void **state)
{
    (void)state;
    assert_true(integer_is_read(BYTES_OF("\x02\x01\x00")));
    assert_true(integer_is_read(BYTES_OF("\x02\x02\x00\x80")));
    assert_true(integer_is_read(BYTES_OF("\x02\x01\x80")));
    assert_false(integer_is_read(BYTES_OF("\x02\x00")));
    assert_false(integer_is_read(BYTES_OF("\x02\x02\x00\x7F")));
    assert_false(integer_is_read(BYTES_OF("\x02\x02\xFF\x80")));
}

static void small_numbers_keep_their_bounds(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x02\x02\x01\x00"));
    assert_int_equal(der_take_small_number(&reader, DER_INTEGER, 256), 256);
    assert_true(der_is_finished(&reader));
    reader = der_over(BYTES_OF("\x02\x02\x01\x00"));
    assert_int_equal(der_take_small_number(&reader, DER_INTEGER, 255), 0);
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x02\x01\xFF"));
    (void)der_take_small_number(&reader, DER_INTEGER, 255);
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x02\x06\x01\x00\x00\x00\x00\x00"));
    (void)der_take_small_number(&reader, DER_INTEGER, UINT32_MAX);
    assert_true(reader.failed);
}

static void booleans_have_two_values(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x01\x01\xFF"));
    assert_true(der_take_flag(&reader));
    reader = der_over(BYTES_OF("\x01\x01\x01"));
    assert_false(der_take_flag(&reader));
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x05\x00"));
    assert_false(der_take_flag(&reader));
    assert_false(reader.failed);
}

static void object_identifiers_are_checked(void **state)
{
    (void)state;
    assert_true(der_is_oid(BYTES_OF("\x55\x1D\x0F")));
    assert_true(der_is_oid(BYTES_OF("\x81\x00")));
    assert_false(der_is_oid(BYTES_OF("")));
    assert_false(der_is_oid(BYTES_OF("\x55\x80\x01")));
    assert_false(der_is_oid(BYTES_OF("\x55\x81")));
    assert_false(der_is_oid(BYTES_OF("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81"
                                     "\x81\x81\x81\x81\x01")));
}

static void bit_strings_are_checked(void **state)
{
    (void)state;
    struct bytes_reader reader = der_over(BYTES_OF("\x03\x02\x07\x80"));
    assert_int_equal(der_take_named_bits(&reader, DER_BIT_STRING), 0x8000);
    assert_true(der_is_finished(&reader));
    reader = der_over(BYTES_OF("\x03\x03\x00\x01\x80"));
    assert_int_equal(der_take_named_bits(&reader, DER_BIT_STRING), 0x0180);
    reader = der_over(BYTES_OF("\x03\x02\x07\x81"));
    (void)der_take_named_bits(&reader, DER_BIT_STRING);
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x03\x02\x08\x00"));
    (void)der_take_named_bits(&reader, DER_BIT_STRING);
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x03\x03\x01\xFF\xFE"));
    (void)der_take_whole_bytes(&reader);
    assert_true(reader.failed);
    reader = der_over(BYTES_OF("\x03\x00"));
    (void)der_take_whole_bytes(&reader);
    assert_true(reader.failed);
}

struct time_case {
    struct bytes der;
    bool is_good;
    int64_t seconds;
};

static void times_are_those_of_rfc_5280(void **state)
{
    (void)state;
    static const struct time_case cases[] = {
        {BYTES_OF("\x17\x0D"
                  "700101000000Z"),
         true, 0},
        {BYTES_OF("\x17\x0D"
                  "491231235959Z"),
         true, 2524607999},
        {BYTES_OF("\x17\x0D"
                  "500101000000Z"),
         true, -631152000},
        {BYTES_OF("\x17\x0D"
                  "240229120000Z"),
         true, 1709208000},
        {BYTES_OF("\x17\x0D"
                  "230229120000Z"),
         false, 0},
        {BYTES_OF("\x17\x0D"
                  "240001000000Z"),
         false, 0},
        {BYTES_OF("\x17\x0D"
                  "240101240000Z"),
         false, 0},
        {BYTES_OF("\x17\x0D"
                  "240101000060Z"),
         false, 0},
        {BYTES_OF("\x17\x0D"
                  "2401010000 0Z"),
         false, 0},
        {BYTES_OF("\x17\x0B"
                  "2401010000Z"),
         false, 0},
        {BYTES_OF("\x17\x11"
                  "240101000000+0000"),
         false, 0},
        {BYTES_OF("\x18\x0F"
                  "20500101000000Z"),
         true, 2524608000},
        {BYTES_OF("\x18\x0F"
                  "99991231235959Z"),
         true, 253402300799},
        {BYTES_OF("\x18\x0F"
                  "20491231235959Z"),
         false, 0},
        {BYTES_OF("\x18\x11"
                  "20500101000000.1Z"),
         false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes_reader reader = der_over(cases[i].der);
        int64_t seconds = der_take_time(&reader);
        assert_int_equal(der_is_finished(&reader), cases[i].is_good);
        assert_true(!cases[i].is_good || seconds == cases[i].seconds);
    }
}

static void generalized_times_of_any_year_are_read(void **state)
{
    (void)state;
    static const struct time_case cases[] = {
        {BYTES_OF("\x18\x0F"
                  "20250615000000Z"),
         true, 1749945600},
        {BYTES_OF("\x18\x0F"
                  "19691231235959Z"),
         true, -1},
        {BYTES_OF("\x18\x0F"
                  "99991231235959Z"),
         true, 253402300799},
        {BYTES_OF("\x17\x0D"
                  "250615000000Z"),
         false, 0},
        {BYTES_OF("\x18\x11"
                  "20250615000000.1Z"),
         false, 0},
        {BYTES_OF("\x18\x0E"
                  "20250615000000"),
         false, 0},
        {BYTES_OF("\x18\x0F"
                  "20250229000000Z"),
         false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes_reader reader = der_over(cases[i].der);
        int64_t seconds = der_take_generalized_time(&reader);
        assert_int_equal(der_is_finished(&reader), cases[i].is_good);
        assert_true(!cases[i].is_good || seconds == cases[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_and_long_lengths_are_read),
        cmocka_unit_test(lengths_that_are_not_minimal_are_refused),
        cmocka_unit_test(indefinite_length_and_long_tags_are_refused),
        cmocka_unit_test(a_length_past_the_end_fails_and_stays_failed),
        cmocka_unit_test(another_tag_than_expected_fails),
        cmocka_unit_test(bytes_left_over_inside_fail_the_outer_reader),
        cmocka_unit_test(integers_are_minimal),
        cmocka_unit_test(small_numbers_keep_their_bounds),
        cmocka_unit_test(booleans_have_two_values),
        cmocka_unit_test(object_identifiers_are_checked),
        cmocka_unit_test(bit_strings_are_checked),
        cmocka_unit_test(times_are_those_of_rfc_5280),
        cmocka_unit_test(generalized_times_of_any_year_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
