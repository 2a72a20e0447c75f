/*
 * Connections to backends: what is used again, what is let go.
 */
#include "backend_pool_fixture.h"

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < BACKEND_CONNECTION_STATE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(
                backend_connection_state_name((enum backend_connection_state)i),
                backend_connection_state_name((enum backend_connection_state)j));
        }
    }
}

static void the_connection_used_last_is_used_again_first(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    struct user early;
    connect_user(world, POOL_A, &early);
    struct user late;
    connect_user(world, POOL_A, &late);
    backend_pool_return(&world->pools[POOL_A], early.connection);
    backend_pool_return(&world->pools[POOL_A], late.connection);
    struct backend_connection *first =
        backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base);
    assert_ptr_equal(first, late.connection);
    assert_int_equal(first->state, BACKEND_CONNECTION_BUSY);
    assert_int_equal(first->request_count, 2);
    struct backend_connection *second =
        backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base);
    assert_ptr_equal(second, early.connection);
    assert_null(backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base));
    assert_int_equal(figure(world, COUNTER_BACKEND_REUSES), 2);
    backend_connection_abandon(first);
    backend_connection_abandon(second);
    free_world(world);
}

static void a_connection_to_another_server_or_pool_is_not_used(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    (void)park_one(world, POOL_A);
    assert_null(backend_pool_reuse(&world->pools[POOL_A], &world->items[1], &user.base));
    assert_null(backend_pool_reuse(&world->pools[POOL_B], &world->items[0], &user.base));
    free_world(world);
}

static void no_more_are_kept_than_configured(void **state)
{
    struct world *world = make_world();
    struct user users[SLOT_COUNT];
    (void)state;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        connect_user(world, POOL_A, &users[i]);
    }
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        backend_pool_return(&world->pools[POOL_A], users[i].connection);
    }
    settle(world);
    assert_int_equal(world->pools[POOL_A].idle_count, 2);
    assert_int_equal(world->room.connections.lent_count, 2);
    free_world(world);
}

/* Stale ones: whatever happens on an idle connection, nobody is given it after. */
static void a_connection_that_is_no_good_any_more_is_let_go(void **state)
{
    (void)state;
    for (int row = 0; row < 4; row++) {
        struct world *world = make_world();
        struct user user = make_user(world);
        (void)park_one(world, POOL_A);
        if (row == 0) {
            fake_net_far_finish(world->sockets[0]);
        } else if (row == 1) {
            fake_net_far_reset(world->sockets[0]);
        } else if (row == 2) {
            fake_net_far_write(world->sockets[0], BYTES_OF("HTTP/1.1 408 Unasked\r\n\r\n"));
        } else {
            pass_ms(world, 10100);
        }
        settle(world);
        assert_null(backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base));
        assert_int_equal(world->pools[POOL_A].idle_count, 0);
        assert_int_equal(world->room.connections.lent_count, 0);
        free_world(world);
    }
}

static void a_connection_that_has_ended_is_not_taken_back(void **state)
{
    struct world *world = make_world();
    (void)state;
    struct user user;
    connect_user(world, POOL_A, &user);
    fake_net_far_finish(world->sockets[0]);
    settle(world);
    assert_int_equal(user.ended_count, 1);
    backend_pool_return(&world->pools[POOL_A], user.connection);
    assert_int_equal(world->pools[POOL_A].idle_count, 0);
    free_world(world);
}

static void idle_time_counts_from_the_last_use(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    struct backend_connection *connection = park_one(world, POOL_A);
    pass_ms(world, 9000);
    assert_ptr_equal(backend_pool_reuse(&world->pools[POOL_A], &world->items[0], &user.base),
                     connection);
    pass_ms(world, 20000); /* busy: no limit of ours */
    assert_int_equal(connection->state, BACKEND_CONNECTION_BUSY);
    backend_pool_return(&world->pools[POOL_A], connection);
    pass_ms(world, 9000);
    assert_int_equal(connection->state, BACKEND_CONNECTION_IDLE);
    free_world(world);
}

/* Connecting. */

static void a_connect_that_fails_is_told_with_its_status(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    world->connect.status = IO_REFUSED;
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_CONNECTING);
    settle(world);
    assert_int_equal(user.failed_count, 1);
    assert_int_equal(user.status, IO_REFUSED);
    assert_int_equal(figure(world, COUNTER_BACKEND_CONNECT_FAILURES), 1);
    free_world(world);
}

static void a_connect_that_takes_too_long_has_failed(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    world->connect.due_ms = UINT64_MAX;
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_CONNECTING);
    pass_ms(world, 980);
    assert_int_equal(user.failed_count, 0);
    pass_ms(world, 60);
    assert_int_equal(user.failed_count, 1);
    assert_int_equal(user.status, IO_UNREACHABLE);
    free_world(world);
}

static void a_user_that_gives_up_hears_nothing_more(void **state)
{
    struct world *world = make_world();
    struct user user = make_user(world);
    (void)state;
    assert_int_equal(ask(world, POOL_A, &user), BACKEND_POOL_CONNECTING);
    backend_connection_abandon(user.connection);
    backend_connection_abandon(user.connection); /* harmless */
    settle(world);
    assert_int_equal(user.connected_count + user.failed_count, 0);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_name_of_its_own),
        cmocka_unit_test(the_connection_used_last_is_used_again_first),
        cmocka_unit_test(a_connection_to_another_server_or_pool_is_not_used),
        cmocka_unit_test(no_more_are_kept_than_configured),
        cmocka_unit_test(a_connection_that_is_no_good_any_more_is_let_go),
        cmocka_unit_test(a_connection_that_has_ended_is_not_taken_back),
        cmocka_unit_test(idle_time_counts_from_the_last_use),
        cmocka_unit_test(a_connect_that_fails_is_told_with_its_status),
        cmocka_unit_test(a_connect_that_takes_too_long_has_failed),
        cmocka_unit_test(a_user_that_gives_up_hears_nothing_more),
    };
    return cmocka_run_group_tests_name("backend_pool", tests, NULL, NULL);
}
