/* Asking for a reload from other threads: each gets the result of one that began after he asked. */
#include "control/reload_desk.h"

#include <errno.h>
#include <signal.h>

#include "control_fixture.h"

struct asker {
    struct reload_desk *desk;
    pthread_t thread;
    struct result result;
    char memory[RELOAD_DESK_REPORT_BYTES_MAX + 1];
    struct text report;
};

static struct reload_desk desk;

static void *run(void *argument)
{
    struct asker *asker = argument;
    asker->report = text_over(asker->memory, sizeof(asker->memory));
    asker->result = reload_desk_ask(asker->desk, &asker->report);
    return NULL;
}

static void start(struct asker *asker)
{
    asker->desk = &desk;
    assert_int_equal(pthread_create(&asker->thread, NULL, run, asker), 0);
}

static const char *join(struct asker *asker)
{
    assert_int_equal(pthread_join(asker->thread, NULL), 0);
    return text_terminate(&asker->report);
}

/* As the control thread waits. */
static void await_hangup(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGHUP);
    const struct timespec limit = {.tv_sec = 30};
    int came = -1;
    do {
        came = sigtimedwait(&signals, NULL, &limit);
    } while (came < 0 && errno == EINTR); /* it was stopped, and goes on */
    assert_int_equal(came, SIGHUP);
}

static int open_desk(void **state)
{
    sigset_t signals;
    (void)state;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGHUP);
    reload_desk_open(&desk);
    return pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void answer(uint64_t asked_count, struct result result, const char *message)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    if (message != NULL) {
        diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0}, "%s", message);
    }
    reload_desk_answer(&desk, asked_count, result, &diagnostics);
    diagnostics_deinit(&diagnostics);
}

static void whoever_asks_gets_result_and_messages(void **state)
{
    static struct asker asker;
    (void)state;
    start(&asker);
    await_hangup();
    answer(reload_desk_begin(&desk), result_failure(ERROR_BAD_CONFIG), "nobody is called so");
    assert_string_equal(join(&asker), "error: nobody is called so\n");
    assert_int_equal(asker.result.code, ERROR_BAD_CONFIG);
}

static void a_failure_without_messages_says_what_it_is(void **state)
{
    static struct asker asker;
    (void)state;
    start(&asker);
    await_hangup();
    answer(reload_desk_begin(&desk), result_failure(ERROR_OUT_OF_MEMORY), NULL);
    assert_string_equal(join(&asker), "error: out of memory\n");
    assert_int_equal(asker.result.code, ERROR_OUT_OF_MEMORY);
}

static void a_success_without_messages_has_an_empty_report(void **state)
{
    static struct asker asker;
    (void)state;
    start(&asker);
    await_hangup();
    answer(reload_desk_begin(&desk), RESULT_OK, NULL);
    assert_string_equal(join(&asker), "");
    assert_true(result_is_ok(asker.result));
}

/* It may have read the files before he had changed them. */
static void a_reload_that_began_before_is_not_his(void **state)
{
    static struct asker early, late;
    (void)state;
    start(&early);
    await_hangup();
    uint64_t first = reload_desk_begin(&desk);
    start(&late);
    await_hangup();
    uint64_t second = reload_desk_begin(&desk);
    assert_true(second > first);
    answer(first, RESULT_OK, NULL);
    (void)join(&early);
    assert_true(result_is_ok(early.result));
    answer(second, result_failure(ERROR_BAD_CONFIG), "late");
    assert_string_equal(join(&late), "error: late\n");
    assert_int_equal(late.result.code, ERROR_BAD_CONFIG);
}

static void one_reload_answers_all_who_asked_before_it(void **state)
{
    static struct asker askers[5];
    uint64_t before = reload_desk_begin(&desk);
    const struct timespec pause = {.tv_nsec = 1000000};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        start(&askers[i]);
    }
    while (reload_desk_begin(&desk) < before + 5) {
        (void)nanosleep(&pause, NULL);
    }
    await_hangup();
    answer(reload_desk_begin(&desk), RESULT_OK, NULL);
    for (size_t i = 0; i < 5; i++) {
        (void)join(&askers[i]);
        assert_true(result_is_ok(askers[i].result));
    }
    /* What is left of the signals of several that came at once. */
    sigset_t signals;
    const struct timespec now = {0};
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGHUP);
    while (sigtimedwait(&signals, NULL, &now) > 0) {
    }
}

static void a_report_is_cut_where_there_is_no_more_room(void **state)
{
    static struct asker asker;
    struct diagnostics diagnostics;
    (void)state;
    start(&asker);
    await_hangup();
    diagnostics_init(&diagnostics);
    for (int i = 0; i < 1000; i++) {
        diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0}, "%01000d", i);
    }
    reload_desk_answer(&desk, reload_desk_begin(&desk), result_failure(ERROR_BAD_CONFIG),
                       &diagnostics);
    diagnostics_deinit(&diagnostics);
    const char *report = join(&asker);
    assert_in_range(asker.report.length, RELOAD_DESK_REPORT_BYTES_MAX - 1100,
                    RELOAD_DESK_REPORT_BYTES_MAX);
    assert_int_equal(strlen(report), asker.report.length);
    /* Whole lines of it, and that there are more. */
    const char *last = strstr(report, "\nfurther messages are in error_log only\n");
    assert_non_null(last);
    assert_int_equal(strlen(last), strlen("\nfurther messages are in error_log only\n"));
    assert_int_equal((size_t)(last + 1 - report) % (strlen("error: \n") + 1000), 0);
}

static void nobody_waits_at_a_closed_desk(void **state)
{
    static struct asker waiting, late;
    (void)state;
    start(&waiting);
    await_hangup();
    reload_desk_close(&desk);
    (void)join(&waiting);
    assert_int_equal(waiting.result.code, ERROR_CANCELLED);
    start(&late);
    (void)join(&late);
    assert_int_equal(late.result.code, ERROR_CANCELLED);
    reload_desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whoever_asks_gets_result_and_messages, open_desk),
        cmocka_unit_test_setup(a_failure_without_messages_says_what_it_is, open_desk),
        cmocka_unit_test_setup(a_success_without_messages_has_an_empty_report, open_desk),
        cmocka_unit_test_setup(a_reload_that_began_before_is_not_his, open_desk),
        cmocka_unit_test_setup(one_reload_answers_all_who_asked_before_it, open_desk),
        cmocka_unit_test_setup(a_report_is_cut_where_there_is_no_more_room, open_desk),
        cmocka_unit_test_setup(nobody_waits_at_a_closed_desk, open_desk),
    };
    return cmocka_run_group_tests_name("reload_desk", tests, NULL, NULL);
}
