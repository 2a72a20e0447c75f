/* The percentile file of HdrHistogram, which its plotters read. Called by main(). */
#include <math.h>

#include "report.h"
#include "results.h"

#define NS_PER_MS         1e6
#define STEPS_PER_HALVING 5
#define HALVINGS_MAX      40

static void print_row(FILE *output, const struct histogram *latency, double part)
{
    uint64_t ns = histogram_at(latency, part);
    (void)fprintf(output, "%12.3f %2.12f %10llu", (double)ns / NS_PER_MS, part,
                  (unsigned long long)histogram_count_up_to(latency, ns));
    if (part < 1) {
        (void)fprintf(output, " %14.2f", 1 / (1 - part));
    }
    (void)fputc('\n', output);
}

/* Five steps for each halving of what is left, until nothing is. */
static void print_rows(FILE *output, const struct histogram *latency)
{
    double rest = 1;
    for (int halving = 0; halving < HALVINGS_MAX; halving++) {
        for (int step = 0; step < STEPS_PER_HALVING; step++) {
            double part = 1 - rest + rest / 2 * step / STEPS_PER_HALVING;
            print_row(output, latency, part);
        }
        rest /= 2;
        if (rest * (double)latency->count < 1) {
            break;
        }
    }
    print_row(output, latency, 1);
}

void report_hgrm(FILE *output, const struct results *results)
{
    const struct histogram *latency = &results->tally->latency;
    (void)fputs("       Value     Percentile TotalCount 1/(1-Percentile)\n\n", output);
    if (latency->count > 0) {
        print_rows(output, latency);
    }
    (void)fprintf(output, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n",
                  histogram_mean(latency) / NS_PER_MS, histogram_deviation(latency) / NS_PER_MS);
    (void)fprintf(output, "#[Max     = %12.3f, Total count    = %12llu]\n",
                  (double)latency->most_ns / NS_PER_MS, (unsigned long long)latency->count);
    (void)fprintf(output, "#[Buckets = %12d, SubBuckets     = %12d]\n",
                  37 - HISTOGRAM_PRECISION_BITS + 1, 1 << HISTOGRAM_PRECISION_BITS);
}
