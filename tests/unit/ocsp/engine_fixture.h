/*
 * The engine with a responder of ours on the loopback, a wall clock that can be moved, names that
 * resolve as told, and an asker with a mailbox. The real kernel: a test waits for what it expects.
 * One include a program.
 */
#ifndef TESTS_UNIT_OCSP_ENGINE_FIXTURE_H
#define TESTS_UNIT_OCSP_ENGINE_FIXTURE_H

#include "../net/net_loop.h"

#include <netdb.h>
#include <time.h>

#include "../../fake/ocsp_responder.h"
#include "ocsp/ocsp_engine.h"

/* The clocks: base/clock.h, with a wall clock that is moved. */

static _Atomic int64_t wall_offset_seconds;

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ms(void)
{
    return clock_monotonic_ns() / 1000000;
}

int64_t clock_wall_microseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec + atomic_load(&wall_offset_seconds)) * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_seconds(void)
{
    return clock_wall_microseconds() / 1000000;
}

/* The name service. Names: two.test has an address that refuses and one that answers, stuck.test
 * takes until it is let go, all others but one.test have none. */

static atomic_bool is_name_service_free;
static atomic_uint lookup_count;

static inline struct addrinfo *make_entry(const char *address, const char *port,
                                          struct addrinfo *next)
{
    struct addrinfo *entry = calloc(1, sizeof(*entry) + sizeof(struct sockaddr_in));
    struct sockaddr_in *socket_address = (struct sockaddr_in *)(void *)(entry + 1);
    socket_address->sin_family = AF_INET;
    socket_address->sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    (void)inet_pton(AF_INET, address, &socket_address->sin_addr);
    entry->ai_addr = (struct sockaddr *)socket_address;
    entry->ai_addrlen = sizeof(*socket_address);
    entry->ai_next = next;
    return entry;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_entries)
{
    (void)hints;
    atomic_fetch_add(&lookup_count, 1);
    while (strcmp(node, "stuck.test") == 0 && !atomic_load(&is_name_service_free)) {
        (void)usleep(1000);
    }
    if (strcmp(node, "one.test") == 0) {
        *ret_entries = make_entry("127.0.0.1", service, NULL);
        return 0;
    }
    if (strcmp(node, "two.test") == 0) {
        *ret_entries = make_entry("127.0.0.2", service, make_entry("127.0.0.1", service, NULL));
        return 0;
    }
    return EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *entries)
{
    while (entries != NULL) {
        struct addrinfo *next = entries->ai_next;
        free(entries);
        entries = next;
    }
}

/* The world. */

#define LINE_COUNT_MAX 16

struct world {
    struct reclaim *reclaim;
    struct ocsp_cache *cache;
    struct reclaim_member *member; /* of the test; asleep but while it looks */
    struct ocsp_engine *engine;
    struct ring *ring;
    struct mailbox mailbox;
    struct ocsp_responder responder;
    struct ocsp_manner manner;
    atomic_uint withdrawn_count;    /* certificates */
    atomic_uint withdrawal_count;   /* calls */
    atomic_bool is_withdrawal_held; /* the call does not return yet */
    atomic_uint withdrawn_too_early_count;
    atomic_uint line_count;
    char lines[LINE_COUNT_MAX][256];
};

static struct world world;

struct asked {
    struct ocsp_ask ask; /* first */
    uint32_t answered_count;
};

static inline void on_withdrawn(void *owner, struct reclaim_member *member,
                                const struct ocsp_id *ids, size_t count)
{
    (void)member;
    assert_ptr_equal(owner, &world);
    for (size_t i = 0; i < count; i++) {
        const struct ocsp_record *record = ocsp_cache_peek(world.cache, &ids[i]);
        if (record == NULL || record->state.answer.status == OCSP_GOOD) {
            atomic_fetch_add(&world.withdrawn_too_early_count, 1);
        }
    }
    atomic_fetch_add(&world.withdrawn_count, (uint32_t)count);
    atomic_fetch_add(&world.withdrawal_count, 1);
    while (atomic_load(&world.is_withdrawal_held)) {
        (void)usleep(1000);
    }
}

static inline void on_report(void *owner, const char *line)
{
    uint32_t count = atomic_load(&world.line_count);
    assert_ptr_equal(owner, &world);
    if (count < LINE_COUNT_MAX) {
        (void)snprintf(world.lines[count], sizeof(world.lines[count]), "%s", line);
    }
    atomic_store(&world.line_count, count + 1);
}

static inline void make_parts(void)
{
    struct ocsp_cache_settings cache_settings = {1024, 1 << 24};
    atomic_store(&wall_offset_seconds, 0);
    atomic_store(&lookup_count, 0);
    atomic_store(&is_name_service_free, false);
    assert_true(result_is_ok(reclaim_create(4, &world.reclaim)));
    assert_true(result_is_ok(ocsp_cache_create(&cache_settings, &world.cache)));
    world.member = reclaim_join(world.reclaim);
    world.ring = make_ring(8);
    assert_true(result_is_ok(mailbox_open(&world.mailbox, world.ring)));
    ocsp_responder_start(&world.responder);
    world.manner = (struct ocsp_manner){.timeout_ms = 60000, /* so long is no machine busy */
                                        .connect_timeout_ms = 30000,
                                        .read_timeout_ms = 30000,
                                        .retry_after_ms = 10000,
                                        .max_age_ms = 86400000};
}

