/*
 * From the first byte of a client to its verdict. Steps of a connection; the memory that only a
 * young connection needs.
 */
#ifndef PROXY_HANDSHAKE_H
#define PROXY_HANDSHAKE_H

#include "connection.h"
#include "tls/client_hello.h"

struct handshake {
    struct client_hello hello;
};

/* Lends the connection what it needs until its session exists. */
void handshake_start(struct connection *connection);

/* Gives it back; harmless without. */
void handshake_end(struct connection *connection);

/* The steps of HANDSHAKING and JUDGING. */
enum step handshake_step(struct connection *connection);
enum step handshake_judge_step(struct connection *connection);

#endif
