/*
 * Sending a connection's request. Called by connection.c, on the lane's thread.
 */
#ifndef LOAD_CONNECTION_REQUEST_H
#define LOAD_CONNECTION_REQUEST_H

#include "tls_client.h"

struct connection;

/* A new request and its answer: nothing of either has passed. */
void connection_request_begin(struct connection *connection);

/* Sends until all is written (TLS_CLIENT_DONE), the kernel takes no more, or others must have their
 * turn (TLS_CLIENT_WAITS). */
enum tls_client_answer connection_request_send(struct connection *connection);

#endif
