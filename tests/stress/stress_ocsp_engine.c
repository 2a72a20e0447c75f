/*
 * Several threads ask, a responder answers, half answers, hangs, drips, closes and lies at random,
 * the list of what is kept changes, and the engine is shut while questions wait. To be run under
 * ThreadSanitizer: each ask is answered once, on its own thread, and nothing is left behind.
 *
 * Usage: stress_ocsp_engine [asks of each thread [seed]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "../fake/ocsp_responder.h"
#include "ocsp/ocsp_engine.h"

#define ASKER_COUNT       4
#define IN_FLIGHT         16 /* asks that an asker has under way */
#define CERTIFICATE_COUNT 1000

struct question_of_ours {
    struct ocsp_ask ask; /* first */
    struct asker *asker;
    bool is_under_way;
};

struct asker {
    struct question_of_ours asks[IN_FLIGHT];
    struct ocsp_engine *engine;
    struct ring *ring;
    struct mailbox mailbox;
    struct dice dice;
    pthread_t thread;
    uint32_t ask_count;
    uint32_t asked_count;
    uint32_t answered_count;
    uint32_t fault_counts[OCSP_FAULT_COUNT];
};

static struct ocsp_responder responder;
static atomic_uint withdrawn_count;

static void on_answered(struct ocsp_ask *ask)
{
    struct question_of_ours *ours = (struct question_of_ours *)(void *)ask;
    CHECK(ours->is_under_way && ask->question == NULL);
    CHECK(pthread_equal(ours->asker->thread, pthread_self()));
    ours->is_under_way = false;
    ours->asker->answered_count++;
    ours->asker->fault_counts[ask->state.failure]++;
}

static struct ocsp_question *make_question(struct dice *dice)
{
    char serial[16];
    char url[64];
    struct ocsp_question *question;
    (void)snprintf(serial, sizeof(serial), "%u", dice_below(dice, CERTIFICATE_COUNT));
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/%u", responder.port, dice_below(dice, 2));
    CHECK(result_is_ok(ocsp_question_restore(bytes_from_string(serial), BYTES_OF("issuer"),
                                             bytes_from_string(url), &question)));
    return question;
}

static struct ocsp_manner make_manner(struct dice *dice)
{
    return (struct ocsp_manner){.timeout_ms = dice_between(dice, 20, 300),
                                .connect_timeout_ms = 200,
                                .read_timeout_ms = dice_between(dice, 10, 100),
                                .max_age_ms = 1000,
                                .has_nonce = dice_one_in(dice, 8),
                                .is_get = dice_one_in(dice, 2)};
}

static void ask_something(struct asker *asker, struct question_of_ours *ours)
{
    *ours = (struct question_of_ours){.ask = {.question = make_question(&asker->dice),
                                              .manner = make_manner(&asker->dice),
                                              .answer_to = &asker->mailbox,
                                              .answered = on_answered},
                                      .asker = asker,
                                      .is_under_way = true};
    ours->ask.id = ours->ask.question->id;
    asker->asked_count++;
    ocsp_engine_ask(asker->engine, &ours->ask);
}

static void *ask_all(void *argument)
{
    struct asker *asker = argument;
    CHECK(result_is_ok(ring_create(8, &asker->ring)));
    CHECK(result_is_ok(mailbox_open(&asker->mailbox, asker->ring)));
    while (asker->answered_count < asker->ask_count) {
        for (size_t i = 0; i < IN_FLIGHT; i++) {
            if (!asker->asks[i].is_under_way && asker->asked_count < asker->ask_count) {
                ask_something(asker, &asker->asks[i]);
            }
        }
        ring_wait(asker->ring, 1000);
        (void)ring_deliver(asker->ring);
    }
    mailbox_shut(&asker->mailbox);
    while (asker->mailbox.read.is_in_flight) {
        ring_wait(asker->ring, 1000);
        (void)ring_deliver(asker->ring);
    }
    return NULL;
}

static void on_withdrawn(void *owner, struct reclaim_member *member, const struct ocsp_id *ids,
                         size_t count)
{
    (void)owner;
    (void)member;
    (void)ids;
    CHECK(count > 0);
    atomic_fetch_add(&withdrawn_count, (uint32_t)count);
}

