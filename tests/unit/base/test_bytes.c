/* Views of bytes: comparing, cutting and reading them, above all where they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"

static void letters_of_either_case_are_equal_but_nothing_else_is(void **state)
{
    (void)state;
    assert_true(bytes_equal_ignoring_case(BYTES_OF("Content-LENGTH"), BYTES_OF("cOntent-length")));
    assert_true(bytes_equal_ignoring_case((struct bytes){0}, BYTES_OF("")));
    assert_false(bytes_equal_ignoring_case(BYTES_OF("a"), BYTES_OF("ab")));
    /* Neighbours of the letters, 32 apart like the letters themselves. */
    assert_false(bytes_equal_ignoring_case(BYTES_OF("@"), BYTES_OF("`")));
    assert_false(bytes_equal_ignoring_case(BYTES_OF("["), BYTES_OF("{")));
    assert_false(bytes_equal_ignoring_case(BYTES_OF("\xC4"), BYTES_OF("\xE4")));
}

static void equality_looks_at_every_byte_and_at_nothing_of_an_empty_view(void **state)
{
    (void)state;
    assert_true(bytes_equal((struct bytes){0}, bytes_from("x", 0)));
    assert_true(bytes_equal(bytes_from("a\0b", 3), bytes_from("a\0b", 3)));
    assert_false(bytes_equal(bytes_from("a\0b", 3), bytes_from("a\0c", 3)));
    assert_false(bytes_equal(BYTES_OF("a"), BYTES_OF("A")));
}

static void a_byte_that_is_not_there_is_found_at_the_end(void **state)
{
    (void)state;
    assert_int_equal(bytes_find(BYTES_OF("host:443"), ':'), 4);
    assert_int_equal(bytes_find(BYTES_OF("host"), ':'), 4);
    assert_int_equal(bytes_find((struct bytes){0}, ':'), 0);
    assert_int_equal(bytes_find(bytes_from("a:b", 1), ':'), 1);
    assert_int_equal(bytes_find(bytes_from("\xFF", 1), 0xFF), 0);
}

static void a_slice_never_leaves_what_it_is_cut_from(void **state)
{
    static const struct {
        size_t start, length, expected;
    } rows[] = {
        {0, 0, 0}, {0, 5, 5},        {0, 6, 5},        {4, 1, 1},        {4, 2, 1},
        {5, 1, 0}, {6, 1, 0},        {0, SIZE_MAX, 5}, {4, SIZE_MAX, 1}, {SIZE_MAX, SIZE_MAX, 0},
        {2, 2, 2}, {SIZE_MAX, 0, 0},
    };
    struct bytes whole = BYTES_OF("01234");
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes slice = bytes_slice(whole, rows[i].start, rows[i].length);
        assert_int_equal(slice.length, rows[i].expected);
        if (slice.length > 0) {
            assert_ptr_equal(slice.at, whole.at + rows[i].start);
        }
    }
    assert_int_equal(bytes_slice((struct bytes){0}, 0, 1).length, 0);
}

static void spaces_and_tabs_are_trimmed_and_other_blanks_are_not(void **state)
{
    (void)state;
    assert_true(bytes_equal(bytes_trim(BYTES_OF(" \t a b\t ")), BYTES_OF("a b")));
    assert_true(bytes_equal(bytes_trim(BYTES_OF("\va\r")), BYTES_OF("\va\r")));
    assert_true(bytes_equal(bytes_trim(BYTES_OF("\xA0")), BYTES_OF("\xA0")));
    assert_int_equal(bytes_trim(BYTES_OF(" \t \t")).length, 0);
    assert_int_equal(bytes_trim((struct bytes){0}).length, 0);
}

static void a_number_is_read_up_to_its_maximum(void **state)
{
    static const struct {
        const char *text;
        uint64_t maximum, expected;
    } rows[] = {
        {"0", 0, 0},
        {"599", 599, 599},
        {"9", 9, 9},
        {"000000000000000000000000000007", 9, 7},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX},
        {"9223372036854775807", INT64_MAX, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t number = 1;
        assert_true(bytes_to_number(bytes_from_string(rows[i].text), rows[i].maximum, &number));
        assert_true(number == rows[i].expected);
    }
}

