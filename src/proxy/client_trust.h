/*
 * What is held of a client: its identity and the verdict on it, out of the trust cache or judged
 * anew. Every function is called by the connection's own steps.
 *
 * A verdict is a lease: it is asked for again at the request that finds it ended (without a
 * request: client_lease.h). A session that is resumed goes on under the identity of its ticket, as
 * long as the cache still vouches for it.
 */
#ifndef PROXY_CLIENT_TRUST_H
#define PROXY_CLIENT_TRUST_H

#include "connection.h"
#include "tls/tls_site.h"

enum client_trust_status {
    CLIENT_TRUST_DECIDED,
    CLIENT_TRUST_WAITS,  /* for OCSP: to be called again when the connection is advanced */
    CLIENT_TRUST_FAILED, /* nobody could judge; the client must not be served */
};

/*
 * When the handshake is complete. DECIDED: connection->entry, identity and verdict are set, and the
 * captured chain is given up.
 */
enum client_trust_status client_trust_decide(struct connection *connection);

/* Both in time and by the trust of today; connection->entry is set. */
bool client_trust_lease_holds(const struct connection *connection);

/* Before each request: judges again when the lease has ended. */
enum client_trust_status client_trust_renew(struct connection *connection);

/* Of a step that found CLIENT_TRUST_WAITS: limits the time of waiting. */
void client_trust_wait(struct connection *connection);

/* That time has passed: what has not come is taken for a failure, and the next call decides. */
void client_trust_give_up(struct connection *connection);

/* By its verdict, or because its profile lets everybody in. */
bool client_trust_lets_in(const struct connection *connection);

/* There was no memory to judge it with: it is not let in, and nothing is said against it. */
bool client_trust_is_undecided(const struct connection *connection);

/* Gives up what was held. Harmless without. */
void client_trust_release(struct connection *connection);

/* struct tls_tickets' questions; owner is the connection. */
bool client_trust_describe(void *owner, uint8_t *ret_identity);
bool client_trust_admit(void *owner, const uint8_t *identity);

#endif
