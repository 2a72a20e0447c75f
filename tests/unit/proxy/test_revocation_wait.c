/*
 * Waiting for the OCSP engine: answers that come late, to nobody, or never, and what becomes of a
 * client whose certificate is revoked while it is connected.
 */
#include "revocation_scene.h"

#define UPGRADE   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

/* Within this time everybody is judged anew whose lease a removal has ended. */
#define RECHECK_MS 5000

static enum connection_state state_of_latest(const struct scene *scene)
{
    return world_connection(scene->world)->state;
}

/* The request is let through, and answered. */
static void expect_served(struct scene *scene, struct world_client *client)
{
    size_t server = scene->world->server_count;
    world_forget(client);
    world_send(scene->world, client, GET);
    if (server == scene->world->server_count) {
        server--; /* an idle connection was used again */
    }
    world_answer(scene->world, server, OK);
    expect_text(world_heard(client), "200 OK");
}

/* No byte reaches a backend. */
static void expect_refused(struct scene *scene, struct world_client *client, const char *reason)
{
    size_t server_count = scene->world->server_count;
    world_send(scene->world, client, GET);
    expect_text(world_heard(client), "HTTP/1.1 400 ");
    expect_text(world_log(scene->world), reason);
    assert_int_equal(scene->world->server_count, server_count);
}

static void a_first_connection_waits_for_its_own_answer_and_gets_in(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_meet(scene);
    world_send(scene->world, client, GET);
    assert_int_equal(state_of_latest(scene), CONNECTION_JUDGING);
    assert_int_equal(scene->world->server_count, 0);
    assert_int_equal(scene->engine.count, 1);
    scene_answer(scene, 0, state_of(OCSP_GOOD));
    assert_int_equal(scene->world->server_count, 1);
    world_answer(scene->world, 0, OK);
    expect_text(world_heard(client), "200 OK");
    world_leave(scene->world, client);
    scene_free(scene);
}

static void a_revoked_client_is_refused_when_the_answer_comes(void **state)
{
    struct scene *scene = scene_make(true);
    (void)state;
    struct world_client *client = scene_meet(scene);
    scene_answer(scene, 0, state_of(OCSP_REVOKED));
    expect_refused(scene, client, "revoked");
    world_leave(scene->world, client);
    scene_free(scene);
}

static void an_answer_that_does_not_come_is_given_up(void **state)
{
    (void)state;
    for (int allows = 0; allows <= 1; allows++) {
        struct scene *scene = scene_make(allows == 1);
        struct world_client *client = scene_meet(scene);
        world_send(scene->world, client, GET);
        world_pass_ms(scene->world, TIMEOUT_MS);
        assert_int_equal(state_of_latest(scene), CONNECTION_JUDGING);
        world_pass_ms(scene->world, PATIENCE_MS - TIMEOUT_MS);
        assert_int_equal(scene->world->server_count, allows);
        if (allows == 0) {
            expect_text(world_heard(client), "HTTP/1.1 400 ");
            expect_text(world_log(scene->world), "revocation_unavailable");
        }
        world_break_off(scene->world, client);
        assert_false(proxy_is_empty(scene->world->proxy)); /* the question is still out */
        while (scene->world->proxy->ocsp_question_count > 0) {
            size_t index = 0;
            while (scene->engine.asks[index] == NULL) {
                index++;
            }
            scene_answer(scene, index, state_of(OCSP_GOOD));
        }
        scene_free(scene);
    }
}

static void a_client_that_leaves_while_it_waits_is_not_answered(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_meet(scene);
    world_break_off(scene->world, client);
    world_pass_ms(scene->world, 100);
    assert_int_equal(scene->world->proxy->connections.lent_count, 0);
    assert_int_equal(scene->world->proxy->ocsp_question_count, 1);
    scene_answer(scene, 0, state_of(OCSP_GOOD));
    scene_free(scene);
}

static void a_worker_that_is_shut_stays_for_its_answers(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_meet(scene);
    proxy_shut(scene->world->proxy);
    world_settle(scene->world);
    assert_int_equal(scene->world->proxy->connections.lent_count, 0);
    assert_false(proxy_is_empty(scene->world->proxy));
    scene_answer(scene, 0, state_of_failure(clock_wall_seconds()));
    assert_true(proxy_is_empty(scene->world->proxy));
    world_leave(scene->world, client);
    scene_free(scene);
}

