/*
 * What is known of each server of each backend: of those of the configuration in use, and of those
 * that former generations still serve. Kept by backend_health.c under its lock; whoever is given
 * one holds that lock.
 */
#ifndef CONTROL_HEALTH_RECORD_H
#define CONTROL_HEALTH_RECORD_H

#include "base/list.h"
#include "base/text.h"
#include "config/config_limits.h"
#include "proxy/generation.h"
#include "proxy/server_health.h"

struct health_probe;

struct health_backend {
    struct list place; /* among the backends */
    char name[CONFIG_NAME_BYTES_MAX + 1];
    const struct config_backend *config; /* NULL: not in the configuration in use */
    struct list servers;                 /* of struct health_server */
    bool is_disabled;                    /* as a whole: servers that come to it are, too */
    bool is_without_server;              /* as was said last */
};

struct health_server {
    struct list place; /* in the backend's list */
    struct health_backend *backend;
    struct server_health *shared; /* with the workers */
    char text[sizeof(((struct backend_address *)0)->text)];
    const struct backend_address *address; /* NULL: not in the configuration in use */
    uint32_t generation_count;             /* that name it */
    /* Ejection. */
    uint64_t ejected_until_ms;
    uint64_t returned_ms;    /* when it ended last */
    uint32_t ejected_ms;     /* how long it was last */
    uint32_t ejection_count; /* without a good time between them */
    bool is_trial_offered;   /* and nobody has said yet how it went */
    /* Checks. */
    uint64_t next_check_ms;
    struct health_probe *probe; /* the check under way; NULL: none */
    uint32_t checks_in_row;     /* with the same outcome; 0: none was made yet */
    bool was_latest_check_good;
    /* Since the server is known. */
    uint64_t checks_total;
    uint64_t bad_checks_total;
    uint64_t ejections_total;
    char reason[96]; /* why it was put out of service last; empty: it never was */
};

static inline struct health_server *health_server_of(struct list *place)
{
    return LIST_OWNER(place, struct health_server, place);
}

#endif
