/* The command line: what it becomes, and what is said of each mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "load/limit.h"
#include "load/mode.h"
#include "load/option_table.h"
#include "load/options.h"
#include "load/options_help.h"

#define WORDS_MAX 24
#define URL       "https://127.0.0.1:8443/"

static struct plan plan;
static char message[OPTIONS_MESSAGE_SIZE];

/* Words with single spaces between them. */
static enum options_answer read_line(const char *line)
{
    static char memory[1024];
    char *words[WORDS_MAX + 1] = {"sallyport-load"};
    int count = 1;
    message[0] = '\0';
    (void)snprintf(memory, sizeof(memory), "%s", line);
    for (char *at = memory; at != NULL && *at != '\0' && count < WORDS_MAX;) {
        char *word = strsep(&at, " ");
        words[count++] = word;
    }
    return options_read(count, words, &plan, message);
}

static void expect_refused(const char *line, const char *part)
{
    if (read_line(line) != OPTIONS_WRONG || strstr(message, part) == NULL) {
        fail_msg("'%s': '%s' lacks '%s'", line, message, part);
    }
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    assert_int_equal(read_line("handshake " URL), OPTIONS_RUN);
    assert_int_equal(plan.mode, MODE_HANDSHAKE);
    assert_string_equal(plan.url, URL);
    assert_int_equal(plan.connection_count, 8);
    assert_int_equal(plan.thread_count, 1);
    assert_int_equal(plan.duration_ns, 10000000000);
    assert_int_equal(plan.warmup_ns, 1000000000);
    assert_int_equal(plan.rate, 0);
    assert_null(plan.certificate);
    assert_false(plan.wants_json);
    assert_false(plan.limits_errors);
}

static void options_stand_before_between_and_behind_the_words(void **state)
{
    (void)state;
    assert_int_equal(read_line("-c 100 resume -t4 " URL " --rate=2k -d 500ms"), OPTIONS_RUN);
    assert_int_equal(plan.mode, MODE_RESUME);
    assert_int_equal(plan.connection_count, 100);
    assert_int_equal(plan.thread_count, 4);
    assert_int_equal(plan.rate, 2000);
    assert_int_equal(plan.duration_ns, 500000000);
}

static void every_limit_has_its_place(void **state)
{
    (void)state;
    assert_int_equal(read_line("request --max-p50 1ms --max-p90 2ms --max-p99 5ms --max-p999 10ms "
                               "--max-latency 1s --min-rate 10k --max-errors 0 " URL),
                     OPTIONS_RUN);
    assert_int_equal(plan.latency_max_ns[LIMIT_P50], 1000000);
    assert_int_equal(plan.latency_max_ns[LIMIT_P90], 2000000);
    assert_int_equal(plan.latency_max_ns[LIMIT_P99], 5000000);
    assert_int_equal(plan.latency_max_ns[LIMIT_P999], 10000000);
    assert_int_equal(plan.latency_max_ns[LIMIT_MOST], 1000000000);
    assert_int_equal(plan.rate_min, 10000);
    assert_true(plan.limits_errors);
}

static void a_run_of_a_number_begins_at_once_and_has_no_end_in_time(void **state)
{
    (void)state;
    assert_int_equal(read_line("handshake -n 10 " URL), OPTIONS_RUN);
    assert_int_equal(plan.warmup_ns, 0);
    assert_true(plan.duration_ns >= 3600000000000);
    assert_int_equal(read_line("handshake -n 10 -d 2s --warmup 1s " URL), OPTIONS_RUN);
    assert_int_equal(plan.warmup_ns, 1000000000);
    assert_int_equal(plan.duration_ns, 2000000000);
}

static void json_is_a_flag_or_names_a_file(void **state)
{
    (void)state;
    assert_int_equal(read_line("idle --json " URL), OPTIONS_RUN);
    assert_true(plan.wants_json);
    assert_null(plan.json_path);
    assert_int_equal(read_line("idle --json=out.json " URL), OPTIONS_RUN);
    assert_string_equal(plan.json_path, "out.json");
}

