/*
 * Whether a request may go on: its client's lease must hold, or be had anew, and its Host must
 * belong to a listener that this client's handshake was good for. A step of the exchange, on its
 * worker.
 */
#ifndef PROXY_ADMISSION_H
#define PROXY_ADMISSION_H

#include "exchange.h"

/* Leads to FINDING, or to DONE with an answer of ours; STEP_WAIT while revocation is being asked.
 */
enum step admission_step(struct exchange *exchange);

#endif
