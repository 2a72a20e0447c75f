/*
 * One question on its way to one responder, and the answer back. A part of a flight; owned by the
 * OCSP thread.
 *
 *   UNUSED -> WAITING -> RESOLVING -> CONNECTING <-> EXCHANGING -> UNUSED
 *                 \__________________________________^
 *
 * Each address of the responder is tried once while time lasts. A connection that was kept alive
 * and turns out closed before the first byte of the answer costs one try more, on a fresh one.
 */
#ifndef OCSP_FETCH_H
#define OCSP_FETCH_H

#include "reply.h"
#include "responder_connection.h"
#include "responder_url.h"
#include "trust/ocsp_request.h"

enum fetch_state {
    FETCH_UNUSED,
    FETCH_WAITING,   /* for its turn */
    FETCH_RESOLVING, /* waits for addresses */
    FETCH_CONNECTING,
    FETCH_EXCHANGING,
    FETCH_STATE_COUNT,
};

struct fetch;

/* response is gone when it returns; empty with a fault. The fetch is UNUSED again. */
typedef void (*fetch_callback)(struct fetch *fetch, enum ocsp_fault fault, struct bytes response);

/* What is asked and how; all of it outlives the fetch. */
struct fetch_order {
    const struct ocsp_question *question;
    const struct ocsp_manner *manner;
    struct bytes url;
    bool is_refresh;
    fetch_callback ended;
};

struct fetch {
    struct responder_user user;
    struct fetch_room *room;
    struct responder *responder;
    struct responder_connection *connection; /* while CONNECTING or EXCHANGING */
    struct list place; /* in the responder's queue, or among those that wait for its addresses */
    struct timer limit;
    struct fetch_order order;
    struct responder_url url;
    uint8_t nonce[OCSP_NONCE_SIZE]; /* where the manner wants one */
    struct reply reply;
    enum ocsp_fault fault; /* of the latest try */
    enum fetch_state state;
    uint64_t begun_ns; /* when it had its turn; 0: not yet */
    uint32_t next_address;
    uint32_t left_count; /* of addresses not tried yet */
    bool has_addresses;  /* the two above are set */
    bool is_reused;      /* the connection has served others before */
    bool has_retried;
};

/*
 * Takes zeroed memory to WAITING; order->ended comes later, never from within. A fault: it was not
 * started (OCSP_FAULT_BAD_URL, OCSP_FAULT_OVERLOAD).
 */
enum ocsp_fault fetch_start(struct fetch *fetch, struct fetch_room *room,
                            const struct fetch_order *order);

/* What the request carried; empty without a nonce. */
struct bytes fetch_nonce(const struct fetch *fetch);

/* Ends without a word. Harmless when UNUSED. */
void fetch_abandon(struct fetch *fetch);

/* For the responder: it has its turn; the addresses are there, or are known not to be. */
void fetch_begin(struct fetch *fetch);
void fetch_go_on(struct fetch *fetch);

#endif
