/* Reports and limits of made-up results: whole, escaped, and honest about what is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/json_reader.h"
#include "load/mode.h"
#include "load/report.h"
#include "load/results.h"
#include "load/target.h"

#define MILLISECOND UINT64_C(1000000)
#define REPLACEMENT "\xEF\xBF\xBD"

static struct plan plan;
static struct target target;
static struct results results;
static char *text;
static size_t text_size;

static int set_up(void **state)
{
    (void)state;
    plan = (struct plan){.mode = MODE_REQUEST, .connection_count = 4, .thread_count = 1};
    target = (struct target){.host = "127.0.0.1", .path = "/", .port = 8443};
    results = (struct results){.plan = &plan,
                               .target = &target,
                               .tally = tally_create(),
                               .elapsed_ns = 10000 * MILLISECOND,
                               .lane_count = 1};
    results.lanes[0] = (struct results_lane){10000 * MILLISECOND, 4000 * MILLISECOND, 0};
    assert_non_null(results.tally);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tally_destroy(results.tally);
    free(text);
    text = NULL;
    return 0;
}

/* A thousand operations of 1 to 1,000 microseconds in ten seconds. */
static void fill(void)
{
    for (uint64_t i = 1; i <= 1000; i++) {
        histogram_record(&results.tally->latency, i * 1000);
        tally_add_slice(results.tally, i * 10 * MILLISECOND - 1, 300, i * 1000);
    }
    results.tally->operations = 1000;
    (void)snprintf(results.description, sizeof(results.description), "TLSv1.3");
}

static const char *written_by(void (*report)(FILE *output, const struct results *results))
{
    free(text);
    FILE *output = open_memstream(&text, &text_size);
    assert_non_null(output);
    report(output, &results);
    assert_int_equal(fclose(output), 0);
    return text;
}

static void expect_in(const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' is not in:\n%s", part, text);
    }
}

static double json_number(const char *path)
{
    double number = -1;
    assert_true(json_reader_find_number(bytes_from_string(text), path, &number));
    return number;
}

static void json_has_the_figures(void **state)
{
    (void)state;
    fill();
    tally_add_fault(results.tally, FAULT_HTTP_400, "status 400");
    (void)written_by(report_json);
    assert_true(json_reader_is_object(bytes_from_string(text)));
    assert_int_equal((int)json_number("measures.rate"), 100);
    assert_in_range((uint64_t)json_number("measures.latency_p99_us"), 990, 991);
    assert_int_equal((int)json_number("measures.errors"), 1);
    assert_int_equal((int)json_number("errors.http_400.count"), 1);
    expect_in("\"was_the_limit\": false");
}

static void json_of_nothing_is_valid_and_says_null(void **state)
{
    (void)state;
    results.elapsed_ns = 0;
    results.lanes[0].window_ns = 0;
    (void)written_by(report_json);
    assert_true(json_reader_is_object(bytes_from_string(text)));
    expect_in("\"latency_p99_us\": null");
    expect_in("\"rate\": null");
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
}

static void what_comes_from_outside_is_escaped(void **state)
{
    (void)state;
    fill();
    plan.label = "a \"quote\" <script>&\\\n\x80";
    tally_add_fault(results.tally, FAULT_CLOSED, "<b>\"\n\xFF");
    (void)written_by(report_json);
    assert_true(json_reader_is_object(bytes_from_string(text)));
    expect_in("a \\\"quote\\\" <script>&\\\\\\u000a");
    (void)written_by(report_html);
    assert_null(strstr(text, "<script>"));
    expect_in("a &quot;quote&quot; &lt;script&gt;&amp;\\" REPLACEMENT REPLACEMENT "<");
    expect_in("&lt;b&gt;&quot;" REPLACEMENT REPLACEMENT "<");
    (void)written_by(report_text);
    assert_null(strchr(text, '\xFF'));
}

static void a_page_shows_every_script_and_no_broken_character(void **state)
{
    (void)state;
    plan.label = "\xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\x92 <\xC3\xA4>";
    (void)written_by(report_html);
    expect_in("<h1>\xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\x92 &lt;\xC3\xA4&gt;</h1>");
    plan.label = "\xC3 \xC0\xAF \xED\xA0\x80 \xC2\x9B \x1B \xE2\x80\xAE cut \xF0\x9F\x94";
    (void)written_by(report_html);
    expect_in("<h1>" REPLACEMENT " " REPLACEMENT REPLACEMENT " " REPLACEMENT REPLACEMENT REPLACEMENT
              " " REPLACEMENT REPLACEMENT " " REPLACEMENT " " REPLACEMENT REPLACEMENT REPLACEMENT
              " cut " REPLACEMENT REPLACEMENT REPLACEMENT "</h1>");
}

