/*
 * The way of an operation; see the header. Events and bytes are recorded, steps decide: the driver
 * runs the state's step until it waits. Called by lane.c.
 */
#include "connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "connection_count.h"
#include "connection_request.h"
#include "connection_socket.h"
#include "lane.h"
#include "lane_limits.h"
#include "mode.h"

enum step {
    STEP_WAIT,
    STEP_MOVED,
};

#define TO(state) (1U << (state))

static enum step connect_step(struct connection *connection);
static enum step handshake_step(struct connection *connection);
static enum step ticket_step(struct connection *connection);
static enum step exchange_step(struct connection *connection);
static enum step kept_step(struct connection *connection);

/* clang-format off */
static const struct {
    enum step (*step)(struct connection *connection);
    unsigned may_move_to;
} states[CONNECTION_STATE_COUNT] = {
    [CONNECTION_RESTING]         = {NULL,           TO(CONNECTION_CONNECTING)},
    [CONNECTION_CONNECTING]      = {connect_step,   TO(CONNECTION_HANDSHAKING) | TO(CONNECTION_RESTING)},
    [CONNECTION_HANDSHAKING]     = {handshake_step, TO(CONNECTION_AWAITING_TICKET) | TO(CONNECTION_EXCHANGING) | TO(CONNECTION_RESTING)},
    [CONNECTION_AWAITING_TICKET] = {ticket_step,    TO(CONNECTION_RESTING)},
    [CONNECTION_EXCHANGING]      = {exchange_step,  TO(CONNECTION_KEPT) | TO(CONNECTION_RESTING)},
    [CONNECTION_KEPT]            = {kept_step,      TO(CONNECTION_EXCHANGING) | TO(CONNECTION_RESTING)},
};
/* clang-format on */

/* A storm does what mode handshake does, whatever the others do. */
static const struct mode *mode_of_connection(const struct connection *connection)
{
    const struct lane *lane = connection->lane;
    return mode_of(lane->place.is_storm ? MODE_HANDSHAKE : lane->run->plan->mode);
}

static enum step enter(struct connection *connection, enum connection_state next)
{
    CHECK(states[connection->state].may_move_to & TO(next));
    connection->state = next;
    return STEP_MOVED;
}

void connection_init(struct connection *connection, struct lane *lane)
{
    *connection = (struct connection){.lane = lane, .descriptor = -1};
    list_add_last(&lane->free, &connection->free_or_pausing);
}

/* Without a word to the server; its session is kept. */
static void drop(struct connection *connection)
{
    tls_client_destroy(connection->tls);
    connection->tls = NULL;
    if (connection->descriptor >= 0) {
        (void)close(connection->descriptor);
        connection->descriptor = -1;
    }
    free(connection->pending);
    connection->pending = NULL;
    connection->pending_length = 0;
    connection->pending_at = 0;
    list_remove(&connection->again);
}

void connection_deinit(struct connection *connection)
{
    drop(connection);
    tls_client_session_destroy(connection->session);
    connection->session = NULL;
}

/* ------------------------------------------------------------------ the end of an operation */

static void end_operation(struct connection *connection)
{
    if (!connection->has_operation) {
        return;
    }
    connection->has_operation = false;
    connection->lane->active_count--;
    list_remove(&connection->timing);
    if (!mode_of_connection(connection)->holds) {
        list_add_last(&connection->lane->free, &connection->free_or_pausing);
    }
}

static void pause_connection(struct connection *connection)
{
    struct lane *lane = connection->lane;
    if (list_holds(&connection->free_or_pausing)) {
        list_remove(&connection->free_or_pausing);
        connection->wake_ns = lane->now_ns + PAUSE_AFTER_FAULT_NS;
        list_add_last(&lane->pausing, &connection->free_or_pausing);
    }
}

/* The connection and its operation, if any, end with a fault that is counted. */
static enum step fail(struct connection *connection, enum fault fault, const char *example)
{
    struct lane *lane = connection->lane;
    connection_count_fault(connection, fault, example);
    /* What it was to resume may be why. */
    tls_client_session_destroy(connection->session);
    connection->session = NULL;
    lane->held_count -=
        connection->state == CONNECTION_KEPT && mode_of_connection(connection)->holds;
    drop(connection);
    end_operation(connection);
    pause_connection(connection);
    (void)enter(connection, CONNECTION_RESTING);
    return STEP_WAIT;
}

