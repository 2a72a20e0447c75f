/*
 * A world whose listeners ask for a client's certificate and whether it is revoked, with an OCSP
 * engine that answers when the test tells it to. One include a program.
 */
#ifndef TESTS_UNIT_PROXY_REVOCATION_SCENE_H
#define TESTS_UNIT_PROXY_REVOCATION_SCENE_H

#include "../../../src/proxy/client_trust.h"
#include "../../../src/trust/policy_content.h"
#include "../trust/ocsp_fixture.h"
#include "../trust/trust_fixture.h"
#include "ocsp/ocsp_engine.h"
#include "proxy_world.h"

#define ASK_COUNT_MAX  8
#define TIMEOUT_MS     5000
#define PATIENCE_MS    6000 /* longer than the timeout and its margin */
#define RETRY_SECONDS  10
#define ANSWER_SECONDS 120
#define GET            "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define OK             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { LEAF, CA, ROOT, CHAIN_COUNT };

struct ocsp_engine {
    struct ocsp_ask *asks[ASK_COUNT_MAX]; /* NULL: answered */
    size_t count;
};

struct scene {
    struct world *world;
    struct ocsp_engine engine;
    struct ocsp_cache *cache;
    struct trust_policy *policies[2]; /* the second is another generation's */
    struct built chain[CHAIN_COUNT];
    struct bytes presented[ROOT];
    struct ocsp_id ids[ROOT];
};

static struct builder_key *keys[CHAIN_COUNT];

static inline int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        keys[i] = builder_key_create();
    }
    return 0;
}

static inline int drop_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        builder_key_destroy(keys[i]);
    }
    return 0;
}

void ocsp_engine_ask(struct ocsp_engine *engine, struct ocsp_ask *ask)
{
    assert_true(engine->count < ASK_COUNT_MAX);
    assert_non_null(ask->question);
    assert_true(ocsp_id_equal(&ask->id, &ask->question->id));
    engine->asks[engine->count++] = ask;
}

static inline void make_chain(struct scene *scene)
{
    static const char *const names[] = {"client", "Intermediate", "Root"};
    for (size_t i = 0; i < CHAIN_COUNT; i++) {
        size_t above = i == ROOT ? ROOT : i + 1;
        struct plan plan = {
            .subject = names[i], .issuer = names[above], .key = keys[i], .signer = keys[above]};
        if (i != LEAF) {
            plan_ca(&plan, -1);
        }
        plan_responder(&plan, OCSP_RESPONDER);
        scene->chain[i] = build(plan);
    }
    for (size_t i = 0; i < ROOT; i++) {
        scene->presented[i] = built_bytes(&scene->chain[i]);
        assert_true(result_is_ok(ocsp_question_identify(
            scene->presented[i], built_bytes(&scene->chain[i + 1]), &scene->ids[i])));
    }
}

/* allows: ocsp_failure; number: the generation. */
static inline void make_scene_policy(struct scene *scene, size_t number, bool allows)
{
    struct trust_policy *policy =
        fixture_policy((const struct built *[]){&scene->chain[ROOT]}, 1, false);
    policy->revocation = CONFIG_REVOCATION_OCSP;
    policy->allows_ocsp_failure = allows;
    policy->ocsp_manner = (struct ocsp_manner){.timeout_ms = TIMEOUT_MS,
                                               .retry_after_ms = RETRY_SECONDS * 1000,
                                               .max_age_ms = 86400 * 1000};
    policy->id[0] ^= (uint8_t)number; /* other terms */
    scene->policies[number] = policy;
}

static inline void use_policy(struct scene *scene, size_t number)
{
    for (size_t i = 0; i < WORLD_BACKEND_COUNT; i++) {
        scene->world->proxy->current->sites[i].trust_policy = scene->policies[number];
    }
}

