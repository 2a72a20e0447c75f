/*
 * The OCSP thread: made ready, turned until it is told to stop, taken apart. It sleeps as a member
 * of the reclaim domain, so that no worker's memory waits for it.
 *
 * Letters come from any thread and are delivered in the order in which they were posted; what is
 * asked is answered by the cache, by a flight, or refused.
 */
#include "ocsp/ocsp_engine.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "ask.h"
#include "base/check.h"
#include "base/clock.h"
#include "fetch_room.h"
#include "flight.h"
#include "name_resolver.h"
#include "refresh.h"
#include "responder.h"
#include "responder_connection.h"

/* Answers are small: one buffer is enough for most. */
#define RECEIVE_BUFFER_COUNT 16

/* The longest sleep, and how often refreshes are looked at: wall time may jump. */
#define TURN_LIMIT_MS 1000
/* The same while a record that was replaced waits to be freed. */
#define RECLAIM_LIMIT_MS 20

/* A letter of control to the engine. */
struct order {
    struct letter letter;
    struct ocsp_engine *engine;
};

struct ocsp_engine {
    struct ocsp_counters counters;
    struct ocsp_engine_settings settings;
    pthread_t thread;
    sem_t is_ready;
    struct result readiness; /* of is_ready */
    struct ring *ring;
    struct timer_wheel wheel;
    struct buffer_pool buffers;
    struct mailbox mailbox;
    struct name_resolver *resolver;
    struct reclaim_member *member;
    struct fetch_room room;
    struct flight_table flights;
    struct refresh refresh;
    uint64_t reviewed_ms;
    bool is_unsettled; /* the turn has left something to the next */
    bool is_shut;
    bool is_stopping;
    struct order shut_order;
    struct order stop_order;
    bool is_shut_ordered; /* the control thread's */
};

/* On the engine's thread. */

static void on_ended(void *owner, const struct ocsp_id *id, const struct ocsp_state *state,
                     const struct ocsp_manner *manner)
{
    struct ocsp_engine *engine = owner;
    refresh_note(&engine->refresh, id, state, manner);
}

static struct result make_room(struct ocsp_engine *engine)
{
    engine->room = (struct fetch_room){.ring = engine->ring,
                                       .wheel = &engine->wheel,
                                       .buffers = &engine->buffers,
                                       .resolver = engine->resolver,
                                       .counters = &engine->counters,
                                       .settings = &engine->settings};
    TRY(responder_init_room(&engine->room));
    engine->flights = (struct flight_table){.room = &engine->room,
                                            .place = {.settings = &engine->settings,
                                                      .counters = &engine->counters,
                                                      .member = engine->member},
                                            .ended = on_ended,
                                            .owner = engine};
    return flight_init_table(&engine->flights);
}

static struct result make_ready(struct ocsp_engine *engine)
{
    timer_wheel_init(&engine->wheel, clock_monotonic_ms());
    buffer_pool_init(&engine->buffers);
    TRY(ring_create(RECEIVE_BUFFER_COUNT, &engine->ring));
    TRY(mailbox_open(&engine->mailbox, engine->ring));
    TRY(name_resolver_create(&engine->mailbox, &engine->resolver));
    engine->member = reclaim_join(engine->settings.reclaim);
    CHECK(engine->member != NULL); /* there is room for the engine */
    reclaim_wake(engine->member);
    TRY(make_room(engine));
    engine->refresh =
        (struct refresh){.flights = &engine->flights, .cache = engine->settings.cache};
    refresh_start(&engine->refresh, clock_wall_seconds());
    return RESULT_OK;
}

static void review(struct ocsp_engine *engine)
{
    bool is_time = engine->wheel.now_ms >= engine->reviewed_ms + TURN_LIMIT_MS;
    if (is_time && !engine->is_shut && refresh_has_work(&engine->refresh)) {
        engine->reviewed_ms = engine->wheel.now_ms;
        refresh_review(&engine->refresh, clock_wall_seconds());
    }
}

static void turn(struct ocsp_engine *engine)
{
    bool is_waited_for = reclaim_waiting_count(engine->member) > 0;
    uint32_t limit_ms = is_waited_for ? RECLAIM_LIMIT_MS : TURN_LIMIT_MS;
    limit_ms = engine->is_unsettled ? 0 : limit_ms;
    reclaim_sleep(engine->member);
    ring_wait(engine->ring, timer_wheel_idle_ms(&engine->wheel, limit_ms));
    reclaim_wake(engine->member);
    timer_wheel_tell(&engine->wheel, clock_monotonic_ms());
    (void)ring_deliver(engine->ring);
    timer_wheel_advance(&engine->wheel);
    review(engine);
    responder_review_room(&engine->room);
    responder_connection_reap(&engine->room);
    engine->is_unsettled = flight_settle(&engine->flights);
}

static bool is_over(const struct ocsp_engine *engine)
{
    return engine->is_stopping && engine->room.connections.lent_count == 0;
}

/* It is closed when the thread has ended: who has told it to may still be in mailbox_post(). */
static void shut_mailbox(struct ocsp_engine *engine)
{
    if (engine->mailbox.ring == NULL) {
        return;
    }
    mailbox_shut(&engine->mailbox);
    while (engine->mailbox.read.is_in_flight) {
        ring_wait(engine->ring, TURN_LIMIT_MS);
        (void)ring_deliver(engine->ring);
    }
}

static void take_apart(struct ocsp_engine *engine)
{
    name_resolver_stop(engine->resolver); /* before the mailbox to which it posts */
    shut_mailbox(engine);
    refresh_deinit(&engine->refresh);
    flight_deinit_table(&engine->flights);
    responder_deinit_room(&engine->room);
    ring_destroy(engine->ring);
    buffer_pool_deinit(&engine->buffers);
    if (engine->member != NULL) {
        reclaim_sleep(engine->member);
    }
}

