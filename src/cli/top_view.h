/*
 * What `sallyport top` shows, and how it is laid out for a size of window. The main thread's.
 */
#ifndef CLI_TOP_VIEW_H
#define CLI_TOP_VIEW_H

#include "gateway_rates.h"
#include "screen.h"

/* The latest rates, for small charts; the newest one is behind all others. */
struct top_history {
    double timings[GATEWAY_TIMING_COUNT][SCREEN_COLUMNS_MAX];
    size_t count;
};

struct top_view {
    const struct gateway_figures *latest;
    const struct gateway_words *former_verdicts; /* empty at the first look */
    struct gateway_interval interval;
    struct top_history history;
    double wanted_seconds; /* between two looks */
    const char *fault;     /* why the gateway does not answer; NULL: it does */
    double silent_seconds; /* since it last answered */
    bool is_live;          /* keys are taken */
};

/* What the latest interval adds; the oldest one goes when there is no more room. */
void top_view_note(struct top_history *history, const struct gateway_interval *interval);

void top_view_draw(const struct top_view *view, struct screen *screen);

/* As many rows as show everything, in a window so wide. */
size_t top_view_rows(const struct top_view *view, size_t columns);

#endif
