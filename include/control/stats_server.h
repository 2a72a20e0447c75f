/*
 * HTTP/1.1 over the stats socket, and over an address of loopback if one is wanted: figures for
 * everybody who may read, changes for root and the owner. A thread of its own serves it: no worker
 * is ever asked, and who reads slowly or never delays nobody.
 *
 * Started and stopped by the control thread. One request a connection; bounded clients, each with
 * five seconds to ask and five to take its answer. When there are too many, the oldest goes.
 */
#ifndef CONTROL_STATS_SERVER_H
#define CONTROL_STATS_SERVER_H

#include "base/result.h"
#include "base/text.h"
#include "control/stats_catalogue.h"
#include "control/stats_sources.h"

#define STATS_CLIENT_COUNT_MAX 64
/* Of a request with its head and body. */
#define STATS_REQUEST_BYTES_MAX 8192
/* Of what an action reports; more is cut. */
#define STATS_REPORT_BYTES_MAX 65536

struct stats_server;

/*
 * What clients may ask the gateway to do. Each comes on a thread that is made for it, one at a
 * time, may block, and says in report (plain text, lines) what came of it. A failure is answered
 * with 422 when the operator can mend it (what is configured is wrong or cannot be had), 404 for
 * ERROR_NOT_FOUND, 503 for ERROR_CANCELLED, and 500 when it is the gateway's own: memory, threads,
 * descriptors, the system. NULL: not available, 501. Each must return soon when the control thread
 * wants to stop: stats_server_stop() waits for it.
 */
struct stats_actions {
    void *owner;
    struct result (*reload)(void *owner, struct text *report);
    struct result (*drain)(void *owner, struct text *report);
    struct result (*stop)(void *owner, struct text *report);
    /* Or enable, when it is not disabled. target: BACKEND or BACKEND/SERVER. */
    struct result (*disable)(void *owner, struct bytes target, bool is_disabled,
                             struct text *report);
};

/* What is pointed to outlives the server. */
struct stats_server_settings {
    const char *socket_path;              /* NULL: none */
    const struct config_address *address; /* of loopback; NULL: none */
    uint32_t client_count_max;            /* from 1 to STATS_CLIENT_COUNT_MAX */
    struct stats_sources sources;         /* what is there already */
    struct stats_actions actions;
    struct stats_catalogue *catalogue; /* until another is published; NULL: none yet */
};

/*
 * Opens the sockets and starts the thread, in STATS_STARTING. On failure reason tells a person what
 * is wrong: ERROR_ADDRESS_IN_USE (another instance), ERROR_FILE, ERROR_NOT_PERMITTED,
 * ERROR_ADDRESS_UNAVAILABLE, ERROR_LIMIT_REACHED, ERROR_OUT_OF_MEMORY, ERROR_THREAD. The catalogue
 * is the server's, on failure still the caller's.
 */
struct result stats_server_start(const struct stats_server_settings *settings, struct text *reason,
                                 struct stats_server **ret_server);

/* Any thread: where figures come from, from now on. */
void stats_server_watch(struct stats_server *server, const struct stats_sources *sources);

/* Any thread: the answer to /readyz from now on. */
void stats_server_enter(struct stats_server *server, enum stats_phase phase);

/* Any thread: what reports say of the generation in use from now on; the server's, also to destroy.
 */
void stats_server_publish(struct stats_server *server, struct stats_catalogue *catalogue);

/* Any thread: how a reload has ended; failure is copied. NULL: it was good. */
void stats_server_note_reload(struct stats_server *server, const struct reload_failure *failure);

/* Gives answers under way a moment to leave, then ends the thread and removes the socket. Accepts
 * NULL. */
void stats_server_stop(struct stats_server *server);

#endif
