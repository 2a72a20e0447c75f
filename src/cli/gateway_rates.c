/* Differences between two looks. Called by command_top.c. */
#include "gateway_rates.h"

#include <math.h>
#include <string.h>

double gateway_rates_of(double former, double latest, double seconds)
{
    return seconds > 0 && latest > former ? (latest - former) / seconds : 0;
}

double gateway_rates_of_word(const struct gateway_words *former, const struct gateway_words *latest,
                             size_t place, double seconds)
{
    const struct gateway_word *wanted = &latest->items[place];
    for (size_t i = 0; i < former->count; i++) {
        if (strcmp(former->items[i].word, wanted->word) == 0) {
            return gateway_rates_of(former->items[i].count, wanted->count, seconds);
        }
    }
    return gateway_rates_of(0, wanted->count, seconds);
}

static double count_between(const double *former, const double *latest, size_t bucket)
{
    double before = former == NULL ? 0 : former[bucket];
    return latest[bucket] > before ? latest[bucket] - before : 0;
}

static double count_all(const double *former, const double *latest, size_t bound_count)
{
    double count = 0;
    for (size_t i = 0; i <= bound_count; i++) {
        count += count_between(former, latest, i);
    }
    return count;
}

double gateway_rates_quantile(const double *former, const double *latest,
                              const struct gateway_figures *bounds, unsigned thousandths)
{
    double wanted = ceil(count_all(former, latest, bounds->bound_count) * thousandths / 1000);
    double seen = 0;
    for (size_t i = 0; i < bounds->bound_count; i++) {
        seen += count_between(former, latest, i);
        if (seen > 0 && seen >= wanted) {
            return bounds->bounds_seconds[i];
        }
    }
    bool is_last = wanted > 0 && bounds->bound_count > 0;
    return is_last ? bounds->bounds_seconds[bounds->bound_count - 1] : NAN;
}

static void measure_timing(const struct gateway_figures *former,
                           const struct gateway_figures *latest, enum gateway_timing timing,
                           struct gateway_interval *interval)
{
    const double *before = former->timings[timing];
    const double *now = latest->timings[timing];
    interval->timings[timing] = count_all(before, now, latest->bound_count) / interval->seconds;
    interval->p50_seconds[timing] = gateway_rates_quantile(before, now, latest, 500);
    interval->p99_seconds[timing] = gateway_rates_quantile(before, now, latest, 990);
}

/* The gateway tells its start by a clock that is put right now and then. */
static bool is_another_run(const struct gateway_figures *former,
                           const struct gateway_figures *latest)
{
    return fabs(latest->numbers[GATEWAY_START_SECONDS] - former->numbers[GATEWAY_START_SECONDS]) >
           1;
}

void gateway_rates_measure(const struct gateway_figures *former,
                           const struct gateway_figures *latest, double seconds,
                           struct gateway_interval *ret_interval)
{
    *ret_interval = (struct gateway_interval){0};
    for (size_t i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        ret_interval->p50_seconds[i] = NAN;
        ret_interval->p99_seconds[i] = NAN;
    }
    if (former == NULL || seconds <= 0 || is_another_run(former, latest)) {
        return;
    }
    ret_interval->seconds = seconds;
    for (size_t i = 0; i < GATEWAY_NUMBER_COUNT; i++) {
        ret_interval->numbers[i] =
            gateway_rates_of(former->numbers[i], latest->numbers[i], seconds);
    }
    for (enum gateway_timing i = 0; i < GATEWAY_TIMING_COUNT; i++) {
        measure_timing(former, latest, i, ret_interval);
    }
}
