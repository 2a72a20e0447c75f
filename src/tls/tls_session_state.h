/*
 * What a TLS session holds, for the two files that are it: tls_session.c, which calls wolfSSL, and
 * tls_callback.c, which wolfSSL calls meanwhile. Owned by the connection's worker; lives
 * from tls_session_create() to tls_session_destroy().
 */
#ifndef TLS_TLS_SESSION_STATE_H
#define TLS_TLS_SESSION_STATE_H

#include "tls/tls_session.h"

#include "record_meter.h"
#include "tls_resumption.h"
#include "tls_staple.h"

struct WOLFSSL;

/* What a client may send early without being asked: as much as servers are used to allow, and as
 * the records around it take. */
#define TLS_SESSION_EARLY_DATA_MAX 32768

enum phase { PHASE_HANDSHAKE, PHASE_OPEN, PHASE_PEER_CLOSED, PHASE_FAILED };

struct tls_session {
    struct WOLFSSL *library;
    const struct tls_session_output *output;
    void *owner;
    uint8_t *room;         /* lent to wolfSSL while it writes a record; NULL: none, or used */
    struct bytes ca_names; /* told to the client */
    struct tls_staple staple;
    struct bytes flight;      /* of the hello, until wolfSSL has read it */
    struct bytes *input;      /* of the call that is running */
    struct bytes *peer_chain; /* one allocation with the certificates behind it; NULL: none */
    size_t peer_count;
    struct tls_resumption *resumption; /* NULL: no tickets, or no longer needed */
    struct record_meter meter;
    enum phase phase;
    enum tls_failure refusal; /* what the first call of the handshake has to answer */
    enum tls_failure failure;
    int alert_received;
    unsigned early_data_left_bytes;  /* that are passed over in the handshake */
    enum tls_failure record_failure; /* what the meter said */
    bool is_out_of_memory;
    bool has_said_close;
    char server_name[]; /* NUL-terminated */
};

#endif
