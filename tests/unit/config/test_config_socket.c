/* Where to reach a gateway, also when its file is full of mistakes. */
#include "loaded_config.h"

#include "config/config_socket.h"

static char found[CONFIG_SOCKET_PATH_BYTES_MAX + 1];

static struct result find(const char *text, size_t *ret_message_count)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    write_file("edge.ini", text);
    memset(found, 0, sizeof(found));
    struct result result = config_socket_find("edge.ini", &diagnostics, found);
    *ret_message_count = diagnostics.count;
    diagnostics_deinit(&diagnostics);
    return result;
}

static void the_socket_is_found_among_mistakes(void **state)
{
    (void)state;
    size_t messages = 0;
    assert_true(result_is_ok(find("[gateway]\nwrokers = x\nstats_socket = /run/s.sock\n"
                                  "[listener]\nnonsense = 1\n",
                                  &messages)));
    assert_string_equal(found, "/run/s.sock");
}

static void relative_paths_start_at_the_file_that_names_them(void **state)
{
    (void)state;
    size_t messages = 0;
    char folder[4096];
    char expected[4200];
    assert_non_null(getcwd(folder, sizeof(folder)));
    assert_int_equal(mkdir("sub", 0700), 0);
    write_file("sub/more.ini", "[gateway]\nstats_socket = s.sock\n");
    assert_true(result_is_ok(find("[gateway]\ninclude = sub/*.ini\n", &messages)));
    snprintf(expected, sizeof(expected), "%s/sub/s.sock", folder);
    assert_string_equal(found, expected);
}

static void no_socket_is_not_found(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "[gateway]\n", "[gateway]\nstats_socket = off\n",
                                        "[gateway]\nstats_socket =\n",
                                        "[backend app]\nstats_socket = /a\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t messages = 0;
        assert_int_equal(find(texts[i], &messages).code, ERROR_NOT_FOUND);
    }
}

static void paths_too_long_for_a_socket_are_not_found(void **state)
{
    (void)state;
    size_t messages = 0;
    char text[300] = "[gateway]\nstats_socket = /";
    size_t length = strlen(text);
    memset(text + length, 'x', CONFIG_SOCKET_PATH_BYTES_MAX);
    assert_int_equal(find(text, &messages).code, ERROR_NOT_FOUND);
}

static void a_file_that_cannot_be_read_is_said(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    assert_int_equal(config_socket_find("none.ini", &diagnostics, found).code, ERROR_NOT_FOUND);
    assert_int_equal(diagnostics.error_count, 1);
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_socket_is_found_among_mistakes),
        cmocka_unit_test(relative_paths_start_at_the_file_that_names_them),
        cmocka_unit_test(no_socket_is_not_found),
        cmocka_unit_test(paths_too_long_for_a_socket_are_not_found),
        cmocka_unit_test(a_file_that_cannot_be_read_is_said),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
