/* Room for passing threads: made at once, and again without harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/allocator_arenas.h"

static int thread_count(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    assert_int_equal(closedir(folder), 0);
    return count;
}

static void no_thread_stays(void **state)
{
    (void)state;
    allocator_arenas_reserve(); /* with the first thread a sanitizer makes one of its own */
    int before = thread_count();
    for (unsigned turn = 0; turn < 3; turn++) {
        allocator_arenas_reserve();
        assert_int_equal(thread_count(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
