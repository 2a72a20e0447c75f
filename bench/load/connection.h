/*
 * One connection to the server, used again and again. Belongs to its lane, touched by that lane's
 * thread only.
 *
 *   RESTING -> CONNECTING -> HANDSHAKING -> EXCHANGING -> KEPT -> EXCHANGING ...
 *      ^            \____________\______________\__________/ the end of an operation, or of the
 *      |_______________________________________________|     connection
 *
 * Where a session is wanted and no request is sent, HANDSHAKING -> AWAITING_TICKET -> RESTING:
 * TLS 1.3 brings the ticket behind the handshake (RFC 8446 section 4.6.1).
 * In RESTING and KEPT no operation is under way; RESTING has no socket.
 */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include "base/list.h"
#include "fault.h"
#include "http_answer.h"

struct lane;
struct tls_client;
struct tls_client_session;

enum connection_state {
    CONNECTION_RESTING,
    CONNECTION_CONNECTING,
    CONNECTION_HANDSHAKING,
    CONNECTION_AWAITING_TICKET,
    CONNECTION_EXCHANGING,
    CONNECTION_KEPT,
    CONNECTION_STATE_COUNT,
};

struct connection {
    struct lane *lane;
    enum connection_state state;
    int descriptor; /* -1: none */
    size_t context; /* which identity */
    struct tls_client *tls;
    struct tls_client_session *session; /* of the connection before; NULL: none */
    struct http_answer answer;

    bool has_operation;
    bool is_of_warm_up; /* of a run of --count: it is none of them, though it may end among them */
    bool is_writable;   /* the kernel took or would take bytes */
    bool is_ending;     /* the server's end is behind what is to be received */
    bool has_ended;     /* it was received */
    bool is_first;      /* mode resume: the full handshake that brings the session */
    bool is_head_sent;
    uint64_t intended_ns; /* what the operation's time is counted from */
    uint64_t began_ns;    /* when it really began; the time limit's start */
    uint64_t opened_ns;   /* connect() */
    uint64_t wake_ns;     /* in the list of the pausing */
    uint64_t request_count;
    uint64_t body_left; /* of the request */

    uint8_t *pending; /* ciphertext that the kernel had no room for */
    size_t pending_length;
    size_t pending_at;

    struct list free_or_pausing;
    struct list timing;
    struct list again;
};

void connection_init(struct connection *connection, struct lane *lane);
void connection_deinit(struct connection *connection);

/* Begins an operation on one that has none. */
void connection_begin(struct connection *connection, uint64_t intended_ns);

/* What epoll said of its socket. */
void connection_take_event(struct connection *connection, unsigned events);

/* Receives what is there, within a turn's share, and goes on. */
void connection_receive(struct connection *connection);

/* Its operation took too long, or the run is over. */
void connection_give_up(struct connection *connection, enum fault fault);

#endif
