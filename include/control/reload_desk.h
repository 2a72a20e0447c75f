/*
 * Where other threads ask for a reload and wait for its true result. The control thread answers;
 * whoever asks while one is under way gets the next one.
 */
#ifndef CONTROL_RELOAD_DESK_H
#define CONTROL_RELOAD_DESK_H

#include <pthread.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "config/diagnostics.h"

/* Less than an answer of the stats server has room for, who adds a line. */
#define RELOAD_DESK_REPORT_BYTES_MAX 65280

struct reload_desk {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    pthread_t control; /* sent SIGHUP for each question */
    uint64_t asked_count;
    uint64_t answered_count; /* questions that the latest answer is for */
    struct result result;
    bool is_closed;
    size_t report_length;
    char report[RELOAD_DESK_REPORT_BYTES_MAX];
};

/* On the control thread, which takes SIGHUP by sigwait(). */
void reload_desk_open(struct reload_desk *desk);

/* Any thread: waits. ERROR_CANCELLED when the desk is closed; else what the reload came to, with
 * its messages in report. */
struct result reload_desk_ask(struct reload_desk *desk, struct text *report);

/* The control thread: how many have asked, before it begins to reload; and what came of it. */
uint64_t reload_desk_begin(struct reload_desk *desk);
void reload_desk_answer(struct reload_desk *desk, uint64_t asked_count, struct result result,
                        const struct diagnostics *diagnostics);

/* Nobody is answered any more. */
void reload_desk_close(struct reload_desk *desk);

#endif
