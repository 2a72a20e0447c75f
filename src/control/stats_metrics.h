/* GET /metrics: the text format of Prometheus, version 0.0.4. The stats thread's; no state. */
#ifndef CONTROL_STATS_METRICS_H
#define CONTROL_STATS_METRICS_H

#include <stdio.h>

#include "stats_figures.h"

#define STATS_METRICS_PREFIX "sallyport_"

/* Every series that there can be, also those at 0. */
void stats_metrics_print(const struct stats_figures *figures, FILE *output);

/* For families that are printed elsewhere: their head (name without prefix), the value of a label.
 */
void stats_metrics_print_family(FILE *output, const char *family, const char *type,
                                const char *help);
void stats_metrics_print_escaped(FILE *output, const char *value);

#endif
