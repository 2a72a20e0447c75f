/* What a long run shows; see the header. Called by run.c. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "lane.h"
#include "quantity.h"

#define NS_PER_SECOND      UINT64_C(1000000000)
#define LINE_SIZE          160
#define TERMINAL_PERIOD_NS (1 * NS_PER_SECOND)
#define FILE_PERIOD_NS     (10 * NS_PER_SECOND)

void progress_begin(struct progress *progress, const struct plan *plan, uint64_t measure_ns)
{
    bool ends_by_count = plan->operation_count > 0 && !plan->has_duration;
    *progress = (struct progress){
        .is_shown = !plan->is_quiet,
        .is_terminal = isatty(STDERR_FILENO) == 1,
        .measure_ns = measure_ns,
        .duration_ns = ends_by_count ? 0 : plan->duration_ns,
        .shown_ns = measure_ns,
    };
}

void progress_show(struct progress *progress, struct lane *const *lanes, size_t lane_count,
                   uint64_t now_ns)
{
    uint64_t period_ns = progress->is_terminal ? TERMINAL_PERIOD_NS : FILE_PERIOD_NS;
    uint64_t operations = 0;
    uint64_t errors = 0;
    char total[QUANTITY_SIZE];
    char rate[QUANTITY_SIZE];
    char most[QUANTITY_SIZE + 4] = "";
    char line[LINE_SIZE];
    if (!progress->is_shown || now_ns < progress->shown_ns + period_ns) {
        return;
    }
    for (size_t i = 0; i < lane_count; i++) {
        operations += atomic_load_explicit(&lanes[i]->tally->live_operations, memory_order_relaxed);
        errors += atomic_load_explicit(&lanes[i]->tally->live_errors, memory_order_relaxed);
    }
    uint64_t per_second =
        (operations - progress->shown_operations) * NS_PER_SECOND / (now_ns - progress->shown_ns);
    if (progress->duration_ns > 0) {
        (void)snprintf(most, sizeof(most), " of %llu",
                       (unsigned long long)(progress->duration_ns / NS_PER_SECOND));
    }
    int length = snprintf(line, sizeof(line), "%llu%s s: %s %s, %s /s, %llu %s",
                          (unsigned long long)((now_ns - progress->measure_ns) / NS_PER_SECOND),
                          most, quantity_write_count(operations, total),
                          text_noun(operations, "operation", "operations"),
                          quantity_write_count(per_second, rate), (unsigned long long)errors,
                          text_noun(errors, "error", "errors"));
    /* Over the line before, of which nothing may stay. */
    (void)fprintf(stderr, progress->is_terminal ? "\r%-*s" : "%-*s\n",
                  progress->is_terminal ? progress->line_length : 0, line);
    progress->line_length = length;
    (void)fflush(stderr);
    progress->has_line = progress->is_terminal;
    progress->shown_ns = now_ns;
    progress->shown_operations = operations;
}

void progress_end(struct progress *progress)
{
    if (progress->has_line) {
        (void)fputc('\n', stderr);
        progress->has_line = false;
    }
}
