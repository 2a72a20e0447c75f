/* What a reload cannot change: said as long as it is so, and compared with what is in use. */
#include "config/config_restarts.h"

#include "loaded_config.h"

/* What is said of text in a gateway that was started with in_use; the caller frees it. */
static char *note(struct config_restarts *restarts, const char *text)
{
    struct loaded loaded = load_clean(text);
    config_restarts_note(restarts, loaded.config, &loaded.diagnostics);
    assert_int_equal(loaded.diagnostics.error_count, 0);
    char *said = print_diagnostics(&loaded.diagnostics);
    unload(&loaded);
    return said;
}

/* The configuration itself is gone. */
static struct config_restarts *start_with(const char *text)
{
    struct config_restarts *restarts = NULL;
    struct loaded loaded = load_clean(text);
    assert_true(result_is_ok(config_restarts_create(loaded.config, &restarts)));
    unload(&loaded);
    return restarts;
}

static void expect_note(struct config_restarts *restarts, const char *text, const char *expected)
{
    char *said = note(restarts, text);
    assert_string_equal(said, expected);
    free(said);
}

static void the_same_configuration_needs_no_restart(void **state)
{
    (void)state;
    struct config_restarts *restarts = start_with("[gateway]\nmax_connections = 50\n" WHOLE);
    expect_note(restarts, "[gateway]\nmax_connections = 50\n" WHOLE, "");
    config_restarts_destroy(restarts);
}

static void a_default_that_is_written_is_no_change(void **state)
{
    (void)state;
    struct config_restarts *restarts = start_with(WHOLE);
    expect_note(restarts, "[gateway]\nmax_connections = 10000\nsession_tickets = on\n" WHOLE, "");
    config_restarts_destroy(restarts);
}

static void what_a_reload_changes_is_not_spoken_of(void **state)
{
    (void)state;
    struct config_restarts *restarts = start_with(WHOLE);
    expect_note(restarts,
                "[gateway]\nkeepalive_timeout = 5s\ndrain_timeout = 1s\n"
                "access_log = -\naccess_log_format = combined\nerror_log = syslog\n" WHOLE,
                "");
    config_restarts_destroy(restarts);
}

static void each_setting_that_differs_is_named_with_both_values(void **state)
{
    (void)state;
    struct config_restarts *restarts = start_with("[gateway]\nmax_connections = 50\n" WHOLE);
    expect_note(restarts, "[gateway]\nmax_connections = 60\nsession_tickets = off\n" WHOLE,
                "edge.ini:1: warning: [gateway] max_connections = 60: takes effect after a "
                "restart; until then it is 50\n"
                "edge.ini:1: warning: [gateway] session_tickets = off: takes effect after a "
                "restart; until then it is on\n");
    config_restarts_destroy(restarts);
}

/* Not with what the reload before wished for. */
static void it_is_compared_with_what_is_in_use(void **state)
{
    (void)state;
    struct config_restarts *restarts = start_with("[gateway]\nmax_connections = 50\n" WHOLE);
    for (int turn = 0; turn < 2; turn++) {
        char *said = note(restarts, "[gateway]\nmax_connections = 60\n" WHOLE);
        assert_non_null(strstr(said, "until then it is 50"));
        free(said);
    }
    expect_note(restarts, "[gateway]\nmax_connections = 50\n" WHOLE, "");
    config_restarts_destroy(restarts);
}

static void a_value_that_comes_or_goes_is_a_change(void **state)
{
    (void)state;
    const char *with = "[gateway]\nocsp_cache_file = /var/lib/ocsp\n" WHOLE;
    struct config_restarts *restarts = start_with(WHOLE);
    char *said = note(restarts, with);
    assert_non_null(strstr(said, "ocsp_cache_file = /var/lib/ocsp"));
    free(said);
    config_restarts_destroy(restarts);
    restarts = start_with(with);
    said = note(restarts, WHOLE);
    assert_non_null(strstr(said, "until then it is /var/lib/ocsp"));
    free(said);
    config_restarts_destroy(restarts);
    config_restarts_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_configuration_needs_no_restart),
        cmocka_unit_test(a_default_that_is_written_is_no_change),
        cmocka_unit_test(what_a_reload_changes_is_not_spoken_of),
        cmocka_unit_test(each_setting_that_differs_is_named_with_both_values),
        cmocka_unit_test(it_is_compared_with_what_is_in_use),
        cmocka_unit_test(a_value_that_comes_or_goes_is_a_change),
    };
    return cmocka_run_group_tests_name("config_restarts", tests, enter_folder, leave_folder);
}
