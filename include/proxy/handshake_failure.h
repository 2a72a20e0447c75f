/*
 * Why a client did not get through its TLS handshake: what the TLS library says, and what else ends
 * one. Any thread; constants.
 */
#ifndef PROXY_HANDSHAKE_FAILURE_H
#define PROXY_HANDSHAKE_FAILURE_H

#include <stddef.h>

#include "proxy/close_reason.h"
#include "tls/tls_failure.h"

/* Failures of TLS come first, as they are numbered there. */
#define HANDSHAKE_FAILURE_OTHER_COUNT 6
#define HANDSHAKE_FAILURE_COUNT       (TLS_FAILURE_COUNT + HANDSHAKE_FAILURE_OTHER_COUNT)

/* The number of a connection's end in its handshake; failure counts for CLOSE_HANDSHAKE_FAILED. */
size_t handshake_failure_number(enum close_reason reason, enum tls_failure failure);

/* For metrics; number is from 1 on: TLS_FAILURE_NONE is none. */
const char *handshake_failure_word(size_t number);

#endif
