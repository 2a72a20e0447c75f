/*
 * Responders are found by a walk over all of them, the latest used first: there are few, and a
 * fetch costs a thousand times more. Whose turn it is, what their addresses are, whether they fail.
 */
#include "responder.h"

#include <stdio.h>

#include "base/check.h"
#include "base/clock.h"
#include "fetch.h"
#include "responder_connection.h"

#define REPORT_BYTES_MAX 512

/* [host]:port */
#define NAME_BYTES_MAX (HTTP_HOST_BYTES_MAX + 9)

#define PATIENT_TURN 4

/*
 * Faults that speak of the responder as a whole, for its report; the others are of one certificate,
 * of one profile or our own.
 */
/* clang-format off */
static const bool is_of_responder[OCSP_FAULT_COUNT] = {
    [OCSP_FAULT_UNRESOLVED]     = true,
    [OCSP_FAULT_UNREACHABLE]    = true,
    [OCSP_FAULT_TIMEOUT]        = true,
    [OCSP_FAULT_CLOSED]         = true,
    [OCSP_FAULT_HTTP]           = true,
    [OCSP_FAULT_HTTP_STATUS]    = true,
    [OCSP_FAULT_CONTENT_TYPE]   = true,
    [OCSP_FAULT_REDIRECT]       = true,
    [OCSP_FAULT_TOO_LARGE]      = true,
    [OCSP_FAULT_INTERNAL_ERROR] = true,
    [OCSP_FAULT_TRY_LATER]      = true,
    [OCSP_FAULT_SIG_REQUIRED]   = true,
    [OCSP_FAULT_MALFORMED]      = true,
    [OCSP_FAULT_UNKNOWN_SIGNER] = true,
    [OCSP_FAULT_BAD_DELEGATE]   = true,
    [OCSP_FAULT_WEAK_ALGORITHM] = true,
    [OCSP_FAULT_SIGNATURE]      = true,
    [OCSP_FAULT_NOT_YET_VALID]  = true,
    [OCSP_FAULT_EXPIRED]        = true,
};
/* clang-format on */

struct result responder_init_room(struct fetch_room *room)
{
    list_init(&room->reapable);
    list_init(&room->idle);
    list_init(&room->responders);
    list_init(&room->ready);
    TRY(slab_init(&room->responder_slots, sizeof(struct responder),
                  FETCH_ROOM_RESPONDER_COUNT_MAX));
    return slab_init(&room->connections, sizeof(struct responder_connection),
                     FETCH_ROOM_CONNECTION_COUNT_MAX);
}

static bool is_needed(const struct responder *responder)
{
    return responder->active_count > 0 || responder->waiting_count > 0 || responder->lookup != NULL;
}

static void forget(struct responder *responder)
{
    struct fetch_room *room = responder->room;
    CHECK(responder->active_count == 0 && responder->waiting_count == 0);
    while (!list_is_empty(&responder->idle)) {
        responder_connection_abandon(
            LIST_OWNER(responder->idle.next, struct responder_connection, place));
    }
    name_resolver_forget(responder->lookup);
    list_remove(&responder->use);
    list_remove(&responder->ready);
    slab_return(&room->responder_slots, responder);
}

static void make_room(struct fetch_room *room)
{
    struct list *node = room->responders.previous;
    while (node != &room->responders) {
        struct responder *responder = LIST_OWNER(node, struct responder, use);
        if (!is_needed(responder)) {
            forget(responder);
            return;
        }
        node = node->previous;
    }
}

/* host holds letters, digits, '-', '.', '_' and ':' only (responder_url.h): printable. */
static void write_name(const struct responder *responder, char ret_name[static NAME_BYTES_MAX])
{
    bool is_ipv6 = strchr(responder->host, ':') != NULL;
    (void)snprintf(ret_name, NAME_BYTES_MAX, "%s%s%s:%u", is_ipv6 ? "[" : "", responder->host,
                   is_ipv6 ? "]" : "", responder->port);
}

static void find_label(struct responder *responder)
{
    char name[NAME_BYTES_MAX];
    write_name(responder, name);
    responder->label = label_table_add(&responder->room->counters->responder_labels, name);
}

