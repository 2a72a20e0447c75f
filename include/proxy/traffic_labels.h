/*
 * The names that traffic is counted under. The control thread adds those of a generation before a
 * worker serves it, and never takes one away; any thread reads.
 *
 * Bounded, see label_table.h: at most LABEL_COUNT_MAX of each kind, the last of which is for all
 * others. All of them are names of the configuration, none is chosen by a client.
 */
#ifndef PROXY_TRAFFIC_LABELS_H
#define PROXY_TRAFFIC_LABELS_H

#include "base/bytes.h"
#include "base/label_table.h"
#include "config/config.h"

/* Starts zeroed. */
struct traffic_labels {
    struct label_table profiles;
    struct label_table listeners;
    struct label_table routes; /* a listener with its backend: a reload may give it another */
};

struct traffic_route_name {
    struct bytes listener;
    struct bytes backend;
};

void traffic_labels_add(struct traffic_labels *labels, const struct config *config);

/* LABEL_OTHER when it was not added. */
size_t traffic_labels_find_route(const struct traffic_labels *labels,
                                 const struct config_listener *listener);

/* number is below label_table_count() of routes, or LABEL_OTHER. */
struct traffic_route_name traffic_labels_route(const struct traffic_labels *labels, size_t number);

#endif
