/*
 * The reports for people and scripts: JSON, and a page of text. The stats thread's; no state. Names
 * of members are stable: they are those of the counters' lists.
 */
#ifndef CONTROL_STATS_REPORT_H
#define CONTROL_STATS_REPORT_H

#include <stdio.h>

#include "stats_figures.h"

/* GET /stats: an object. */
void stats_report_print_stats(const struct stats_figures *figures, FILE *output);

/* GET /profiles: an array of objects. */
void stats_report_print_profiles(const struct stats_figures *figures, FILE *output);

/* GET /certificates: an array of objects. */
void stats_report_print_certificates(const struct stats_figures *figures, FILE *output);

/* GET /status: what `sallyport status` shows. */
void stats_report_print_status(const struct stats_figures *figures, FILE *output);

#endif
