/* Folders of files, and paths below them. */
#include "loaded_config.h"

#include "../../../src/config/file_path.h"

static struct arena *arena;

static int create_arena(void **state)
{
    arena = arena_create();
    return enter_folder(state);
}

static int destroy_arena(void **state)
{
    arena_destroy(arena);
    return leave_folder(state);
}

static void folder_of_an_absolute_path_is_its_start(void **state)
{
    (void)state;
    assert_string_equal(file_path_directory(arena, "/etc/sallyport/edge.ini"), "/etc/sallyport");
    assert_string_equal(file_path_directory(arena, "/edge.ini"), "/");
}

static void folder_of_a_relative_path_is_made_absolute(void **state)
{
    (void)state;
    char here[4096];
    char expected[4200];
    assert_non_null(getcwd(here, sizeof(here)));
    assert_string_equal(file_path_directory(arena, "edge.ini"), here);
    assert_string_equal(file_path_directory(arena, "./edge.ini"), here);
    snprintf(expected, sizeof(expected), "%s/a/b", here);
    assert_string_equal(file_path_directory(arena, "././a/b/edge.ini"), expected);
    snprintf(expected, sizeof(expected), "%s/..", here);
    assert_string_equal(file_path_directory(arena, "../edge.ini"), expected);
}

static void paths_are_joined(void **state)
{
    (void)state;
    assert_string_equal(file_path_resolve(arena, "/etc", "/a.pem"), "/a.pem");
    assert_string_equal(file_path_resolve(arena, "/etc", "a.pem"), "/etc/a.pem");
    assert_string_equal(file_path_resolve(arena, "/etc", "./a.pem"), "/etc/a.pem");
    assert_string_equal(file_path_resolve(arena, "/etc", "../a.pem"), "/etc/../a.pem");
    assert_string_equal(file_path_resolve(arena, "/", "a.pem"), "/a.pem");
}

static void folder_that_is_gone_leaves_paths_relative(void **state)
{
    (void)state;
    assert_int_equal(mkdir("gone", 0700), 0);
    assert_int_equal(chdir("gone"), 0);
    assert_int_equal(rmdir("../gone"), 0);
    assert_string_equal(file_path_directory(arena, "edge.ini"), ".");
    assert_string_equal(file_path_directory(arena, "a/edge.ini"), "a");
    assert_int_equal(chdir(*state), 0);
}

static void arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *memory = arena_allocate(arena, 1, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xFF, size);
    }
}

static void arena_refuses_what_cannot_be(void **state)
{
    (void)state;
    assert_null(arena_allocate(arena, SIZE_MAX / 2, 3));
    assert_null(arena_allocate(arena, 1, SIZE_MAX));
    assert_non_null(arena_allocate(arena, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_of_an_absolute_path_is_its_start),
        cmocka_unit_test(folder_of_a_relative_path_is_made_absolute),
        cmocka_unit_test(paths_are_joined),
        cmocka_unit_test(folder_that_is_gone_leaves_paths_relative),
        cmocka_unit_test(arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(arena_refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, create_arena, destroy_arena);
}