static inline void start_engine(uint32_t inflight_max, uint32_t question_count_max)
{
    struct ocsp_engine_settings settings = {.cache = world.cache,
                                            .reclaim = world.reclaim,
                                            .inflight_max = inflight_max,
                                            .question_count_max = question_count_max,
                                            .owner = &world,
                                            .withdrawn = on_withdrawn,
                                            .report = on_report};
    assert_true(result_is_ok(ocsp_engine_start(&settings, &world.engine)));
}

static inline struct ocsp_question *question_to(const char *serial, const char *url)
{
    struct ocsp_question *question;
    assert_true(result_is_ok(ocsp_question_restore(
        bytes_from_string(serial), BYTES_OF("the issuer"), bytes_from_string(url), &question)));
    return question;
}

static inline const char *responder_url(const char *host)
{
    static char url[128];
    (void)snprintf(url, sizeof(url), "http://%s:%u/ocsp", host, world.responder.port);
    return url;
}

/* As after a restart: the cache holds an answer, of this moment and without a nonce. */
static inline void restart_with_known(const char *serial, enum ocsp_status status)
{
    struct ocsp_question *question;
    struct ocsp_record *record;
    struct ocsp_state known = {.has_answer = true, .received_at_seconds = clock_wall_seconds()};
    known.answer = (struct ocsp_answer){.status = status,
                                        .this_update_seconds = clock_wall_seconds(),
                                        .next_update_seconds = clock_wall_seconds() + 1000,
                                        .signer_until_seconds = INT64_MAX};
    ocsp_engine_stop(world.engine);
    question = question_to(serial, responder_url("127.0.0.1"));
    assert_true(result_is_ok(
        ocsp_record_create(&known, question, &world.manner, BYTES_OF("as stored"), &record)));
    reclaim_wake(world.member);
    assert_true(ocsp_cache_put(world.cache, world.member, record));
    reclaim_sleep(world.member);
    start_engine(4, 64);
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    make_parts();
    start_engine(4, 64);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    ocsp_engine_stop(world.engine);
    atomic_store(&is_name_service_free, true);
    ocsp_responder_end(&world.responder);
    mailbox_shut(&world.mailbox);
    TURN_UNTIL(world.ring, !world.mailbox.read.is_in_flight);
    mailbox_close(&world.mailbox);
    ring_destroy(world.ring);
    reclaim_destroy(world.reclaim);
    ocsp_cache_destroy(world.cache);
    return 0;
}

/* Waits for what another thread does. */
#define WAIT_UNTIL(condition) TURN_UNTIL(world.ring, condition)

static inline void on_answered(struct ocsp_ask *ask)
{
    ((struct asked *)(void *)ask)->answered_count++;
}

static inline void begin_at(struct asked *asked, const char *serial, const char *url)
{
    *asked = (struct asked){.ask = {.question = question_to(serial, url),
                                    .manner = world.manner,
                                    .answer_to = &world.mailbox,
                                    .answered = on_answered}};
    asked->ask.id = asked->ask.question->id;
    ocsp_engine_ask(world.engine, &asked->ask);
}

static inline void begin(struct asked *asked, const char *serial)
{
    begin_at(asked, serial, responder_url("127.0.0.1"));
}

static inline struct ocsp_state end(struct asked *asked)
{
    WAIT_UNTIL(asked->answered_count > 0);
    assert_int_equal(asked->answered_count, 1);
    assert_null(asked->ask.question);
    return asked->ask.state;
}

static inline struct ocsp_state ask_at(const char *serial, const char *url)
{
    struct asked asked;
    begin_at(&asked, serial, url);
    return end(&asked);
}

static inline struct ocsp_state ask(const char *serial)
{
    return ask_at(serial, responder_url("127.0.0.1"));
}

/* Asks what is to be known in the rest of a test. */
static inline void learn(const char *serial)
{
    assert_true(ask(serial).has_answer);
}

static inline uint64_t counted(enum ocsp_counter counter)
{
    return atomic_load(&ocsp_engine_counters(world.engine)->values[counter]);
}

/* What the cache says now; zeroed when it says nothing. uses: as a worker would. */
static inline struct ocsp_state cached(const char *serial, bool uses)
{
    struct ocsp_question *question = question_to(serial, "");
    struct ocsp_state state = {0};
    reclaim_wake(world.member);
    const struct ocsp_record *record =
        uses ? ocsp_cache_find(world.cache, &question->id, clock_wall_seconds())
             : ocsp_cache_peek(world.cache, &question->id);
    if (record != NULL) {
        state = record->state;
    }
    reclaim_sleep(world.member);
    ocsp_question_destroy(question);
    return state;
}

static inline void behave(enum ocsp_behaviour behaviour)
{
    atomic_store(&world.responder.behaviour, (int)behaviour);
}

static inline void move_clock(int64_t seconds)
{
    atomic_fetch_add(&wall_offset_seconds, seconds);
}

#endif
