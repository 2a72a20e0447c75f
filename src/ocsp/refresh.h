/*
 * Which certificates are to be fetched anew, and when. Owned by the OCSP thread.
 *
 * A heap of moments (wall time) says when to look at a record of the cache again; whether it is
 * then fetched depends on its being in use. Moments of records that were replaced or pushed out are
 * dropped when they come round, or when the heap is made anew from the cache: at the start, when
 * the wall clock has jumped back, and when too many have gathered. So are those of records from a
 * responder that no profile names any more: who wants them asks elsewhere when they have ended.
 */
#ifndef OCSP_REFRESH_H
#define OCSP_REFRESH_H

#include "flight.h"
#include "manner_list.h"

struct refresh_moment {
    int64_t due_seconds;
    int64_t stamp_seconds; /* of the record that it was made for */
    struct ocsp_id id;
};

/* One of the gateway's own certificates, in use for as long as it is in the list. */
struct kept_question {
    struct ocsp_question *question;
    int64_t due_seconds;
    bool is_cached; /* its answer was in the cache when it was last looked for */
};

struct kept_list {
    struct letter letter; /* of control to the engine */
    struct ocsp_engine *engine;
    struct ocsp_manner manner;           /* of these questions */
    struct manner_list *clients_manners; /* of all others; the list's own */
    size_t count;
    struct kept_question items[];
};

struct refresh {
    struct flight_table *flights;
    const struct ocsp_cache *cache;
    struct refresh_moment *moments; /* a binary heap, the earliest first */
    size_t count;
    size_t capacity;
    struct kept_list *kept; /* NULL: not told yet, so any manner of asking will do */
    int64_t looked_at_seconds;
};

/* flights and cache are set; the caller is awake. What was loaded from the disk is found here. */
void refresh_start(struct refresh *refresh, int64_t now_seconds);

void refresh_deinit(struct refresh *refresh);

/* A flight has ended. */
void refresh_note(struct refresh *refresh, const struct ocsp_id *id, const struct ocsp_state *state,
                  const struct ocsp_manner *manner);

/* Starts what is due; about once a second. */
void refresh_review(struct refresh *refresh, int64_t now_seconds);

/* list becomes the refresh's, in the place of the one before; fetched is what is not known. */
void refresh_keep(struct refresh *refresh, struct kept_list *list, int64_t now_seconds);

/* Accepts NULL. */
void refresh_free_list(struct kept_list *list);

/* Whether there is anything to look at as time goes by. */
static inline bool refresh_has_work(const struct refresh *refresh)
{
    return refresh->count > 0 || refresh->kept != NULL;
}

#endif
