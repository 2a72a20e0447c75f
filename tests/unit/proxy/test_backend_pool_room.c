/*
 * Room for connections to backends: who has to wait, and what makes room.
 */
#include "backend_pool_fixture.h"

static void the_one_idle_longest_makes_room_whatever_pool_it_is_in(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    user.asks_again = true;
    struct backend_connection *oldest = park_one(world, POOL_B);
    struct backend_connection *newer = park_one(world, POOL_A);
    struct backend_connection *newest = park_one(world, POOL_B);
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_WAITS_FOR_ROOM);
    assert_true(backend_pool_is_waited_for(&user.base));
    assert_int_equal(oldest->state, BACKEND_CONNECTION_REAPING);
    assert_int_equal(newer->state, BACKEND_CONNECTION_IDLE);
    assert_int_equal(newest->state, BACKEND_CONNECTION_IDLE);
    settle(world);
    assert_int_equal(user.room_count, 1);
    assert_int_equal(user.connected_count, 1);
    assert_false(backend_pool_is_waited_for(&user.base));
    assert_int_equal(figure(world, COUNTER_BACKEND_EVICTIONS), 1);
    backend_connection_abandon(user.connection);
    free_world(world);
}

static void a_connection_that_was_used_since_is_not_the_oldest(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    struct user waiting = make_user(world);
    (void)state;
    world->backend.keepalive_connections = SLOT_COUNT;
    struct backend_connection *used = park_one(world, POOL_A);
    struct backend_connection *unused = park_one(world, POOL_B);
    (void)park_one(world, POOL_B);
    assert_ptr_equal(backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base), used);
    backend_pool_return(&world->pools[POOL_A], used);
    assert_int_equal(ask(world, POOL_A, &waiting), BACKEND_POOL_WAITS_FOR_ROOM);
    assert_int_equal(unused->state, BACKEND_CONNECTION_REAPING);
    settle(world);
    assert_int_equal(waiting.room_count, 1);
    free_world(world);
}

static void when_none_is_idle_there_is_no_room(void **state)
{
    struct world *world = make_world();
    struct user busy[SLOT_COUNT];
    struct user user = make_user(world);
    (void)state;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        connect_user(world, POOL_A, &busy[i]);
    }
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_FULL);
    assert_false(backend_pool_is_waited_for(&user.base));
    assert_int_equal(figure(world, COUNTER_BACKEND_EVICTIONS), 0);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        backend_connection_abandon(busy[i].connection);
    }
    free_world(world);
}

/* One that is on its way out is room for one, not for all that ask. */
static void everybody_who_waits_has_a_connection_on_its_way_out(void **state)
{
    struct world *world = make_world();
    struct user users[SLOT_COUNT + 1];
    (void)state;
    (void)park_one(world, POOL_A);
    (void)park_one(world, POOL_A);
    struct user busy;
    connect_user(world, POOL_B, &busy);
    backend_connection_abandon(busy.connection); /* no eviction is needed for the first */
    for (size_t i = 0; i <= SLOT_COUNT; i++) {
        users[i] = make_user(world);
        users[i].asks_again = true;
        enum backend_pool_answer answer = ask(world, POOL_A, &users[i]);
        assert_int_equal(answer, i < SLOT_COUNT ? BACKEND_POOL_WAITS_FOR_ROOM : BACKEND_POOL_FULL);
    }
    assert_int_equal(figure(world, COUNTER_BACKEND_EVICTIONS), 2);
    settle(world);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        assert_int_equal(users[i].room_count, 1);
        assert_int_equal(users[i].connected_count, 1);
        backend_connection_abandon(users[i].connection);
    }
    assert_int_equal(users[SLOT_COUNT].room_count, 0);
    free_world(world);
}

static void who_stops_waiting_is_not_told(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        (void)park_one(world, i == 0 ? POOL_A : POOL_B);
    }
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_WAITS_FOR_ROOM);
    backend_pool_stop_waiting(&world->pools[POOL_A], &user.base);
    backend_pool_stop_waiting(&world->pools[POOL_A], &user.base); /* harmless */
    settle(world);
    assert_int_equal(user.room_count, 0);
    free_world(world);
}

static void descriptors_that_have_run_out_are_room_that_is_missing(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    struct backend_connection *idle = park_one(world, POOL_B);
    fake_net_let_sockets_fail(1);
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_WAITS_FOR_ROOM);
    assert_int_equal(idle->state, BACKEND_CONNECTION_REAPING);
    settle(world);
    assert_int_equal(user.room_count, 1);
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_FULL);
    assert_int_equal(world->room.connections.lent_count, 0);
    fake_net_let_sockets_fail(0);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_idle_longest_makes_room_whatever_pool_it_is_in),
        cmocka_unit_test(a_connection_that_was_used_since_is_not_the_oldest),
        cmocka_unit_test(when_none_is_idle_there_is_no_room),
        cmocka_unit_test(everybody_who_waits_has_a_connection_on_its_way_out),
        cmocka_unit_test(who_stops_waiting_is_not_told),
        cmocka_unit_test(descriptors_that_have_run_out_are_room_that_is_missing),
    };
    return cmocka_run_group_tests_name("backend_pool_room", tests, NULL, NULL);
}
