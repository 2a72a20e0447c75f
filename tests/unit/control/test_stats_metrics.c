/* Metrics: every series from the start at 0, each family declared once, values where they belong.
 */
#include "stats_fixture.h"

#include "../../../src/control/stats_metrics.h"
#include "../../../src/control/stats_report.h"

static struct stats_figures figures;

static char *print(void (*function)(const struct stats_figures *, FILE *))
{
    static char *text;
    static size_t length;
    FILE *output = open_memstream(&text, &length);
    assert_non_null(output);
    function(&figures, output);
    assert_int_equal(fclose(output), 0);
    return text;
}

static void gather(const struct stats_sources *sources)
{
    stats_figures_gather(sources, &figures);
}

/* A sample belongs to the family that was declared last; a histogram's has an ending more. */
static void assert_belongs(const char *sample, const char *family, const char *type)
{
    static const char *const endings[] = {"_bucket", "_sum", "_count"};
    size_t length = strcspn(sample, "{ ");
    bool belongs = length == strlen(family) && strncmp(sample, family, length) == 0;
    for (size_t i = 0; strcmp(type, "histogram") == 0 && i < 3; i++) {
        size_t base = strlen(family);
        belongs |= length == base + strlen(endings[i]) && strncmp(sample, family, base) == 0 &&
                   strncmp(sample + base, endings[i], strlen(endings[i])) == 0;
    }
    if (!belongs) {
        fail_msg("%.100s stands under %s %s", sample, type, family);
    }
}

static void each_family_is_declared_once_and_before_its_samples(void **state)
{
    (void)state;
    static char families[200][100];
    char type[20] = "";
    size_t count = 0;
    struct stats_sources sources = stats_make_sources();
    gather(&sources);
    char *text = print(stats_metrics_print);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            assert_int_equal(sscanf(line + 7, "%99s", families[count]), 1);
            for (size_t i = 0; i < count; i++) {
                assert_string_not_equal(families[i], families[count]);
            }
            count++;
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            char family[100];
            assert_int_equal(sscanf(line + 7, "%99s %19s", family, type), 2);
            assert_string_equal(family, families[count - 1]);
        } else {
            assert_belongs(line, families[count - 1], type);
        }
    }
    assert_true(count > 60);
    free(text);
}

static size_t add_route(char *listener_name, char *backend_name)
{
    struct config_backend backend = {.name = backend_name};
    struct config_listener listener = {.name = listener_name, .backend = &backend};
    struct config config = {.listeners = &listener, .listener_count = 1};
    traffic_labels_add(&stats_labels, &config);
    return traffic_labels_find_route(&stats_labels, &listener);
}

static void every_list_is_there_from_the_start_at_zero(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    (void)label_table_add(&stats_labels.profiles, "devices");
    add_route("edge", "app");
    gather(&sources);
    char *text = print(stats_metrics_print);
    for (enum verdict_reason i = 0; i < VERDICT_REASON_COUNT; i++) {
        char series[200];
        (void)snprintf(series, sizeof(series),
                       "\nsallyport_verdicts_total{profile=\"devices\",reason=\"%s\"} 0\n",
                       verdict_word(i));
        assert_holds(text, series);
    }
    for (enum close_reason i = CLOSE_NONE + 1; i < CLOSE_REASON_COUNT; i++) {
        char series[200];
        (void)snprintf(series, sizeof(series),
                       "\nsallyport_connections_closed_total{listener=\"edge\",cause=\"%s\"} 0\n",
                       close_reason_word(i));
        assert_holds(text, series);
    }
    assert_holds(text, "\nsallyport_ocsp_faults_total{fault=\"try_later\"} 0\n");
    assert_holds(text,
                 "\nsallyport_tls_handshake_seconds_count{listener=\"edge\",kind=\"resumed\"} 0\n");
    assert_holds(text, "\nsallyport_config_reloads_total{result=\"failure\"} 0\n");
    free(text);
}

/* Everything but the values of samples becomes the same in both. */
static void blank_values(char *text)
{
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        char *end = strchr(line, '\n');
        char *blank = memrchr(line, ' ', (size_t)(end - line));
        if (*line != '#') {
            memset(blank, ' ', (size_t)(end - blank));
        }
    }
}

static void before_there_are_workers_every_series_is_there_at_zero(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    (void)label_table_add(&stats_labels.profiles, "devices");
    (void)add_route("edge", "app");
    gather(&sources);
    char *with = print(stats_metrics_print);
    sources.workers = NULL;
    sources.worker_count = 0;
    gather(&sources);
    char *without = print(stats_metrics_print);
    assert_holds(without, "\nsallyport_requests_total 0\n");
    *strstr(with, "# HELP process_") = '\0'; /* of this program, now */
    *strstr(without, "# HELP process_") = '\0';
    blank_values(with);
    blank_values(without);
    assert_string_equal(with, without);
    free(with);
    free(without);
}

static void responders_have_a_series_each(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    size_t label = label_table_add(&stats_ocsp.responder_labels, "ocsp.example:80");
    counters_add_to(&stats_ocsp.responders[label].outcomes[OCSP_OUTCOME_FAILED], 2);
    histogram_record(&stats_ocsp.responders[label].times, 0, 2000000);
    gather(&sources);
    char *text = print(stats_metrics_print);
    assert_holds(text, "_fetches_total{responder=\"ocsp.example:80\",outcome=\"failed\"} 2\n");
    assert_holds(text, "_fetches_total{responder=\"ocsp.example:80\",outcome=\"good\"} 0\n");
    assert_holds(text,
                 "sallyport_ocsp_responder_seconds_sum{responder=\"ocsp.example:80\"} 0.002\n");
    free(text);
}

