/* Reading what a gateway says of itself: whole, in part, from another version, and from liars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/gateway_figures.h"

static struct gateway_figures figures;

static const char *const sample =
    "{\"version\": \"1.2.3\", \"state\": \"ready\", \"uptime_seconds\": 12.5, \"workers\": 4,\n"
    " \"counters\": {\"requests\": 99, \"unheard_of\": 1}, \"gauges\": {\"connections_open\": 7},\n"
    " \"verdicts\": {\"success\": 5, \"expired\": 2},\n"
    " \"timing_bounds_seconds\": [0.001, 0.002],\n"
    " \"timings\": {\"request\": {\"count\": 6, \"counts\": [1, 2, 3]}, \"new\": {\"counts\": "
    "[9]}},\n"
    " \"ocsp_faults\": {\"timeout\": 3},\n"
    " \"backends\": [{\"name\": \"app\", \"servers\": [{\"address\": \"a:1\", \"state\": \"up\"},\n"
    "   {\"address\": \"b:2\", \"weight\": 3}]}, {\"name\": \"empty\", \"servers\": []},\n"
    "   {\"name\": \"other\", \"servers\": [{\"up\": 0, \"address\": \"c:3\"}]}],\n"
    " \"certificates\": [{\"role\": \"server\", \"path\": \"late\", \"not_after_seconds\": 300},\n"
    "   {\"role\": \"client_ca\", \"path\": \"none\", \"not_after_seconds\": null},\n"
    "   {\"role\": \"client_ca\", \"path\": \"early\", \"not_after_seconds\": 100}],\n"
    " \"config\": {\"last_reload_successful\": false, \"last_reload_error\": \"a.ini:7: "
    "\\\"b\\\"\","
    " \"last_reload_further_errors\": 3, \"reloads_bad\": 1}}";

static bool read(const char *json)
{
    return gateway_figures_read(bytes_from_string(json), &figures);
}

static void figures_are_read_by_their_names(void **state)
{
    (void)state;
    assert_true(read(sample));
    assert_string_equal(figures.version, "1.2.3");
    assert_string_equal(figures.state, "ready");
    assert_int_equal((int)figures.numbers[GATEWAY_WORKERS], 4);
    assert_int_equal((int)figures.numbers[GATEWAY_REQUESTS], 99);
    assert_int_equal((int)figures.numbers[GATEWAY_CLIENTS_OPEN], 7);
    assert_int_equal((int)figures.numbers[GATEWAY_RELOADS_BAD], 1);
    assert_int_equal((int)(figures.numbers[GATEWAY_UPTIME_SECONDS] * 10), 125);
    assert_false(figures.was_reload_good);
    assert_string_equal(figures.reload_error, "a.ini:7: \"b\"");
    assert_int_equal((int)figures.numbers[GATEWAY_RELOAD_FURTHER], 3);
    assert_int_equal(figures.verdicts.count, 2);
    assert_string_equal(figures.verdicts.items[1].word, "expired");
    assert_int_equal((int)figures.verdicts.items[1].count, 2);
    assert_string_equal(figures.ocsp_faults.items[0].word, "timeout");
}

static void buckets_are_read_with_their_bounds(void **state)
{
    (void)state;
    assert_true(read(sample));
    assert_int_equal(figures.bound_count, 2);
    assert_true(figures.bounds_seconds[1] > 0.0019 && figures.bounds_seconds[1] < 0.0021);
    assert_int_equal((int)figures.timings[GATEWAY_REQUEST][0], 1);
    assert_int_equal((int)figures.timings[GATEWAY_REQUEST][2], 3);
    assert_int_equal((int)figures.timings[GATEWAY_BACKEND][0], 0);
}

static void servers_are_listed_with_what_is_known_of_them(void **state)
{
    (void)state;
    assert_true(read(sample));
    assert_int_equal(figures.server_count, 3);
    assert_string_equal(figures.servers[0].backend, "app");
    assert_string_equal(figures.servers[0].state, "up");
    assert_string_equal(figures.servers[1].address, "b:2");
    assert_string_equal(figures.servers[1].state, "");
    assert_string_equal(figures.servers[2].backend, "other");
    assert_string_equal(figures.servers[2].address, "c:3");
    assert_string_equal(figures.servers[2].state, "down");
}

static void certificates_come_in_the_order_of_their_ends(void **state)
{
    (void)state;
    assert_true(read(sample));
    assert_int_equal(figures.certificate_count, 3);
    assert_string_equal(figures.certificates[0].path, "early");
    assert_string_equal(figures.certificates[1].path, "late");
    assert_string_equal(figures.certificates[2].path, "none");
}

static void of_many_certificates_the_first_to_expire_are_kept(void **state)
{
    static char json[64 * 1024];
    size_t length = 0;
    (void)state;
    length += (size_t)snprintf(json, sizeof(json), "{\"certificates\": [");
    for (int i = 0; i < 200; i++) {
        length += (size_t)snprintf(json + length, sizeof(json) - length,
                                   "%s{\"path\": \"p%d\", \"not_after_seconds\": %d}",
                                   i == 0 ? "" : ",", i, (i * 77) % 200);
    }
    (void)snprintf(json + length, sizeof(json) - length, "]}");
    assert_true(read(json));
    assert_int_equal(figures.certificate_count, 200);
    assert_int_equal(gateway_figures_certificate_count(&figures), GATEWAY_FIGURES_CERTIFICATES_MAX);
    for (size_t i = 0; i < GATEWAY_FIGURES_CERTIFICATES_MAX; i++) {
        assert_int_equal((int)figures.certificates[i].not_after_seconds, (int)i);
    }
}

static void too_much_of_anything_is_left_out(void **state)
{
    static char json[200 * 1024];
    size_t length = 0;
    (void)state;
    length += (size_t)snprintf(json, sizeof(json),
                               "{\"version\": \"%0500d\", \"backends\": [{\"name\": \"n\", "
                               "\"servers\": [",
                               1);
    for (int i = 0; i < 400; i++) {
        length += (size_t)snprintf(json + length, sizeof(json) - length,
                                   "%s{\"address\": \"a%d\", \"up\": true}", i == 0 ? "" : ",", i);
    }
    length += (size_t)snprintf(json + length, sizeof(json) - length, "]}], \"timings\": {");
    length += (size_t)snprintf(json + length, sizeof(json) - length, "\"request\": {\"counts\": [");
    for (int i = 0; i < 400; i++) {
        length += (size_t)snprintf(json + length, sizeof(json) - length, "%s1", i == 0 ? "" : ",");
    }
    length += (size_t)snprintf(json + length, sizeof(json) - length, "]}}, \"verdicts\": {");
    for (int i = 0; i < 200; i++) {
        length += (size_t)snprintf(json + length, sizeof(json) - length, "%s\"v%d\": 1",
                                   i == 0 ? "" : ",", i);
    }
    (void)snprintf(json + length, sizeof(json) - length, "}}");
    assert_true(read(json));
    assert_int_equal(strlen(figures.version), GATEWAY_FIGURES_WORD_SIZE - 1);
    assert_int_equal(figures.server_count, 400);
    assert_int_equal(gateway_figures_server_count(&figures), GATEWAY_FIGURES_SERVERS_MAX);
    assert_int_equal(figures.verdicts.count, GATEWAY_FIGURES_WORDS_MAX);
}

static void what_is_missing_or_of_another_kind_is_nothing(void **state)
{
    (void)state;
    assert_true(read("{}"));
    assert_string_equal(figures.version, "");
    assert_true(figures.was_reload_good);
    assert_true(
        read("{\"counters\": [1, 2], \"version\": 7, \"verdicts\": \"none\", \"backends\": 3,"
             " \"timings\": {\"request\": {\"counts\": \"many\"}}, \"workers\": \"two\","
             " \"certificates\": [1, [2], {\"path\": {\"deep\": 1}}]}"));
    assert_int_equal((int)figures.numbers[GATEWAY_WORKERS], 0);
    assert_int_equal(figures.verdicts.count, 0);
    assert_int_equal(figures.server_count, 0);
}

static void an_error_of_a_reload_is_a_string_of_a_bounded_length(void **state)
{
    char json[GATEWAY_FIGURES_ERROR_SIZE * 2];
    char error[GATEWAY_FIGURES_ERROR_SIZE + 10];
    (void)state;
    assert_true(read("{\"config\": {\"last_reload_error\": null}}"));
    assert_string_equal(figures.reload_error, "");
    assert_true(read("{\"config\": {\"last_reload_error\": 7}}"));
    assert_string_equal(figures.reload_error, "");
    memset(error, 'x', sizeof(error) - 1);
    error[sizeof(error) - 1] = '\0';
    (void)snprintf(json, sizeof(json), "{\"config\": {\"last_reload_error\": \"%s\"}}", error);
    assert_true(read(json));
    assert_true(strlen(figures.reload_error) < GATEWAY_FIGURES_ERROR_SIZE);
}

static void what_is_no_object_is_refused(void **state)
{
    static const char *const texts[] = {"", "[]", "{", "{\"a\": }", "x", "{} {}", "null"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(read(texts[i]));
    }
}

static void any_damage_is_survived(void **state)
{
    size_t length = strlen(sample);
    char *damaged = malloc(length);
    (void)state;
    assert_non_null(damaged);
    for (size_t at = 0; at < length; at++) {
        memcpy(damaged, sample, length);
        damaged[at] = "\"{}[],:\\\xFF"[at % 9];
        (void)gateway_figures_read(bytes_from(damaged, length), &figures);
    }
    free(damaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_read_by_their_names),
        cmocka_unit_test(buckets_are_read_with_their_bounds),
        cmocka_unit_test(servers_are_listed_with_what_is_known_of_them),
        cmocka_unit_test(certificates_come_in_the_order_of_their_ends),
        cmocka_unit_test(of_many_certificates_the_first_to_expire_are_kept),
        cmocka_unit_test(too_much_of_anything_is_left_out),
        cmocka_unit_test(what_is_missing_or_of_another_kind_is_nothing),
        cmocka_unit_test(an_error_of_a_reload_is_a_string_of_a_bounded_length),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(any_damage_is_survived),
    };
    return cmocka_run_group_tests_name("cli/gateway_figures", tests, NULL, NULL);
}
