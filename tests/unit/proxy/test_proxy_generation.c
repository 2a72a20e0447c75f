/* Clients move from one generation to the next, each at its time; what nobody uses is given up. */
#include "proxy_world.h"

#define GET       "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define ANSWER    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define UPGRADE   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

/* Another configuration for a world: as its first, but for what a test changes before it is
 * published. */
struct latter {
    struct world parts; /* of it only what point_at_backends() and make_policy() fill */
    struct proxy_generation *prepared;
};

static struct latter *make_latter(const char *gateway, const char *backend)
{
    struct latter *latter = calloc(1, sizeof(*latter));
    assert_non_null(latter);
    latter->parts.config = load_world(gateway, backend);
    point_at_backends(&latter->parts);
    make_policy(&latter->parts);
    return latter;
}

static void prepare(struct world *world, struct latter *latter)
{
    assert_true(result_is_ok(
        proxy_generation_create(world->proxy, &latter->parts.generation, &latter->prepared)));
}

static void publish(struct world *world, struct latter *latter)
{
    prepare(world, latter);
    proxy_generation_publish(world->proxy, latter->prepared);
    world_settle(world);
}

/* After world_free(): the worker had it until then. */
static void free_latter(struct latter *latter)
{
    assert_int_equal(atomic_load(&latter->parts.users.count), 0);
    assert_int_equal(atomic_load(&latter->parts.users.trust_count), 0);
    trust_policy_destroy(latter->parts.trust_policies[0]);
    config_destroy(latter->parts.config);
    free(latter);
}

/* Without the second listener, which is a.test's. */
static void drop_listener(struct latter *latter)
{
    latter->parts.listeners[1] = latter->parts.listeners[2];
    latter->parts.endpoint.listener_count = 2;
}

static uint32_t count_of(const struct world *world)
{
    return atomic_load(&world->users.count);
}

static uint32_t trust_count_of(const struct world *world)
{
    return atomic_load(&world->users.trust_count);
}

static void one_that_nobody_uses_goes_at_once(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    assert_int_equal(count_of(world), 1);
    publish(world, latter);
    assert_int_equal(count_of(world), 0);
    assert_int_equal(trust_count_of(world), 0);
    assert_int_equal(atomic_load(&latter->parts.users.count), 1);
    assert_ptr_equal(proxy_current(world->proxy), latter->prepared);
    assert_ptr_equal(proxy_generation_content(latter->prepared), &latter->parts.generation);
    world_free(world);
    free_latter(latter);
}

static void one_that_was_never_published_leaves_nothing(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    prepare(world, latter);
    proxy_generation_destroy(latter->prepared);
    proxy_generation_destroy(NULL);
    assert_int_equal(count_of(world), 1);
    world_free(world);
    free_latter(latter);
}

static void an_idle_client_moves_and_is_served_by_the_new_one(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    world_answer(world, 0, ANSWER);
    world_forget(client);
    publish(world, latter);
    assert_int_equal(count_of(world), 0);
    assert_ptr_equal(world_connection(world)->generation, latter->prepared);
    assert_ptr_equal(world_connection(world)->site, &latter->prepared->sites[1]);
    assert_ptr_equal(world_connection(world)->endpoint, &latter->parts.endpoint);
    world_send(world, client, GET);
    world_answer(world, 0, ANSWER); /* over the connection that was idle */
    expect_text(world_heard(client), "200 OK");
    assert_int_equal(world->server_count, 1);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

static void a_request_in_progress_ends_under_the_old_one(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    publish(world, latter);
    /* The client is the new one's already: what it trusts is not needed any more. */
    assert_int_equal(trust_count_of(world), 0);
    assert_int_equal(count_of(world), 1);
    assert_ptr_equal(world_connection(world)->exchange->site->pool->backend,
                     &world->config->backends[1]);
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(client), "200 OK");
    assert_null(strstr(world_heard(client), "close"));
    assert_int_equal(count_of(world), 0);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

static void a_request_that_has_no_head_yet_goes_to_the_new_one(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, "GET / HTTP/1.1\r\nHo");
    publish(world, latter);
    world_send(world, client, "st: a.test\r\n\r\n");
    assert_ptr_equal(world_connection(world)->exchange->site, &latter->prepared->sites[1]);
    assert_int_equal(count_of(world), 0);
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(client), "200 OK");
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

static void a_handshake_ends_where_it_began_and_moves_then(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    publish(world, latter);
    assert_int_equal(trust_count_of(world), 1);
    world_send(world, client, "F");
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    assert_ptr_equal(world_connection(world)->generation, latter->prepared);
    assert_int_equal(count_of(world), 0);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

static void an_idle_client_whose_listener_has_gone_is_closed(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    drop_listener(latter);
    publish(world, latter);
    assert_true(world_is_ended(client));
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 1);
    world_leave(world, client);
    world_pass_ms(world, 100);
    assert_int_equal(count_of(world), 0);
    world_free(world);
    free_latter(latter);
}

static void a_request_whose_listener_has_gone_is_the_last(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    drop_listener(latter);
    publish(world, latter);
    assert_int_equal(trust_count_of(world), 1);
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(client), "Connection: close");
    world_leave(world, client);
    world_pass_ms(world, 100);
    assert_int_equal(count_of(world), 0);
    world_free(world);
    free_latter(latter);
}

