/* Counters and close reasons: every row printed once, under a word of its own, and summed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/counters.h"

#define FIGURE_COUNT (COUNTER_COUNT + GAUGE_COUNT + CLOSE_REASON_COUNT - 1 + VERDICT_REASON_COUNT)

static char *print(const struct counters *counters)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&printed, &length);
    assert_non_null(output);
    counters_print(counters, output);
    assert_int_equal(fclose(output), 0);
    return printed;
}

static void every_figure_is_printed_from_the_start_at_zero(void **state)
{
    static struct counters counters;
    char *printed = print(&counters);
    size_t line_count = 0;
    (void)state;
    for (char *line = strtok(printed, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char word[64];
        unsigned long long value = 1;
        assert_int_equal(sscanf(line, "counter %63s %llu", word, &value), 2);
        assert_true(value == 0);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(word));
        line_count++;
    }
    assert_int_equal(line_count, FIGURE_COUNT);
    free(printed);
}

static void no_two_figures_share_a_word(void **state)
{
    static struct counters counters;
    static char words[FIGURE_COUNT][64];
    char *printed = print(&counters);
    size_t count = 0;
    (void)state;
    for (char *line = strtok(printed, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_int_equal(sscanf(line, "counter %63s", words[count]), 1);
        for (size_t i = 0; i < count; i++) {
            assert_string_not_equal(words[i], words[count]);
        }
        count++;
    }
    free(printed);
}

static void the_figures_of_two_workers_are_added(void **state)
{
    static struct counters first;
    static struct counters second;
    static struct counters sum;
    (void)state;
    counters_add(&first, COUNTER_CONNECTIONS_ACCEPTED, 3);
    counters_count(&first, COUNTER_TUNNELS);
    counters_add(&second, COUNTER_CONNECTIONS_ACCEPTED, UINT64_C(1) << 40);
    counters_set(&first, GAUGE_BUFFERS_LENT, 7);
    counters_set(&first, GAUGE_BUFFERS_LENT, 5); /* a level, not a count */
    counters_set(&second, GAUGE_BUFFERS_LENT, 1);
    counters_add_to(&second.closed[CLOSE_DRAINING], 2);
    counters_add_to(&first.verdicts[VERDICT_REASON_COUNT - 1], 9);
    counters_add_to(&first.profile_verdicts[LABEL_OTHER][VERDICT_EXPIRED], 4);
    histogram_record(&first.timings[TIMING_REQUEST], 0, 5000);
    histogram_record(&second.timings[TIMING_REQUEST], 0, 7000);
    counters_sum(&sum, &first);
    counters_sum(&sum, &second);
    assert_true(sum.values[COUNTER_CONNECTIONS_ACCEPTED] == (UINT64_C(1) << 40) + 3);
    assert_int_equal(sum.values[COUNTER_TUNNELS], 1);
    assert_int_equal(sum.gauges[GAUGE_BUFFERS_LENT], 6);
    assert_int_equal(sum.closed[CLOSE_DRAINING], 2);
    assert_int_equal(sum.verdicts[VERDICT_REASON_COUNT - 1], 9);
    assert_int_equal(sum.profile_verdicts[LABEL_OTHER][VERDICT_EXPIRED], 4);
    assert_int_equal(histogram_count(&sum.timings[TIMING_REQUEST]), 2);
    assert_int_equal(sum.timings[TIMING_REQUEST].sum_ns, 12000);
    char *printed = print(&sum);
    assert_non_null(strstr(printed, "counter connections_accepted 1099511627779\n"));
    assert_non_null(strstr(printed, "counter buffers_lent 6\n"));
    assert_non_null(strstr(printed, "counter closed_draining 2\n"));
    free(printed);
}

static void counters_of_two_workers_never_share_a_cache_line(void **state)
{
    (void)state;
    assert_int_equal(_Alignof(struct counters) % 64, 0);
    assert_int_equal(sizeof(struct counters) % 64, 0);
}

static void every_close_reason_has_a_word_and_a_sentence(void **state)
{
    (void)state;
    for (enum close_reason reason = CLOSE_NONE; reason < CLOSE_REASON_COUNT; reason++) {
        const char *word = close_reason_word(reason);
        const char *text = close_reason_text(reason);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
        assert_true(strlen(word) > 0 && strlen(text) > 0 && text[strlen(text) - 1] != '.');
        for (enum close_reason other = CLOSE_NONE; other < reason; other++) {
            assert_string_not_equal(word, close_reason_word(other));
            assert_string_not_equal(text, close_reason_text(other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_is_printed_from_the_start_at_zero),
        cmocka_unit_test(no_two_figures_share_a_word),
        cmocka_unit_test(the_figures_of_two_workers_are_added),
        cmocka_unit_test(counters_of_two_workers_never_share_a_cache_line),
        cmocka_unit_test(every_close_reason_has_a_word_and_a_sentence),
    };
    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
