/* Connections to backends: whose turn it is, what is used again, what is let go, who has to wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stand_ins.h"

#include "../../../src/proxy/backend_pool.h"

#define SLOT_COUNT   3
#define SOCKET_COUNT 64

enum { POOL_A, POOL_B, POOL_COUNT };

/* What the pools' user has been told. */
struct user {
    struct backend_user base;
    struct world *world;
    struct backend_connection *connection;
    unsigned connected_count;
    unsigned failed_count;
    unsigned received_bytes;
    unsigned ended_count;
    unsigned room_count;
    enum io_status status;
    bool asks_again; /* when room is made, as it should */
};

struct world {
    struct ring *ring;
    struct timer_wheel wheel;
    struct buffer_pool buffers;
    struct counters counters;
    struct backend_room room;
    struct backend_pool pools[POOL_COUNT];
    struct config_backend backend;
    struct backend_address items[3];
    struct backend_addresses addresses;
    struct fake_connect connect;
    struct fake_socket *sockets[SOCKET_COUNT];
    size_t socket_count;
};

static struct user *user_of(struct backend_user *base)
{
    return LIST_OWNER(base, struct user, base);
}

static void on_user_connected(struct backend_user *base)
{
    user_of(base)->connected_count++;
}

static void on_user_connect_failed(struct backend_user *base, enum io_status status)
{
    user_of(base)->failed_count++;
    user_of(base)->status = status;
    user_of(base)->connection = NULL;
}

static void on_user_received(struct backend_user *base, struct bytes bytes)
{
    user_of(base)->received_bytes += (unsigned)bytes.length;
}

static void on_user_receive_ended(struct backend_user *base, enum io_status status)
{
    user_of(base)->ended_count++;
    user_of(base)->status = status;
}

static void on_user_sent(struct backend_user *base)
{
    (void)base;
}

static enum backend_pool_answer ask(struct world *world, size_t pool, struct user *user)
{
    return backend_pool_connect(&world->pools[pool], &world->items[0], &user->base,
                                &user->connection);
}

static void on_user_room_made(struct backend_user *base)
{
    struct user *user = user_of(base);
    user->room_count++;
    if (user->asks_again) {
        assert_int_equal(ask(user->world, POOL_A, user), BACKEND_POOL_CONNECTING);
    }
}

static const struct backend_user_events user_events = {
    .connected = on_user_connected,
    .connect_failed = on_user_connect_failed,
    .room_made = on_user_room_made,
    .received = on_user_received,
    .receive_ended = on_user_receive_ended,
    .sent = on_user_sent,
    .send_failed = on_user_sent,
};

static struct fake_connect decide(void *owner, const struct sockaddr *address)
{
    (void)address;
    return ((struct world *)owner)->connect;
}

static void keep_socket(void *owner, struct fake_socket *socket)
{
    struct world *world = owner;
    assert_true(world->socket_count < SOCKET_COUNT);
    socket->arrives_whole = true;
    world->sockets[world->socket_count++] = socket;
}

static struct world *make_world(void)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    fake_clock_reset();
    fake_net_start(1);
    fake_ring_configure(&(struct fake_ring_settings){.seed = 1});
    fake_ring_on_connect(decide, keep_socket, world);
    assert_true(result_is_ok(ring_create(64, &world->ring)));
    timer_wheel_init(&world->wheel, clock_monotonic_ms());
    buffer_pool_init(&world->buffers);
    world->room = (struct backend_room){.ring = world->ring,
                                        .wheel = &world->wheel,
                                        .buffers = &world->buffers,
                                        .counters = &world->counters};
    assert_true(result_is_ok(backend_pool_init_room(&world->room, SLOT_COUNT)));
    world->backend = (struct config_backend){
        .connect_timeout_ms = 1000, .keepalive_timeout_ms = 10000, .keepalive_connections = 2};
    world->addresses = (struct backend_addresses){world->items, 3};
    for (size_t i = 0; i < 3; i++) {
        world->items[i].socket_address.ss_family = AF_INET;
        world->items[i].length_bytes = sizeof(struct sockaddr_in);
    }
    for (size_t i = 0; i < POOL_COUNT; i++) {
        backend_pool_init(&world->pools[i], &world->room, &world->backend, &world->addresses);
    }
    return world;
}

