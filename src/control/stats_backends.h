/*
 * The servers of the backends in every report. The stats thread's; no state. Nothing is printed but
 * what belongs to no server when nobody keeps account of them.
 */
#ifndef CONTROL_STATS_BACKENDS_H
#define CONTROL_STATS_BACKENDS_H

#include <stdio.h>

#include "backend_view.h"
#include "stats_figures.h"

/* Calls print for each server, as backend_view_visit() does. */
void stats_backends_visit(const struct stats_figures *figures,
                          void (*print)(void *owner, const struct backend_view *view), void *owner);

/* Of GET /metrics: families with a series a server. */
void stats_backends_print_metrics(const struct stats_figures *figures, FILE *output);

/* GET /backends: an array of objects, one a server. */
void stats_backends_print_json(const struct stats_figures *figures, FILE *output);

/* A member of GET /stats: an array of objects, one a backend with its servers. */
void stats_backends_print_stats(const struct stats_figures *figures, FILE *output);

/* GET /servers: what `sallyport backend list` shows; also a part of GET /status. */
void stats_backends_print_status(const struct stats_figures *figures, FILE *output);

#endif
