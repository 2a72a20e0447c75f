/*
 * A pinned thread with its own ring, its own listening sockets and its own share of the
 * connections.
 *
 * Created, told and joined by the control thread; everything inside belongs to the worker's thread
 * but the counters and the log queue, which others read.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdatomic.h>

#include "base/list.h"
#include "base/log_queue.h"
#include "base/result.h"
#include "proxy/counters.h"
#include "proxy/generation.h"
#include "trust/trust_cache.h"

struct worker;

/* What all workers share; outlives them. */
struct worker_shared {
    struct reclaim *reclaim; /* with room for every worker, and for the OCSP threads */
    struct trust_cache *trust_cache;
    const struct ticket_seed *ticket_seed; /* NULL: no session tickets */
    struct ocsp_cache *ocsp_cache;
    struct ocsp_engine *ocsp_engine;
    const struct traffic_labels *labels; /* what traffic is counted under; NULL: one label */
};

struct worker_settings {
    const struct generation *generation; /* outlives the worker */
    const struct worker_shared *shared;
    const int *listen_sockets; /* one an endpoint, in its order; the worker's from now on */
    bool shares_sockets;       /* others accept from duplicates of some of them */
    uint32_t index;
    int32_t cpu; /* -1: not pinned */
    uint32_t connections_max;
    uint32_t turn_limit_ms; /* the longest sleep */
};

/*
 * Starts the thread and waits until it is ready to accept. ERROR_THREAD, ERROR_NO_RING,
 * ERROR_LIMIT_REACHED (of descriptors), ERROR_OUT_OF_MEMORY and what proxy_create() says; the
 * sockets are closed then too.
 */
struct result worker_start(const struct worker_settings *settings, struct worker **ret_worker);

/* Lets clients in. Once, when all workers are ready. */
void worker_open(struct worker *worker);

/* What one worker needs to go over to another generation. */
struct worker_publication {
    struct proxy_generation *generation;
    struct list acceptors; /* of the addresses that are new; taken over */
};

/* The control thread, while the worker works: prepares a generation that outlives it.
 * listen_sockets: one an endpoint, in its order, or -1 where the worker has one; the publication's
 * from now on, also on failure. As proxy_generation_create() says. */
struct result worker_prepare(struct worker *worker, const struct generation *generation,
                             const int *listen_sockets, struct worker_publication *ret_publication);

/* One that was not published; closes its sockets. */
void worker_discard(struct worker_publication *publication);

/*
 * Goes over to it, at the worker's next turn; its log queue is fenced there. The publication is the
 * worker's until worker_has_published(), which must have been true before the next one. The
 * worker's former generation is proxy_current() of worker_proxy() until then.
 */
void worker_publish(struct worker *worker, struct worker_publication *publication);
bool worker_has_published(const struct worker *worker);

struct proxy *worker_proxy(const struct worker *worker);

/* No new clients, no new requests; the thread ends when the last is served or after limit_ms. */
void worker_drain(struct worker *worker, uint32_t limit_ms);

/* Any thread, as often as it likes: what is trusted has shrunk, see proxy_review_leases(). */
void worker_review_leases(struct worker *worker);

/* Ends all connections, then the thread. */
void worker_stop(struct worker *worker);

/* Whether its last client has gone after worker_drain() or worker_stop(): what it still waits for
 * is of use to nobody. */
bool worker_is_deserted(const struct worker *worker);

/* Whether the thread has ended by itself after worker_drain() or worker_stop(). */
bool worker_has_ended(const struct worker *worker);

/* Waits for the thread's end. */
void worker_join(struct worker *worker);

/* Joined, or never started. Accepts NULL. */
void worker_destroy(struct worker *worker);

const struct counters *worker_counters(const struct worker *worker);
const struct trust_cache_counters *worker_trust_cache_counters(const struct worker *worker);

/* Moves at least every turn_limit_ms while the thread lives; UINT64_MAX once it has ended. */
const _Atomic uint64_t *worker_turn_count(const struct worker *worker);
struct log_queue *worker_log_queue(struct worker *worker);

#endif
