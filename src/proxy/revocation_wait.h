/*
 * Questions to the OCSP engine on behalf of one connection, and the answers to them. Belongs to the
 * worker; the questions in it are the engine's until they are answered, which is why it may outlive
 * its connection: nobody waits for it then.
 */
#ifndef PROXY_REVOCATION_WAIT_H
#define PROXY_REVOCATION_WAIT_H

#include "connection.h"
#include "trust/revocation.h"

struct revocation_wait;

/*
 * Asks what outcome names of path, for connection, which is told by client_lease_answered() when
 * all is answered; NULL: nobody is told, the answers go into the cache for whoever comes next.
 * False: there is no memory or no engine, and nothing was asked.
 */
bool revocation_wait_start(struct connection *connection, struct proxy *proxy,
                           const struct trust_policy *policy, const struct judge_path *path,
                           const struct revocation_outcome *outcome);

/* Whether it was asked by policy, and not by one that a reload has replaced. */
bool revocation_wait_is_of(const struct revocation_wait *wait, const struct trust_policy *policy);

/* Some answers have not come yet. */
bool revocation_wait_is_pending(const struct revocation_wait *wait);

/* What is pending is taken for a failure from now on. */
void revocation_wait_give_up(struct revocation_wait *wait, int64_t now_seconds);

/* What was answered about id; false: not asked, or not answered. */
bool revocation_wait_look_up(const struct revocation_wait *wait, const struct ocsp_id *id,
                             struct ocsp_state *ret_state);

/* The connection needs it no more. Accepts NULL. */
void revocation_wait_end(struct revocation_wait *wait);

#endif
