/*
 * The sections below the rates: a row each in a table. The main thread's; no state.
 */
#ifndef CLI_TOP_SECTION_H
#define CLI_TOP_SECTION_H

#include "top_layout.h"
#include "top_view.h"

/* A part of the screen; it ends before end and before the row end_row. */
struct top_area {
    size_t row;
    size_t end_row;
    size_t column;
    size_t end;
};

enum top_section { TOP_REFUSALS, TOP_BACKENDS, TOP_CERTIFICATES, TOP_OCSP, TOP_SECTION_COUNT };

/* A refusal and how often it came. */
struct top_refusal {
    const char *reason;
    double rate; /* a second, in the latest interval */
    double total;
};

/* Those that there were at all, the most frequent now first; returns how many. */
size_t top_section_refusals(const struct top_view *view,
                            struct top_refusal ret_refusals[GATEWAY_FIGURES_WORDS_MAX]);

struct top_layout_wish top_section_wish(const struct top_view *view, enum top_section section);

void top_section_draw(const struct top_view *view, enum top_section section, struct screen *screen,
                      struct top_area area);

#endif
