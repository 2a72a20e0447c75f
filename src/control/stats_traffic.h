/*
 * The part of the metrics that is told apart by listener, and by the backend behind it. The stats
 * thread's; no state.
 */
#ifndef CONTROL_STATS_TRAFFIC_H
#define CONTROL_STATS_TRAFFIC_H

#include <stdio.h>

#include "stats_figures.h"

void stats_traffic_print(const struct stats_figures *figures, FILE *output);

#endif
