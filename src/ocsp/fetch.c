/*
 * The way of a fetch. It ends at one place, end_with(), whatever has happened; the flight judges
 * what came.
 */
#include "fetch.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "fetch_request.h"
#include "responder.h"

#define TO(state) (1u << (state))

/* clang-format off */
static const struct {
    uint32_t may_move_to;
    enum ocsp_fault fault_when_late; /* the time of the whole fetch is over */
} states[FETCH_STATE_COUNT] = {
    [FETCH_UNUSED]     = {TO(FETCH_WAITING),                                              OCSP_FAULT_NONE},
    [FETCH_WAITING]    = {TO(FETCH_RESOLVING) | TO(FETCH_EXCHANGING) | TO(FETCH_UNUSED),  OCSP_FAULT_TIMEOUT},
    [FETCH_RESOLVING]  = {TO(FETCH_CONNECTING) | TO(FETCH_UNUSED),                        OCSP_FAULT_UNRESOLVED},
    [FETCH_CONNECTING] = {TO(FETCH_EXCHANGING) | TO(FETCH_RESOLVING) | TO(FETCH_UNUSED),  OCSP_FAULT_UNREACHABLE},
    [FETCH_EXCHANGING] = {TO(FETCH_RESOLVING) | TO(FETCH_UNUSED),                         OCSP_FAULT_TIMEOUT},
};
/* clang-format on */

static void enter(struct fetch *fetch, enum fetch_state next)
{
    CHECK(states[fetch->state].may_move_to & TO(next));
    fetch->state = next;
}

static struct fetch *owner_of(struct responder_user *user)
{
    return LIST_OWNER(user, struct fetch, user);
}

static void drop_connection(struct fetch *fetch)
{
    if (fetch->connection != NULL) {
        responder_connection_abandon(fetch->connection);
        fetch->connection = NULL;
    }
}

/* Gives back all but the reply, in which the response lies. */
static void let_go(struct fetch *fetch)
{
    drop_connection(fetch);
    timer_wheel_clear(fetch->room->wheel, &fetch->limit);
    if (fetch->state == FETCH_WAITING) {
        responder_withdraw(fetch->responder, fetch);
    } else {
        list_remove(&fetch->place);
        responder_leave(fetch->responder);
    }
    enter(fetch, FETCH_UNUSED);
}

static void end_with(struct fetch *fetch, enum ocsp_fault fault)
{
    struct buffer_pool *buffers = fetch->room->buffers;
    struct buffer body = fetch->reply.body;
    bool has_response = fault == OCSP_FAULT_NONE && !buffer_is_empty(&body);
    let_go(fetch);
    fetch->reply.body = (struct buffer){0};
    reply_release(&fetch->reply, buffers);
    /* The fetch may be gone when this returns. */
    fetch->order.ended(fetch, fault, has_response ? buffer_bytes(&body) : (struct bytes){0});
    buffer_release(buffers, &body);
}

struct bytes fetch_nonce(const struct fetch *fetch)
{
    return fetch->order.manner->has_nonce ? bytes_from(fetch->nonce, sizeof(fetch->nonce))
                                          : (struct bytes){0};
}

/* Sending and what comes back. */

static enum ocsp_fault queue_request(struct fetch *fetch)
{
    char memory[FETCH_REQUEST_SIZE_MAX];
    struct text text = text_over(memory, sizeof(memory));
    const struct fetch_order *order = &fetch->order;
    if (!fetch_request_write(&text, &fetch->url, order->question, fetch_nonce(fetch),
                             order->manner->is_get)) {
        return OCSP_FAULT_MALFORMED_REQUEST; /* as the responder would say of such a serial number
                                              */
    }
    if (!result_is_ok(stream_queue(&fetch->connection->stream, text_bytes(&text)))) {
        return OCSP_FAULT_OVERLOAD;
    }
    reply_init(&fetch->reply, memory[0] == 'G' ? HTTP_METHOD_GET : HTTP_METHOD_POST);
    stream_flush(&fetch->connection->stream);
    return OCSP_FAULT_NONE;
}

static void exchange(struct fetch *fetch)
{
    enter(fetch, FETCH_EXCHANGING);
    enum ocsp_fault fault = queue_request(fetch);
    if (fault != OCSP_FAULT_NONE) {
        end_with(fetch, fault);
        return;
    }
    fetch_room_count(fetch->room, OCSP_COUNTER_FETCHES);
    if (fetch->order.is_refresh) {
        fetch_room_count(fetch->room, OCSP_COUNTER_REFRESHES);
    }
}

/* The next address after a try that has failed. */
static void try_next(struct fetch *fetch, enum ocsp_fault fault)
{
    drop_connection(fetch);
    reply_release(&fetch->reply, fetch->room->buffers);
    fetch->fault = fault;
    enter(fetch, FETCH_RESOLVING);
    fetch_go_on(fetch);
}

static void on_connected(struct responder_user *user)
{
    struct fetch *fetch = owner_of(user);
    struct responder *responder = fetch->responder;
    uint32_t count = responder->addresses.count;
    /* Where the next fetch begins; the addresses may have been looked up anew meanwhile. */
    responder->preferred = count == 0 ? 0 : (fetch->next_address + count - 1) % count;
    exchange(fetch);
}

static void on_connect_failed(struct responder_user *user)
{
    struct fetch *fetch = owner_of(user);
    fetch->connection = NULL;
    if (fetch->left_count == 0) {
        responder_doubt_addresses(fetch->responder);
    }
    try_next(fetch, OCSP_FAULT_UNREACHABLE);
}

