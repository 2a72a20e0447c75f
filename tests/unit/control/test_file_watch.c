/* Changes of files: each is told once, by name, after a moment of quiet; others are not. */
#include "watch_fixture.h"

#include <signal.h>
#include <time.h>

#include "control/file_watch.h"

#define TEXT "[ssl_profile devices]\ntrusted_client_ca = ca.pem\n"

/* Longer than a burst is waited out. */
#define LIMIT_MS 3000

static struct file_watch *watch;
static sigset_t signals;

static int begin(void **state)
{
    if (watch_enter(state) != 0) {
        return -1;
    }
    watch_write("edge.ini", TEXT);
    watch_write("ca.pem", "x");
    return result_is_ok(file_watch_create("edge.ini", &watch)) ? 0 : -1;
}

static int end(void **state)
{
    file_watch_destroy(watch);
    return watch_leave(state);
}

/* As the control thread does: waits for a signal or for the time to look. NULL: nothing came. */
static const char *await_change(void)
{
    for (unsigned waited_ms = 0; waited_ms < LIMIT_MS;) {
        uint32_t wait_ms = file_watch_wait_ms(watch);
        wait_ms = wait_ms < 100 ? wait_ms : 100;
        const struct timespec limit = {.tv_nsec = (long)wait_ms * 1000000L};
        if (sigtimedwait(&signals, NULL, &limit) == SIGIO) {
            file_watch_take(watch);
        }
        waited_ms += wait_ms + 1;
        const char *changed = file_watch_find_change(watch);
        if (changed != NULL) {
            return changed;
        }
    }
    return NULL;
}

static void start_watching(void)
{
    file_watch_note(watch);
    file_watch_enable(watch, true);
    assert_int_equal(file_watch_wait_ms(watch), 0); /* a first look, at once */
    assert_null(file_watch_find_change(watch));
}

static void ends_with(const char *path, const char *name)
{
    assert_non_null(path);
    assert_true(strlen(path) >= strlen(name));
    assert_string_equal(path + strlen(path) - strlen(name), name);
}

static void a_change_is_told_once(void **state)
{
    (void)state;
    start_watching();
    watch_write("ca.pem", "changed");
    ends_with(await_change(), "ca.pem");
    assert_null(file_watch_find_change(watch));
    assert_int_equal(rename("ca.pem", "edge.ini"), 0);
    ends_with(await_change(), "edge.ini");
}

static void what_changed_before_it_was_enabled_is_told(void **state)
{
    (void)state;
    file_watch_note(watch);
    watch_write("ca.pem", "changed");
    assert_null(file_watch_find_change(watch));
    file_watch_enable(watch, true);
    ends_with(file_watch_find_change(watch), "ca.pem");
}

static void what_has_been_noted_is_no_change(void **state)
{
    (void)state;
    start_watching();
    watch_write("ca.pem", "changed");
    file_watch_note(watch); /* a reload that somebody has asked for */
    assert_null(await_change());
}

static void other_files_are_no_change(void **state)
{
    (void)state;
    start_watching();
    watch_write("beside", "x");
    assert_null(await_change());
}

static void a_file_that_comes_and_goes_is_told(void **state)
{
    (void)state;
    assert_int_equal(unlink("ca.pem"), 0);
    start_watching();
    watch_write("ca.pem", "x");
    ends_with(await_change(), "ca.pem");
    assert_int_equal(unlink("ca.pem"), 0);
    ends_with(await_change(), "ca.pem");
}

static void who_is_not_enabled_sleeps(void **state)
{
    (void)state;
    file_watch_note(watch);
    assert_int_equal(file_watch_wait_ms(watch), UINT32_MAX);
    start_watching();
    file_watch_enable(watch, false);
    assert_int_equal(file_watch_wait_ms(watch), UINT32_MAX);
    watch_write("ca.pem", "changed");
    file_watch_take(watch);
    assert_null(file_watch_find_change(watch));
}

static void nothing_is_harmful_without_a_configuration(void **state)
{
    (void)state;
    assert_int_equal(unlink("edge.ini"), 0);
    start_watching();
    file_watch_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_is_told_once),
        TEST(what_changed_before_it_was_enabled_is_told),
        TEST(what_has_been_noted_is_no_change),
        TEST(other_files_are_no_change),
        TEST(a_file_that_comes_and_goes_is_told),
        TEST(who_is_not_enabled_sleeps),
        TEST(nothing_is_harmful_without_a_configuration),
    };
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGIO);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
