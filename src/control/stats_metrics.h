/* GET /metrics: the text format of Prometheus, version 0.0.4. The stats thread's; no state. */
#ifndef CONTROL_STATS_METRICS_H
#define CONTROL_STATS_METRICS_H

#include <stdio.h>

#include "stats_figures.h"

/* Every series that there can be, also those at 0. */
void stats_metrics_print(const struct stats_figures *figures, FILE *output);

#endif
