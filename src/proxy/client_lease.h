/*
 * Looking at a client's verdict without being asked by a request of its. Called on the worker that
 * owns the connection; a lease lasts as long as the connection holds its entry.
 */
#ifndef PROXY_CLIENT_LEASE_H
#define PROXY_CLIENT_LEASE_H

#include "connection.h"

/*
 * Outside of requests, in an event or not: the lease may have ended, by time or because something
 * was removed. A client that is out now loses its tunnel, and, when its certificate was revoked,
 * its idle connection; else its next request finds out.
 */
void client_lease_review(struct connection *connection);

/*
 * Something was removed, and whose lease that has ended is not always known. A client of whose
 * certificates one is known not to be good is reviewed now; others a little later, each at another
 * time: there may be very many, and each may cost signature checks.
 */
void client_lease_recheck(struct connection *connection);

/* Has the lease reviewed when it ends, where nothing else would ask; once more when a tunnel
 * begins. */
void client_lease_watch(struct connection *connection);

/* Of a step that leaves the connection idle: a lease that has ended while nobody could review it is
 * reviewed in an event of its own. */
void client_lease_look_soon(struct connection *connection);

/* The answers that connection->revocation waited for are there. */
void client_lease_answered(struct connection *connection);

#endif