static void header_fields_add_up(void **state)
{
    (void)state;
    assert_int_equal(read_line("request -H A:1 --header B:2 " URL), OPTIONS_RUN);
    assert_int_equal(plan.fields.count, 2);
    assert_string_equal(plan.fields.at[1], "B:2");
}

static void help_and_version_need_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(read_line("--help"), OPTIONS_HELP);
    assert_int_equal(read_line("handshake -h"), OPTIONS_HELP);
    assert_int_equal(read_line("--version"), OPTIONS_VERSION);
    assert_int_equal(read_line("--manual"), OPTIONS_MANUAL);
}

static void a_comparison_takes_two_files(void **state)
{
    (void)state;
    assert_int_equal(read_line("--compare a.json b.json --max-regression 33"), OPTIONS_RUN);
    assert_true(plan.compares);
    assert_string_equal(plan.compared[1], "b.json");
    assert_int_equal(plan.regression_max_percent, 33);
    expect_refused("--compare a.json", "two result files");
    expect_refused("--compare a.json b.json c.json", "unexpected argument c.json");
}

static void a_word_too_few_or_too_many_is_told(void **state)
{
    (void)state;
    expect_refused("", "the mode is missing");
    expect_refused("handshake", "the URL is missing");
    expect_refused("handshakes " URL, "there is no mode 'handshakes'");
    expect_refused("handshake " URL " more", "unexpected argument more");
    expect_refused("handshake -- " URL " more", "unexpected argument more");
}

static void an_option_that_is_none_is_named(void **state)
{
    (void)state;
    expect_refused("handshake --what " URL, "unknown option --what");
    expect_refused("handshake " URL " -c", "-c needs a value");
    expect_refused("handshake " URL " --rate", "--rate needs a value");
}

static void a_number_that_is_none_or_out_of_range_is_told(void **state)
{
    (void)state;
    expect_refused("handshake -c many " URL, "--connections many: expected a number");
    expect_refused("handshake -c -1 " URL, "expected a number");
    expect_refused("handshake -c 0 " URL, "too little");
    expect_refused("handshake -t 65 -c 100 " URL, "too much");
    expect_refused("handshake -d 10parsecs " URL, "expected a time");
    expect_refused("bulk --body 5x " URL, "expected a size");
    expect_refused("handshake --expect 99 " URL, "too little");
    expect_refused("handshake --rate 99999999999999999999 " URL, "expected a number");
}

static void a_count_has_no_fraction(void **state)
{
    (void)state;
    expect_refused("handshake --rate 0.5 " URL, "--rate 0.5: expected a number");
    expect_refused("handshake -c 1.5 " URL, "expected a number");
    expect_refused("bulk --body 2.5 " URL, "expected a size");
    assert_int_equal(read_line("handshake --rate 1.5k -c 2.0 -d 0.5 " URL), OPTIONS_RUN);
    assert_int_equal(plan.rate, 1500);
    assert_int_equal(plan.connection_count, 2);
    assert_int_equal(plan.duration_ns, 500000000);
}

static void what_cannot_be_together_is_told(void **state)
{
    (void)state;
    expect_refused("handshake --cert a --cert-folder b " URL, "exclude each other");
    expect_refused("handshake --key a " URL, "--key needs --cert");
    expect_refused("handshake --generate 5 " URL, "--generate needs --issuer");
    expect_refused("handshake --issuer a " URL, "are for --generate");
    expect_refused("handshake --no-request --body 5 " URL, "--no-request leaves nothing for");
    expect_refused("resume --no-request --expect 400 " URL, "--no-request leaves nothing for");
    expect_refused("request --tls 1.1 " URL, "--tls is 1.2 or 1.3");
    expect_refused("request -c 2 -t 3 " URL, "more threads than connections");
    expect_refused("request --max-cpu 5us " URL, "--max-cpu needs --server-pid");
}

