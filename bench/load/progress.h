/*
 * A line on standard error while a run lasts: on a terminal it is written over each second, else a
 * new one comes every ten. The main thread's; it reads the lanes' live counts.
 */
#ifndef LOAD_PROGRESS_H
#define LOAD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane;
struct plan;

struct progress {
    bool is_shown;
    bool is_terminal;
    int line_length; /* of the line that is shown */
    bool has_line;   /* one that is not ended yet */
    uint64_t measure_ns;
    uint64_t duration_ns; /* 0: not known */
    uint64_t shown_ns;
    uint64_t shown_operations;
};

void progress_begin(struct progress *progress, const struct plan *plan, uint64_t measure_ns);

/* Called often; shows something when it is time. */
void progress_show(struct progress *progress, struct lane *const *lanes, size_t lane_count,
                   uint64_t now_ns);

void progress_end(struct progress *progress);

#endif