static void close_politely(struct connection *connection)
{
    if (connection->pending_length == connection->pending_at) {
        tls_client_say_goodbye(connection->tls);
        connection_socket_flush(connection);
    }
    drop(connection);
}

/* The operation has ended well, the connection perhaps as well. */
static enum step succeed(struct connection *connection)
{
    const struct mode *mode = mode_of_connection(connection);
    const struct plan *plan = connection->lane->run->plan;
    /* Also when the answer came before the whole body was sent: what follows would be taken for it.
     */
    bool is_used_up =
        connection->body_left > 0 || (plan->requests_per_connection > 0 &&
                                      connection->request_count >= plan->requests_per_connection);
    if (mode->holds && connection->answer.closes) {
        return fail(connection, FAULT_NOT_HELD, "the answer says that the server will close");
    }
    if (mode->resumes && connection->session == NULL) {
        connection->session = tls_client_session_take(connection->tls);
    }
    if (mode->resumes && connection->session == NULL) {
        return fail(connection, FAULT_NOT_RESUMED, "the server gave no session");
    }
    if (connection->is_first) {
        connection->is_first = false;
        if (!connection->is_of_warm_up) {
            pace_give_back(&connection->lane->pace);
        }
    } else {
        connection_count_success(connection);
    }
    end_operation(connection);
    if (mode->keeps && !is_used_up && !connection->answer.closes) {
        connection->lane->held_count += mode->holds;
        return enter(connection, CONNECTION_KEPT);
    }
    close_politely(connection);
    (void)enter(connection, CONNECTION_RESTING);
    return STEP_WAIT;
}

/* ------------------------------------------------------------------ the steps */

static enum step fail_for_tls(struct connection *connection, enum tls_client_answer answer)
{
    char message[TLS_CLIENT_MESSAGE_SIZE];
    if (answer == TLS_CLIENT_ENDED) {
        return fail(connection, FAULT_CLOSED,
                    connection->state == CONNECTION_HANDSHAKING ? "in the TLS handshake" : NULL);
    }
    enum fault fault = tls_client_fault(connection->tls, message);
    return fail(connection, fault, message);
}

static enum step connect_step(struct connection *connection)
{
    struct lane *lane = connection->lane;
    if (!connection->is_writable) {
        return STEP_WAIT;
    }
    int failure = connection_socket_error(connection);
    if (failure != 0) {
        return fail(connection, failure == ECONNREFUSED ? FAULT_CONNECT_REFUSED : FAULT_CONNECT,
                    strerror(failure));
    }
    connection->tls = tls_client_create(lane->contexts[connection->context], &lane->pipe);
    if (connection->tls == NULL) {
        return fail(connection, FAULT_TLS, "there is no memory");
    }
    if (connection->session != NULL &&
        !tls_client_session_offer(connection->tls, connection->session)) {
        tls_client_session_destroy(connection->session);
        connection->session = NULL;
    }
    connection->is_first = mode_of_connection(connection)->resumes && connection->session == NULL;
    return enter(connection, CONNECTION_HANDSHAKING);
}

static enum step handshake_step(struct connection *connection)
{
    struct lane *lane = connection->lane;
    enum tls_client_answer answer = tls_client_shake_hands(connection->tls);
    if (answer == TLS_CLIENT_WAITS) {
        return STEP_WAIT;
    }
    if (answer != TLS_CLIENT_DONE) {
        return fail_for_tls(connection, answer);
    }
    lane->now_ns = clock_monotonic_ns();
    connection_count_handshake(connection);
    if (connection->session != NULL && !tls_client_was_resumed(connection->tls)) {
        return fail(connection, FAULT_NOT_RESUMED, NULL);
    }
    const struct mode *mode = mode_of_connection(connection);
    if (lane->run->plan->is_without_request && !mode->keeps) {
        connection_socket_flush(connection);
        http_answer_begin(&connection->answer);
        connection->body_left = lane->run->plan->body_bytes;
        return connection->is_first ? enter(connection, CONNECTION_AWAITING_TICKET)
                                    : succeed(connection);
    }
    if (mode->keeps && !mode->holds && lane->pace.rate == 0) {
        connection->intended_ns = lane->now_ns; /* The request is what is measured. */
    }
    connection->request_count = 0;
    connection_request_begin(connection);
    return enter(connection, CONNECTION_EXCHANGING);
}

