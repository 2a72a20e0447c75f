/* Folders on the way to a file: its own, and those of the links that lead there. */
#include "watch_fixture.h"

#include "../../../src/control/folder_list.h"

static struct folder_list list;

static int leave(void **state)
{
    folder_list_deinit(&list);
    return watch_leave(state);
}

/* name: below the folder of the test, "" for itself. */
static bool has(const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "%s%s%s", watch_folder, name[0] == '\0' ? "" : "/", name);
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.paths[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static void add(const char *path, bool is_folder)
{
    assert_true(result_is_ok(folder_list_add(&list, path, is_folder)));
}

static void a_file_has_one_folder(void **state)
{
    (void)state;
    watch_write("a", "x");
    watch_write("b", "x");
    add("a", false);
    add("./b", false);
    add("../../tmp/../tmp/no-such-thing/../x", false); /* does not exist: its folder does */
    assert_true(has(""));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.paths[1], "/tmp");
}

static void what_is_missing_has_the_deepest_folder_that_is_there(void **state)
{
    (void)state;
    assert_int_equal(mkdir("deep", 0700), 0);
    add("deep/deeper/deepest/file", false);
    assert_true(has("deep"));
    assert_int_equal(list.count, 1);
}

static void links_have_theirs_too(void **state)
{
    (void)state;
    assert_int_equal(mkdir("volume", 0700), 0);
    assert_int_equal(mkdir("volume/..first", 0700), 0);
    watch_write("volume/..first/file", "x");
    assert_int_equal(symlink("..first", "volume/..data"), 0);
    assert_int_equal(symlink("..data/file", "volume/file"), 0);
    assert_int_equal(symlink("volume/file", "outside"), 0);
    add("outside", false);
    assert_true(has("") && has("volume") && has("volume/..first"));
    assert_int_equal(list.count, 3);
}

static void a_link_with_an_absolute_text_is_followed(void **state)
{
    char target[200];
    (void)state;
    assert_int_equal(mkdir("there", 0700), 0);
    watch_write("there/file", "x");
    (void)snprintf(target, sizeof(target), "%s/there/", watch_folder);
    assert_int_equal(symlink(target, "here"), 0);
    add("here/file", false);
    assert_true(has("") && has("there"));
}

static void a_circle_of_links_ends(void **state)
{
    (void)state;
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("./././a", "b"), 0);
    add("a", false);
    assert_true(has(""));
    assert_int_equal(list.count, 1);
}

static void paths_that_no_kernel_takes_are_nothing(void **state)
{
    char path[5000];
    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    add(path, false);
    add("", false);
    path[300] = '\0'; /* a name that is too long */
    add(path, false);
    assert_int_equal(list.count, 0);
}

static void a_folder_that_is_wanted_itself_is_there(void **state)
{
    (void)state;
    assert_int_equal(mkdir("conf.d", 0700), 0);
    add("conf.d", true);
    add("gone.d", true);
    assert_true(has("") && has("conf.d"));
    assert_int_equal(list.count, 2);
}

static void there_are_no_more_than_the_bound(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FOLDER_LIST_COUNT_MAX + 10; i++) {
        char name[40];
        (void)snprintf(name, sizeof(name), "d%u", i);
        assert_int_equal(mkdir(name, 0700), 0);
        (void)snprintf(name, sizeof(name), "d%u/file", i);
        add(name, false);
    }
    assert_int_equal(list.count, FOLDER_LIST_COUNT_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, watch_enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_has_one_folder),
        TEST(what_is_missing_has_the_deepest_folder_that_is_there),
        TEST(links_have_theirs_too),
        TEST(a_link_with_an_absolute_text_is_followed),
        TEST(a_circle_of_links_ends),
        TEST(paths_that_no_kernel_takes_are_nothing),
        TEST(a_folder_that_is_wanted_itself_is_there),
        TEST(there_are_no_more_than_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
