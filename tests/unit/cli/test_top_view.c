/* The view in windows of every size, with figures and without. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/top_view.h"

static struct gateway_figures figures;
static struct gateway_words former_verdicts;
static struct top_view view;
static char shown[256 * 1024];

static int make_view(void **state)
{
    (void)state;
    memset(&figures, 0, sizeof(figures));
    memset(&view, 0, sizeof(view));
    figures.was_reload_good = true;
    figures.verdicts = (struct gateway_words){
        {{"success", 90}, {"expired", 10}, {"revoked", 30}, {"no_certificate", 0}}, 4};
    former_verdicts = (struct gateway_words){{{"expired", 4}, {"revoked", 30}}, 2};
    (void)snprintf(figures.state, sizeof(figures.state), "ready");
    figures.numbers[GATEWAY_TIME_SECONDS] = 1e6;
    view.latest = &figures;
    view.former_verdicts = &former_verdicts;
    view.wanted_seconds = 1;
    view.interval.seconds = 2;
    view.interval.timings[GATEWAY_REQUEST] = 123;
    view.interval.p99_seconds[GATEWAY_REQUEST] = NAN;
    return 0;
}

static const char *draw(size_t rows, size_t columns)
{
    struct screen screen;
    memset(shown, 0, sizeof(shown));
    FILE *output = fmemopen(shown, sizeof(shown), "w");
    assert_non_null(output);
    assert_true(result_is_ok(screen_init(&screen, rows, columns, (struct terminal_style){0})));
    top_view_draw(&view, &screen);
    screen_show_plain(&screen, output);
    screen_deinit(&screen);
    assert_int_equal(fclose(output), 0);
    return shown;
}

static void assert_shows(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' is not in:\n%s", part, text);
    }
}

static void add_certificate(const char *path, double days)
{
    struct gateway_certificate *one = &figures.certificates[figures.certificate_count++];
    (void)snprintf(one->path, sizeof(one->path), "%s", path);
    one->not_after_seconds = figures.numbers[GATEWAY_TIME_SECONDS] + days * 86400;
}

static void refusals_of_now_come_first(void **state)
{
    (void)state;
    const char *text = draw(24, 80);
    assert_shows(text, "expired                    ");
    assert_true(strstr(text, "expired") < strstr(text, "revoked"));
    assert_null(strstr(text, "success"));
    assert_null(strstr(text, "no_certificate"));
    assert_shows(text, " 123 "); /* requests a second */
}

static void nobody_refused_is_said(void **state)
{
    (void)state;
    figures.verdicts.count = 1;
    assert_shows(draw(24, 80), "nobody so far");
}

static void certificates_tell_their_days(void **state)
{
    (void)state;
    add_certificate("gone.pem", -1);
    add_certificate("soon.pem", 3.5);
    add_certificate("odd.pem", INFINITY);
    const char *text = draw(24, 80);
    assert_shows(text, "expired           gone.pem");
    assert_shows(text, "    3 d           soon.pem");
    assert_shows(text, "      -           odd.pem");
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        add_certificate("many.pem", i);
    }
    assert_shows(draw(24, 80), "and 3");
    assert_shows(draw(top_view_rows(&view, 80), 80), "   39 d           many.pem");
    assert_null(strstr(draw(top_view_rows(&view, 80), 80), " more"));
    assert_shows(draw(top_view_rows(&view, 60), 60), "   39 d           many.pem");
}

static void a_failed_reload_and_a_lost_gateway_are_said(void **state)
{
    (void)state;
    figures.was_reload_good = false;
    assert_shows(draw(24, 80), "reload failed");
    assert_shows(draw(10, 80), "reload failed");
    view.fault = "no gateway runs there";
    view.silent_seconds = 75;
    assert_shows(draw(24, 80), "no answer for 1m 15s: no gateway runs there; asking again");
    assert_shows(draw(1, 80), "no answer for 1m 15s");
}