/* Only the full handshake that brings the session waits for it. */
static enum step ticket_step(struct connection *connection)
{
    size_t length;
    enum tls_client_answer answer = TLS_CLIENT_WAITS;
    connection->session = tls_client_session_take(connection->tls);
    if (connection->session == NULL) {
        answer = tls_client_read(connection->tls, connection->lane->plain, PLAIN_SIZE, &length);
        connection->session = tls_client_session_take(connection->tls);
    }
    if (connection->session != NULL) {
        return succeed(connection);
    }
    if (answer == TLS_CLIENT_DONE) {
        return fail(connection, FAULT_BAD_ANSWER, "bytes that nobody asked for");
    }
    return answer == TLS_CLIENT_WAITS ? STEP_WAIT : fail_for_tls(connection, answer);
}

static enum step judge_answer(struct connection *connection)
{
    const struct plan *plan = connection->lane->run->plan;
    char example[32];
    connection->lane->now_ns = clock_monotonic_ns();
    enum fault fault = fault_of_status(connection->answer.status, (unsigned)plan->expected_status);
    if (fault == FAULT_NONE) {
        return succeed(connection);
    }
    (void)snprintf(example, sizeof(example), "status %u", connection->answer.status);
    return fail(connection, fault, example);
}

/* The connection has ended, or TLS has failed; the answer may be whole even so. */
static enum step answer_ended(struct connection *connection, enum tls_client_answer answer)
{
    if (answer == TLS_CLIENT_ENDED && http_answer_end(&connection->answer) == HTTP_ANSWER_WHOLE) {
        return judge_answer(connection);
    }
    return fail_for_tls(connection, answer);
}

static enum step read_answer(struct connection *connection)
{
    struct lane *lane = connection->lane;
    for (;;) {
        size_t length;
        size_t taken;
        enum tls_client_answer answer =
            tls_client_read(connection->tls, lane->plain, PLAIN_SIZE, &length);
        if (answer == TLS_CLIENT_WAITS) {
            return STEP_WAIT;
        }
        if (answer != TLS_CLIENT_DONE) {
            return answer_ended(connection, answer);
        }
        enum http_answer_progress progress =
            http_answer_take(&connection->answer, bytes_from(lane->plain, length), &taken);
        if (progress == HTTP_ANSWER_BAD || (progress == HTTP_ANSWER_WHOLE && taken < length)) {
            return fail(connection, FAULT_BAD_ANSWER, NULL);
        }
        if (progress == HTTP_ANSWER_WHOLE) {
            return judge_answer(connection);
        }
    }
}

static enum step exchange_step(struct connection *connection)
{
    if (!connection->is_head_sent || connection->body_left > 0) {
        enum tls_client_answer answer = connection_request_send(connection);
        if (answer != TLS_CLIENT_DONE && answer != TLS_CLIENT_WAITS) {
            return fail_for_tls(connection, answer);
        }
    }
    return read_answer(connection);
}

/* Nothing is awaited but tickets, and the end. */
static enum step kept_step(struct connection *connection)
{
    size_t length;
    enum tls_client_answer answer =
        tls_client_read(connection->tls, connection->lane->plain, PLAIN_SIZE, &length);
    if (answer == TLS_CLIENT_WAITS) {
        return STEP_WAIT;
    }
    if (mode_of_connection(connection)->holds) {
        return fail(connection, FAULT_NOT_HELD, NULL);
    }
    if (answer == TLS_CLIENT_DONE) {
        return fail(connection, FAULT_BAD_ANSWER, "bytes that nobody asked for");
    }
    drop(connection); /* A server may; the next operation opens it again. */
    (void)enter(connection, CONNECTION_RESTING);
    return STEP_WAIT;
}

