/*
 * The line of the access log in the combined format of Apache and nginx, which the tools of the
 * field read. On the worker's thread; see access_record.h.
 */
#ifndef PROXY_ACCESS_COMBINED_H
#define PROXY_ACCESS_COMBINED_H

#include "exchange.h"

void access_combined_exchange(const struct exchange *exchange, uint64_t ended_ns);

/* status: what the client was told, or 0. */
void access_combined_handshake(const struct connection *connection, uint16_t status);

#endif
