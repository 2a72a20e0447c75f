/*
 * The table of flights, by certificate; the waiting of asks; the end of a flight, where the cache
 * is written before anybody is answered.
 */
#include "flight.h"

#include <stdlib.h>

#include "ask.h"
#include "base/check.h"
#include "base/clock.h"
#include "fetch.h"
#include "responder.h"
#include "trust/ocsp_life.h"

struct flight {
    struct fetch fetch;
    struct list bucket;
    struct list place; /* among all, or those that have landed */
    struct list waiters;
    struct flight_table *table;
    struct ocsp_question *question;
    struct ocsp_manner manner;
    bool is_waited_for; /* or was */
    /* When it has landed. */
    struct ocsp_id id;
    struct ocsp_state state;
    bool is_withdrawal;
};

struct waiter {
    struct list place;
    struct timer limit;
    struct flight_table *table;
    struct ocsp_ask *ask;
};

/* Twice the questions, as a power of two. */
static uint32_t bucket_count_for(uint32_t flight_count)
{
    uint32_t count = 64;
    while (count < 2 * (uint64_t)flight_count && count < 1U << 20) {
        count *= 2;
    }
    return count;
}

struct result flight_init_table(struct flight_table *table)
{
    uint32_t question_count = table->place.settings->question_count_max;
    uint32_t bucket_count = bucket_count_for(question_count);
    list_init(&table->all);
    list_init(&table->landed);
    table->bucket_mask = bucket_count - 1;
    table->buckets = calloc(bucket_count, sizeof(*table->buckets));
    if (table->buckets == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (uint32_t i = 0; i < bucket_count; i++) {
        list_init(&table->buckets[i]);
    }
    TRY(slab_init(&table->waiters, sizeof(struct waiter), question_count));
    return slab_init(&table->flights, sizeof(struct flight),
                     question_count + FLIGHT_REFRESH_COUNT_MAX);
}

void flight_deinit_table(struct flight_table *table)
{
    slab_deinit(&table->flights);
    slab_deinit(&table->waiters);
    free(table->buckets);
    *table = (struct flight_table){0};
}

/* The id is a digest: any part of it is as good as another. */
static struct list *bucket_of(const struct flight_table *table, const struct ocsp_id *id)
{
    uint32_t hash;
    memcpy(&hash, id->bytes, sizeof(hash));
    return &table->buckets[hash & table->bucket_mask];
}

/* Another responder may say something else; who wants a nonce wants one, and that none came back
 * must not become the failure of who did not; nor does the hurry of one end the other's patience.
 */
static bool serves(const struct flight *flight, const struct ocsp_question *question,
                   struct bytes url, const struct ocsp_manner *manner)
{
    return ocsp_id_equal(&flight->question->id, &question->id) &&
           bytes_equal(ask_url(flight->question, &flight->manner), url) &&
           flight->manner.has_nonce == manner->has_nonce &&
           ocsp_life_is_as_patient(&flight->manner, manner);
}

static struct flight *find(const struct flight_table *table, const struct ocsp_question *question,
                           const struct ocsp_manner *manner)
{
    struct list *bucket = bucket_of(table, &question->id);
    struct bytes url = ask_url(question, manner);
    for (struct list *node = bucket->next; node != bucket; node = node->next) {
        struct flight *flight = LIST_OWNER(node, struct flight, bucket);
        if (serves(flight, question, url, manner)) {
            return flight;
        }
    }
    return NULL;
}

/* Waiting. */

static struct ocsp_ask *release_waiter(struct waiter *waiter)
{
    struct flight_table *table = waiter->table;
    struct ocsp_ask *ask = waiter->ask;
    timer_wheel_clear(table->room->wheel, &waiter->limit);
    list_remove(&waiter->place);
    slab_return(&table->waiters, waiter);
    return ask;
}

static void refuse(const struct flight_table *table, struct ocsp_ask *ask, enum ocsp_fault fault)
{
    ask_refuse(ask, ocsp_cache_peek(table->place.settings->cache, &ask->id), fault,
               clock_wall_seconds());
}

static void on_waited_enough(struct timer *timer)
{
    struct waiter *waiter = LIST_OWNER(timer, struct waiter, limit);
    const struct flight_table *table = waiter->table;
    refuse(table, release_waiter(waiter), OCSP_FAULT_TIMEOUT);
}

/* False: too many wait. */
static bool wait_for(struct flight *flight, struct ocsp_ask *ask)
{
    struct flight_table *table = flight->table;
    struct waiter *waiter = slab_lend(&table->waiters);
    if (waiter == NULL) {
        return false;
    }
    waiter->table = table;
    waiter->ask = ask;
    waiter->limit.expired = on_waited_enough;
    list_add_last(&flight->waiters, &waiter->place);
    timer_wheel_set(table->room->wheel, &waiter->limit, ask->manner.timeout_ms);
    flight->is_waited_for = true;
    return true;
}

static void answer_all(struct flight *flight, const struct ocsp_state *state)
{
    struct list *node;
    while ((node = list_first(&flight->waiters)) != NULL) {
        ask_answer(release_waiter(LIST_OWNER(node, struct waiter, place)), state);
    }
}

/* Ending. */

static void release(struct flight *flight)
{
    struct flight_table *table = flight->table;
    CHECK(list_is_empty(&flight->waiters));
    list_remove(&flight->bucket);
    list_remove(&flight->place);
    table->refresh_count -= flight->fetch.order.is_refresh;
    ocsp_question_destroy(flight->question);
    slab_return(&table->flights, flight);
}

static enum ocsp_outcome outcome_of(const struct finding *finding, const struct ocsp_state *state)
{
    return finding->fault != OCSP_FAULT_NONE ? OCSP_OUTCOME_FAILED
                                             : (enum ocsp_outcome)state->answer.status;
}

/* Who waits is answered when the turn is over, and with what was found, also if its own time and
 * the fetch's are over in the same turn. */
static void land(struct flight *flight)
{
    struct flight_table *table = flight->table;
    for (struct list *node = flight->waiters.next; node != &flight->waiters; node = node->next) {
        timer_wheel_clear(table->room->wheel, &LIST_OWNER(node, struct waiter, place)->limit);
    }
    list_remove(&flight->bucket);
    list_remove(&flight->place);
    list_add_last(&table->landed, &flight->place);
}

static void on_fetched(struct fetch *fetch, enum ocsp_fault fault, struct bytes response)
{
    struct flight *flight = LIST_OWNER(fetch, struct flight, fetch);
    struct flight_table *table = flight->table;
    struct finding finding = {.question = flight->question,
                              .manner = &flight->manner,
                              .fault = fault,
                              .response = response,
                              .nonce = fetch_nonce(fetch),
                              .is_waited_for = flight->is_waited_for};
    flight->id = flight->question->id;
    flight->question = NULL;
    finding_keep(&table->place, &finding, clock_wall_seconds(), &flight->state);
    flight->is_withdrawal = finding.is_withdrawal;
    responder_note(fetch->responder, finding.fault);
    responder_count(fetch->responder, outcome_of(&finding, &flight->state), fetch->begun_ns);
    table->ended(table->owner, &flight->id, &flight->state, &flight->manner);
    land(flight);
}

/* Settling. */

static void withdraw(const struct flight_table *table, const struct ocsp_id *ids, size_t count)
{
    const struct ocsp_engine_settings *settings = table->place.settings;
    if (count > 0 && settings->withdrawn != NULL) {
        settings->withdrawn(settings->owner, table->place.member, ids, count);
    }
    for (size_t i = 0; i < count; i++) {
        fetch_room_count(table->room, OCSP_COUNTER_WITHDRAWN);
    }
}

bool flight_settle(struct flight_table *table)
{
    struct ocsp_id ids[FLIGHT_WITHDRAWN_COUNT_MAX];
    size_t count = 0;
    struct list settled;
    struct list *node;
    list_init(&settled);
    while (count < FLIGHT_WITHDRAWN_COUNT_MAX && (node = list_take_first(&table->landed)) != NULL) {
        const struct flight *flight = LIST_OWNER(node, struct flight, place);
        list_add_last(&settled, node);
        if (flight->is_withdrawal) {
            ids[count++] = flight->id;
        }
    }
    withdraw(table, ids, count);
    while ((node = list_first(&settled)) != NULL) {
        struct flight *flight = LIST_OWNER(node, struct flight, place);
        answer_all(flight, &flight->state);
        release(flight);
    }
    return !list_is_empty(&table->landed);
}

/* Starting. Takes question over; NULL, and *ret_fault is set: it was not started. */
static struct flight *start(struct flight_table *table, struct ocsp_question *question,
                            const struct ocsp_manner *manner, bool is_refresh,
                            enum ocsp_fault *ret_fault)
{
    struct flight *flight = slab_lend(&table->flights);
    if (flight == NULL) {
        ocsp_question_destroy(question);
        *ret_fault = OCSP_FAULT_OVERLOAD;
        return NULL;
    }
    flight->table = table;
    flight->question = question;
    flight->manner = *manner;
    struct fetch_order order = {.question = question,
                                .manner = &flight->manner,
                                .url = ask_url(question, &flight->manner),
                                .is_refresh = is_refresh,
                                .ended = on_fetched};
    *ret_fault = fetch_start(&flight->fetch, table->room, &order);
    if (*ret_fault != OCSP_FAULT_NONE) {
        ocsp_question_destroy(question);
        slab_return(&table->flights, flight);
        return NULL;
    }
    list_init(&flight->waiters);
    list_add_first(bucket_of(table, &question->id), &flight->bucket);
    list_add_last(&table->all, &flight->place);
    table->refresh_count += is_refresh;
    return flight;
}

static struct flight *start_for(struct flight_table *table, struct ocsp_ask *ask,
                                enum ocsp_fault *ret_fault)
{
    struct ocsp_question *question = ask->question;
    *ret_fault = OCSP_FAULT_OVERLOAD;
    if (table->waiters.lent_count == table->waiters.capacity_count) {
        return NULL;
    }
    ask->question = NULL;
    return start(table, question, &ask->manner, false, ret_fault);
}

void flight_join(struct flight_table *table, struct ocsp_ask *ask)
{
    enum ocsp_fault fault = OCSP_FAULT_OVERLOAD;
    struct flight *flight = find(table, ask->question, &ask->manner);
    if (flight != NULL) {
        fetch_room_count(table->room, OCSP_COUNTER_JOINED);
    } else {
        flight = start_for(table, ask, &fault);
    }
    if (flight == NULL || !wait_for(flight, ask)) {
        refuse(table, ask, fault);
    }
}

static enum flight_start look_for_turn(struct flight_table *table, struct bytes text, bool may_wait)
{
    struct responder_url url;
    if (!responder_url_parse(text, &url)) {
        return FLIGHT_REFUSED;
    }
    const struct responder *responder = responder_find(table->room, &url);
    bool has_turn = responder != NULL && (may_wait || responder_has_turns(responder)) &&
                    table->refresh_count < FLIGHT_REFRESH_COUNT_MAX;
    return has_turn ? FLIGHT_STARTED : FLIGHT_LATER;
}

enum flight_start flight_refresh(struct flight_table *table, const struct ocsp_question *question,
                                 const struct ocsp_manner *manner, bool may_wait)
{
    enum ocsp_fault fault;
    struct ocsp_question *copy;
    if (find(table, question, manner) != NULL) {
        return FLIGHT_STARTED;
    }
    enum flight_start answer = look_for_turn(table, ask_url(question, manner), may_wait);
    if (answer != FLIGHT_STARTED) {
        return answer;
    }
    if (!result_is_ok(ocsp_question_copy(question, &copy))) {
        return FLIGHT_LATER;
    }
    return start(table, copy, manner, true, &fault) != NULL ? FLIGHT_STARTED : FLIGHT_LATER;
}

void flight_end_all(struct flight_table *table)
{
    struct list *node;
    while (flight_settle(table)) {
    }
    while ((node = list_first(&table->all)) != NULL) {
        struct flight *flight = LIST_OWNER(node, struct flight, place);
        struct list *waiting;
        fetch_abandon(&flight->fetch);
        while ((waiting = list_first(&flight->waiters)) != NULL) {
            refuse(table, release_waiter(LIST_OWNER(waiting, struct waiter, place)),
                   OCSP_FAULT_TIMEOUT);
        }
        release(flight);
    }
}
