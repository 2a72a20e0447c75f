/*
 * What reports say of the servers of the configuration in use. Any thread; nobody is disturbed but
 * the health thread, for as long as a visit takes.
 */
#ifndef CONTROL_BACKEND_VIEW_H
#define CONTROL_BACKEND_VIEW_H

#include "backend_health.h"
#include "proxy/server_health.h"

/* Texts live during the visit. */
struct backend_view {
    const char *backend;
    const char *server;  /* its address */
    const char *written; /* as it stands in the configuration */
    const char *state;   /* up, disabled, down, ejected or trial */
    const char *reason;  /* of down, ejected and trial; else empty */
    bool is_up;          /* it gets requests */
    uint64_t request_count;
    uint64_t under_way_count;
    uint64_t failure_counts[SERVER_FAILURE_COUNT];
    uint64_t check_count;
    uint64_t bad_check_count;
    uint64_t ejection_count;
};

/* Calls visit for each, in the order of the configuration; it must not call back. */
void backend_view_visit(struct backend_health *health,
                        void (*visit)(void *owner, const struct backend_view *view), void *owner);

#endif
