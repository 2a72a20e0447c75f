/* What a backend section says of the health of its servers. */
#include "loaded_config.h"

#define EDGE LISTENER PROFILE BACKEND

static void everything_has_a_default(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(EDGE);
    const struct config_backend *backend = &loaded.config->backends[0];
    assert_int_equal(backend->balance, CONFIG_BALANCE_ROUND_ROBIN);
    assert_int_equal(backend->health_check.kind, CONFIG_CHECK_OFF);
    assert_string_equal(backend->health_check.path.text, "/");
    assert_null(backend->health_check.host.text);
    assert_int_equal(backend->health_check.statuses.first, 200);
    assert_int_equal(backend->health_check.statuses.last, 399);
    assert_int_equal(backend->ejection.failure_count, 3);
    assert_int_equal(backend->ejection.share_percent, 50);
    assert_false(backend->ejection.counts_5xx);
    unload(&loaded);
}

static void everything_can_be_said(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(
        EDGE "balance = least_connections\nhealth_check = http\nhealth_path = /up?deep=1%20x\n"
             "health_host = app.example.com:8080\nhealth_status = 204\nhealth_interval = 1s\n"
             "health_timeout = 500ms\nhealth_rise = 1\nhealth_fall = 2\neject_after = 0\n"
             "eject_time = 1s\neject_time_max = 1s\neject_share = 100\neject_on_5xx = on\n");
    const struct config_backend *backend = &loaded.config->backends[0];
    assert_int_equal(backend->balance, CONFIG_BALANCE_LEAST_CONNECTIONS);
    assert_int_equal(backend->health_check.kind, CONFIG_CHECK_HTTP);
    assert_string_equal(backend->health_check.path.text, "/up?deep=1%20x");
    assert_string_equal(backend->health_check.host.text, "app.example.com:8080");
    assert_int_equal(backend->health_check.statuses.first, 204);
    assert_int_equal(backend->health_check.statuses.last, 204);
    assert_int_equal(backend->health_check.interval_ms, 1000);
    assert_int_equal(backend->health_check.timeout_ms, 500);
    assert_int_equal(backend->ejection.failure_count, 0);
    assert_int_equal(backend->ejection.share_percent, 100);
    assert_true(backend->ejection.counts_5xx);
    unload(&loaded);
}

static void assert_refused(const char *line, const char *expected)
{
    char text[1024];
    char said[1024];
    (void)snprintf(text, sizeof(text), EDGE "health_check = http\n%s\n", line);
    (void)snprintf(said, sizeof(said), "edge.ini:12: error: [backend app] %s: %s\n", line,
                   expected);
    assert_says(text, said);
}

/* All of it goes into a request as it is written. */
static void what_would_break_the_request_is_refused(void **state)
{
    static const char path[] = "expected a path, such as /health or /health?deep=1";
    static const char host[] = "expected HOST or HOST:PORT, such as app.example.com";
    (void)state;
    assert_refused("health_path = health", path);
    assert_refused("health_path = http://app/health", path);
    assert_refused("health_path = /a b", path);
    assert_refused("health_path = /a%2", path);
    assert_refused("health_path = /a#b", path);
    assert_refused("health_path = /\xc3\xa4", path);
    assert_refused("health_host = a b", host);
    assert_refused("health_host = app:", host);
    assert_refused("health_host = app/x", host);
    assert_refused("health_host = user@app", host);
}

static void statuses_are_one_range(void **state)
{
    static const char expected[] = "expected a status or a range of them, such as 200-399";
    (void)state;
    assert_refused("health_status = 99", expected);
    assert_refused("health_status = 600", expected);
    assert_refused("health_status = 399-200", expected);
    assert_refused("health_status = 200,204", expected);
    assert_refused("health_status = 2xx", expected);
    assert_refused("health_status = -", expected);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    char text[1024];
    char path[600];
    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    (void)snprintf(text, sizeof(text), EDGE "health_check = http\nhealth_path = %s\n", path);
    struct loaded loaded = load_text(text);
    assert_non_null(strstr(loaded.said, "it has 599 bytes: expected 511 at most"));
    unload(&loaded);
}

static void words_are_suggested(void **state)
{
    (void)state;
    assert_says(EDGE "balance = least_conections\n",
                "edge.ini:11: error: [backend app] balance = least_conections: expected "
                "round_robin or least_connections (did you mean 'least_connections'?)\n");
}

static void the_longest_ejection_is_no_shorter_than_the_first(void **state)
{
    (void)state;
    assert_says(EDGE "eject_time = 10s\neject_time_max = 9s\n",
                "edge.ini:12: error: [backend app] eject_time_max = 9s: shorter than eject_time: "
                "expected 10000 ms at least\n");
    assert_says(EDGE "eject_time = 1h\n",
                "edge.ini:9: error: [backend app] eject_time_max = 5m: shorter than eject_time: "
                "expected 3600000 ms at least\n");
}

static void settings_of_checks_that_nobody_makes_are_noticed(void **state)
{
    (void)state;
    assert_says(EDGE "health_path = /up\nhealth_interval = 1s\n",
                "edge.ini:11: warning: [backend app] health_path = /up: nothing comes of it: "
                "expected health_check = http\n"
                "edge.ini:12: warning: [backend app] health_interval = 1s: nothing comes of it: "
                "expected health_check = http or tcp\n");
    assert_says(EDGE "health_check = tcp\nhealth_interval = 1s\nhealth_status = 200\n",
                "edge.ini:13: warning: [backend app] health_status = 200: nothing comes of it: "
                "expected health_check = http\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_has_a_default),
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(what_would_break_the_request_is_refused),
        cmocka_unit_test(statuses_are_one_range),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(words_are_suggested),
        cmocka_unit_test(the_longest_ejection_is_no_shorter_than_the_first),
        cmocka_unit_test(settings_of_checks_that_nobody_makes_are_noticed),
    };
    return cmocka_run_group_tests_name("setting_health", tests, enter_folder, leave_folder);
}
