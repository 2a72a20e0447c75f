/*
 * One client, from accept to its last completion. Owned by one worker, touched by that worker only.
 *
 *   FREE -> HANDSHAKING -> JUDGING -> SERVING -> TUNNELLING -> CLOSING -> REAPING -> FREE
 *               \____________\__________\_______________________^
 *
 * Any live state may go to CLOSING, which keeps the first reason; REAPING waits for the kernel to
 * hand back every operation. No byte reaches a backend before JUDGING is over.
 */
#ifndef PROXY_CONNECTION_H
#define PROXY_CONNECTION_H

#include <netinet/in.h>

#include "net/stream.h"
#include "proxy/close_reason.h"
#include "proxy_parts.h"
#include "queue_marks.h"
#include "tls/tls_session.h"
#include "trust/trust_cache.h"

enum connection_state {
    CONNECTION_FREE,
    CONNECTION_HANDSHAKING,
    CONNECTION_JUDGING,
    CONNECTION_SERVING,
    CONNECTION_TUNNELLING,
    CONNECTION_CLOSING,
    CONNECTION_REAPING,
    CONNECTION_STATE_COUNT,
};

enum step { STEP_WAIT, STEP_MOVED };

/* What a connection's one time limit is about. */
enum connection_wait {
    WAIT_NOTHING,
    WAIT_HANDSHAKE,
    WAIT_REVOCATION, /* for OCSP */
    WAIT_REQUEST,    /* for the first byte of the next request */
    WAIT_HEAD,       /* for the rest of a request's head */
    WAIT_BODY,       /* for more of a request's body */
    WAIT_BACKEND,    /* for the backend's answer, or more of it */
    WAIT_SENDING,    /* for the client to take its answer */
    WAIT_TUNNEL,
    WAIT_LINGER,
};

/* The address of a client as it connected. */
struct client_address {
    uint8_t bytes[16]; /* IPv6, or IPv4 in the first four */
    in_port_t port;
    sa_family_t family;
};

struct handshake;
struct exchange;
struct revocation_wait;

struct connection {
    struct stream stream;
    struct timer timer;
    struct timer lease_timer; /* set while a lease must be looked at without a request */
    struct list place;        /* in proxy->open, then in proxy->reapable */
    struct list turn_place;   /* in proxy->handshake_queue */
    struct proxy *proxy;
    struct proxy_generation *generation; /* that endpoint and site are of */
    const struct endpoint *endpoint;
    const struct site *site;     /* known once the client said its server name */
    struct handshake *handshake; /* until the session exists */
    struct tls_session *tls;
    struct trust_entry *entry;          /* counted; NULL: no certificate was presented */
    const struct identity *identity;    /* of entry */
    struct revocation_wait *revocation; /* what the verdict waits for, or has waited for; or NULL */
    struct exchange *exchange;          /* the request under way */
    struct bytes arrived;               /* ciphertext of the event being handled */
    struct buffer held;    /* ciphertext that cannot be taken yet; goes before arrived */
    struct buffer pending; /* plaintext that was read and not used yet */
    struct verdict verdict;
    uint64_t number;
    int64_t accepted_us;       /* wall time */
    uint64_t phase_started_ns; /* HANDSHAKING or JUDGING; monotonic */
    struct client_address client;
    uint64_t sent_bytes_seen;   /* when last looked at, while WAIT_SENDING outside RELAYING */
    uint32_t undelivered_bytes; /* likewise */
    uint32_t linger_ms;         /* without progress */
    uint32_t request_count;
    enum connection_state state;
    enum connection_wait wait;
    enum close_reason close_reason;
    enum close_reason loss; /* why is_peer_gone, when it is our doing */
    bool is_resumed;        /* from a ticket */
    bool has_timed_out;     /* the time limit of `wait` has passed */
    bool has_peer_finished; /* no more plaintext will come */
    bool is_peer_gone;      /* nothing can be delivered any more */
    bool is_last_request;   /* the answer under way closes the connection */
    bool must_break; /* the answer was cut: the client must not take the end for a regular one */
    bool has_said_goodbye;
    bool is_reapable; /* in proxy->reapable */
};

/* Starts a slot with a client and a generation; the first bytes are waited for. */
void connection_start(struct connection *connection, struct proxy *proxy, int descriptor);

/* Runs steps until one waits. Never from within a step. */
void connection_advance(struct connection *connection);

/* To CLOSING unless it is there already; the first reason stays. In any step, and outside. */
enum step connection_close(struct connection *connection, enum close_reason reason);

/* Nothing can be sent any more, by our fault: the connection closes after this step, for reason. */
void connection_lose(struct connection *connection, enum close_reason reason);

/* At a turn's end: ends it when its last request is over, unless a byte of another has come. */
void connection_close_idle(struct connection *connection);

/*
 * Plaintext: what was kept, else the next record's. TLS_DONE with a view that is valid in this step
 * only; whatever of it is not used must be handed to connection_keep(). Others without a view.
 */
enum tls_status connection_read(struct connection *connection, struct bytes *ret_plaintext);

/* rest is the unused tail of the last view of connection_read(), perhaps empty. */
struct result connection_keep(struct connection *connection, struct bytes rest);

/* Encrypts and queues. ERROR_TLS_LIBRARY: the session is dead, and the client lost. */
struct result connection_write(struct connection *connection, struct bytes plaintext);

/* Arms the one time limit; the same wait goes on, with its time anew when has_progressed. */
void connection_wait(struct connection *connection, enum connection_wait wait, uint32_t limit_ms,
                     bool has_progressed);

/* Waits for the client to take what is queued: as long as it takes something now and then. */
void connection_wait_for_sending(struct connection *connection);

/* Ciphertext that has not been used: what is held, else what has just arrived. */
struct bytes connection_ciphertext(const struct connection *connection);
/* left is the unused tail of that view, perhaps empty. */
void connection_ciphertext_left(struct connection *connection, struct bytes left);

/* Pauses the socket while much ciphertext is held, and resumes it when there is room. */
void connection_limit_held(struct connection *connection);

/* The only writer of the state. Callable in a step. */
enum step connection_enter(struct connection *connection, enum connection_state next);
/* Gives everything back; REAPING and joined, at the end of a turn. */
void connection_free(struct connection *connection);
const char *connection_state_name(enum connection_state state);

#endif
