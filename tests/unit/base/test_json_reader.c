/* Finding values in JSON, and text that is none, cut anywhere or with any byte changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/json_reader.h"

static const char *const sample = "{\"tool\": \"sallyport-load\", \"n\": [1, {\"deep\": 2}, []], "
                                  "\"measures\": {\"rate\": 12.5e1,\n"
                                  " \"less\": -3, \"none\": null}, \"text\": \"a \\\"quote\\\" "
                                  "{[,\", \"empty\": {}, \"yes\": true}";

static double number_at(const char *path)
{
    double number = -1;
    assert_true(json_reader_find_number(bytes_from_string(sample), path, &number));
    return number;
}

static void values_are_found_by_their_path(void **state)
{
    struct bytes string;
    (void)state;
    assert_true(json_reader_is_object(bytes_from_string(sample)));
    assert_int_equal((int)number_at("measures.rate"), 125);
    assert_int_equal((int)number_at("measures.less"), -3);
    assert_int_equal((int)number_at("n.deep"), 2);
    assert_true(json_reader_find_string(bytes_from_string(sample), "tool", &string));
    assert_true(bytes_equal(string, BYTES_OF("sallyport-load")));
    assert_true(json_reader_find_string(bytes_from_string(sample), "text", &string));
    assert_true(bytes_equal(string, BYTES_OF("a \\\"quote\\\" {[,")));
}

static void what_is_not_there_or_of_another_kind_is_not_found(void **state)
{
    struct bytes text = bytes_from_string(sample);
    struct bytes string = {0};
    double number = 7;
    (void)state;
    assert_false(json_reader_find_number(text, "rate", &number));
    assert_false(json_reader_find_number(text, "measures", &number));
    assert_false(json_reader_find_number(text, "measures.none", &number));
    assert_false(json_reader_find_number(text, "yes", &number));
    assert_false(json_reader_find_number(text, "tool", &number));
    assert_false(json_reader_find_string(text, "measures.rate", &string));
    assert_int_equal((int)number, 7);
    assert_null(string.at);
}

static void what_is_no_object_is_told(void **state)
{
    static const char *const texts[] = {
        "",      " ",         "[]",         "1",          "\"a\"",       "{",
        "{]",    "{\"a\"}",   "{\"a\":}",   "{\"a\":1}}", "{\"a\":1} x", "{\"a\":1,,\"b\":2}",
        "{a:1}", "{\"a\":[}", "{\"a\":\"}", "{\"a\":1]",  "{\"a\" 1}",   "{\"a\":\"\n\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (json_reader_is_object(bytes_from_string(texts[i]))) {
            fail_msg("'%s' is taken for an object", texts[i]);
        }
    }
}

static void depth_and_path_are_bounded(void **state)
{
    char deep[400] = "{\"a\":";
    char longest[600] = "{\"";
    double number;
    (void)state;
    memset(deep + 5, '[', 100);
    memset(deep + 105, ']', 100);
    deep[205] = '}';
    assert_false(json_reader_is_object(bytes_from_string(deep)));
    memset(longest + 2, 'k', 400);
    memcpy(longest + 402, "\":1}", 5);
    assert_false(json_reader_is_object(bytes_from_string(longest)));
    assert_false(json_reader_find_number(bytes_from_string(longest), "k", &number));
}

static void values_come_one_after_another_with_their_places(void **state)
{
    static const char text[] = "{\"a\": [{\"b\": [1, 2]}, {}, {\"b\": [\"x\", 3], \"c\": true}]}";
    static const struct {
        const char *path;
        const char *text;
        size_t outer;
        size_t inner;
    } expected[] = {
        {"a.b", "1", 0, 0}, {"a.b", "2", 0, 1},    {"a.b", "x", 2, 0},
        {"a.b", "3", 2, 1}, {"a.c", "true", 2, 0},
    };
    struct json_reader reader = json_reader_over(bytes_from_string(text));
    struct json_value value;
    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(json_reader_next(&reader, &value));
        assert_true(bytes_equal(value.path, bytes_from_string(expected[i].path)));
        assert_true(bytes_equal(value.text, bytes_from_string(expected[i].text)));
        assert_int_equal(json_reader_position(&reader, 0), expected[i].outer);
        assert_int_equal(json_reader_position(&reader, 1), expected[i].inner);
        assert_int_equal(json_reader_position(&reader, 2), 0);
    }
    assert_false(json_reader_next(&reader, &value));
    assert_true(json_reader_is_whole(&reader));
}

static void a_mistake_ends_the_reading(void **state)
{
    struct json_reader reader = json_reader_over(bytes_from_string("{\"a\": 1, \"b\"; 2}"));
    struct json_value value;
    (void)state;
    assert_true(json_reader_next(&reader, &value));
    assert_false(json_reader_next(&reader, &value));
    assert_false(json_reader_next(&reader, &value));
    assert_false(json_reader_is_whole(&reader));
}

static void strings_are_given_as_they_are_meant(void **state)
{
    static const struct {
        const char *written;
        const char *meant;
    } rows[] = {
        {"plain", "plain"},
        {"a\\\"b\\\\c\\/d", "a\"b\\c/d"},
        {"\\n\\t\\b", "\n\t\b"},
        {"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC"},
        {"\\ud83d\\ude00", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\\u12", "\xEF\xBF\xBD"},
        {"\\uzzzz", "\xEF\xBF\xBDzzz"},
        {"\\q\\", "q\\"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char memory[64];
        struct text text = text_over(memory, sizeof(memory));
        json_reader_append_string(&text, bytes_from_string(rows[i].written));
        assert_string_equal(text_terminate(&text), rows[i].meant);
    }
}

/* On the heap and to the byte, so that a sanitizer sees a read behind the end. */
static void look_at_copy(const char *text, size_t length)
{
    char *copy = malloc(length == 0 ? 1 : length);
    struct bytes string;
    double number;
    assert_non_null(copy);
    memcpy(copy, text, length);
    (void)json_reader_is_object(bytes_from(copy, length));
    (void)json_reader_find_number(bytes_from(copy, length), "measures.rate", &number);
    (void)json_reader_find_string(bytes_from(copy, length), "text", &string);
    free(copy);
}

static void any_damage_is_survived(void **state)
{
    static const char bytes[] = "\"{}[],:\\ 0e-\0\xFF";
    char damaged[512];
    size_t length = strlen(sample);
    (void)state;
    for (size_t at = 0; at <= length; at++) {
        look_at_copy(sample, at);
        assert_false(at < length && json_reader_is_object(bytes_from(sample, at)));
        for (size_t i = 0; at < length && i < sizeof(bytes); i++) {
            memcpy(damaged, sample, length);
            damaged[at] = bytes[i];
            look_at_copy(damaged, length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_their_path),
        cmocka_unit_test(what_is_not_there_or_of_another_kind_is_not_found),
        cmocka_unit_test(what_is_no_object_is_told),
        cmocka_unit_test(depth_and_path_are_bounded),
        cmocka_unit_test(values_come_one_after_another_with_their_places),
        cmocka_unit_test(a_mistake_ends_the_reading),
        cmocka_unit_test(strings_are_given_as_they_are_meant),
        cmocka_unit_test(any_damage_is_survived),
    };
    return cmocka_run_group_tests_name("base/json_reader", tests, NULL, NULL);
}
