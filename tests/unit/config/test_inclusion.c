/* Included files: which, in what order, and what may not be. */
#include "loaded_config.h"

static int enter_with_folder(void **state)
{
    return enter_folder(state) != 0 || mkdir("conf.d", 0700) != 0;
}

static int clear_folder(void **state)
{
    (void)state;
    (void)nftw("odd[1]*", remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return nftw("conf.d", remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0 || mkdir("conf.d", 0700) != 0;
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
    (void)state;
    write_file("conf.d/20.ini", BACKEND);
    write_file("conf.d/10.ini", PROFILE);
    write_file("conf.d/30.ini", "[backend second]\nserver = 127.0.0.1:1\n" LISTENER);
    write_file("conf.d/15.conf", "junk");
    struct loaded loaded = load_text("[gateway]\ninclude = conf.d/*.ini\n");
    assert_string_equal(loaded.said, "conf.d/30.ini:1: warning: [backend second]: no listener "
                                     "uses it\n");
    assert_int_equal(loaded.config->backend_count, 2);
    assert_string_equal(loaded.config->backends[0].name, "app");
    assert_string_equal(loaded.config->backends[0].place.file, "conf.d/20.ini");
    unload(&loaded);
}

static void paths_start_at_the_file_that_names_them(void **state)
{
    (void)state;
    char folder[4096];
    char expected[4200];
    assert_non_null(getcwd(folder, sizeof(folder)));
    write_file("conf.d/a.ini", LISTENER);
    struct loaded loaded = load_clean("[gateway]\ninclude = ./conf.d/a.ini\n" PROFILE BACKEND);
    snprintf(expected, sizeof(expected), "%s/conf.d/s.pem", folder);
    assert_string_equal(loaded.config->listeners[0].certificates[0].chain_path.text, expected);
    snprintf(expected, sizeof(expected), "%s/ca.pem", folder);
    assert_string_equal(loaded.config->ssl_profiles[0].trusted_client_ca.items[0].text, expected);
    unload(&loaded);
}

static void patterns_start_at_the_file_too(void **state)
{
    (void)state;
    assert_int_equal(mkdir("odd[1]*", 0700), 0);
    write_file("odd[1]*/edge.ini", "[gateway]\ninclude = more-*.ini\n" LISTENER PROFILE);
    write_file("odd[1]*/more-1.ini", BACKEND);
    struct loaded loaded = load_file("odd[1]*/edge.ini");
    assert_string_equal(loaded.said, "");
    assert_string_equal(loaded.config->backends[0].place.file, "odd[1]*/more-1.ini");
    unload(&loaded);
}

static void mistakes_name_the_included_file(void **state)
{
    (void)state;
    write_file("conf.d/a.ini", "[backend app]\nserver = x\n");
    assert_says("[gateway]\ninclude = conf.d/a.ini\n" LISTENER PROFILE,
                "conf.d/a.ini:2: error: [backend app] server = x: expected HOST:PORT, such as "
                "127.0.0.1:8080 or app.internal:8080\n");
}

static void pattern_without_files_is_a_warning(void **state)
{
    (void)state;
    assert_says("[gateway]\ninclude = conf.d/*.ini\ninclude = nowhere/*.ini\n" WHOLE,
                "edge.ini:2: warning: [gateway] include = conf.d/*.ini: no file matches\n"
                "edge.ini:3: warning: [gateway] include = nowhere/*.ini: no file matches\n");
}

static void named_file_must_be_there(void **state)
{
    (void)state;
    assert_says("[gateway]\ninclude = conf.d/a.ini\n" WHOLE,
                "edge.ini:2: error: [gateway] include = conf.d/a.ini: no such file: expected a "
                "file or a pattern\n");
}

static void matching_folder_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir("conf.d/a.ini", 0700), 0);
    assert_says("[gateway]\ninclude = conf.d/*.ini\n" WHOLE,
                "edge.ini:2: error: [gateway] include: conf.d/a.ini is a directory: expected a "
                "configuration file\n");
}

static void dangling_link_is_refused(void **state)
{
    (void)state;
    assert_int_equal(symlink("none", "conf.d/a.ini"), 0);
    assert_says("[gateway]\ninclude = conf.d/*.ini\n" WHOLE,
                "edge.ini:2: error: [gateway] include: conf.d/a.ini cannot be opened: No such "
                "file or directory\n");
}

static void no_file_is_read_twice(void **state)
{
    (void)state;
    write_file("conf.d/a.ini", "# nothing\n");
    assert_int_equal(link("conf.d/a.ini", "conf.d/b.ini"), 0);
    assert_says("[gateway]\ninclude = conf.d/*.ini\ninclude = conf.d/a*\n" WHOLE,
                "edge.ini:2: error: [gateway] include = conf.d/*.ini: it names a file that is "
                "read already: conf.d/a.ini\n"
                "edge.ini:3: error: [gateway] include = conf.d/a*: it names a file that is read "
                "already: conf.d/a.ini\n");
}

static void file_may_not_include_itself(void **state)
{
    (void)state;
    assert_says("[gateway]\ninclude = *.ini\n" WHOLE,
                "edge.ini:2: error: [gateway] include = *.ini: it names a file that is read "
                "already: edge.ini\n");
}

static void included_files_may_not_include(void **state)
{
    (void)state;
    write_file("conf.d/a.ini", "[gateway]\ninclude = b.ini\n");
    assert_says("[gateway]\ninclude = conf.d/*.ini\n" WHOLE,
                "conf.d/a.ini:1: error: [gateway]: it stands in edge.ini:1 already: expected it "
                "once\n"
                "conf.d/a.ini:2: error: [gateway] include = b.ini: expected no include in an "
                "included file\n");
}

static void repeated_section_in_another_file_is_named(void **state)
{
    (void)state;
    write_file("conf.d/a.ini", BACKEND);
    assert_says("[gateway]\ninclude = conf.d/*.ini\n" WHOLE,
                "conf.d/a.ini:1: error: [backend app]: it stands in edge.ini:11 already: expected "
                "it once\n");
}

static void too_many_files_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 101; i++) {
        char path[32];
        snprintf(path, sizeof(path), "conf.d/%03d.ini", i);
        write_file(path, "");
    }
    assert_says("[gateway]\ninclude = conf.d/*.ini\n" WHOLE,
                "edge.ini:2: error: [gateway] include = conf.d/*.ini: too many files: expected 100 "
                "at most, not also conf.d/099.ini\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(files_are_read_in_the_order_of_their_names, clear_folder),
        cmocka_unit_test_setup(paths_start_at_the_file_that_names_them, clear_folder),
        cmocka_unit_test_setup(patterns_start_at_the_file_too, clear_folder),
        cmocka_unit_test_setup(mistakes_name_the_included_file, clear_folder),
        cmocka_unit_test_setup(pattern_without_files_is_a_warning, clear_folder),
        cmocka_unit_test_setup(named_file_must_be_there, clear_folder),
        cmocka_unit_test_setup(matching_folder_is_refused, clear_folder),
        cmocka_unit_test_setup(dangling_link_is_refused, clear_folder),
        cmocka_unit_test_setup(no_file_is_read_twice, clear_folder),
        cmocka_unit_test_setup(file_may_not_include_itself, clear_folder),
        cmocka_unit_test_setup(included_files_may_not_include, clear_folder),
        cmocka_unit_test_setup(repeated_section_in_another_file_is_named, clear_folder),
        cmocka_unit_test_setup(too_many_files_are_refused, clear_folder),
    };
    return cmocka_run_group_tests(tests, enter_with_folder, leave_folder);
}