static void a_chain_waits_for_the_last_of_its_answers(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    scene->policies[0]->checks_ocsp_of_chain = true;
    struct world_client *client = scene_meet(scene);
    assert_int_equal(scene->engine.count, 2);
    scene_answer(scene, 1, state_of(OCSP_GOOD));
    assert_int_equal(state_of_latest(scene), CONNECTION_JUDGING);
    scene_answer(scene, 0, state_of(OCSP_GOOD));
    assert_int_equal(state_of_latest(scene), CONNECTION_SERVING);
    expect_served(scene, client);
    world_leave(scene->world, client);
    scene_free(scene);
}

/* Its own answer was good, before. */
static void who_is_revoked_while_another_answer_is_awaited_stays_out(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    scene->policies[0]->checks_ocsp_of_chain = true;
    struct world_client *client = scene_meet(scene);
    scene_answer(scene, 0, state_of(OCSP_GOOD));
    scene_withdraw(scene, LEAF);
    scene_answer(scene, 1, state_of(OCSP_GOOD));
    expect_refused(scene, client, "revoked");
    world_leave(scene->world, client);
    scene_free(scene);
}

/* What is given up adds a failure to what is known, and takes nothing from it. */
static void who_was_revoked_is_not_forgiven_for_want_of_an_answer(void **state)
{
    struct scene *scene = scene_make(true);
    struct ocsp_state old = state_of(OCSP_REVOKED);
    (void)state;
    old.received_at_seconds -= 10;
    old.answer.next_update_seconds = clock_wall_seconds();
    scene_learn(scene, LEAF, old);
    struct world_client *client = scene_meet(scene);
    assert_int_equal(scene->engine.count, 1);
    world_send(scene->world, client, GET);
    world_pass_ms(scene->world, PATIENCE_MS);
    expect_text(world_heard(client), "HTTP/1.1 400 ");
    expect_text(world_log(scene->world), "revoked");
    scene_answer(scene, 0, old);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void without_an_engine_nobody_is_let_in(void **state)
{
    struct scene *scene = scene_make(true);
    (void)state;
    scene->world->proxy->around.ocsp_engine = NULL;
    struct world_client *client = scene_meet(scene);
    assert_int_equal(world_closed(scene->world, CLOSE_OVERLOAD), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void without_memory_nobody_is_let_in_and_nothing_is_asked(void **state)
{
    struct scene *scene = scene_make(true);
    (void)state;
    struct world_client *client = world_accept(scene->world);
    world_send_hello(scene->world, client, "a.test");
    struct connection *connection = world_connection(scene->world);
    connection->tls->peer_chain = scene->presented;
    connection->tls->peer_count = ROOT;
    is_memory_short = true;
    world_send(scene->world, client, "F");
    is_memory_short = false;
    assert_int_equal(world_closed(scene->world, CLOSE_OVERLOAD), 1);
    assert_int_equal(scene->engine.count, 0);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void for_a_dead_responder_nobody_waits_where_failures_are_allowed(void **state)
{
    struct scene *scene = scene_make(true);
    (void)state;
    scene_learn(scene, LEAF, state_of_failure(clock_wall_seconds() - RETRY_SECONDS));
    struct world_client *client = scene_meet(scene);
    assert_int_equal(state_of_latest(scene), CONNECTION_SERVING);
    assert_int_equal(scene->engine.count, 1); /* it is asked all the same */
    expect_served(scene, client);
    scene_withdraw(scene, LEAF);
    assert_int_equal(world_closed(scene->world, CLOSE_REVOKED), 1);
    scene_answer(scene, 0, state_of(OCSP_REVOKED));
    world_leave(scene->world, client);
    scene_free(scene);
}

static void a_refusal_is_remembered_until_its_own_end_only(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    int64_t end_seconds = clock_wall_seconds() + 4;
    scene_learn(scene, LEAF, state_of_failure(end_seconds - RETRY_SECONDS));
    struct world_client *first = scene_meet(scene);
    world_pass_ms(scene->world, 3000);
    struct world_client *second = scene_meet(scene);
    assert_int_equal(world_connection(scene->world)->verdict.reason,
                     VERDICT_REVOCATION_UNAVAILABLE);
    assert_int_equal(world_connection(scene->world)->entry->lease_end_seconds, end_seconds);
    world_leave(scene->world, first);
    world_leave(scene->world, second);
    scene_free(scene);
}

static void an_idle_client_that_is_revoked_is_closed(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    expect_served(scene, client);
    scene_withdraw(scene, LEAF);
    assert_true(world_is_ended(client));
    assert_int_equal(world_closed(scene->world, CLOSE_REVOKED), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void an_idle_client_is_left_alone_when_somebody_else_is_revoked(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    scene_withdraw(scene, CA); /* which this profile does not look at */
    assert_false(world_is_ended(client));
    expect_served(scene, client);
    assert_int_equal(scene->engine.count, 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

/* A removal that ends the lease of clients whom the cache has forgotten. */
static void end_leases(struct scene *scene)
{
    struct trust_key key = world_connection(scene->world)->entry->key;
    scene_learn(scene, LEAF, state_of(OCSP_GOOD));
    trust_cache_remove(&scene->world->trust.user, &key);
    proxy_review_leases(scene->world->proxy);
    world_settle(scene->world);
}

static uint64_t renewed_count(const struct scene *scene)
{
    return world_figure(scene->world, COUNTER_VERDICTS_RENEWED);
}

static void idle_clients_are_not_all_judged_anew_in_one_turn(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *first = scene_admit(scene);
    struct world_client *second = scene_meet(scene);
    end_leases(scene);
    assert_int_equal(renewed_count(scene), 0);
    expect_served(scene, second); /* the next request is judged at once */
    assert_int_equal(renewed_count(scene), 1);
    for (size_t i = 0; i < RECHECK_MS / 1000;
         i++) { /* removals one after another put off nothing */
        end_leases(scene);
        world_pass_ms(scene->world, 1000);
    }
    assert_true(renewed_count(scene) > 1);
    assert_false(world_is_ended(first));
    world_leave(scene->world, first);
    world_leave(scene->world, second);
    scene_free(scene);
}

static void where_nobody_is_refused_no_idle_client_is_judged_anew(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    scene->world->config->ssl_profiles[0].verify_mode = CONFIG_VERIFY_PASSTHROUGH;
    end_leases(scene);
    world_pass_ms(scene->world, RECHECK_MS);
    assert_int_equal(renewed_count(scene), 0);
    expect_served(scene, client);
    assert_int_equal(renewed_count(scene), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void a_tunnel_of_a_revoked_client_is_cut(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    world_send(scene->world, client, UPGRADE);
    world_answer(scene->world, 0, SWITCHING);
    assert_int_equal(state_of_latest(scene), CONNECTION_TUNNELLING);
    world_forget(client);
    scene_withdraw(scene, LEAF);
    assert_true(world_is_ended(client));
    assert_string_equal(world_heard(client), ""); /* it is not told that this is the regular end */
    assert_int_equal(world_closed(scene->world, CLOSE_REVOKED), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

static void who_is_revoked_during_a_request_is_closed_after_it(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    world_send(scene->world, client, GET);
    scene_withdraw(scene, LEAF);
    assert_false(world_is_ended(client));
    world_answer(scene->world, 0, OK);
    expect_text(world_heard(client), "200 OK");
    world_pass_ms(scene->world, WORLD_STEP_MS);
    assert_true(world_is_ended(client));
    assert_int_equal(world_closed(scene->world, CLOSE_REVOKED), 1);
    world_leave(scene->world, client);
    scene_free(scene);
}

/* Without a request: at the end of the answer it is asked for anew. */
static void an_idle_client_is_judged_anew_when_its_answer_ends(void **state)
{
    (void)state;
    for (int is_revoked = 0; is_revoked <= 1; is_revoked++) {
        struct scene *scene = scene_make(false);
        struct world_client *client = scene_admit(scene);
        for (size_t i = 0; i < 3; i++) { /* before it is idle for too long */
            world_pass_ms(scene->world, (ANSWER_SECONDS * 1000 - 1000) / 3);
            expect_served(scene, client);
        }
        assert_int_equal(scene->engine.count, 1);
        world_pass_ms(scene->world, 3000);
        assert_int_equal(scene->engine.count, 2);
        scene_answer(scene, 1, state_of(is_revoked ? OCSP_REVOKED : OCSP_GOOD));
        assert_int_equal(world_is_ended(client), is_revoked);
        assert_int_equal(world_closed(scene->world, CLOSE_REVOKED), is_revoked);
        world_leave(scene->world, client);
        scene_free(scene);
    }
}

/* The timer of the lease comes round while a request is under way. */
static void a_lease_goes_on_being_watched_after_a_request(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    world_pass_ms(scene->world, 55 * 1000);
    world_send(scene->world, client, GET);
    world_pass_ms(scene->world, 10 * 1000);
    world_answer(scene->world, 0, OK);
    expect_text(world_heard(client), "200 OK");
    world_pass_ms(scene->world, (ANSWER_SECONDS - 65) * 1000 + 3000);
    assert_int_equal(scene->engine.count, 2);
    scene_answer(scene, 1, state_of(OCSP_REVOKED));
    assert_true(world_is_ended(client));
    world_leave(scene->world, client);
    scene_free(scene);
}

/* What was asked for the terms of before is no last word by those of today. */
static void a_reload_while_a_client_waits_asks_again(void **state)
{
    struct scene *scene = scene_make(false);
    (void)state;
    struct world_client *client = scene_admit(scene);
    struct connection *connection = world_connection(scene->world);
    trust_cache_remove_certificates(&scene->world->trust.user, &scene->ids[LEAF], 1);
    proxy_review_leases(scene->world->proxy);
    world_pass_ms(scene->world, RECHECK_MS);
    assert_int_equal(scene->engine.count, 2);
    scene->policies[1]->checks_ocsp_of_chain = true;
    use_policy(scene, 1);
    scene_learn(scene, LEAF, state_of(OCSP_GOOD));
    scene_answer(scene, 1, state_of(OCSP_GOOD));
    assert_int_equal(scene->engine.count, 3); /* the issuer */
    assert_non_null(connection->revocation);
    scene_answer(scene, 2, state_of(OCSP_GOOD));
    expect_served(scene, client);
    world_leave(scene->world, client);
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_connection_waits_for_its_own_answer_and_gets_in),
        cmocka_unit_test(a_revoked_client_is_refused_when_the_answer_comes),
        cmocka_unit_test(an_answer_that_does_not_come_is_given_up),
        cmocka_unit_test(a_client_that_leaves_while_it_waits_is_not_answered),
        cmocka_unit_test(a_worker_that_is_shut_stays_for_its_answers),
        cmocka_unit_test(a_chain_waits_for_the_last_of_its_answers),
        cmocka_unit_test(who_is_revoked_while_another_answer_is_awaited_stays_out),
        cmocka_unit_test(who_was_revoked_is_not_forgiven_for_want_of_an_answer),
        cmocka_unit_test(without_an_engine_nobody_is_let_in),
        cmocka_unit_test(without_memory_nobody_is_let_in_and_nothing_is_asked),
        cmocka_unit_test(for_a_dead_responder_nobody_waits_where_failures_are_allowed),
        cmocka_unit_test(a_refusal_is_remembered_until_its_own_end_only),
        cmocka_unit_test(an_idle_client_that_is_revoked_is_closed),
        cmocka_unit_test(an_idle_client_is_left_alone_when_somebody_else_is_revoked),
        cmocka_unit_test(idle_clients_are_not_all_judged_anew_in_one_turn),
        cmocka_unit_test(where_nobody_is_refused_no_idle_client_is_judged_anew),
        cmocka_unit_test(a_tunnel_of_a_revoked_client_is_cut),
        cmocka_unit_test(who_is_revoked_during_a_request_is_closed_after_it),
        cmocka_unit_test(an_idle_client_is_judged_anew_when_its_answer_ends),
        cmocka_unit_test(a_lease_goes_on_being_watched_after_a_request),
        cmocka_unit_test(a_reload_while_a_client_waits_asks_again),
    };
    return cmocka_run_group_tests_name("revocation_wait", tests, make_keys, drop_keys);
}
