/*
 * The request's way to the backend: head once, then its body as it comes. Steps of an exchange that
 * is RELAYING.
 */
#ifndef PROXY_REQUEST_RELAY_H
#define PROXY_REQUEST_RELAY_H

#include "exchange.h"

/* Moves what can be moved. STEP_MOVED when the exchange has changed its state. */
enum step request_relay_step(struct exchange *exchange);

/* Whether more of the request's body is needed, and could be passed on. */
bool request_relay_wants_client(const struct exchange *exchange);

#endif
