/*
 * What happened between two looks at a gateway: rates, and percentiles of the durations of that
 * time alone. The main thread's; a plain value.
 */
#ifndef CLI_GATEWAY_RATES_H
#define CLI_GATEWAY_RATES_H

#include "gateway_figures.h"

struct gateway_interval {
    double seconds; /* between the two looks; 0: there is one look only, all else is 0 or NAN */
    double numbers[GATEWAY_NUMBER_COUNT];     /* a second; only of what counts upwards */
    double timings[GATEWAY_TIMING_COUNT];     /* durations that were counted, a second */
    double p50_seconds[GATEWAY_TIMING_COUNT]; /* NAN: there were none */
    double p99_seconds[GATEWAY_TIMING_COUNT];
};

/*
 * former: NULL for the first look. When the gateway was started anew in between nothing is known,
 * as after a first look. seconds: that lie between the two, by the clock of whoever looks.
 */
void gateway_rates_measure(const struct gateway_figures *former,
                           const struct gateway_figures *latest, double seconds,
                           struct gateway_interval *ret_interval);

/* Of a counter; 0 when it went back. */
double gateway_rates_of(double former, double latest, double seconds);

/* Of the word in one of the lists, by its place in latest. */
double gateway_rates_of_word(const struct gateway_words *former, const struct gateway_words *latest,
                             size_t place, double seconds);

/*
 * The bound that `thousandths` of a thousand of the durations counted between the two do not
 * exceed, NAN when there are none. counts: of bound_count + 1 buckets; former may be NULL. Of the
 * last bucket only the beginning is known.
 */
double gateway_rates_quantile(const double *former, const double *latest,
                              const struct gateway_figures *bounds, unsigned thousandths);

#endif
