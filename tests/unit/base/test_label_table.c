/* Labels: a number for a name, the same for ever, and one for all that find no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/label_table.h"

static void a_name_keeps_its_number(void **state)
{
    (void)state;
    static struct label_table table;
    assert_int_equal(label_table_add(&table, "devices"), 0);
    assert_int_equal(label_table_add(&table, "people"), 1);
    assert_int_equal(label_table_add(&table, "devices"), 0);
    assert_int_equal(label_table_find(&table, "people"), 1);
    assert_int_equal(label_table_count(&table), 2);
    assert_string_equal(label_table_name(&table, 1), "people");
}

static void unknown_names_are_others(void **state)
{
    (void)state;
    static struct label_table table;
    (void)label_table_add(&table, "devices");
    assert_int_equal(label_table_find(&table, "device"), LABEL_OTHER);
    assert_int_equal(label_table_find(&table, ""), LABEL_OTHER);
    assert_string_equal(label_table_name(&table, LABEL_OTHER), "other");
}

static void names_without_room_are_others(void **state)
{
    (void)state;
    static struct label_table table;
    char name[LABEL_NAME_BYTES_MAX + 2];
    for (size_t i = 0; i < LABEL_OTHER; i++) {
        (void)snprintf(name, sizeof(name), "profile-%zu", i);
        assert_int_equal(label_table_add(&table, name), i);
    }
    assert_int_equal(label_table_add(&table, "one more"), LABEL_OTHER);
    assert_int_equal(label_table_add(&table, "profile-5"), 5);
    assert_int_equal(label_table_count(&table), LABEL_OTHER);
}

static void names_that_are_too_long_are_others(void **state)
{
    (void)state;
    static struct label_table table;
    char name[LABEL_NAME_BYTES_MAX + 2] = {0};
    memset(name, 'x', LABEL_NAME_BYTES_MAX);
    assert_int_equal(label_table_add(&table, name), 0);
    name[LABEL_NAME_BYTES_MAX] = 'x';
    assert_int_equal(label_table_add(&table, name), LABEL_OTHER);
    assert_int_equal(label_table_count(&table), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_keeps_its_number),
        cmocka_unit_test(unknown_names_are_others),
        cmocka_unit_test(names_without_room_are_others),
        cmocka_unit_test(names_that_are_too_long_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
