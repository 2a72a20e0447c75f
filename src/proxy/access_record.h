/*
 * The line that the access log gets for an exchange, or for a connection that never came to one.
 * Written on the worker into its log queue; never waits.
 */
#ifndef PROXY_ACCESS_RECORD_H
#define PROXY_ACCESS_RECORD_H

#include "exchange.h"

/* An exchange that is over since ended_ns (monotonic), however it ended. Counts what had no answer.
 */
void access_record_exchange(const struct exchange *exchange, uint64_t ended_ns);

/* A connection that closes while HANDSHAKING; nothing in other states. Counts the failure. */
void access_record_handshake(const struct connection *connection);

#endif
