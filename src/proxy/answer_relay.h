/*
 * The answer's way to the client: the backend's, as it comes, or one of our own. Steps of an
 * exchange that is RELAYING.
 */
#ifndef PROXY_ANSWER_RELAY_H
#define PROXY_ANSWER_RELAY_H

#include "exchange.h"

/* Passes on all that has arrived. STEP_MOVED when the exchange has changed its state. */
enum step answer_relay_step(struct exchange *exchange);

/* An answer with this status, final or interim, is on its way. */
void answer_relay_count(struct exchange *exchange, uint16_t status);

/* Writes our own answer; the exchange's close_reason says whether the connection goes on. */
void answer_relay_own(struct exchange *exchange, enum answer answer);

#endif