static void what_is_no_number_or_too_large_leaves_the_output_alone(void **state)
{
    static const struct {
        const char *text;
        uint64_t maximum;
    } rows[] = {
        {"", 9},     {"-1", 9},    {"+1", 9},    {" 1", 9},
        {"1 ", 9},   {"0x1", 99},  {"1.0", 99},  {"1e1", 99},
        {"1", 0},    {"10", 9},    {"600", 599}, {"18446744073709551616", UINT64_MAX},
        {":", 99},   {"/", 99},    {"5", 4},     {"99999999999999999999999", UINT64_MAX},
        {"1,1", 99}, {"\xB2", 99},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t number = 77;
        assert_false(bytes_to_number(bytes_from_string(rows[i].text), rows[i].maximum, &number));
        assert_int_equal(number, 77);
    }
    uint64_t number = 77;
    assert_false(bytes_to_number(bytes_from("1\0", 2), 99, &number));
}

static void a_reader_yields_big_endian_numbers_and_views(void **state)
{
    struct bytes_reader reader =
        bytes_reader_over(BYTES_OF("\xFF\x80\x01\x01\x02\x03\xDE\xAD\xBE\xEFtail"));
    (void)state;
    assert_int_equal(bytes_reader_u8(&reader), 0xFF);
    assert_int_equal(bytes_reader_u16(&reader), 0x8001);
    assert_int_equal(bytes_reader_u24(&reader), 0x010203);
    assert_int_equal(bytes_reader_u32(&reader), 0xDEADBEEF);
    assert_int_equal(bytes_reader_left(&reader), 4);
    assert_true(bytes_equal(bytes_reader_take(&reader, 4), BYTES_OF("tail")));
    assert_int_equal(bytes_reader_take(&reader, 0).length, 0);
    assert_false(reader.failed);
}

static void a_reader_that_ran_out_stays_failed_and_yields_zeros(void **state)
{
    struct bytes_reader reader = bytes_reader_over(BYTES_OF("\xFF\xFF\xFF"));
    (void)state;
    assert_int_equal(bytes_reader_u32(&reader), 0);
    assert_true(reader.failed);
    /* Three bytes would be there: none of them is given out any more. */
    assert_int_equal(bytes_reader_u8(&reader), 0);
    assert_int_equal(bytes_reader_take(&reader, 1).length, 0);
    assert_null(bytes_reader_take(&reader, 0).at);
}

static void a_reader_takes_no_length_that_would_wrap(void **state)
{
    struct bytes_reader reader = bytes_reader_over(BYTES_OF("abc"));
    (void)state;
    assert_int_equal(bytes_reader_take(&reader, SIZE_MAX).length, 0);
    assert_true(reader.failed);
}

static void a_reader_over_nothing_fails_at_the_first_byte(void **state)
{
    struct bytes_reader reader = bytes_reader_over((struct bytes){0});
    (void)state;
    assert_int_equal(bytes_reader_left(&reader), 0);
    assert_int_equal(bytes_reader_u8(&reader), 0);
    assert_true(reader.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_either_case_are_equal_but_nothing_else_is),
        cmocka_unit_test(equality_looks_at_every_byte_and_at_nothing_of_an_empty_view),
        cmocka_unit_test(a_byte_that_is_not_there_is_found_at_the_end),
        cmocka_unit_test(a_slice_never_leaves_what_it_is_cut_from),
        cmocka_unit_test(spaces_and_tabs_are_trimmed_and_other_blanks_are_not),
        cmocka_unit_test(a_number_is_read_up_to_its_maximum),
        cmocka_unit_test(what_is_no_number_or_too_large_leaves_the_output_alone),
        cmocka_unit_test(a_reader_yields_big_endian_numbers_and_views),
        cmocka_unit_test(a_reader_that_ran_out_stays_failed_and_yields_zeros),
        cmocka_unit_test(a_reader_takes_no_length_that_would_wrap),
        cmocka_unit_test(a_reader_over_nothing_fails_at_the_first_byte),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
