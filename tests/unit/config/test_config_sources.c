/* The files that a configuration rests on, found in its text: sound or not. */
#include "loaded_config.h"

#include "config/config_sources.h"

static struct config_sources *sources_of(const char *text)
{
    struct config_sources *sources = NULL;
    write_file("edge.ini", text);
    assert_true(result_is_ok(config_sources_create("edge.ini", &sources)));
    assert_string_equal(config_sources_at(sources, 0).path, "edge.ini");
    return sources;
}

/* name is below the folder of the test. */
static bool has(const struct config_sources *sources, const char *name, bool is_folder)
{
    char folder[4096];
    char path[4200];
    assert_non_null(getcwd(folder, sizeof(folder)));
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    for (size_t i = 0; i < config_sources_count(sources); i++) {
        struct config_source source = config_sources_at(sources, i);
        if (strcmp(source.path, path) == 0 || strcmp(source.path, name) == 0) {
            return source.is_folder == is_folder;
        }
    }
    return false;
}

static void everything_that_is_read_is_a_source(void **state)
{
    (void)state;
    struct config_sources *sources =
        sources_of("[gateway]\nticket_key_file = keys\n" LISTENER
                   "certificate_key_passphrase_file = pass\n" PROFILE BACKEND);
    static const char *const names[] = {"keys", "s.pem", "s.key", "pass", "ca.pem"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(has(sources, names[i], false));
    }
    assert_int_equal(config_sources_count(sources), 6);
    config_sources_destroy(sources);
}

static void what_is_written_is_none(void **state)
{
    (void)state;
    struct config_sources *sources = sources_of(
        "[gateway]\naccess_log = access.log\nocsp_cache_file = cache\nstats_socket = s\n" BACKEND);
    assert_int_equal(config_sources_count(sources), 1);
    config_sources_destroy(sources);
}

static void included_files_and_their_folder_are_sources(void **state)
{
    (void)state;
    assert_int_equal(mkdir("conf.d", 0700), 0);
    write_file("conf.d/a.ini", LISTENER);
    struct config_sources *sources =
        sources_of("[gateway]\ninclude = conf.d/*.ini\ninclude = none.d/[ab]/x.ini\n" PROFILE);
    assert_true(has(sources, "conf.d/a.ini", false));
    assert_true(has(sources, "conf.d/s.pem", false));
    assert_true(has(sources, "conf.d", true));
    assert_true(has(sources, "none.d", true));
    config_sources_destroy(sources);
}

static void mistakes_do_not_hide_what_can_be_found(void **state)
{
    (void)state;
    struct config_sources *sources =
        sources_of("[gateway]\nworkers = many\n[nonsense]\npath = x\n" LISTENER "no_such_key = y\n"
                   "[ssl_profile devices]\ntrusted_client_ca =\ntrusted_client_ca = gone/ca.pem\n");
    assert_true(has(sources, "s.pem", false));
    assert_true(has(sources, "gone/ca.pem", false));
    assert_int_equal(config_sources_count(sources), 4);
    config_sources_destroy(sources);
}

static void a_configuration_that_is_not_there_is_a_source_itself(void **state)
{
    struct config_sources *sources = NULL;
    (void)state;
    assert_true(result_is_ok(config_sources_create("no/such.ini", &sources)));
    assert_int_equal(config_sources_count(sources), 1);
    assert_string_equal(config_sources_at(sources, 0).path, "no/such.ini");
    config_sources_destroy(sources);
    config_sources_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_is_read_is_a_source),
        cmocka_unit_test(what_is_written_is_none),
        cmocka_unit_test(included_files_and_their_folder_are_sources),
        cmocka_unit_test(mistakes_do_not_hide_what_can_be_found),
        cmocka_unit_test(a_configuration_that_is_not_there_is_a_source_itself),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