static void whoever_cannot_move_has_the_time_of_a_drain(void **state)
{
    struct world *world = world_make("drain_timeout = 5s", "request_timeout = 1m");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    drop_listener(latter);
    publish(world, latter);
    world_pass_ms(world, 4900);
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 0);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 1);
    world_leave(world, client);
    world_pass_ms(world, 100);
    assert_int_equal(count_of(world), 0);
    world_free(world);
    free_latter(latter);
}

static void a_handshake_outlives_the_drain_and_moves(void **state)
{
    struct world *world = world_make("drain_timeout = 1s\nhandshake_timeout = 10s", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    publish(world, latter);
    world_pass_ms(world, 3000);
    world_send(world, client, "F");
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    assert_int_equal(count_of(world), 0);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

/* It had only its one request, and the next look finds it still there. */
static void a_handshake_that_cannot_move_is_found_later(void **state)
{
    struct world *world = world_make("drain_timeout = 1s\nhandshake_timeout = 10s", "");
    struct latter *latter = make_latter("", "request_timeout = 1m");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    drop_listener(latter);
    publish(world, latter);
    world_pass_ms(world, 1500);
    world_send(world, client, "F");
    world_send(world, client, GET);
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 0);
    world_pass_ms(world, 1000);
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 1);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

static void a_tunnel_moves_and_leaves_its_configuration_behind(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, UPGRADE);
    world_answer(world, 0, SWITCHING);
    world_forget(client);
    publish(world, latter);
    assert_int_equal(trust_count_of(world), 0);
    assert_int_equal(count_of(world), 1);
    world_pass_ms(world, 2000); /* its lease is looked at meanwhile */
    world_answer(world, 0, "down");
    assert_string_equal(world_heard(client), "down");
    world_break_off(world, client);
    world_pass_ms(world, 100);
    assert_int_equal(count_of(world), 0);
    world_free(world);
    free_latter(latter);
}

static void whoever_comes_by_an_address_of_before_is_let_in_as_long_as_it_is_served(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    latter->parts.endpoint.address.source.text = "127.0.0.1:1";
    ((struct sockaddr_in *)&latter->parts.endpoint.address.socket_address)->sin_port = 1;
    struct world_client *first = world_connect(world);
    world_send(world, first, GET);
    publish(world, latter);
    struct world_client *second = world_connect(world);
    assert_ptr_not_equal(world_connection(world)->generation, latter->prepared);
    world_leave(world, second);
    world_answer(world, 0, ANSWER);
    world_leave(world, first);
    world_pass_ms(world, 3000);
    assert_int_equal(count_of(world), 0);
    /* Nobody knows that endpoint any more. */
    struct world_client *third = world_accept(world);
    assert_int_equal(world_figure(world, COUNTER_CONNECTIONS_REJECTED), 1);
    world_leave(world, third);
    world_free(world);
    free_latter(latter);
}

static void a_hundred_generations_are_two(void **state)
{
    enum { COUNT = 100 };
    static struct latter *latters[COUNT];
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    for (size_t i = 0; i < COUNT; i++) {
        latters[i] = make_latter("", "");
        publish(world, latters[i]);
    }
    for (size_t i = 0; i + 1 < COUNT; i++) {
        assert_int_equal(atomic_load(&latters[i]->parts.users.count), 0);
    }
    assert_int_equal(count_of(world), 1);
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(client), "200 OK");
    assert_int_equal(count_of(world), 0);
    world_leave(world, client);
    world_free(world);
    for (size_t i = 0; i < COUNT; i++) {
        free_latter(latters[i]);
    }
}

static void a_proxy_that_is_shut_gives_up_all_of_them(void **state)
{
    struct world *world = world_make("", "");
    struct latter *latter = make_latter("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    publish(world, latter);
    proxy_shut(world->proxy);
    world_settle(world);
    assert_int_equal(count_of(world), 0);
    world_leave(world, client);
    world_free(world);
    free_latter(latter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_nobody_uses_goes_at_once),
        cmocka_unit_test(one_that_was_never_published_leaves_nothing),
        cmocka_unit_test(an_idle_client_moves_and_is_served_by_the_new_one),
        cmocka_unit_test(a_request_in_progress_ends_under_the_old_one),
        cmocka_unit_test(a_request_that_has_no_head_yet_goes_to_the_new_one),
        cmocka_unit_test(a_handshake_ends_where_it_began_and_moves_then),
        cmocka_unit_test(an_idle_client_whose_listener_has_gone_is_closed),
        cmocka_unit_test(a_request_whose_listener_has_gone_is_the_last),
        cmocka_unit_test(whoever_cannot_move_has_the_time_of_a_drain),
        cmocka_unit_test(a_handshake_outlives_the_drain_and_moves),
        cmocka_unit_test(a_handshake_that_cannot_move_is_found_later),
        cmocka_unit_test(a_tunnel_moves_and_leaves_its_configuration_behind),
        cmocka_unit_test(whoever_comes_by_an_address_of_before_is_let_in_as_long_as_it_is_served),
        cmocka_unit_test(a_hundred_generations_are_two),
        cmocka_unit_test(a_proxy_that_is_shut_gives_up_all_of_them),
    };
    return cmocka_run_group_tests_name("proxy_generation", tests, NULL, NULL);
}
