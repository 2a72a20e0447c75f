/* Figures with three digits and a unit, at the edges between units, and what is no figure. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/figure_text.h"

struct row {
    double figure;
    const char *text;
};

typedef const char *(*figure_writer)(double figure, char memory[FIGURE_TEXT_SIZE]);

static void expect(figure_writer write, const struct row *rows, size_t count)
{
    char memory[FIGURE_TEXT_SIZE];
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(write(rows[i].figure, memory), rows[i].text);
    }
}

#define EXPECT(write, rows) expect((write), (rows), sizeof(rows) / sizeof((rows)[0]))

static void one_alone_is_no_plural(void **state)
{
    (void)state;
    assert_string_equal(figure_text_noun("1", "answer", "answers"), "answer");
    assert_string_equal(figure_text_noun("0", "answer", "answers"), "answers");
    assert_string_equal(figure_text_noun("1.2", "answer", "answers"), "answers");
    assert_string_equal(figure_text_noun("1k", "answer", "answers"), "answers");
}

static void counts_have_a_digit_behind_the_point_only_when_they_are_small(void **state)
{
    static const struct row rows[] = {
        {0, "0"},         {0.04, "0.0"},      {0.5, "0.5"},      {3, "3"},        {9.94, "9.9"},
        {9.96, "10"},     {152.4, "152"},     {999.4, "999"},    {999.6, "1000"}, {48200, "48200"},
        {99999, "99999"}, {100000, "100k"},   {1250000, "1.2M"}, {9.96e6, "10M"}, {999600, "1.0M"},
        {2.5e10, "25G"},  {1e18, "1000000T"},
    };
    (void)state;
    EXPECT(figure_text_count, rows);
}

static void what_is_no_count_is_nothing(void **state)
{
    static const struct row rows[] = {{-1, "0"}, {NAN, "0"}, {INFINITY, "0"}, {-INFINITY, "0"}};
    (void)state;
    EXPECT(figure_text_count, rows);
}

static void times_change_their_unit_at_a_second(void **state)
{
    static const struct row rows[] = {
        {0, "0.000 ms"},    {4.096e-06, "0.004 ms"}, {0.00021, "0.21 ms"},
        {0.0019, "1.9 ms"}, {0.0126, "13 ms"},       {0.9994, "999 ms"},
        {0.9996, "1.0 s"},  {1.94, "1.9 s"},         {12.4, "12 s"},
        {NAN, "-"},         {INFINITY, "-"},
    };
    (void)state;
    EXPECT(figure_text_time, rows);
}

static void sizes_are_in_powers_of_a_thousand(void **state)
{
    static const struct row rows[] = {
        {0, "0 B"},          {312, "312 B"}, {999.7, "1.0 kB"}, {1234567, "1.2 MB"},
        {16990208, "17 MB"}, {-5, "0 B"},    {NAN, "0 B"},      {5e12, "5.0 TB"},
    };
    (void)state;
    EXPECT(figure_text_size, rows);
}

static void ages_have_two_units(void **state)
{
    static const struct row rows[] = {
        {0, "0s"},         {59.9, "59s"},      {60, "1m 00s"}, {3599, "59m 59s"}, {7380, "2h 03m"},
        {86400, "1d 00h"}, {273600, "3d 04h"}, {-5, "0s"},     {NAN, "0s"},       {INFINITY, "0s"},
    };
    (void)state;
    EXPECT(figure_text_age, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone_is_no_plural),
        cmocka_unit_test(counts_have_a_digit_behind_the_point_only_when_they_are_small),
        cmocka_unit_test(what_is_no_count_is_nothing),
        cmocka_unit_test(times_change_their_unit_at_a_second),
        cmocka_unit_test(sizes_are_in_powers_of_a_thousand),
        cmocka_unit_test(ages_have_two_units),
    };
    return cmocka_run_group_tests_name("cli/figure_text", tests, NULL, NULL);
}