static struct responder *create(struct fetch_room *room, const struct responder_url *url)
{
    if (room->responder_slots.lent_count == FETCH_ROOM_RESPONDER_COUNT_MAX) {
        make_room(room);
    }
    struct responder *responder = slab_lend(&room->responder_slots);
    if (responder == NULL) {
        return NULL;
    }
    responder->room = room;
    responder->port = url->port;
    responder->is_address = url->is_address;
    memcpy(responder->host, url->host, sizeof(responder->host));
    find_label(responder);
    list_init(&responder->urgent);
    list_init(&responder->patient);
    list_init(&responder->resolving);
    list_init(&responder->idle);
    list_add_first(&room->responders, &responder->use);
    return responder;
}

static struct responder *look_up(const struct fetch_room *room, const struct responder_url *url)
{
    for (struct list *node = room->responders.next; node != &room->responders; node = node->next) {
        struct responder *responder = LIST_OWNER(node, struct responder, use);
        if (responder->port == url->port && strcmp(responder->host, url->host) == 0) {
            return responder;
        }
    }
    return NULL;
}

struct responder *responder_find(struct fetch_room *room, const struct responder_url *url)
{
    struct responder *found = look_up(room, url);
    if (found == NULL) {
        return create(room, url);
    }
    if (room->responders.next != &found->use) {
        list_remove(&found->use);
        list_add_first(&room->responders, &found->use);
    }
    return found;
}

bool responder_has_turns(const struct responder *responder)
{
    return responder->active_count + responder->waiting_count <
           responder->room->settings->inflight_max;
}

static void make_ready(struct responder *responder)
{
    if (!list_holds(&responder->ready)) {
        list_add_last(&responder->room->ready, &responder->ready);
    }
}

void responder_enter(struct responder *responder, struct fetch *fetch)
{
    list_add_last(fetch->order.is_refresh ? &responder->patient : &responder->urgent,
                  &fetch->place);
    responder->waiting_count++;
    make_ready(responder);
}

void responder_withdraw(struct responder *responder, struct fetch *fetch)
{
    list_remove(&fetch->place);
    responder->waiting_count--;
}

void responder_leave(struct responder *responder)
{
    CHECK(responder->active_count > 0);
    responder->active_count--;
    make_ready(responder);
}

static void on_addresses(void *owner, const struct name_addresses *addresses)
{
    struct responder *responder = owner;
    struct list waiting;
    struct list *node;
    responder->lookup = NULL;
    responder->addresses = *addresses;
    responder->preferred = 0;
    responder->addresses_until_ms =
        responder->room->wheel->now_ms +
        (addresses->count > 0 ? RESPONDER_ADDRESSES_MS : RESPONDER_NO_NAME_MS);
    /* Each once, also if it should have to wait again. */
    list_init(&waiting);
    while ((node = list_take_first(&responder->resolving)) != NULL) {
        list_add_last(&waiting, node);
    }
    while ((node = list_take_first(&waiting)) != NULL) {
        fetch_go_on(LIST_OWNER(node, struct fetch, place));
    }
}

struct result responder_resolve(struct responder *responder, struct fetch *fetch,
                                bool *ret_is_known)
{
    if (responder->is_address) {
        *ret_is_known =
            name_resolver_read_address(responder->host, responder->port, &responder->addresses);
        return *ret_is_known ? RESULT_OK : result_failure(ERROR_BAD_INPUT);
    }
    *ret_is_known = responder->room->wheel->now_ms < responder->addresses_until_ms;
    if (*ret_is_known) {
        return RESULT_OK;
    }
    if (responder->lookup == NULL) {
        struct name_order order = {.host = responder->host,
                                   .port = responder->port,
                                   .found = on_addresses,
                                   .owner = responder};
        TRY(name_resolver_start(responder->room->resolver, &order, &responder->lookup));
    }
    list_add_last(&responder->resolving, &fetch->place);
    return RESULT_OK;
}

