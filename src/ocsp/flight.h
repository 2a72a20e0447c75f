/*
 * Fetches under way, one for a certificate and its responder, and who waits for each. Owned by the
 * OCSP thread.
 *
 * An ask waits for a flight, its own or one that was under way already, until that ends or its own
 * time is over. A flight whose asks have all gone flies on: what it finds is for the cache. When it
 * has landed it waits for the end of the turn: who is out by it is withdrawn, with all others of
 * the turn, before anybody is answered.
 */
#ifndef OCSP_FLIGHT_H
#define OCSP_FLIGHT_H

#include "fetch_room.h"
#include "finding.h"

/* Refreshes that are under way at once, beside what is asked. */
#define FLIGHT_REFRESH_COUNT_MAX 256

/* Certificates that are withdrawn in one turn; the rest waits for the next. */
#define FLIGHT_WITHDRAWN_COUNT_MAX 32

struct flight_table {
    struct fetch_room *room;
    struct finding_place place;
    struct list *buckets;
    uint32_t bucket_mask;
    uint32_t refresh_count; /* flights that nobody asked for when they began */
    struct slab flights;
    struct slab waiters;
    struct list all;    /* that fly */
    struct list landed; /* in this turn, and those that it has left */
    /* Each time something is known anew (or is not: state is then of a failure). */
    void (*ended)(void *owner, const struct ocsp_id *id, const struct ocsp_state *state,
                  const struct ocsp_manner *manner);
    void *owner;
};

/* room, place, ended and owner are set. ERROR_OUT_OF_MEMORY. */
struct result flight_init_table(struct flight_table *table);

/* Accepts a zeroed table; no flight is left. */
void flight_deinit_table(struct flight_table *table);

/* ask waits for a flight; it is answered at once when there is no room or no responder for it. */
void flight_join(struct flight_table *table, struct ocsp_ask *ask);

/* How flight_refresh() went. */
enum flight_start {
    FLIGHT_STARTED, /* or one is under way */
    FLIGHT_LATER,   /* no turn, room or memory for it now */
    FLIGHT_REFUSED, /* there is no responder to be asked */
};

/* Fetches anew for nobody; question and manner are copied. Unless it may_wait it is started only if
 * the responder has a turn for it now. */
enum flight_start flight_refresh(struct flight_table *table, const struct ocsp_question *question,
                                 const struct ocsp_manner *manner, bool may_wait);

/* At the end of a turn: withdraws and answers by what has landed. True: there is more of it, for a
 * turn that should come at once. */
bool flight_settle(struct flight_table *table);

/* Ends all without a word to the cache; who waits is answered. */
void flight_end_all(struct flight_table *table);

#endif
