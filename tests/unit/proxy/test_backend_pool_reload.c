/*
 * One pool takes over what another has idle, and the other keeps nothing any more. POOL_A is the
 * former here, POOL_B the latter.
 */
#include "backend_pool_fixture.h"

/* The latter's servers, as other objects than the former's. */
static void give_addresses(struct world *world, struct backend_addresses *addresses,
                           struct backend_address *items, size_t count)
{
    memcpy(items, world->items, count * sizeof(*items));
    *addresses = (struct backend_addresses){items, count};
    backend_pool_init(&world->pools[POOL_B], &world->room, &world->backend, addresses);
}

static void an_idle_connection_is_of_use_under_the_same_address(void **state)
{
    struct world *world = make_world();
    struct backend_addresses addresses;
    struct backend_address items[3];
    (void)state;
    give_addresses(world, &addresses, items, 3);
    struct backend_connection *connection = park_one(world, POOL_A);
    backend_pool_inherit(&world->pools[POOL_B], &world->pools[POOL_A]);
    backend_pool_retire(&world->pools[POOL_A]);
    assert_int_equal(world->pools[POOL_A].idle_count, 0);
    assert_int_equal(world->pools[POOL_A].connection_count, 0);
    assert_int_equal(world->pools[POOL_B].connection_count, 1);
    assert_ptr_equal(connection->address, &items[0]);
    struct user user = make_user(world);
    assert_ptr_equal(backend_pool_reuse(&world->pools[POOL_B], &items[0], &user.base), connection);
    backend_pool_return(&world->pools[POOL_B], connection);
    assert_int_equal(world->pools[POOL_B].idle_count, 1);
    free_world(world);
}

/* Its time began when it was given back, not with the reload. */
static void what_is_inherited_still_ends_in_its_time(void **state)
{
    struct world *world = make_world();
    (void)state;
    (void)park_one(world, POOL_A);
    pass_ms(world, 9000);
    backend_pool_inherit(&world->pools[POOL_B], &world->pools[POOL_A]);
    pass_ms(world, 900);
    assert_int_equal(world->pools[POOL_B].idle_count, 1);
    pass_ms(world, 200);
    assert_int_equal(world->pools[POOL_B].idle_count, 0);
    assert_int_equal(world->pools[POOL_B].connection_count, 0);
    free_world(world);
}

static void a_connection_to_a_server_that_has_gone_is_closed(void **state)
{
    struct world *world = make_world();
    struct backend_addresses addresses;
    struct backend_address items[1];
    (void)state;
    give_addresses(world, &addresses, items, 1);
    ((struct sockaddr_in *)&items[0].socket_address)->sin_port = 99;
    (void)park_one(world, POOL_A);
    backend_pool_inherit(&world->pools[POOL_B], &world->pools[POOL_A]);
    assert_int_equal(world->pools[POOL_B].idle_count, 0);
    backend_pool_retire(&world->pools[POOL_A]);
    settle(world);
    assert_int_equal(figure(world, COUNTER_BACKEND_CLOSED), 1);
    assert_int_equal(world->pools[POOL_A].connection_count, 0);
    free_world(world);
}

static void no_more_are_inherited_than_may_be_kept(void **state)
{
    struct world *world = make_world();
    struct config_backend small = world->backend;
    struct user users[2];
    (void)state;
    small.keepalive_connections = 1;
    backend_pool_init(&world->pools[POOL_B], &world->room, &small, &world->addresses);
    for (size_t i = 0; i < 2; i++) {
        connect_user(world, POOL_A, &users[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        backend_pool_return(&world->pools[POOL_A], users[i].connection);
    }
    backend_pool_inherit(&world->pools[POOL_B], &world->pools[POOL_A]);
    assert_int_equal(world->pools[POOL_B].idle_count, 1);
    backend_pool_retire(&world->pools[POOL_A]);
    settle(world);
    assert_int_equal(world->room.connections.lent_count, 1);
    free_world(world);
}

static void what_a_retired_pool_is_given_back_it_closes(void **state)
{
    struct world *world = make_world();
    struct user busy;
    (void)state;
    connect_user(world, POOL_A, &busy);
    backend_pool_inherit(&world->pools[POOL_B], &world->pools[POOL_A]);
    backend_pool_retire(&world->pools[POOL_A]);
    settle(world);
    assert_int_equal(busy.connection->state, BACKEND_CONNECTION_BUSY);
    assert_int_equal(world->pools[POOL_A].connection_count, 1);
    backend_pool_return(&world->pools[POOL_A], busy.connection);
    settle(world);
    assert_int_equal(world->pools[POOL_A].idle_count, 0);
    assert_int_equal(world->pools[POOL_A].connection_count, 0);
    free_world(world);
}

/* For the end of a request that began before, in whose configuration it has its server. */
static void a_retired_pool_still_connects(void **state)
{
    struct world *world = make_world();
    struct user user;
    (void)state;
    backend_pool_retire(&world->pools[POOL_A]);
    connect_user(world, POOL_A, &user);
    assert_int_equal(world->pools[POOL_A].connection_count, 1);
    backend_connection_abandon(user.connection);
    settle(world);
    assert_int_equal(world->pools[POOL_A].connection_count, 0);
    free_world(world);
}

static void a_connect_that_fails_is_not_counted_for_ever(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    world->connect = (struct fake_connect){.status = IO_FAILED};
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_CONNECTING);
    assert_int_equal(world->pools[POOL_A].connection_count, 1);
    settle(world);
    assert_int_equal(user.failed_count, 1);
    assert_int_equal(world->pools[POOL_A].connection_count, 0);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_connection_is_of_use_under_the_same_address),
        cmocka_unit_test(what_is_inherited_still_ends_in_its_time),
        cmocka_unit_test(a_connection_to_a_server_that_has_gone_is_closed),
        cmocka_unit_test(no_more_are_inherited_than_may_be_kept),
        cmocka_unit_test(what_a_retired_pool_is_given_back_it_closes),
        cmocka_unit_test(a_retired_pool_still_connects),
        cmocka_unit_test(a_connect_that_fails_is_not_counted_for_ever),
    };
    return cmocka_run_group_tests_name("backend_pool_reload", tests, NULL, NULL);
}
