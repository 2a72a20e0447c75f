/* A folder under /tmp for tests of files that change, removed at the end. */
#ifndef TESTS_UNIT_CONTROL_WATCH_FIXTURE_H
#define TESTS_UNIT_CONTROL_WATCH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char watch_folder[64];

static inline int watch_enter(void **state)
{
    (void)state;
    (void)snprintf(watch_folder, sizeof(watch_folder), "/tmp/sallyport-watch-XXXXXX");
    return mkdtemp(watch_folder) == NULL || chdir(watch_folder) != 0;
}

static inline int watch_leave(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", watch_folder);
    return chdir("/") != 0 || system(command) != 0;
}

static inline void watch_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

#endif
