/* A counter of questions and a counter of answers under one lock. */
#include "control/reload_desk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

void reload_desk_open(struct reload_desk *desk)
{
    (void)pthread_mutex_init(&desk->lock, NULL); /* cannot fail without attributes */
    (void)pthread_cond_init(&desk->answered, NULL);
    desk->control = pthread_self();
    desk->asked_count = 0;
    desk->answered_count = 0;
    desk->is_closed = false;
    desk->report_length = 0;
}

struct result reload_desk_ask(struct reload_desk *desk, struct text *report)
{
    struct result result = result_failure(ERROR_CANCELLED);
    (void)pthread_mutex_lock(&desk->lock);
    uint64_t number = ++desk->asked_count;
    if (!desk->is_closed) {
        (void)pthread_kill(desk->control, SIGHUP);
    }
    while (desk->answered_count < number && !desk->is_closed) {
        (void)pthread_cond_wait(&desk->answered, &desk->lock);
    }
    if (desk->answered_count >= number) {
        result = desk->result;
        text_append(report, bytes_from(desk->report, desk->report_length));
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return result;
}

uint64_t reload_desk_begin(struct reload_desk *desk)
{
    (void)pthread_mutex_lock(&desk->lock);
    uint64_t asked_count = desk->asked_count;
    (void)pthread_mutex_unlock(&desk->lock);
    return asked_count;
}

/* Half a line would look like another message. */
static void keep_whole_lines(struct reload_desk *desk, struct bytes printed)
{
    static const char cut[] = "further messages are in error_log only\n";
    struct text report = text_over(desk->report, sizeof(desk->report));
    bool is_cut = printed.length > sizeof(desk->report);
    if (is_cut) {
        printed.length = sizeof(desk->report) - (sizeof(cut) - 1);
        while (printed.length > 0 && printed.at[printed.length - 1] != '\n') {
            printed.length--;
        }
    }
    text_append(&report, printed);
    text_append_string(&report, is_cut ? cut : "");
    desk->report_length = report.length;
}

/* Of a failure without a message at least what the result says. */
static void print_report(struct result result, const struct diagnostics *diagnostics, FILE *output)
{
    diagnostics_print(diagnostics, output);
    if (!result_is_ok(result) && diagnostics->error_count == 0) {
        (void)fprintf(output, "error: %s\n", result_text(result));
    }
}

/* Nothing when there is no memory. */
static void write_report(struct reload_desk *desk, const struct diagnostics *diagnostics)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *report = open_memstream(&printed, &length);
    desk->report_length = 0;
    if (report == NULL) {
        return;
    }
    print_report(desk->result, diagnostics, report);
    if (fclose(report) == 0) {
        keep_whole_lines(desk, bytes_from(printed, length));
    }
    free(printed);
}

void reload_desk_answer(struct reload_desk *desk, uint64_t asked_count, struct result result,
                        const struct diagnostics *diagnostics)
{
    (void)pthread_mutex_lock(&desk->lock);
    desk->answered_count = asked_count;
    desk->result = result;
    write_report(desk, diagnostics);
    (void)pthread_cond_broadcast(&desk->answered);
    (void)pthread_mutex_unlock(&desk->lock);
}

void reload_desk_close(struct reload_desk *desk)
{
    (void)pthread_mutex_lock(&desk->lock);
    desk->is_closed = true;
    (void)pthread_cond_broadcast(&desk->answered);
    (void)pthread_mutex_unlock(&desk->lock);
}