static void keep_something(struct ocsp_engine *engine, struct dice *dice)
{
    struct ocsp_question *questions[] = {make_question(dice), make_question(dice)};
    const struct ocsp_question *list[] = {questions[0], questions[1]};
    struct ocsp_manner manner = make_manner(dice);
    struct ocsp_manner other = make_manner(dice);
    const struct ocsp_manner *manners[] = {&manner, &other};
    struct ocsp_engine_wishes wishes = {list, 2, &manner, manners, dice_below(dice, 3)};
    CHECK(result_is_ok(ocsp_engine_keep(engine, &wishes)));
    ocsp_question_destroy(questions[0]);
    ocsp_question_destroy(questions[1]);
}

/* Until the askers have got about two thirds of what they want; the rest is asked of a shut engine.
 */
static void disturb(struct ocsp_engine *engine, struct dice *dice, uint64_t asked_until_shut)
{
    const struct ocsp_counters *counters = ocsp_engine_counters(engine);
    while (atomic_load(&counters->values[OCSP_COUNTER_ASKED]) < asked_until_shut) {
        keep_something(engine, dice);
        atomic_store(&responder.status, (int)dice_below(dice, 3));
        (void)usleep(2000);
    }
    ocsp_engine_shut(engine);
}

int main(int argument_count, char **arguments)
{
    static struct asker askers[ASKER_COUNT];
    uint32_t ask_count = argument_count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 1500;
    uint64_t seed = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    struct dice dice = {.state = seed};
    struct ocsp_cache_settings cache_settings = {64, 1 << 20};
    struct ocsp_engine_settings settings = {.inflight_max = 8,
                                            .question_count_max = ASKER_COUNT * IN_FLIGHT,
                                            .withdrawn = on_withdrawn};
    struct ocsp_engine *engine;
    uint32_t fault_counts[OCSP_FAULT_COUNT] = {0};
    (void)printf("stress_ocsp_engine: seed %llu\n", (unsigned long long)seed);
    CHECK(result_is_ok(reclaim_create(2, &settings.reclaim)));
    CHECK(result_is_ok(ocsp_cache_create(&cache_settings, &settings.cache)));
    ocsp_responder_start(&responder);
    atomic_store(&responder.is_random, true);
    CHECK(result_is_ok(ocsp_engine_start(&settings, &engine)));
    for (size_t i = 0; i < ASKER_COUNT; i++) {
        askers[i] = (struct asker){
            .engine = engine, .ask_count = ask_count, .dice = {.state = dice_throw(&dice)}};
        CHECK(pthread_create(&askers[i].thread, NULL, ask_all, &askers[i]) == 0);
    }
    disturb(engine, &dice, (uint64_t)ASKER_COUNT * ask_count * 2 / 3);
    for (size_t i = 0; i < ASKER_COUNT; i++) {
        CHECK(pthread_join(askers[i].thread, NULL) == 0);
        for (size_t fault = 0; fault < OCSP_FAULT_COUNT; fault++) {
            fault_counts[fault] += askers[i].fault_counts[fault];
        }
    }
    for (int i = 0; i < OCSP_COUNTER_COUNT; i++) {
        (void)printf("  %s %llu\n", ocsp_counter_word((enum ocsp_counter)i),
                     (unsigned long long)atomic_load(&ocsp_engine_counters(engine)->values[i]));
    }
    for (int i = 0; i < OCSP_FAULT_COUNT; i++) {
        if (fault_counts[i] > 0) {
            (void)printf("  answered %s: %u\n", ocsp_fault_word((enum ocsp_fault)i),
                         fault_counts[i]);
        }
    }
    ocsp_engine_stop(engine);
    for (size_t i = 0; i < ASKER_COUNT; i++) {
        CHECK(askers[i].answered_count == askers[i].ask_count);
        mailbox_close(&askers[i].mailbox);
        ring_destroy(askers[i].ring);
    }
    ocsp_responder_end(&responder);
    reclaim_destroy(settings.reclaim);
    ocsp_cache_destroy(settings.cache);
    return 0;
}
