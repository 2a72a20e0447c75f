/*
 * A client whose certificate could not be judged for want of memory: that is no fault of its own,
 * and it is told so. Its CA has an RSA key, for which the library allocates.
 */
#include "../../../src/proxy/client_lease.h"
#include "../../../src/proxy/client_trust.h"
#include "../trust/trust_fixture.h"
#include "../trust/trust_pki.h"
#include "proxy_world.h"

#define GET       "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define UPGRADE   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
#define OK        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct scene {
    struct world *world;
    struct trust_policy *policy;
    struct built leaf;
    struct built root;
    struct bytes presented[1];
};

static struct built read_file(const char *name)
{
    struct built file = {.length = 0};
    built_add(&file, trust_pki_read(name));
    return file;
}

static struct scene *scene_make(enum config_verify_mode mode)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    scene->world = world_make("", "");
    scene->leaf = read_file("leaf_rsa2048.der");
    scene->root = read_file("root_rsa2048.der");
    scene->presented[0] = built_bytes(&scene->leaf);
    scene->policy = fixture_policy((const struct built *[]){&scene->root}, 1, false);
    for (size_t i = 0; i < WORLD_BACKEND_COUNT; i++) {
        scene->world->proxy->current->sites[i].trust_policy = scene->policy;
    }
    scene->world->config->ssl_profiles[0].verify_mode = mode;
    return scene;
}

static void scene_free(struct scene *scene)
{
    world_free(scene->world);
    trust_policy_destroy(scene->policy);
    free(scene);
}

/* Sends text, and the first allocations that it leads to fail. */
static void send_short(struct scene *scene, struct world_client *client, const char *text)
{
    memory_short_count = 1;
    world_send(scene->world, client, text);
    assert_int_equal(memory_short_count, 0);
}

static struct world_client *begin(struct scene *scene)
{
    struct world_client *client = world_accept(scene->world);
    world_send_hello(scene->world, client, "a.test");
    struct tls_session *tls = world_connection(scene->world)->tls;
    tls->peer_chain = scene->presented;
    tls->peer_count = 1;
    return client;
}

/* A client that nobody could judge when its handshake was complete. */
static struct world_client *meet_short(struct scene *scene)
{
    struct world_client *client = begin(scene);
    send_short(scene, client, "F");
    world_forget(client);
    assert_int_equal(world_connection(scene->world)->state, CONNECTION_SERVING);
    assert_int_equal(world_connection(scene->world)->verdict.reason, VERDICT_OUT_OF_MEMORY);
    return client;
}

static struct world_client *meet(struct scene *scene)
{
    struct world_client *client = begin(scene);
    world_send(scene->world, client, "F");
    world_forget(client);
    assert_int_equal(world_connection(scene->world)->verdict.reason, VERDICT_SUCCESS);
    return client;
}

/* Nothing vouches for it any more, and its lease is looked at. */
static void end_lease(struct scene *scene)
{
    trust_cache_remove_policy(&scene->world->trust.user, trust_policy_id(scene->policy));
}

static void who_could_not_be_judged_is_told_that_it_is_our_fault(void **state)
{
    struct scene *scene = scene_make(CONFIG_VERIFY_STRICT);
    (void)state;
    struct world_client *client = meet_short(scene);
    send_short(scene, client, GET);
    expect_text(world_heard(client), "HTTP/1.1 503 ");
    expect_text(world_log(scene->world), "\"reason\":\"out_of_memory\"");
    assert_int_equal(world_closed(scene->world, CLOSE_OVERLOAD), 1);
    assert_int_equal(world_closed(scene->world, CLOSE_REFUSED), 0);
    assert_int_equal(scene->world->server_count, 0);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void the_next_request_has_another_try(void **state)
{
    struct scene *scene = scene_make(CONFIG_VERIFY_STRICT);
    (void)state;
    struct world_client *client = meet_short(scene);
    world_send(scene->world, client, GET);
    world_answer(scene->world, 0, OK);
    expect_text(world_heard(client), "HTTP/1.1 200 ");
    world_leave(scene->world, client);
    scene_free(scene);
}

/* Neither for who comes next nor for who is inside. */
static void a_moment_without_memory_is_not_remembered(void **state)
{
    struct scene *scene = scene_make(CONFIG_VERIFY_STRICT);
    (void)state;
    struct world_client *first = meet_short(scene);
    struct world_client *second = meet(scene);
    assert_int_equal(atomic_load(&scene->world->counters.verdicts[VERDICT_OUT_OF_MEMORY]), 1);
    assert_int_equal(atomic_load(&scene->world->counters.verdicts[VERDICT_SUCCESS]), 1);
    world_leave(scene->world, first);
    world_leave(scene->world, second);
    scene_free(scene);
}

static void who_cannot_be_judged_anew_is_told_the_same(void **state)
{
    struct scene *scene = scene_make(CONFIG_VERIFY_STRICT);
    (void)state;
    struct world_client *client = meet(scene);
    end_lease(scene);
    send_short(scene, client, GET);
    expect_text(world_heard(client), "HTTP/1.1 503 ");
    assert_int_equal(world_closed(scene->world, CLOSE_OVERLOAD), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

/* Nobody vouches for it until there is memory again. */
static void a_client_that_cannot_be_judged_anew_loses_its_connection(void **state)
{
    (void)state;
    for (size_t has_tunnel = 0; has_tunnel < 2; has_tunnel++) {
        struct scene *scene = scene_make(CONFIG_VERIFY_STRICT);
        struct world_client *client = meet(scene);
        if (has_tunnel) {
            world_send(scene->world, client, UPGRADE);
            world_answer(scene->world, 0, SWITCHING);
            assert_int_equal(world_connection(scene->world)->state, CONNECTION_TUNNELLING);
        }
        end_lease(scene);
        memory_short_count = 1;
        (void)fake_memory_set_fallible(true);
        client_lease_review(world_connection(scene->world));
        (void)fake_memory_set_fallible(false);
        world_settle(scene->world);
        assert_int_equal(world_closed(scene->world, CLOSE_OVERLOAD), 1);
        world_leave(scene->world, client);
        scene_free(scene);
    }
}

static void where_nobody_is_refused_who_could_not_be_judged_is_not_either(void **state)
{
    struct scene *scene = scene_make(CONFIG_VERIFY_PASSTHROUGH);
    (void)state;
    struct world_client *client = meet_short(scene);
    send_short(scene, client, GET);
    world_answer(scene->world, 0, OK);
    expect_text(world_heard(client), "HTTP/1.1 200 ");
    const char *log = world_log(scene->world);
    expect_text(log, "\"sslClientVerify\":\"FAILED:out of memory\"");
    expect_text(log, "\"reason\":\"\"");
    world_leave(scene->world, client);
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_could_not_be_judged_is_told_that_it_is_our_fault),
        cmocka_unit_test(the_next_request_has_another_try),
        cmocka_unit_test(a_moment_without_memory_is_not_remembered),
        cmocka_unit_test(who_cannot_be_judged_anew_is_told_the_same),
        cmocka_unit_test(a_client_that_cannot_be_judged_anew_loses_its_connection),
        cmocka_unit_test(where_nobody_is_refused_who_could_not_be_judged_is_not_either),
    };
    return cmocka_run_group_tests(tests, trust_pki_make, trust_pki_remove);
}