void responder_doubt_addresses(struct responder *responder)
{
    uint64_t until_ms = responder->room->wheel->now_ms + RESPONDER_NO_NAME_MS;
    if (responder->addresses_until_ms > until_ms) {
        responder->addresses_until_ms = until_ms;
    }
}

struct responder_connection *responder_find_idle(struct responder *responder)
{
    struct list *node = list_first(&responder->idle);
    return node == NULL ? NULL : LIST_OWNER(node, struct responder_connection, place);
}

void responder_return(struct responder_connection *connection)
{
    struct responder *responder = connection->responder;
    if (responder->idle_count >= responder->room->settings->inflight_max ||
        connection->stream.has_receive_ended || connection->stream.has_send_failed ||
        stream_queued_bytes(&connection->stream) > 0) {
        responder_connection_abandon(connection);
        return;
    }
    responder_connection_park(connection);
    list_add_first(&responder->idle, &connection->place);
    list_add_first(&responder->room->idle, &connection->idle);
    responder->idle_count++;
}

void responder_unpark(struct responder_connection *connection)
{
    list_remove(&connection->place);
    list_remove(&connection->idle);
    connection->responder->idle_count--;
}

static void report(const struct responder *responder, enum ocsp_fault fault)
{
    const struct ocsp_engine_settings *settings = responder->room->settings;
    char name[NAME_BYTES_MAX];
    char line[REPORT_BYTES_MAX];
    if (settings->report == NULL) {
        return;
    }
    write_name(responder, name);
    (void)snprintf(line, sizeof(line), "OCSP responder %s %s: %s", name,
                   fault == OCSP_FAULT_NONE ? "answers again" : "fails",
                   fault == OCSP_FAULT_NONE ? "its answers are believed" : ocsp_fault_text(fault));
    settings->report(settings->owner, line);
}

void responder_note(struct responder *responder, enum ocsp_fault fault)
{
    bool is_failing = is_of_responder[fault];
    bool is_change = responder->is_failing != is_failing;
    if (is_change && (is_failing || fault == OCSP_FAULT_NONE)) {
        responder->is_failing = is_failing;
        report(responder, fault);
    }
}

/* The engine's thread is the only writer, so this needs no read-modify-write. */
void responder_count(struct responder *responder, enum ocsp_outcome outcome, uint64_t begun_ns)
{
    struct ocsp_responder_counters *counters =
        &responder->room->counters->responders[responder->label];
    uint64_t count = atomic_load_explicit(&counters->outcomes[outcome], memory_order_relaxed);
    atomic_store_explicit(&counters->outcomes[outcome], count + 1, memory_order_relaxed);
    if (begun_ns != 0) {
        histogram_record(&counters->times, begun_ns, clock_monotonic_ns());
    }
}

/* Now and then it is a refresh's turn first, or a responder that is always busy would starve them.
 */
static struct fetch *take_next(struct responder *responder)
{
    bool is_patient_first = ++responder->turn_count % PATIENT_TURN == 0;
    struct list *first = is_patient_first ? &responder->patient : &responder->urgent;
    struct list *second = is_patient_first ? &responder->urgent : &responder->patient;
    struct list *node = list_take_first(first);
    node = node == NULL ? list_take_first(second) : node;
    return node == NULL ? NULL : LIST_OWNER(node, struct fetch, place);
}

static void give_turns(struct responder *responder)
{
    struct fetch *fetch = NULL;
    while (responder->active_count < responder->room->settings->inflight_max &&
           (fetch = take_next(responder)) != NULL) {
        responder->waiting_count--;
        responder->active_count++;
        fetch_begin(fetch); /* it may end at once, and leave */
    }
}

void responder_review_room(struct fetch_room *room)
{
    struct list *node;
    while ((node = list_take_first(&room->ready)) != NULL) {
        give_turns(LIST_OWNER(node, struct responder, ready));
    }
}

void responder_empty_room(struct fetch_room *room)
{
    struct list *node;
    while ((node = list_first(&room->responders)) != NULL) {
        forget(LIST_OWNER(node, struct responder, use));
    }
}

void responder_deinit_room(struct fetch_room *room)
{
    slab_deinit(&room->connections);
    slab_deinit(&room->responder_slots);
}
