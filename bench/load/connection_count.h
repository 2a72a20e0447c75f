/*
 * Counts what connections do, in their lane's tally, if it is in the measured time. The lane's
 * thread.
 */
#ifndef LOAD_CONNECTION_COUNT_H
#define LOAD_CONNECTION_COUNT_H

#include "fault.h"

struct connection;

/*
 * Of an operation that ends now. In open loop one that ends after the measured time counts as late.
 * One that was given up is in the latency with its time until now; other faults are not: they may
 * have come at once.
 */
void connection_count_success(struct connection *connection);
void connection_count_fault(struct connection *connection, enum fault fault, const char *example);

/* Of a TLS handshake that has just succeeded. */
void connection_count_handshake(struct connection *connection);

#endif
