/*
 * One OCSP responder, a host and a port: its addresses, its idle connections, and whose turn it is.
 * Owned by the OCSP thread; forgotten when the room for them is used up and nobody needs it.
 *
 * At most inflight_max fetches have their turn at once; the rest wait, those that somebody waits
 * for mostly before refreshes. A turn is given at the end of a loop turn only, never from within a
 * call.
 */
#ifndef OCSP_RESPONDER_H
#define OCSP_RESPONDER_H

#include "fetch_room.h"
#include "name_resolver.h"
#include "responder_url.h"

/* Addresses are used for so long; that there are none is believed for less. */
#define RESPONDER_ADDRESSES_MS 60000
#define RESPONDER_NO_NAME_MS   10000

struct fetch;
struct responder_connection;

struct responder {
    struct fetch_room *room;
    struct list use;       /* in room->responders */
    struct list ready;     /* in room->ready */
    struct list urgent;    /* fetches that wait for their turn, and somebody for them */
    struct list patient;   /* refreshes that wait for their turn */
    struct list resolving; /* fetches that wait for the addresses */
    struct list idle;      /* connections, the latest used first */
    uint32_t active_count; /* fetches that have their turn */
    uint32_t waiting_count;
    uint32_t idle_count;
    uint32_t turn_count;        /* given so far */
    struct name_lookup *lookup; /* under way */
    struct name_addresses addresses;
    uint64_t addresses_until_ms; /* by the wheel's clock; also when there are none */
    uint32_t preferred;          /* the address that was connected to last */
    size_t label;                /* what its fetches are counted under */
    bool is_failing;             /* as reported */
    bool is_address;
    uint16_t port;
    char host[HTTP_HOST_BYTES_MAX + 1];
};

/* Before the first use of room. ERROR_OUT_OF_MEMORY. */
struct result responder_init_room(struct fetch_room *room);

/* The one of url, new if need be. NULL: no room or memory for one more. */
struct responder *responder_find(struct fetch_room *room, const struct responder_url *url);

/* Whether a refresh would get its turn at once: one that would not can as well wait at home. */
bool responder_has_turns(const struct responder *responder);

/* fetch gets its turn by fetch_begin() at the end of a loop turn. */
void responder_enter(struct responder *responder, struct fetch *fetch);

/* It does not want one any more, or has had it. */
void responder_withdraw(struct responder *responder, struct fetch *fetch);
void responder_leave(struct responder *responder);

/* Whether the addresses are known (there may be none); else they are being looked up, and fetch
 * hears of them by fetch_go_on(). ERROR_OUT_OF_MEMORY, ERROR_THREAD: neither. */
struct result responder_resolve(struct responder *responder, struct fetch *fetch,
                                bool *ret_is_known);

/* None of the addresses could be connected to: they are looked up again soon, but not for each
 * fetch. */
void responder_doubt_addresses(struct responder *responder);

/* The idle connection that was used last, not yet taken; NULL when there is none. */
struct responder_connection *responder_find_idle(struct responder *responder);

/* Keeps a BUSY connection for the next fetch, or closes it when as many are idle as there are turns
 * at once. */
void responder_return(struct responder_connection *connection);

/* Takes an IDLE connection out of what can be reused. */
void responder_unpark(struct responder_connection *connection);

/* How a fetch went, for the report of a change. */
void responder_note(struct responder *responder, enum ocsp_fault fault);

/* What a fetch came to; begun_ns: when it had its turn, 0: it had none. */
void responder_count(struct responder *responder, enum ocsp_outcome outcome, uint64_t begun_ns);

/* Gives turns; once a loop turn, when no event is being delivered. */
void responder_review_room(struct fetch_room *room);

/* Forgets all of them; no fetch is left. */
void responder_empty_room(struct fetch_room *room);

/* Accepts a zeroed room; it is empty, and its connections are back. */
void responder_deinit_room(struct fetch_room *room);

#endif