/* ------------------------------------------------------------------ what drives it */

static void advance(struct connection *connection)
{
    struct tls_client_pipe *pipe = &connection->lane->pipe;
    CHECK(pipe->outgoing_length == 0);
    pipe->has_ended = connection->has_ended;
    while (states[connection->state].step != NULL &&
           states[connection->state].step(connection) == STEP_MOVED) {
    }
    if (connection->descriptor >= 0) {
        connection_socket_flush(connection);
    }
    pipe->outgoing_length = 0;
    pipe->incoming = (struct bytes){0};
}

static void open_connection(struct connection *connection)
{
    struct lane *lane = connection->lane;
    const struct mode *mode = mode_of_connection(connection);
    size_t index = (size_t)(connection - lane->connections);
    bool rotates = !mode->keeps && !mode->resumes;
    connection->context = (rotates ? lane->next_context++ : index) % lane->context_count;
    connection->is_writable = false;
    connection->is_ending = false;
    connection->has_ended = false;
    connection->opened_ns = lane->now_ns;
    (void)enter(connection, CONNECTION_CONNECTING);
    int failure = connection_socket_open(connection);
    if (failure != 0) {
        (void)fail(connection, FAULT_CONNECT,
                   failure == EADDRNOTAVAIL ? "no local port is free: --source gives more addresses"
                                            : strerror(failure));
    }
}

void connection_begin(struct connection *connection, uint64_t intended_ns)
{
    struct lane *lane = connection->lane;
    CHECK(!connection->has_operation);
    list_remove(&connection->free_or_pausing);
    connection->has_operation = true;
    connection->is_of_warm_up = lane->run->plan->operation_count > 0 && !lane->place.is_storm &&
                                lane->pace.most == UINT64_MAX;
    connection->intended_ns = intended_ns;
    connection->began_ns = lane->now_ns;
    lane->active_count++;
    list_add_last(&lane->timing, &connection->timing);
    if (connection->state == CONNECTION_RESTING) {
        open_connection(connection);
        return;
    }
    connection_request_begin(connection);
    (void)enter(connection, CONNECTION_EXCHANGING);
    advance(connection);
}

void connection_take_event(struct connection *connection, unsigned events)
{
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        connection->is_writable = true;
    }
    connection->is_ending |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (connection->state == CONNECTION_CONNECTING) {
        advance(connection);
        return;
    }
    if (connection->pending_at < connection->pending_length && (events & EPOLLOUT)) {
        connection_socket_flush(connection);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        connection_receive(connection);
    } else if (connection->state == CONNECTION_EXCHANGING && connection->body_left > 0) {
        advance(connection);
    }
}

void connection_receive(struct connection *connection)
{
    struct lane *lane = connection->lane;
    list_remove(&connection->again);
    for (int turn = 0; turn < RECEIVES_PER_TURN; turn++) {
        ssize_t length = connection_socket_receive(connection);
        if (length < 0 && length != -EAGAIN) {
            connection->has_ended = true;
            if (connection->has_operation) {
                (void)fail(connection, FAULT_RESET, strerror((int)-length));
                return;
            }
        }
        connection->has_ended |= length == 0;
        advance(connection);
        /* Less than was asked for: the rest brings another event, but an end that is there does
         * not. */
        bool is_all = length <= 0 || (length < (ssize_t)RECEIVED_SIZE && !connection->is_ending);
        if (connection->descriptor < 0 || is_all) {
            return;
        }
    }
    if (!list_holds(&connection->again)) {
        list_add_last(&lane->again, &connection->again);
    }
}

void connection_give_up(struct connection *connection, enum fault fault)
{
    static const char *const doing[CONNECTION_STATE_COUNT] = {
        [CONNECTION_CONNECTING] = "while connecting",
        [CONNECTION_HANDSHAKING] = "in the TLS handshake",
        [CONNECTION_AWAITING_TICKET] = "waiting for a session ticket",
        [CONNECTION_EXCHANGING] = "waiting for the answer",
    };
    (void)fail(connection, fault, doing[connection->state]);
}
