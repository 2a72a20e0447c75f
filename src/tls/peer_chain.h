/*
 * The certificates that a client presents, out of wolfSSL's hands. Called by tls_session.c on the
 * session's thread.
 */
#ifndef TLS_PEER_CHAIN_H
#define TLS_PEER_CHAIN_H

#include <stddef.h>

#include "base/bytes.h"

struct WOLFSSL_BUFFER_INFO;

/* All of them in one allocation, for free(): the views first, then what they look at. NULL: out of
 * memory. */
struct bytes *peer_chain_copy(const struct WOLFSSL_BUFFER_INFO *certificates, size_t count);

#endif
