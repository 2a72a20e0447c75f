/*
 * Two pools of backend connections on fakes, and users that remember what they were told. One
 * include a program.
 */
#ifndef TESTS_UNIT_PROXY_BACKEND_POOL_FIXTURE_H
#define TESTS_UNIT_PROXY_BACKEND_POOL_FIXTURE_H

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

static inline struct user *user_of(struct backend_user *base)
{
    return LIST_OWNER(base, struct user, base);
}

static inline void on_user_connected(struct backend_user *base)
{
    user_of(base)->connected_count++;
}

static inline void on_user_connect_failed(struct backend_user *base, enum io_status status)
{
    user_of(base)->failed_count++;
    user_of(base)->status = status;
    user_of(base)->connection = NULL;
}

static inline void on_user_received(struct backend_user *base, struct bytes bytes)
{
    user_of(base)->received_bytes += (unsigned)bytes.length;
}

static inline void on_user_receive_ended(struct backend_user *base, enum io_status status)
{
    user_of(base)->ended_count++;
    user_of(base)->status = status;
}

static inline void on_user_sent(struct backend_user *base)
{
    (void)base;
}

static inline enum backend_pool_answer ask(struct world *world, size_t pool, struct user *user)
{
    return backend_pool_connect(&world->pools[pool], &world->items[0], &user->base,
                                &user->connection);
}

static inline void on_user_room_made(struct backend_user *base)
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

static inline struct fake_connect decide(void *owner, const struct sockaddr *address)
{
    (void)address;
    return ((struct world *)owner)->connect;
}

static inline void keep_socket(void *owner, struct fake_socket *socket)
{
    struct world *world = owner;
    assert_true(world->socket_count < SOCKET_COUNT);
    socket->arrives_whole = true;
    world->sockets[world->socket_count++] = socket;
}

static inline struct world *make_world(void)
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

static inline void turn(struct world *world)
{
    timer_wheel_tell(&world->wheel, clock_monotonic_ms());
    (void)ring_deliver(world->ring);
    timer_wheel_advance(&world->wheel);
    backend_pool_reap(&world->room);
}

static inline void settle(struct world *world)
{
    for (int i = 0; i < 20; i++) {
        turn(world);
    }
}

static inline void pass_ms(struct world *world, unsigned milliseconds)
{
    for (unsigned i = 0; i < milliseconds; i += 20) {
        fake_clock_advance_ms(20);
        settle(world);
    }
}

static inline uint64_t figure(const struct world *world, enum counter counter)
{
    return atomic_load(&world->counters.values[counter]);
}

static inline void free_world(struct world *world)
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

static inline struct user make_user(struct world *world)
{
    return (struct user){.base.events = &user_events, .world = world};
}

/* Its connection is made. */
static inline void connect_user(struct world *world, size_t pool, struct user *user)
{
    *user = make_user(world);
    assert_int_equal(ask(world, pool, user), BACKEND_POOL_CONNECTING);
    assert_int_equal(user->connected_count, 0); /* never from within the call */
    settle(world);
    assert_int_equal(user->connected_count, 1);
}

/* A connection that has served somebody and lies idle. */
static inline struct backend_connection *park_one(struct world *world, size_t pool)
{
    struct user user;
    connect_user(world, pool, &user);
    backend_pool_return(&world->pools[pool], user.connection);
    return user.connection;
}

#endif
