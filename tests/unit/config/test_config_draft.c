/* What is left of a configuration with mistakes: only what may be looked at, and never as a
 * configuration. */
#include "loaded_config.h"

struct drafted {
    struct diagnostics diagnostics;
    struct config *draft;
};

static struct drafted load_draft(const char *text)
{
    struct drafted drafted = {0};
    struct config *config = NULL;
    diagnostics_init(&drafted.diagnostics);
    write_file("edge.ini", text);
    struct result result =
        config_load_or_draft("edge.ini", &drafted.diagnostics, &config, &drafted.draft);
    assert_int_equal(result.code, ERROR_BAD_CONFIG);
    assert_null(config);
    assert_non_null(drafted.draft);
    return drafted;
}

static void drop(struct drafted *drafted)
{
    config_destroy(drafted->draft);
    diagnostics_deinit(&drafted->diagnostics);
}

static void a_good_configuration_leaves_no_draft(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct config *config = NULL;
    struct config *draft = NULL;
    diagnostics_init(&diagnostics);
    write_file("edge.ini", WHOLE);
    assert_true(result_is_ok(config_load_or_draft("edge.ini", &diagnostics, &config, &draft)));
    assert_non_null(config);
    assert_null(draft);
    config_destroy(config);
    diagnostics_deinit(&diagnostics);
}

static void what_is_right_stays_in_the_draft(void **state)
{
    (void)state;
    struct drafted drafted = load_draft("[gateway]\nworkers = many\n" WHOLE);
    const struct config *draft = drafted.draft;
    assert_int_equal(draft->listener_count, 1);
    assert_int_equal(draft->listeners[0].certificate_count, 1);
    assert_non_null(strstr(draft->listeners[0].certificates[0].key_path.text, "/s.key"));
    assert_int_equal(draft->ssl_profiles[0].trusted_client_ca.count, 1);
    assert_false(draft->ssl_profiles[0].waives_trust);
    assert_int_equal(draft->backends[0].server_count, 1);
    drop(&drafted);
}

static void a_file_that_an_error_speaks_of_is_left_out(void **state)
{
    (void)state;
    struct drafted drafted = load_draft(LISTENER BACKEND "[ssl_profile devices]\n"
                                                         "trusted_client_ca = a.pem\n"
                                                         "trusted_client_ca = b.txt\n"
                                                         "trusted_client_ca = c.pem\n");
    const struct config_text_list *files = &drafted.draft->ssl_profiles[0].trusted_client_ca;
    assert_int_equal(files->count, 2);
    assert_non_null(strstr(files->items[0].text, "/a.pem"));
    assert_non_null(strstr(files->items[1].text, "/c.pem"));
    drop(&drafted);
}

static void a_profile_whose_files_are_all_wrong_is_not_blamed_for_it(void **state)
{
    (void)state;
    struct drafted drafted =
        load_draft(LISTENER BACKEND "[ssl_profile devices]\ntrusted_client_ca =\n");
    assert_int_equal(drafted.draft->ssl_profiles[0].trusted_client_ca.count, 0);
    assert_true(drafted.draft->ssl_profiles[0].waives_trust);
    drop(&drafted);
}

static void parts_that_were_refused_do_not_fall_to_another_certificate(void **state)
{
    (void)state;
    struct drafted drafted = load_draft(
        "[listener edge]\naddress = 0.0.0.0:8443\n"
        "certificate = a.pem\n"
        "certificate =\ncertificate_key = b.key\n"
        "certificate = c.pem\ncertificate_key = c.key\ncertificate_key_passphrase_file =\n"
        "certificate = d.pem\ncertificate_key = d.key\n"
        "ssl_profile = devices\nbackend = app\n" PROFILE BACKEND);
    const struct config_listener *listener = &drafted.draft->listeners[0];
    assert_int_equal(listener->certificate_count, 3);
    assert_non_null(strstr(listener->certificates[0].chain_path.text, "/a.pem"));
    assert_null(listener->certificates[0].key_path.text);
    assert_non_null(strstr(listener->certificates[1].chain_path.text, "/c.pem"));
    assert_null(listener->certificates[1].key_path.text);
    assert_non_null(strstr(listener->certificates[2].key_path.text, "/d.key"));
    assert_int_equal(drafted.diagnostics.error_count, 3);
    drop(&drafted);
}

static void a_group_is_not_alone_because_its_user_was_refused(void **state)
{
    (void)state;
    struct drafted drafted = load_draft("[gateway]\nuser =\ngroup = daemon\n" WHOLE);
    assert_null(drafted.draft->gateway.group.text);
    drop(&drafted);
    drafted = load_draft("[gateway]\nworkers = many\ngroup = daemon\n" WHOLE);
    assert_string_equal(drafted.draft->gateway.group.text, "daemon");
    drop(&drafted);
}

static void a_file_that_cannot_be_read_leaves_an_empty_draft(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct config *config = NULL;
    struct config *draft = NULL;
    diagnostics_init(&diagnostics);
    assert_int_equal(config_load_or_draft("absent.ini", &diagnostics, &config, &draft).code,
                     ERROR_BAD_CONFIG);
    assert_non_null(draft);
    assert_int_equal(draft->listener_count, 0);
    config_destroy(draft);
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_configuration_leaves_no_draft),
        cmocka_unit_test(what_is_right_stays_in_the_draft),
        cmocka_unit_test(a_file_that_an_error_speaks_of_is_left_out),
        cmocka_unit_test(a_profile_whose_files_are_all_wrong_is_not_blamed_for_it),
        cmocka_unit_test(parts_that_were_refused_do_not_fall_to_another_certificate),
        cmocka_unit_test(a_group_is_not_alone_because_its_user_was_refused),
        cmocka_unit_test(a_file_that_cannot_be_read_leaves_an_empty_draft),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
