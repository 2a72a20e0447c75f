/* The table itself: what the parsers rely on holds for every row. */
#include "loaded_config.h"

#include "../../../src/config/schema.h"

static void keys_are_unique_in_their_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        assert_ptr_equal(schema_find(row->section, row->key), row);
        assert_true(row->section < SECTION_COUNT);
        assert_true(row->kind < SETTING_KIND_COUNT);
        assert_true(strlen(row->key) < 50);
    }
}

static void rows_are_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        bool has_words = row->kind == SETTING_WORD || row->kind == SETTING_WORD_TEXT ||
                         row->kind == SETTING_WORD_FLAG || row->kind == SETTING_WORD_SET ||
                         row->kind == SETTING_WORD_LIST;
        assert_int_equal(has_words, row->words != NULL);
        assert_true(row->times_max >= 1);
        assert_true(row->count_field == 0 || row->times_max > 1);
        assert_true(row->field < schema_sections[row->section].size_bytes);
        assert_false(row->is_required && row->default_text != NULL);
        assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] != '.');
        if (row->kind == SETTING_DURATION || row->kind == SETTING_COUNT) {
            assert_true(row->minimum < row->maximum && row->maximum <= UINT32_MAX);
            assert_non_null(row->default_text);
        }
        if (row->kind == SETTING_REFERENCE) {
            assert_string_equal(schema_sections[row->minimum].kind, row->key);
        }
    }
}

static void each_row_has_a_place_of_its_own_in_a_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_setting_count; i++) {
        struct config_setting_set set = {0};
        schema_put_in(&set, &schema_settings[i]);
        for (size_t j = 0; j < schema_setting_count; j++) {
            assert_int_equal(schema_is_in(&set, &schema_settings[j]), i == j);
        }
    }
}

static void sections_are_found_by_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        assert_int_equal(schema_find_section(schema_sections[i].kind), i);
    }
    assert_int_equal(schema_find_section("Gateway"), SECTION_COUNT);
    assert_null(schema_find(SECTION_GATEWAY, "address"));
}

static void targets_lie_in_their_arrays(void **state)
{
    (void)state;
    struct config_backend backends[2] = {0};
    struct config config = {.backends = backends, .backend_count = 2};
    assert_int_equal(schema_target_count(SECTION_BACKEND, &config), 2);
    assert_ptr_equal(schema_target(SECTION_BACKEND, &config, 1), &backends[1]);
    assert_int_equal(schema_target_count(SECTION_GATEWAY, &config), 1);
    assert_ptr_equal(schema_target(SECTION_GATEWAY, &config, 0), &config.gateway);
    assert_int_equal(schema_target_count(SECTION_LISTENER, &config), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_unique_in_their_section),
        cmocka_unit_test(rows_are_consistent),
        cmocka_unit_test(each_row_has_a_place_of_its_own_in_a_set),
        cmocka_unit_test(sections_are_found_by_kind),
        cmocka_unit_test(targets_lie_in_their_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
