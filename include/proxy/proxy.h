/*
 * One worker's share of the traffic: its clients and its connections to backends. Owned by that
 * worker; every call is made on its thread, none from within an event of its ring but those that
 * say so.
 */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "base/log_queue.h"
#include "net/ring.h"
#include "net/timer_wheel.h"
#include "proxy/counters.h"
#include "proxy/generation.h"
#include "proxy/traffic_labels.h"

struct mailbox;
struct ocsp_cache;
struct ocsp_engine;
struct proxy;
struct proxy_generation;
struct ticket_seed;
struct trust_cache_user;

/* What the worker lends; all of it outlives the proxy. */
struct proxy_surroundings {
    struct ring *ring;
    struct timer_wheel *wheel;
    struct counters *counters;
    struct log_queue *access_log;             /* NULL: none is written */
    enum config_log_format access_log_format; /* of its lines */
    const struct generation *generation;      /* the first */
    struct trust_cache_user *trust;           /* the worker's; awake during every call */
    const struct ticket_seed *ticket_seed;    /* NULL: no session tickets */
    const struct ocsp_cache *ocsp_cache;      /* NULL: nothing is known of revocations */
    struct ocsp_engine *ocsp_engine;          /* NULL: nobody can be asked */
    struct mailbox *mailbox;                  /* of this worker: where answers come in */
    uint32_t connections_max;                 /* of this worker */
    uint32_t worker_index;                    /* from 0 */
    const struct traffic_labels *labels;      /* NULL: the traffic is not told apart */
};

/* Builds the worker's TLS contexts. ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY, ERROR_BAD_CONFIG. */
struct result proxy_create(const struct proxy_surroundings *surroundings, struct proxy **ret_proxy);

/* Accepts NULL. No connection may be left. */
void proxy_destroy(struct proxy *proxy);

/*
 * The control thread, while the proxy's works on: what content means for this worker, its TLS
 * contexts above all. content outlives it. ERROR_OUT_OF_MEMORY, ERROR_TLS_LIBRARY,
 * ERROR_BAD_CONFIG.
 */
struct result proxy_generation_create(struct proxy *proxy, const struct generation *content,
                                      struct proxy_generation **ret_generation);

/* The control thread. Accepts NULL. One that was never published. */
void proxy_generation_destroy(struct proxy_generation *generation);

const struct generation *proxy_generation_content(const struct proxy_generation *generation);

/*
 * New clients come under generation from now on, those that are here with their next request. Not
 * in an event of a connection. What was published before is given up when its last client has moved
 * or gone; its content's users tell.
 */
void proxy_generation_publish(struct proxy *proxy, struct proxy_generation *generation);

/* Lines of the access log go to queue (NULL: nowhere) from now on, in that format. */
void proxy_log_to(struct proxy *proxy, struct log_queue *queue, enum config_log_format format);

/* What new clients come under. */
struct proxy_generation *proxy_current(const struct proxy *proxy);

/* Takes a connected client that came in at endpoint; in an event or not.
 * Closes it when there is no room. */
void proxy_accept(struct proxy *proxy, int descriptor, const struct endpoint *endpoint);

/* How many clients more could be taken. */
uint32_t proxy_room_count(const struct proxy *proxy);

/* Counts that clients are left waiting for want of room. */
void proxy_count_pause(struct proxy *proxy);

/* Does what was put off in the turn, frees what has ended and publishes the levels; after every
 * turn of the ring. */
void proxy_turn_ended(struct proxy *proxy);

/* Whether something is put off to the next turn, which should not wait for an event then. */
bool proxy_has_work(const struct proxy *proxy);

/* No connection is kept alive any more: idle ones end with this turn, others after the request that
 * they are at or have begun to send. */
void proxy_drain(struct proxy *proxy);

/* Something was removed from what is trusted: whoever is here without a request is looked at again.
 */
void proxy_review_leases(struct proxy *proxy);

/* Ends every connection at once. */
void proxy_shut(struct proxy *proxy);

/* Whether any is left, on its way out or not. */
bool proxy_has_clients(const struct proxy *proxy);

/* Neither a client nor a backend connection is left, nor a question to the OCSP engine. */
bool proxy_is_empty(const struct proxy *proxy);

#endif
