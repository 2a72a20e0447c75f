/*
 * An upgraded connection: bytes both ways until both sides have finished. The step of TUNNELLING.
 */
#ifndef PROXY_TUNNEL_H
#define PROXY_TUNNEL_H

#include "connection.h"

enum step tunnel_step(struct connection *connection);

#endif