static void an_ipv6_address_is_in_brackets(void **state)
{
    static void (*const reports[])(FILE *, const struct results *) = {report_json, report_text,
                                                                      report_html};
    (void)state;
    (void)snprintf(target.host, sizeof(target.host), "::1");
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        (void)written_by(reports[i]);
        expect_in("https://[::1]:8443/");
    }
}

static void a_run_shorter_than_a_slice_has_its_course(void **state)
{
    (void)state;
    results.elapsed_ns = 50 * MILLISECOND;
    results.tally->operations = 1;
    histogram_record(&results.tally->latency, MILLISECOND);
    tally_add_slice(results.tally, 20 * MILLISECOND, 0, MILLISECOND);
    (void)written_by(report_html);
    expect_in("class=\"bar\"");
    expect_in(">20</text>"); /* one in 50 ms */
}

static void the_page_has_both_charts_and_needs_nothing_else(void **state)
{
    (void)state;
    fill();
    (void)written_by(report_html);
    expect_in("<title>Latency by percentile</title>");
    expect_in("<title>Course of the run</title>");
    expect_in("</html>");
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "src="));
    assert_null(strstr(text, "href="));
}

static void a_page_of_nothing_has_no_chart(void **state)
{
    (void)state;
    (void)written_by(report_html);
    assert_null(strstr(text, "<svg"));
    expect_in("</html>");
}

static void hgrm_goes_up_to_the_whole(void **state)
{
    double last = -1;
    (void)state;
    fill();
    (void)written_by(report_hgrm);
    expect_in("       Value     Percentile TotalCount 1/(1-Percentile)");
    expect_in("1.000000000000       1000\n");
    expect_in("Total count    =         1000]");
    for (char *line = strchr(strchr(text, '\n') + 1, '\n') + 1; *line == ' ';
         line = strchr(line, '\n') + 1) {
        double value = strtod(line, NULL);
        assert_true(value >= last);
        last = value;
    }
    assert_true(last > 0.999 && last < 1.001);
}

static void hgrm_of_nothing_is_whole_too(void **state)
{
    (void)state;
    (void)written_by(report_hgrm);
    expect_in("#[Max     =        0.000, Total count    =            0]");
}

static void text_says_when_the_client_was_the_limit(void **state)
{
    (void)state;
    fill();
    (void)written_by(report_text);
    assert_null(strstr(text, "the client was the limit"));
    results.lanes[0].cpu_ns = 5000 * MILLISECOND;
    results.lanes[0].waiting_ns = 4900 * MILLISECOND;
    (void)written_by(report_text);
    expect_in("the client was the limit");
    (void)written_by(report_json);
    expect_in("\"was_the_limit\": true");
}

/* In ten seconds. */
static void fill_with_storm(uint64_t rate, uint64_t handshakes)
{
    fill();
    plan.mode = MODE_MIX;
    plan.storm_rate = rate;
    results.tally->storm_handshakes = handshakes;
    results.storm_elapsed_ns = 10000 * MILLISECOND;
}

static void a_storm_of_less_than_its_rate_is_told(void **state)
{
    (void)state;
    fill_with_storm(100, 949);
    assert_true(results_storm_fell_short(&results));
    (void)written_by(report_text);
    expect_in("the storm fell short: 94 handshakes a second, not 100");
    (void)written_by(report_html);
    expect_in("The storm fell short");
    (void)written_by(report_json);
    expect_in("\"storm_fell_short\": true");
    assert_int_equal((int)json_number("plan.storm_rate"), 100);
    assert_in_range((uint64_t)(10 * json_number("measures.storm_rate")), 948, 949);
}

static void a_storm_of_nearly_its_rate_is_none_to_tell(void **state)
{
    (void)state;
    fill_with_storm(100, 950);
    (void)written_by(report_text);
    assert_null(strstr(text, "fell short"));
    (void)written_by(report_html);
    assert_null(strstr(text, "fell short"));
    (void)written_by(report_json);
    expect_in("\"storm_fell_short\": false");
}

static void a_storm_without_a_rate_or_a_time_does_not_fall_short(void **state)
{
    (void)state;
    fill_with_storm(0, 0);
    assert_false(results_storm_fell_short(&results));
    plan.storm_rate = 100;
    results.storm_elapsed_ns = 0;
    assert_false(results_storm_fell_short(&results));
    plan.mode = MODE_REQUEST;
    results.storm_elapsed_ns = 1;
    assert_false(results_storm_fell_short(&results));
}

