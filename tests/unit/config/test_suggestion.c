/* "Did you mean" finds typing mistakes, and keeps quiet about words that have nothing in common. */
#include "loaded_config.h"

#include "config/suggestion.h"

static const char *suggest(const char *word, const char *first, const char *second)
{
    struct suggestion suggestion = suggestion_for(word);
    suggestion_consider(&suggestion, first);
    suggestion_consider(&suggestion, second);
    return suggestion.best == NULL ? "nothing" : suggestion.best;
}

static void one_mistake_is_forgiven(void **state)
{
    (void)state;
    assert_string_equal(suggest("tiemout", "timeout", "server"), "timeout");
    assert_string_equal(suggest("timeou", "server", "timeout"), "timeout");
    assert_string_equal(suggest("timeoutt", "server", "timeout"), "timeout");
    assert_string_equal(suggest("tomeout", "server", "timeout"), "timeout");
    assert_string_equal(suggest("no", "on", "off"), "on");
}

static void case_does_not_count(void **state)
{
    (void)state;
    assert_string_equal(suggest("STRICT", "off", "strict"), "strict");
}

static void nearest_wins_and_first_of_equals(void **state)
{
    (void)state;
    assert_string_equal(suggest("serve", "server", "servers"), "server");
    assert_string_equal(suggest("serveX", "servea", "serveb"), "servea");
}

static void strangers_are_not_suggested(void **state)
{
    (void)state;
    assert_string_equal(suggest("required", "strict", "off"), "nothing");
    assert_string_equal(suggest("", "a", "b"), "nothing");
    assert_string_equal(suggest("ab", "cd", "xyz"), "nothing");
}

static void overlong_words_are_left_alone(void **state)
{
    (void)state;
    char word[80];
    memset(word, 'a', sizeof(word));
    word[65] = '\0';
    assert_string_equal(suggest(word, word, "b"), "nothing");
    word[64] = '\0';
    assert_string_equal(suggest(word, word, "b"), word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_mistake_is_forgiven),
        cmocka_unit_test(case_does_not_count),
        cmocka_unit_test(nearest_wins_and_first_of_equals),
        cmocka_unit_test(strangers_are_not_suggested),
        cmocka_unit_test(overlong_words_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