static void workers_are_added_up(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    size_t label = label_table_add(&stats_labels.profiles, "devices");
    size_t route = add_route("edge", "app");
    for (size_t i = 0; i < 2; i++) {
        struct route_counters *counted = &stats_counters[i].traffic.routes[route];
        counters_add_to(&counted->answers[1], 3 + i);
        counters_add_to(&stats_counters[i].profile_verdicts[label][VERDICT_EXPIRED], 1);
        counters_add_to(&stats_cache_counters[i].values[TRUST_CACHE_MISSES], 2);
        histogram_record(&counted->request_times, 0, 1000000);
    }
    counters_add_to(&stats_ocsp.values[OCSP_COUNTER_GOOD], 9);
    counters_add_to(&stats_ocsp.faults[OCSP_FAULT_TIMEOUT], 8);
    gather(&sources);
    char *text = print(stats_metrics_print);
    assert_holds(text,
                 "\nsallyport_answers_total{listener=\"edge\",backend=\"app\",class=\"2xx\"} 7\n");
    assert_holds(text, "{profile=\"devices\",reason=\"expired\"} 2\n");
    assert_holds(text, "\nsallyport_trust_cache_misses_total 4\n");
    assert_holds(text, "\nsallyport_ocsp_good_total 9\n");
    assert_holds(text, "\nsallyport_ocsp_faults_total{fault=\"timeout\"} 8\n");
    assert_holds(text, "\nsallyport_request_seconds_bucket{listener=\"edge\",backend=\"app\",le="
                       "\"0.000786432\"} 0\n");
    assert_holds(text, "\nsallyport_request_seconds_bucket{listener=\"edge\",backend=\"app\",le="
                       "\"0.001048576\"} 2\n");
    assert_holds(
        text,
        "\nsallyport_request_seconds_bucket{listener=\"edge\",backend=\"app\",le=\"+Inf\"} 2\n");
    assert_holds(text,
                 "\nsallyport_request_seconds_sum{listener=\"edge\",backend=\"app\"} 0.002\n");
    assert_holds(text, "\nsallyport_request_seconds_count{listener=\"edge\",backend=\"app\"} 2\n");
    free(text);
}

static void values_of_labels_are_escaped(void **state)
{
    (void)state;
    struct stats_expiry expiry = {"server", "/a\"b\\c\nd", 7};
    struct stats_catalogue catalogue = {.expiries = &expiry, .expiry_count = 1};
    struct stats_sources sources = stats_make_sources();
    gather(&sources);
    figures.catalogue = &catalogue;
    char *text = print(stats_metrics_print);
    assert_holds(text, "_timestamp_seconds{role=\"server\",path=\"/a\\\"b\\\\c\\nd\"} 7\n");
    free(text);
}

static void names_without_room_are_counted_as_others(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    for (size_t i = 0; i < LABEL_COUNT_MAX + 2; i++) {
        char name[20];
        (void)snprintf(name, sizeof(name), "p%zu", i);
        (void)label_table_add(&stats_labels.profiles, name);
    }
    counters_add_to(&stats_counters[0].profile_verdicts[LABEL_OTHER][VERDICT_SUCCESS], 5);
    gather(&sources);
    char *text = print(stats_metrics_print);
    assert_holds(text, "{profile=\"other\",reason=\"success\"} 5\n");
    free(text);
}

static void figures_of_this_program_are_true(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    gather(&sources);
    const struct program_figures *program = &figures.program;
    assert_true(program->resident_bytes > 500000 &&
                program->resident_bytes < program->virtual_bytes);
    assert_true(program->descriptor_count >= 3 && program->descriptor_count < 100);
    assert_true(program->thread_count >= 1 && program->thread_count < 100);
    assert_true(program->start_seconds > 1.6e9);
}

static void reports_say_the_same(void **state)
{
    (void)state;
    struct stats_sources sources = stats_make_sources();
    counters_add(&stats_counters[1], COUNTER_TUNNELS, 41);
    counters_add_to(&stats_counters[1].verdicts[VERDICT_REVOKED], 42);
    gather(&sources);
    char *text = print(stats_report_print_stats);
    assert_holds(text, "\"tunnels\": 41");
    assert_holds(text, "\"revoked\": 42");
    free(text);
    text = print(stats_report_print_status);
    assert_holds(text, "  revoked ");
    assert_holds(text, " 42\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_is_declared_once_and_before_its_samples),
        cmocka_unit_test(every_list_is_there_from_the_start_at_zero),
        cmocka_unit_test(before_there_are_workers_every_series_is_there_at_zero),
        cmocka_unit_test(responders_have_a_series_each),
        cmocka_unit_test(workers_are_added_up),
        cmocka_unit_test(values_of_labels_are_escaped),
        cmocka_unit_test(names_without_room_are_counted_as_others),
        cmocka_unit_test(figures_of_this_program_are_true),
        cmocka_unit_test(reports_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