static void turn(struct world *world)
{
    timer_wheel_tell(&world->wheel, clock_monotonic_ms());
    (void)ring_deliver(world->ring);
    timer_wheel_advance(&world->wheel);
    backend_pool_reap(&world->room);
}

static void settle(struct world *world)
{
    for (int i = 0; i < 20; i++) {
        turn(world);
    }
}

static void pass_ms(struct world *world, unsigned milliseconds)
{
    for (unsigned i = 0; i < milliseconds; i += 20) {
        fake_clock_advance_ms(20);
        settle(world);
    }
}

static uint64_t figure(const struct world *world, enum counter counter)
{
    return atomic_load(&world->counters.values[counter]);
}

static void free_world(struct world *world)
{
    for (size_t i = 0; i < POOL_COUNT; i++) {
        backend_pool_empty(&world->pools[i]);
    }
    settle(world);
    assert_int_equal(world->room.connections.lent_count, 0);
    assert_int_equal(world->room.reaping_count, 0);
    assert_int_equal(world->room.waiting_count, 0);
    assert_true(list_is_empty(&world->room.idle));
    assert_int_equal(figure(world, COUNTER_BACKEND_CONNECTS),
                     figure(world, COUNTER_BACKEND_CLOSED));
    slab_deinit(&world->room.connections);
    for (size_t i = 0; i < world->socket_count; i++) {
        fake_net_far_close(world->sockets[i]);
    }
    buffer_pool_deinit(&world->buffers);
    ring_destroy(world->ring);
    fake_net_stop();
    free(world);
}

static struct user make_user(struct world *world)
{
    return (struct user){.base.events = &user_events, .world = world};
}

/* Its connection is made. */
static void connect_user(struct world *world, size_t pool, struct user *user)
{
    *user = make_user(world);
    assert_int_equal(ask(world, pool, user), BACKEND_POOL_CONNECTING);
    assert_int_equal(user->connected_count, 0); /* never from within the call */
    settle(world);
    assert_int_equal(user->connected_count, 1);
}

/* A connection that has served somebody and lies idle. */
static struct backend_connection *park_one(struct world *world, size_t pool)
{
    struct user user;
    connect_user(world, pool, &user);
    backend_pool_return(&world->pools[pool], user.connection);
    return user.connection;
}

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

static void servers_take_turns_and_a_failed_one_is_followed_by_the_next(void **state)
{
    struct world *world = make_world();
    struct backend_pool *pool = &world->pools[POOL_A];
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        assert_ptr_equal(backend_pool_next_address(pool), &world->items[i % 3]);
    }
    assert_ptr_equal(backend_pool_address_after(pool, &world->items[0]), &world->items[1]);
    assert_ptr_equal(backend_pool_address_after(pool, &world->items[2]), &world->items[0]);
    assert_ptr_equal(backend_pool_next_address(&world->pools[POOL_B]), &world->items[0]);
    free_world(world);
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

/* Room. */

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
        cmocka_unit_test(every_state_has_a_name_of_its_own),
        cmocka_unit_test(servers_take_turns_and_a_failed_one_is_followed_by_the_next),
        cmocka_unit_test(the_connection_used_last_is_used_again_first),
        cmocka_unit_test(a_connection_to_another_server_or_pool_is_not_used),
        cmocka_unit_test(no_more_are_kept_than_configured),
        cmocka_unit_test(a_connection_that_is_no_good_any_more_is_let_go),
        cmocka_unit_test(a_connection_that_has_ended_is_not_taken_back),
        cmocka_unit_test(idle_time_counts_from_the_last_use),
        cmocka_unit_test(a_connect_that_fails_is_told_with_its_status),
        cmocka_unit_test(a_connect_that_takes_too_long_has_failed),
        cmocka_unit_test(a_user_that_gives_up_hears_nothing_more),
        cmocka_unit_test(the_one_idle_longest_makes_room_whatever_pool_it_is_in),
        cmocka_unit_test(a_connection_that_was_used_since_is_not_the_oldest),
        cmocka_unit_test(when_none_is_idle_there_is_no_room),
        cmocka_unit_test(everybody_who_waits_has_a_connection_on_its_way_out),
        cmocka_unit_test(who_stops_waiting_is_not_told),
        cmocka_unit_test(descriptors_that_have_run_out_are_room_that_is_missing),
    };
    return cmocka_run_group_tests_name("backend_pool", tests, NULL, NULL);
}