static void judge_progress(struct fetch *fetch, enum reply_progress progress)
{
    if (progress == REPLY_NEEDS_MORE) {
        return;
    }
    if (progress == REPLY_COMPLETE && fetch->reply.keeps_connection) {
        struct responder_connection *connection = fetch->connection;
        fetch->connection = NULL;
        responder_return(connection);
    }
    if (progress == REPLY_FAILED && fetch->reply.fault == OCSP_FAULT_CLOSED) {
        try_next(fetch, OCSP_FAULT_CLOSED);
        return;
    }
    end_with(fetch, progress == REPLY_COMPLETE ? OCSP_FAULT_NONE : fetch->reply.fault);
}

static void on_received(struct responder_user *user, struct bytes bytes)
{
    struct fetch *fetch = owner_of(user);
    judge_progress(fetch, reply_read(&fetch->reply, fetch->room->buffers, bytes));
}

static void on_ended(struct responder_user *user)
{
    struct fetch *fetch = owner_of(user);
    if (fetch->is_reused && !fetch->has_retried && reply_is_empty(&fetch->reply)) {
        /* Closed while our request was on its way: that says nothing of the responder. */
        fetch->has_retried = true;
        try_next(fetch, OCSP_FAULT_CLOSED);
        return;
    }
    judge_progress(fetch, reply_end(&fetch->reply));
}

static void on_silence(struct responder_user *user)
{
    try_next(owner_of(user), OCSP_FAULT_TIMEOUT);
}

static const struct responder_user_events user_events = {
    .connected = on_connected,
    .connect_failed = on_connect_failed,
    .received = on_received,
    .ended = on_ended,
    .fell_silent = on_silence,
};

/* Starting. */

static void on_limit(struct timer *timer)
{
    struct fetch *fetch = LIST_OWNER(timer, struct fetch, limit);
    end_with(fetch, states[fetch->state].fault_when_late);
}

enum ocsp_fault fetch_start(struct fetch *fetch, struct fetch_room *room,
                            const struct fetch_order *order)
{
    CHECK(fetch->state == FETCH_UNUSED);
    *fetch = (struct fetch){
        .user = {.events = &user_events,
                 .connect_timeout_ms = order->manner->connect_timeout_ms,
                 .read_timeout_ms = order->manner->read_timeout_ms},
        .room = room,
        .limit.expired = on_limit,
        .order = *order,
    };
    if (!responder_url_parse(order->url, &fetch->url)) {
        return OCSP_FAULT_BAD_URL;
    }
    fetch->responder = responder_find(room, &fetch->url);
    if (fetch->responder == NULL ||
        (order->manner->has_nonce &&
         !result_is_ok(random_fill(fetch->nonce, sizeof(fetch->nonce))))) {
        return OCSP_FAULT_OVERLOAD;
    }
    enter(fetch, FETCH_WAITING);
    timer_wheel_set(room->wheel, &fetch->limit, order->manner->timeout_ms);
    responder_enter(fetch->responder, fetch);
    return OCSP_FAULT_NONE;
}

void fetch_abandon(struct fetch *fetch)
{
    if (fetch->state != FETCH_UNUSED) {
        let_go(fetch);
        reply_release(&fetch->reply, fetch->room->buffers);
    }
}

void fetch_begin(struct fetch *fetch)
{
    struct responder_connection *idle = responder_find_idle(fetch->responder);
    fetch->begun_ns = clock_monotonic_ns();
    if (idle == NULL) {
        enter(fetch, FETCH_RESOLVING);
        fetch_go_on(fetch);
        return;
    }
    responder_connection_take(idle, &fetch->user);
    fetch->connection = idle;
    fetch->is_reused = true;
    exchange(fetch);
}

/* Begins a connection to an address not tried yet. False: there is none left. */
static bool connect_next(struct fetch *fetch)
{
    const struct name_addresses *addresses = &fetch->responder->addresses;
    while (fetch->left_count > 0) {
        uint32_t index = fetch->next_address % addresses->count;
        fetch->next_address = index + 1;
        fetch->left_count--;
        struct result result = responder_connection_start(
            fetch->responder, &addresses->items[index], &fetch->user, &fetch->connection);
        if (result_is_ok(result)) {
            return true;
        }
        fetch->fault = result.code == ERROR_SYSTEM ? OCSP_FAULT_UNREACHABLE : OCSP_FAULT_OVERLOAD;
    }
    return false;
}

void fetch_go_on(struct fetch *fetch)
{
    bool is_known = false;
    CHECK(fetch->state == FETCH_RESOLVING);
    if (fetch->has_addresses && fetch->left_count == 0) {
        end_with(fetch, fetch->fault);
        return;
    }
    struct result result = responder_resolve(fetch->responder, fetch, &is_known);
    if (!result_is_ok(result)) {
        end_with(fetch, OCSP_FAULT_OVERLOAD);
        return;
    }
    if (!is_known) {
        return; /* comes here again with the addresses */
    }
    uint32_t count = fetch->responder->addresses.count;
    if (!fetch->has_addresses) {
        fetch->has_addresses = true;
        fetch->next_address = fetch->responder->preferred;
        fetch->left_count = count;
        fetch->fault = OCSP_FAULT_UNRESOLVED;
    }
    fetch->left_count = fetch->left_count < count ? fetch->left_count : count;
    fetch->is_reused = false;
    if (connect_next(fetch)) {
        enter(fetch, FETCH_CONNECTING);
    } else {
        end_with(fetch, fetch->fault);
    }
}