static inline struct scene *scene_make(bool allows)
{
    static const struct ocsp_cache_settings bounds = {.entry_count_max = 64,
                                                      .size_bytes_max = 1 << 20};
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    scene->world = world_make("", "");
    make_chain(scene);
    for (size_t i = 0; i < 2; i++) {
        make_scene_policy(scene, i, allows);
    }
    use_policy(scene, 0);
    scene->world->config->ssl_profiles[0].verify_mode = CONFIG_VERIFY_STRICT;
    assert_true(result_is_ok(ocsp_cache_create(&bounds, &scene->cache)));
    scene->world->proxy->around.ocsp_cache = scene->cache;
    scene->world->proxy->around.ocsp_engine = &scene->engine;
    return scene;
}

/* Everything was answered: what was asked for is nobody's any more. */
static inline void scene_free(struct scene *scene)
{
    assert_int_equal(scene->world->proxy->ocsp_question_count, 0);
    world_free(scene->world);
    ocsp_cache_destroy(scene->cache);
    trust_policy_destroy(scene->policies[0]);
    trust_policy_destroy(scene->policies[1]);
    free(scene);
}

/* A client that has presented its chain and shown that it holds the key. */
static inline struct world_client *scene_meet(struct scene *scene)
{
    struct world_client *client = world_accept(scene->world);
    world_send_hello(scene->world, client, "a.test");
    struct tls_session *tls = world_connection(scene->world)->tls;
    tls->peer_chain = scene->presented;
    tls->peer_count = ROOT;
    world_send(scene->world, client, "F");
    world_forget(client);
    return client;
}

static inline struct ocsp_state state_of(enum ocsp_status status)
{
    int64_t now_seconds = clock_wall_seconds();
    return (struct ocsp_state){
        .has_answer = true,
        .answer = {.status = status,
                   .this_update_seconds = now_seconds,
                   .next_update_seconds = now_seconds + ANSWER_SECONDS,
                   .signer_until_seconds = INT64_MAX},
        .received_at_seconds = now_seconds,
    };
}

static inline struct ocsp_state state_of_failure(int64_t failed_at_seconds)
{
    return (struct ocsp_state){.failure = OCSP_FAULT_UNREACHABLE,
                               .failed_at_seconds = failed_at_seconds,
                               .retry_at_seconds = failed_at_seconds + RETRY_SECONDS};
}

/* As the engine's letter does it, on the worker's thread. */
static inline void scene_answer(struct scene *scene, size_t index, struct ocsp_state state)
{
    struct ocsp_ask *ask = scene->engine.asks[index];
    assert_non_null(ask);
    scene->engine.asks[index] = NULL;
    ocsp_question_destroy(ask->question);
    ask->question = NULL;
    ask->state = state;
    ask->answered(ask);
    world_settle(scene->world);
}

/* What the engine has found, whoever has asked. */
static inline void scene_learn(struct scene *scene, size_t index, struct ocsp_state state)
{
    struct ocsp_question *question;
    struct ocsp_record *record;
    assert_true(result_is_ok(ocsp_question_create(
        scene->presented[index], built_bytes(&scene->chain[index + 1]), &question)));
    assert_true(result_is_ok(ocsp_record_create(&state, question, &scene->policies[0]->ocsp_manner,
                                                BYTES_OF("response"), &record)));
    assert_true(ocsp_cache_put(scene->cache, scene->world->trust.user.member, record));
}

/* The same, and it was good before. */
static inline void scene_withdraw(struct scene *scene, size_t index)
{
    scene_learn(scene, index, state_of(OCSP_REVOKED));
    trust_cache_remove_certificates(&scene->world->trust.user, &scene->ids[index], 1);
    proxy_review_leases(scene->world->proxy);
    world_settle(scene->world);
}

/* A client that is in, and idle. */
static inline struct world_client *scene_admit(struct scene *scene)
{
    size_t index = scene->engine.count;
    struct world_client *client = scene_meet(scene);
    scene_answer(scene, index, state_of(OCSP_GOOD));
    assert_int_equal(world_connection(scene->world)->state, CONNECTION_SERVING);
    return client;
}

#endif