static void why_a_reload_failed_is_a_line_that_is_cut_to_the_window(void **state)
{
    (void)state;
    (void)snprintf(figures.reload_error, sizeof(figures.reload_error),
                   "/etc/edge.ini:12: adress:\x1b[2J\xC2\x9B unknown key; did you mean address?");
    assert_null(strstr(draw(24, 80), "edge.ini")); /* it has not failed */
    figures.was_reload_good = false;
    assert_shows(draw(24, 80),
                 "\n /etc/edge.ini:12: adress:?[2J?? unknown key; did you mean address?\n");
    assert_shows(draw(10, 80), "\n /etc/edge.ini:12: ");
    assert_shows(draw(24, 40), "\n /etc/edge.ini:12: adress:?[2J?? unknow~\n");
    figures.numbers[GATEWAY_RELOAD_FURTHER] = 2;
    assert_shows(draw(24, 40), "\n 3 errors, first: /etc/edge.ini:12: adr~\n");
    size_t rows = top_view_rows(&view, 80);
    figures.reload_error[0] = '\0'; /* of a gateway that does not say why */
    assert_null(strstr(draw(24, 80), "3 errors"));
    assert_int_equal(top_view_rows(&view, 80), rows - 1);
}

static void every_size_can_be_drawn(void **state)
{
    (void)state;
    view.is_live = true;
    for (int i = 0; i < GATEWAY_FIGURES_CERTIFICATES_MAX; i++) {
        add_certificate("a.pem", i);
        top_view_note(&view.history, &view.interval);
    }
    figures.certificate_count = 1000; /* more than are kept */
    figures.server_count = 300;
    figures.was_reload_good = false;
    memset(figures.reload_error, 'x', sizeof(figures.reload_error) - 1);
    figures.numbers[GATEWAY_RELOAD_FURTHER] = 1e9;
    figures.numbers[GATEWAY_OCSP_FAILED] = 1;
    figures.ocsp_faults = figures.verdicts;
    for (size_t columns = 0; columns < 150; columns++) {
        for (size_t rows = columns == 0 ? 0 : 1; rows < 40; rows++) {
            const char *text = draw(rows, columns);
            for (size_t length = strcspn(text, "\n"); *text != '\0';
                 text += length + 1, length = strcspn(text, "\n")) {
                assert_true(length <= columns);
            }
        }
    }
}

static void history_keeps_the_latest(void **state)
{
    (void)state;
    for (int i = 0; i < SCREEN_COLUMNS_MAX + 3; i++) {
        view.interval.timings[GATEWAY_REQUEST] = i;
        top_view_note(&view.history, &view.interval);
    }
    assert_int_equal(view.history.count, SCREEN_COLUMNS_MAX);
    assert_int_equal((int)view.history.timings[GATEWAY_REQUEST][0], 3);
    assert_int_equal((int)view.history.timings[GATEWAY_REQUEST][SCREEN_COLUMNS_MAX - 1],
                     SCREEN_COLUMNS_MAX + 2);
    view.interval.seconds = 0;
    view.interval.timings[GATEWAY_REQUEST] = 7;
    top_view_note(&view.history, &view.interval);
    assert_int_equal((int)view.history.timings[GATEWAY_REQUEST][0], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(refusals_of_now_come_first, make_view),
        cmocka_unit_test_setup(nobody_refused_is_said, make_view),
        cmocka_unit_test_setup(certificates_tell_their_days, make_view),
        cmocka_unit_test_setup(what_does_not_fit_is_counted, make_view),
        cmocka_unit_test_setup(a_failed_reload_and_a_lost_gateway_are_said, make_view),
        cmocka_unit_test_setup(why_a_reload_failed_is_a_line_that_is_cut_to_the_window, make_view),
        cmocka_unit_test_setup(every_size_can_be_drawn, make_view),
        cmocka_unit_test_setup(history_keeps_the_latest, make_view),
    };
    return cmocka_run_group_tests_name("cli/top_view", tests, NULL, NULL);
}