static void an_option_that_does_nothing_in_a_mode_is_refused_there(void **state)
{
    (void)state;
    expect_refused("request --storm 5 " URL, "--storm is for mix, not for request");
    expect_refused("request --storm-rate 5 " URL, "--storm-rate is for mix, not for request");
    expect_refused("handshake --requests 5 " URL,
                   "--requests is for request, bulk and mix, not for handshake");
    expect_refused("idle -r 5 " URL, "--rate is for all modes but idle, not for idle");
    expect_refused("idle --warmup 5s " URL, "--warmup is for all modes but idle, not for idle");
    expect_refused("mix --no-request " URL,
                   "--no-request is for handshake and resume, not for mix");
    expect_refused("mix --server-pid 1 --max-cpu 5us " URL, "--max-cpu is for all modes but mix");
    expect_refused("request --max-regression 5 " URL,
                   "--max-regression is for --compare, not for request");
    expect_refused("--compare a.json b.json --json", "--json is for all modes, not for --compare");
}

static void an_option_with_its_default_is_refused_as_well(void **state)
{
    (void)state;
    expect_refused("request --storm 8 " URL, "--storm is for mix");
    expect_refused("idle --warmup 1s " URL, "--warmup is for all modes but idle");
}

static void every_option_is_taken_by_its_modes_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_TABLE_COUNT; i++) {
        const struct option_row *row = &option_table[i];
        for (unsigned mode = 0; row->field != OPTION_NONE && mode < MODE_COUNT; mode++) {
            char line[256];
            bool is_taken = (row->modes & 1U << mode) != 0;
            bool is_flag = row->kind == OPTION_FLAG || row->kind == OPTION_OPTIONAL_FILE;
            if (row->kind == OPTION_TITLE || strcmp(row->name, "compare") == 0) {
                continue;
            }
            (void)snprintf(line, sizeof(line), "%s --%s%s " URL,
                           mode_of((enum load_mode)mode)->name, row->name,
                           is_flag          ? ""
                           : row->least > 1 ? " 200"
                                            : " 1");
            (void)read_line(line);
            if ((strstr(message, " is for ") == NULL) != is_taken) {
                fail_msg("'%s': '%s'", line, message);
            }
        }
    }
}

static void help_and_manual_name_every_mode_and_option(void **state)
{
    static const char *const words[] = {"mix",
                                        "--rate",
                                        "--max-p999",
                                        "--json=FILE",
                                        "--source NET",
                                        " request, bulk and mix: a new connection",
                                        " mix: handshakes a second",
                                        " all modes but idle: end after",
                                        " --compare: the second result"};
    char *text = NULL;
    size_t size = 0;
    FILE *output = open_memstream(&text, &size);
    (void)state;
    assert_non_null(output);
    options_help_print(output);
    (void)fclose(output);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_non_null(strstr(text, words[i]));
    }
    free(text);
    output = open_memstream(&text, &size);
    assert_non_null(output);
    options_help_print_manual(output, "1.0");
    (void)fclose(output);
    assert_non_null(strstr(text, "max\\-p999"));
    assert_non_null(strstr(text, "\nrequest, bulk and mix: a new connection"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(options_stand_before_between_and_behind_the_words),
        cmocka_unit_test(every_limit_has_its_place),
        cmocka_unit_test(a_run_of_a_number_begins_at_once_and_has_no_end_in_time),
        cmocka_unit_test(json_is_a_flag_or_names_a_file),
        cmocka_unit_test(header_fields_add_up),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(a_comparison_takes_two_files),
        cmocka_unit_test(a_word_too_few_or_too_many_is_told),
        cmocka_unit_test(an_option_that_is_none_is_named),
        cmocka_unit_test(a_number_that_is_none_or_out_of_range_is_told),
        cmocka_unit_test(a_count_has_no_fraction),
        cmocka_unit_test(what_cannot_be_together_is_told),
        cmocka_unit_test(an_option_that_does_nothing_in_a_mode_is_refused_there),
        cmocka_unit_test(an_option_with_its_default_is_refused_as_well),
        cmocka_unit_test(every_option_is_taken_by_its_modes_alone),
        cmocka_unit_test(help_and_manual_name_every_mode_and_option),
    };
    return cmocka_run_group_tests_name("load/options", tests, NULL, NULL);
}