static void the_server_has_no_share_of_an_operation_in_a_storm(void **state)
{
    struct limit_verdict verdicts[LIMIT_COUNT_MAX];
    (void)state;
    fill();
    plan.mode = MODE_MIX;
    plan.server_cpu_max_ns = 1;
    results.has_server = true;
    results.server_after = (struct server_usage){
        .cpu_ns = 5000 * MILLISECOND, .system_calls = 9000, .has_system_calls = true};
    (void)written_by(report_json);
    expect_in("\"server_cpu_us\": null");
    expect_in("\"server_system_calls\": null");
    expect_in("\"server_cpu_percent\": 50");
    assert_int_equal(limit_judge(&plan, &results, verdicts), 1);
    assert_false(verdicts[0].is_kept);
    assert_non_null(strstr(verdicts[0].text, "not measured"));
    plan.mode = MODE_REQUEST;
    (void)written_by(report_json);
    expect_in("\"server_cpu_us\": 5000");
    expect_in("\"server_system_calls\": 9");
}

static void text_names_each_kind_of_error(void **state)
{
    (void)state;
    tally_add_fault(results.tally, FAULT_TIMEOUT, "one example");
    tally_add_fault(results.tally, FAULT_TIMEOUT, "another");
    (void)written_by(report_text);
    expect_in("timeout");
    expect_in("(one example)");
    assert_null(strstr(text, "another"));
    expect_in("no operation succeeded");
}

static void a_limit_is_kept_or_missed(void **state)
{
    struct limit_verdict verdicts[LIMIT_COUNT_MAX];
    (void)state;
    fill();
    plan.latency_max_ns[LIMIT_P99] = MILLISECOND;
    plan.latency_max_ns[LIMIT_P50] = MILLISECOND / 10;
    plan.rate_min = 100;
    plan.limits_errors = true;
    plan.server_cpu_max_ns = 1000;
    assert_int_equal(limit_judge(&plan, &results, verdicts), 5);
    assert_string_equal(verdicts[0].option, "max-p50");
    assert_false(verdicts[0].is_kept);
    assert_string_equal(verdicts[0].text, "500 us, at most 100 us");
    assert_true(verdicts[1].is_kept);
    assert_true(verdicts[2].is_kept);
    assert_true(verdicts[3].is_kept);
    assert_string_equal(verdicts[4].option, "max-cpu");
    assert_false(verdicts[4].is_kept);
}

static void a_limit_without_a_measurement_is_missed(void **state)
{
    struct limit_verdict verdicts[LIMIT_COUNT_MAX];
    (void)state;
    plan.latency_max_ns[LIMIT_MOST] = MILLISECOND;
    plan.rate_min = 1;
    assert_int_equal(limit_judge(&plan, &results, verdicts), 2);
    assert_false(verdicts[0].is_kept);
    assert_false(verdicts[1].is_kept);
}

static void slices_get_wider_when_a_run_outgrows_them(void **state)
{
    uint64_t sum = 0;
    struct tally *other = tally_create();
    (void)state;
    assert_non_null(other);
    for (uint64_t second = 0; second < 3600; second++) {
        tally_add_slice(results.tally, second * 1000 * MILLISECOND, 1, second);
    }
    tally_add_slice(other, 0, 1, 99999);
    tally_merge(other, results.tally);
    for (int i = 0; i < TALLY_SLICES_MAX; i++) {
        sum += other->slices[i].operations;
    }
    assert_int_equal(sum, 3601);
    assert_int_equal(other->slice_ns, results.tally->slice_ns);
    assert_int_equal(other->slices[0].slowest_ns, 99999);
    tally_destroy(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_has_the_figures),
        TEST(json_of_nothing_is_valid_and_says_null),
        TEST(what_comes_from_outside_is_escaped),
        TEST(a_page_shows_every_script_and_no_broken_character),
        TEST(an_ipv6_address_is_in_brackets),
        TEST(a_run_shorter_than_a_slice_has_its_course),
        TEST(the_page_has_both_charts_and_needs_nothing_else),
        TEST(a_page_of_nothing_has_no_chart),
        TEST(hgrm_goes_up_to_the_whole),
        TEST(hgrm_of_nothing_is_whole_too),
        TEST(text_says_when_the_client_was_the_limit),
        TEST(a_storm_of_less_than_its_rate_is_told),
        TEST(a_storm_of_nearly_its_rate_is_none_to_tell),
        TEST(a_storm_without_a_rate_or_a_time_does_not_fall_short),
        TEST(the_server_has_no_share_of_an_operation_in_a_storm),
        TEST(text_names_each_kind_of_error),
        TEST(a_limit_is_kept_or_missed),
        TEST(a_limit_without_a_measurement_is_missed),
        TEST(slices_get_wider_when_a_run_outgrows_them),
    };
    return cmocka_run_group_tests_name("load/report", tests, NULL, NULL);
}
