/*
 * What is held of a client: its identity and the verdict on it, out of the trust cache or judged
 * anew. Every function is called by the connection's own steps.
 *
 * A verdict is a lease: it is asked for again at the request that finds it ended. A session that is
 * resumed goes on under the identity of its ticket, as long as the cache still vouches for it.
 */
#ifndef PROXY_CLIENT_TRUST_H
#define PROXY_CLIENT_TRUST_H

#include "connection.h"
#include "tls/tls_site.h"

/*
 * When the handshake is complete: connection->entry, identity and verdict are set, and the captured
 * chain is given up. ERROR_OUT_OF_MEMORY, ERROR_LIMIT_REACHED, ERROR_TLS_LIBRARY: nobody could
 * judge.
 */
struct result client_trust_decide(struct connection *connection);

/* Before each request: judges again when the lease has ended. Errors as above; the client must not
 * be served then. */
struct result client_trust_renew(struct connection *connection);

/* Gives up what was held. Harmless without. */
void client_trust_release(struct connection *connection);

/* struct tls_tickets' questions; owner is the connection. */
bool client_trust_describe(void *owner, uint8_t *ret_identity);
bool client_trust_admit(void *owner, const uint8_t *identity);

#endif
