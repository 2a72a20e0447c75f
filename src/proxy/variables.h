/*
 * The values of the server variables for an exchange. Called on its worker, while a head is being
 * written.
 */
#ifndef PROXY_VARIABLES_H
#define PROXY_VARIABLES_H

#include "base/text.h"
#include "config/variable_names.h"
#include "exchange.h"

/* Appends nothing when the variable has no value. */
void variables_append(const struct exchange *exchange, enum variable variable, struct text *text);

/* The client's address, without brackets around IPv6; its port. */
void variables_append_client_ip(const struct connection *connection, struct text *text);
void variables_append_client_port(const struct connection *connection, struct text *text);

/* The trace id, 32 lower-case hex digits. */
void variables_append_trace_id(const struct exchange *exchange, struct text *text);

/* The port that the client connected to. */
uint16_t variables_server_port(const struct connection *connection);

#endif
