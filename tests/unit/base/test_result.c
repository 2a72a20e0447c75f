/* Results and their texts, and what CHECK() does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/result.h"

static void every_error_has_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (enum error code = ERROR_NONE; code < ERROR_COUNT; code++) {
        const char *text = result_text(result_failure(code));
        assert_non_null(text);
        assert_true(strlen(text) > 0 && text[strlen(text) - 1] != '.');
        for (enum error other = ERROR_NONE; other < code; other++) {
            assert_string_not_equal(text, result_text(result_failure(other)));
        }
    }
}

static struct result step(enum error code)
{
    return result_failure(code);
}

static struct result try_two(enum error first, enum error second, int *ret_reached)
{
    *ret_reached = 0;
    TRY(step(first));
    *ret_reached = 1;
    TRY(step(second));
    *ret_reached = 2;
    return RESULT_OK;
}

static void a_tried_step_that_fails_ends_the_function_with_its_error(void **state)
{
    int reached;
    (void)state;
    assert_true(result_is_ok(try_two(ERROR_NONE, ERROR_NONE, &reached)));
    assert_int_equal(reached, 2);
    assert_int_equal(try_two(ERROR_NONE, ERROR_FILE, &reached).code, ERROR_FILE);
    assert_int_equal(reached, 1);
    assert_int_equal(try_two(ERROR_THREAD, ERROR_FILE, &reached).code, ERROR_THREAD);
    assert_int_equal(reached, 0);
}

static void a_check_that_fails_names_its_place_and_aborts(void **state)
{
    int ends[2];
    int status = 0;
    char message[256] = {0};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        CHECK(child != 0);
        _exit(0);
    }
    (void)close(ends[1]);
    assert_true(read(ends[0], message, sizeof(message) - 1) > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(message, "test_result.c:"));
    assert_non_null(strstr(message, "child != 0"));
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_sentence_of_its_own),
        cmocka_unit_test(a_tried_step_that_fails_ends_the_function_with_its_error),
        cmocka_unit_test(a_check_that_fails_names_its_place_and_aborts),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
