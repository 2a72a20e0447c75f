/*
 * What outlives every generation: what is remembered of clients, the keys of their tickets, what
 * OCSP responders have said, and the threads that ask and store it. Made and ended by the control
 * thread, used by all workers through struct worker_shared.
 */
#ifndef CONTROL_SHARED_SERVICES_H
#define CONTROL_SHARED_SERVICES_H

#include "control/worker_group.h"
#include "ocsp/ocsp_engine.h"
#include "ocsp/ocsp_store.h"

struct backend_health;

struct shared_services {
    struct worker_shared shared; /* for the workers */
    struct ticket_seed ticket_seed;
    struct ocsp_store *ocsp_store; /* NULL: nothing is kept on disk */
    struct backend_health *backend_health;
    const struct worker_group *group;
    struct trust_cache_counters engine_trust_counters; /* the engine's removals */
    struct trust_cache_counters control_trust_counters;
    struct reclaim_member *member; /* the control thread's, asleep between calls */
    void (*say)(const char *line);
};

/*
 * By generation's settings; its servers get their accounts. group: the workers to be, which are
 * told what is revoked; it outlives the services. say is called by any thread, with a line for the
 * operator. As far as it comes the services are there to be ended: ERROR_OUT_OF_MEMORY,
 * ERROR_SYSTEM, ERROR_THREAD, ERROR_NO_RING, ERROR_LIMIT_REACHED.
 */
struct result shared_services_start(struct shared_services *services, struct generation *generation,
                                    const struct worker_group *group,
                                    void (*say)(const char *line));

/* What they open at most, with health checks, of a program that may have so many descriptors; rings
 * and files apart. */
uint32_t shared_services_descriptor_count(uint64_t descriptor_count_max);

/* The control thread: a policy that judges nobody any more, TRUST_POLICY_ID_SIZE bytes. */
void shared_services_forget_policy(struct shared_services *services, const uint8_t *policy_id);

/*
 * The control thread, now and then while it returns true: frees what was forgotten and no worker
 * can hold any more. What waits for that still counts against the bounds of the caches.
 */
bool shared_services_reclaim(struct shared_services *services);

/*
 * Before a reload is published: what ticket keys begin with where those of a file are given up. No
 * worker reads the former seed any more. ERROR_SYSTEM (no random bytes).
 */
struct result shared_services_renew_ticket_seed(struct shared_services *services);

/* Every worker has its own copy: from what stays in memory no dropped key is to be made. */
void shared_services_forget_ticket_seed(struct shared_services *services);

/* Whoever waits for an OCSP answer is answered now, and so is whoever asks from now on. */
void shared_services_hurry(const struct shared_services *services);

/* Ends the threads; every worker has been joined, none has been destroyed. Accepts zeroed ones. */
void shared_services_stop(struct shared_services *services);

/* Frees the rest; every worker has been destroyed, and every generation. */
void shared_services_deinit(struct shared_services *services);

#endif