static void *run(void *argument)
{
    struct ocsp_engine *engine = argument;
    engine->readiness = make_ready(engine);
    bool is_ready = result_is_ok(engine->readiness);
    (void)sem_post(&engine->is_ready);
    while (is_ready && !is_over(engine)) {
        turn(engine);
    }
    take_apart(engine);
    return NULL;
}

static void on_ask(struct letter *letter)
{
    struct ocsp_ask *ask = LIST_OWNER(letter, struct ocsp_ask, letter);
    struct ocsp_engine *engine = ask->engine;
    int64_t now_seconds = clock_wall_seconds();
    const struct ocsp_record *record =
        ocsp_cache_find(engine->settings.cache, &ask->id, now_seconds);
    fetch_room_count(&engine->room, OCSP_COUNTER_ASKED);
    if (ask_is_answered_by(ask, record, now_seconds)) {
        ask_answer(ask, &record->state);
    } else if (engine->is_shut) {
        ask_refuse(ask, record, OCSP_FAULT_OVERLOAD, now_seconds);
    } else if (ask_url(ask->question, &ask->manner).length == 0) {
        ask_refuse(ask, record, OCSP_FAULT_NO_URL, now_seconds);
    } else {
        flight_join(&engine->flights, ask);
    }
}

static void on_keep(struct letter *letter)
{
    struct kept_list *list = LIST_OWNER(letter, struct kept_list, letter);
    struct ocsp_engine *engine = list->engine;
    if (engine->is_shut) {
        refresh_free_list(list);
    } else {
        refresh_keep(&engine->refresh, list, clock_wall_seconds());
    }
}

static struct ocsp_engine *engine_of(struct letter *letter)
{
    return LIST_OWNER(letter, struct order, letter)->engine;
}

static void on_shut(struct letter *letter)
{
    struct ocsp_engine *engine = engine_of(letter);
    engine->is_shut = true;
    flight_end_all(&engine->flights);
}

static void on_stop(struct letter *letter)
{
    struct ocsp_engine *engine = engine_of(letter);
    engine->is_shut = true;
    engine->is_stopping = true;
    flight_end_all(&engine->flights);
    responder_empty_room(&engine->room);
}

/* On other threads. */

static struct result start_thread(struct ocsp_engine *engine)
{
    if (pthread_create(&engine->thread, NULL, run, engine) != 0) {
        return result_failure(ERROR_THREAD);
    }
    (void)pthread_setname_np(engine->thread, "ocsp"); /* only what top shows */
    while (sem_wait(&engine->is_ready) != 0) {
    }
    if (!result_is_ok(engine->readiness)) {
        (void)pthread_join(engine->thread, NULL);
    }
    return engine->readiness;
}

static void destroy(struct ocsp_engine *engine)
{
    mailbox_close(&engine->mailbox);
    (void)sem_destroy(&engine->is_ready);
    free(engine);
}

struct result ocsp_engine_start(const struct ocsp_engine_settings *settings,
                                struct ocsp_engine **ret_engine)
{
    struct ocsp_engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    engine->settings = *settings;
    engine->shut_order = (struct order){.letter.deliver = on_shut, .engine = engine};
    engine->stop_order = (struct order){.letter.deliver = on_stop, .engine = engine};
    CHECK(sem_init(&engine->is_ready, 0, 0) == 0); /* 0 is a valid value */
    struct result result = start_thread(engine);
    if (!result_is_ok(result)) {
        destroy(engine);
        return result;
    }
    *ret_engine = engine;
    return RESULT_OK;
}

void ocsp_engine_ask(struct ocsp_engine *engine, struct ocsp_ask *ask)
{
    ask->engine = engine;
    ask->letter.deliver = on_ask;
    mailbox_post(&engine->mailbox, &ask->letter);
}

static bool is_listed(const struct kept_list *list, const struct ocsp_id *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ocsp_id_equal(&list->items[i].question->id, id)) {
            return true;
        }
    }
    return false;
}

static struct result fill_list(struct kept_list *list, const struct ocsp_engine_wishes *wishes)
{
    for (size_t i = 0; i < wishes->question_count; i++) {
        if (is_listed(list, &wishes->questions[i]->id)) {
            continue; /* one certificate on two sites */
        }
        TRY(ocsp_question_copy(wishes->questions[i], &list->items[list->count].question));
        list->count++;
    }
    return manner_list_create(wishes->clients_manners, wishes->clients_manner_count,
                              &list->clients_manners);
}

struct result ocsp_engine_keep(struct ocsp_engine *engine, const struct ocsp_engine_wishes *wishes)
{
    struct kept_list *list =
        calloc(1, sizeof(*list) + wishes->question_count * sizeof(list->items[0]));
    if (list == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    list->letter.deliver = on_keep;
    list->engine = engine;
    list->manner = *wishes->manner;
    struct result result = fill_list(list, wishes);
    if (!result_is_ok(result)) {
        refresh_free_list(list);
        return result;
    }
    mailbox_post(&engine->mailbox, &list->letter);
    return RESULT_OK;
}

void ocsp_engine_shut(struct ocsp_engine *engine)
{
    if (!engine->is_shut_ordered) {
        engine->is_shut_ordered = true;
        mailbox_post(&engine->mailbox, &engine->shut_order.letter);
    }
}

void ocsp_engine_stop(struct ocsp_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    mailbox_post(&engine->mailbox, &engine->stop_order.letter);
    (void)pthread_join(engine->thread, NULL);
    destroy(engine);
}

const struct ocsp_counters *ocsp_engine_counters(const struct ocsp_engine *engine)
{
    return &engine->counters;
}
