/*
 * One TCP connection to a responder. Owned by the OCSP thread.
 *
 *   FREE -> CONNECTING -> BUSY <-> IDLE
 *               \__________\________\____> REAPING -> FREE
 *
 * BUSY serves one fetch; IDLE waits at its responder for the next. REAPING waits until the kernel
 * has handed back every operation; it is freed at the end of the turn.
 */
#ifndef OCSP_RESPONDER_CONNECTION_H
#define OCSP_RESPONDER_CONNECTION_H

#include "fetch_room.h"
#include "name_resolver.h"
#include "net/stream.h"

/* A responder may close what is idle at any time; it is not worth keeping for longer. */
#define RESPONDER_CONNECTION_IDLE_MS 15000

struct responder;

enum responder_connection_state {
    RESPONDER_CONNECTION_FREE,
    RESPONDER_CONNECTION_CONNECTING,
    RESPONDER_CONNECTION_BUSY,
    RESPONDER_CONNECTION_IDLE,
    RESPONDER_CONNECTION_REAPING,
    RESPONDER_CONNECTION_STATE_COUNT,
};

/* The fetch that uses a connection, and what it is told. An event may abandon or park the
 * connection. */
struct responder_user {
    const struct responder_user_events *events;
    uint32_t connect_timeout_ms;
    uint32_t read_timeout_ms; /* between two arrivals */
};

struct responder_user_events {
    void (*connected)(struct responder_user *user);
    /* The connection is gone already. */
    void (*connect_failed)(struct responder_user *user);
    void (*received)(struct responder_user *user, struct bytes bytes);
    /* The responder sends no more. */
    void (*ended)(struct responder_user *user);
    /* It has sent nothing for read_timeout_ms. */
    void (*fell_silent)(struct responder_user *user);
};

struct responder_connection {
    struct stream stream;
    struct operation connect;
    struct timer timer; /* connecting, reading or idle */
    struct list place;  /* in the responder's idle list, or among those to be freed */
    struct list idle;   /* in the room's idle list, while in the responder's */
    struct fetch_room *room;
    struct responder *responder; /* not while REAPING: it may have been forgotten */
    struct responder_user *user; /* while CONNECTING or BUSY */
    struct name_address address;
    enum responder_connection_state state;
};

/*
 * A connection CONNECTING for user, who hears how it went, never from within this call.
 * ERROR_LIMIT_REACHED: no slot or descriptor; ERROR_OUT_OF_MEMORY; ERROR_SYSTEM: not to such an
 * address.
 */
struct result responder_connection_start(struct responder *responder,
                                         const struct name_address *address,
                                         struct responder_user *user,
                                         struct responder_connection **ret_connection);

/* IDLE to BUSY. */
void responder_connection_take(struct responder_connection *connection,
                               struct responder_user *user);

/* BUSY to IDLE: the answer was read to its end and the responder keeps the connection. */
void responder_connection_park(struct responder_connection *connection);

/* Any state to REAPING; its user hears nothing more. Harmless when REAPING. */
void responder_connection_abandon(struct responder_connection *connection);

/* Frees what has come back from the kernel; once a turn, when no event is being delivered. */
void responder_connection_reap(struct fetch_room *room);

#endif
