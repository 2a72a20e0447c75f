/*
 * One request and its answer: what a connection does while SERVING. Owned by the connection's
 * worker; lent from the first byte of a request to the last of its answer, so an idle connection
 * has none.
 *
 *   READING -> JUDGING -> FINDING -> RELAYING -> DONE
 *      \__________\__________\___________^__________^     (own answers and errors lead to DONE)
 *
 * READING: the request's head. JUDGING: whether the client's lease holds, or another is to be had.
 * FINDING: a connection to a backend. RELAYING: both directions, each with a state of its own.
 * After DONE the connection goes on to its next request or closes.
 */
#ifndef PROXY_EXCHANGE_H
#define PROXY_EXCHANGE_H

#include "connection.h"
#include "http/answer.h"
#include "http/http1_parser.h"
#include "server_choice.h"

#define EXCHANGE_TRACE_ID_BYTES 16

enum exchange_state {
    EXCHANGE_READING,
    EXCHANGE_JUDGING,
    EXCHANGE_FINDING,
    EXCHANGE_RELAYING,
    EXCHANGE_DONE,
    EXCHANGE_STATE_COUNT,
};

struct exchange {
    struct backend_user user;
    struct connection *connection;
    const struct site *site; /* the listener that the request is for */
    struct backend_connection *backend;
    const struct backend_address *address; /* of the latest backend, also when it is gone */
    struct server_choice choice;
    struct server_claim claim; /* on the server of address */
    struct bytes arrived;      /* of the backend, in the event being handled */
    int64_t started_us;        /* wall time of its first byte */
    uint64_t started_ns;       /* monotonic */
    uint64_t forwarded_ns;     /* the head went to the backend; 0: it has not */
    uint64_t answered_ns;      /* the answer's head came; 0: it has not */
    uint64_t received_bytes;   /* of the request, as HTTP */
    uint64_t sent_bytes;       /* of the answer, as HTTP */
    uint64_t progress;         /* bytes moved in what is waited for, when last looked at */
    uint32_t failed_connect_count;
    uint32_t interim_count; /* 1xx answers, 101 apart */
    uint16_t status;        /* given to the client; 0: none yet */
    uint16_t backend_status;
    enum exchange_state state;
    enum answer own_answer;        /* when status is ours */
    enum io_status connect_status; /* of the latest connect that failed */
    enum close_reason
        close_reason; /* why the connection cannot go on after it; CLOSE_NONE: it can */
    bool is_own_answer;
    bool is_request_complete; /* read to its end */
    bool is_answer_complete;  /* given to its end */
    bool has_turn;            /* address is that of the attempt under way or to be made */
    bool is_without_server;   /* none of the backend's gets requests */
    bool is_connected;
    bool is_reused; /* the backend connection served others before */
    bool is_retried;
    bool is_head_forwarded;
    bool has_body_begun; /* of the request: the client does not wait for a 100 (any more) */
    bool is_continued;   /* the backend has said 100: the client may send its body */
    bool is_answer_chunked;
    bool has_backend_ended;
    bool has_backend_failed; /* it takes no more of the request */
    uint8_t trace_id[EXCHANGE_TRACE_ID_BYTES];
    struct http1_parser request;
    struct http1_parser answer;
};

/* The step of SERVING. */
enum step exchange_step(struct connection *connection);

/* Ends the exchange under way, if any, wherever it is, and writes its record. */
void exchange_abort(struct connection *connection);

/* The answer is ours: written unless the backend's has begun, which is then cut. Leads to DONE. */
enum step exchange_answer(struct exchange *exchange, enum answer answer, enum close_reason reason);

/* The connection cannot go on after this exchange. */
void exchange_close_after(struct exchange *exchange, enum close_reason reason);

/* An answer before the answer came: passed on, and only 100 is what a client may wait for. */
static inline void exchange_count_interim(struct exchange *exchange, uint16_t status)
{
    exchange->interim_count++;
    exchange->is_continued |= status == 100;
}

/* A request that was dropped by a dead pooled connection may go to a new one, once. */
bool exchange_may_retry(const struct exchange *exchange);

/* Gives the backend connection up. */
void exchange_abandon_backend(struct exchange *exchange);

/* Leads back to FINDING for exchange_may_retry(). */
enum step exchange_retry(struct exchange *exchange);

static inline struct proxy *exchange_proxy(const struct exchange *exchange)
{
    return exchange->connection->proxy;
}

/* The route of a request whose Host leads nowhere is that of its connection. */
static inline struct route_counters *exchange_route_counters(const struct exchange *exchange)
{
    const struct site *site = exchange->site != NULL ? exchange->site : exchange->connection->site;
    return &exchange_proxy(exchange)->around.counters->traffic.routes[site->route_label];
}

static inline const struct http1_head *exchange_request(const struct exchange *exchange)
{
    return http1_parser_head(&exchange->request);
}

#endif
