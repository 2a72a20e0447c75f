/*
 * A whole proxy without a kernel, without TLS and without time: clients and servers are far ends in
 * the test's hands, and nothing happens but in world_settle() and world_pass_ms(). Nothing is left
 * to chance: all that is there arrives at once and in order. One include a program.
 *
 * Three listeners share the endpoint and are told apart by Host: a.test, b.test and, for all other
 * names, the default; each has a backend of its own. Nobody's certificate is asked for.
 */
#ifndef TESTS_UNIT_PROXY_PROXY_WORLD_H
#define TESTS_UNIT_PROXY_PROXY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../fake/trust_world.h"
#include "../tls/hello_builder.h"
#include "plain_tls.h"
#include "stand_ins.h"

#include "../../../src/proxy/exchange.h"
#include "../../../src/proxy/proxy_generation.h"

#define WORLD_SERVER_COUNT_MAX 64
#define WORLD_TEXT_BYTES       (1U << 20)
#define WORLD_TURN_COUNT_MAX   10000
#define WORLD_BACKEND_COUNT    3
#define WORLD_CLIENT_COUNT_MAX 8
#define WORLD_STEP_MS          50

#define WORLD_LISTENER(name)                                               \
    "[listener " name "]\naddress = 127.0.0.1:8443\ncertificate = s.pem\n" \
    "certificate_key = s.key\nssl_profile = open\nbackend = " name "\n"

#define WORLD_SECTIONS                                                            \
    "[ssl_profile open]\nverify_client_auth_mode = off\n" WORLD_LISTENER("other") \
        WORLD_LISTENER("a") "server_name = a.test\n" WORLD_LISTENER("b") "server_name = b.test\n"

/* One connection that the gateway made to a backend; number is the order of their making. */
struct world_server {
    struct fake_socket *socket;
    char text[WORLD_TEXT_BYTES]; /* all that it was sent, with a terminator */
    size_t length;
};

struct world_client {
    struct fake_socket *socket;
    char text[WORLD_TEXT_BYTES]; /* likewise, since world_forget() */
    size_t length;
};

struct world {
    struct config *config;
    struct generation generation;
    struct generation_users users;
    struct endpoint endpoint;
    const struct config_listener *listeners[WORLD_BACKEND_COUNT];
    struct backend_address addresses[WORLD_BACKEND_COUNT];
    struct backend_addresses backends[WORLD_BACKEND_COUNT];
    struct tls_credential **credentials[WORLD_BACKEND_COUNT];
    struct trust_policy *trust_policies[1];
    struct timer_wheel wheel;
    struct counters counters;
    struct log_queue log;
    struct ring *ring;
    struct trust_world trust;
    struct proxy *proxy;
    struct fake_connect connect; /* how the next connects go */
    struct world_server *servers[WORLD_SERVER_COUNT_MAX];
    size_t server_count;
    uint16_t client_port;
};

static inline struct config *load_world(const char *gateway, const char *backend)
{
    char path[] = "/tmp/proxy_world.XXXXXX";
    struct diagnostics diagnostics;
    struct config *config = NULL;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_true(dprintf(descriptor, "[gateway]\n%s\n%s", gateway, WORLD_SECTIONS) > 0);
    for (const char *const *name = (const char *const[]){"other", "a", "b", NULL}; *name; name++) {
        assert_true(
            dprintf(descriptor, "[backend %s]\nserver = 127.0.0.1:80\n%s\n", *name, backend) > 0);
    }
    assert_int_equal(close(descriptor), 0);
    diagnostics_init(&diagnostics);
    if (!result_is_ok(config_load(path, &diagnostics, &config))) {
        diagnostics_print(&diagnostics, stderr);
        fail();
    }
    diagnostics_deinit(&diagnostics);
    assert_int_equal(unlink(path), 0);
    return config;
}

static inline struct fake_connect decide(void *owner, const struct sockaddr *address)
{
    (void)address;
    return ((struct world *)owner)->connect;
}

static inline void make_plain(struct fake_socket *socket)
{
    socket->arrives_whole = true;
    socket->outbound_limit = WORLD_TEXT_BYTES;
}

static inline void keep_server(void *owner, struct fake_socket *socket)
{
    struct world *world = owner;
    struct world_server *server = calloc(1, sizeof(*server));
    assert_true(world->server_count < WORLD_SERVER_COUNT_MAX && server != NULL);
    make_plain(socket);
    server->socket = socket;
    world->servers[world->server_count++] = server;
}

static inline void point_at_backends(struct world *world)
{
    for (size_t i = 0; i < WORLD_BACKEND_COUNT; i++) {
        world->listeners[i] = &world->config->listeners[i];
        world->addresses[i].socket_address.ss_family = AF_INET;
        world->addresses[i].length_bytes = sizeof(struct sockaddr_in);
        (void)snprintf(world->addresses[i].text, sizeof(world->addresses[i].text), "server %zu", i);
        world->backends[i] = (struct backend_addresses){&world->addresses[i], 1};
    }
    world->endpoint = (struct endpoint){.address = world->config->listeners[0].addresses[0],
                                        .listeners = world->listeners,
                                        .listener_count = WORLD_BACKEND_COUNT};
    world->generation = (struct generation){.users = &world->users,
                                            .endpoints = &world->endpoint,
                                            .endpoint_count = 1,
                                            .config = world->config,
                                            .trust_policies = world->trust_policies,
                                            .tls_credentials = world->credentials,
                                            .backends = world->backends};
}

/* gateway and backend are lines of these sections. */
static inline void make_policy(struct world *world)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    assert_true(result_is_ok(trust_policy_create(&world->config->ssl_profiles[0], &diagnostics,
                                                 &world->trust_policies[0])));
    diagnostics_deinit(&diagnostics);
}

static inline struct world *world_make(const char *gateway, const char *backend)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    fake_clock_reset();
    fake_net_start(1);
    fake_ring_configure(&(struct fake_ring_settings){.seed = 1});
    fake_ring_on_connect(decide, keep_server, world);
    world->config = load_world(gateway, backend);
    point_at_backends(world);
    make_policy(world);
    timer_wheel_init(&world->wheel, clock_monotonic_ms());
    assert_true(result_is_ok(log_queue_init(&world->log, WORLD_TEXT_BYTES)));
    assert_true(result_is_ok(ring_create(64, &world->ring)));
    trust_world_open(&world->trust);
    struct proxy_surroundings surroundings = {.ring = world->ring,
                                              .wheel = &world->wheel,
                                              .counters = &world->counters,
                                              .access_log = &world->log,
                                              .generation = &world->generation,
                                              .trust = &world->trust.user,
                                              .connections_max = WORLD_CLIENT_COUNT_MAX};
    assert_true(result_is_ok(proxy_create(&surroundings, &world->proxy)));
    return world;
}

/* One turn as a worker makes it; whether anything moved. */
static inline bool world_turn(struct world *world)
{
    ring_wait(world->ring, 0);
    timer_wheel_tell(&world->wheel, clock_monotonic_ms());
    uint32_t moved = ring_deliver(world->ring);
    bool was_fallible = fake_memory_set_fallible(true);
    timer_wheel_advance(&world->wheel);
    proxy_turn_ended(world->proxy);
    (void)fake_memory_set_fallible(was_fallible);
    return moved > 0 || proxy_has_work(world->proxy);
}

static inline void read_far_end(struct fake_socket *socket, char *text, size_t *length)
{
    *length += fake_net_far_read(socket, text + *length, WORLD_TEXT_BYTES - 1 - *length);
    text[*length] = '\0';
}

/* Until nothing moves any more without somebody's doing; the servers have read all. */
static inline void world_settle(struct world *world)
{
    uint32_t turn_count = 0;
    while (world_turn(world) || world_turn(world)) {
        for (size_t i = 0; i < world->server_count; i++) {
            struct world_server *server = world->servers[i];
            read_far_end(server->socket, server->text, &server->length);
        }
        assert_true(turn_count++ < WORLD_TURN_COUNT_MAX);
    }
}

static inline void world_pass_ms(struct world *world, uint64_t milliseconds)
{
    world_settle(world);
    while (milliseconds > 0) {
        uint64_t step_ms = milliseconds < WORLD_STEP_MS ? milliseconds : WORLD_STEP_MS;
        fake_clock_advance_ms(step_ms);
        milliseconds -= step_ms;
        world_settle(world);
    }
}

static inline uint64_t world_figure(const struct world *world, enum counter counter)
{
    return atomic_load(&world->counters.values[counter]);
}

static inline uint64_t world_closed(const struct world *world, enum close_reason reason)
{
    return atomic_load(&world->counters.closed[reason]);
}

/* Clients. */

static inline struct world_client *world_accept(struct world *world)
{
    struct world_client *client = calloc(1, sizeof(*client));
    assert_non_null(client);
    client->socket = fake_net_accept(++world->client_port);
    make_plain(client->socket);
    proxy_accept(world->proxy, client->socket->descriptor, &world->endpoint);
    return client;
}

static inline void world_send(struct world *world, struct world_client *client, const char *text)
{
    fake_net_far_write(client->socket, bytes_from_string(text));
    world_settle(world);
}

/* What has come for the client since it was last forgotten. */
static inline const char *world_heard(struct world_client *client)
{
    read_far_end(client->socket, client->text, &client->length);
    return client->text;
}

static inline void world_forget(struct world_client *client)
{
    (void)world_heard(client);
    client->length = 0;
    client->text[0] = '\0';
}

static inline bool world_is_ended(struct world_client *client)
{
    (void)world_heard(client);
    return fake_net_far_is_at_end(client->socket) || fake_net_far_is_reset(client->socket);
}

/* Finishes and is not heard of again; an answer under way is given to it still. */
static inline void world_leave(struct world *world, struct world_client *client)
{
    (void)world_heard(client);
    fake_net_far_close(client->socket);
    free(client);
    world_settle(world);
}

static inline void world_break_off(struct world *world, struct world_client *client)
{
    fake_net_far_reset(client->socket);
    world_leave(world, client);
}

static inline void world_send_hello(struct world *world, struct world_client *client,
                                    const char *server_name)
{
    static struct hello_builder hello;
    fake_net_far_write(client->socket, make_usual_hello(&hello, server_name));
    world_settle(world);
}

/* A client whose handshake is done. */
static inline struct world_client *world_connect(struct world *world)
{
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    world_send(world, client, "F");
    assert_string_equal(world_heard(client), PLAIN_TLS_FLIGHT);
    world_forget(client);
    return client;
}

/* The connection of the latest client that is not yet on its way out. */
static inline struct connection *world_connection(const struct world *world)
{
    assert_false(list_is_empty(&world->proxy->open));
    return LIST_OWNER(world->proxy->open.previous, struct connection, place);
}

/* Servers. */

static inline void world_answer(struct world *world, size_t server, const char *text)
{
    assert_in_range(server + 1, 1, world->server_count);
    fake_net_far_write(world->servers[server]->socket, bytes_from_string(text));
    world_settle(world);
}

static inline void free_servers(struct world *world)
{
    for (size_t i = 0; i < world->server_count; i++) {
        fake_net_far_close(world->servers[i]->socket);
        free(world->servers[i]);
    }
}

/* Every client has left: nothing of them may be left either, but idle connections to servers. */
static inline void world_free(struct world *world)
{
    world_pass_ms(world, 3000);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    assert_int_equal(world->proxy->exchanges.lent_count, 0);
    assert_int_equal(world->proxy->handshakes.lent_count, 0);
    assert_int_equal(world->proxy->buffers.lent_count, 0);
    assert_int_equal(world_figure(world, COUNTER_CONNECTIONS_ACCEPTED),
                     world_figure(world, COUNTER_CONNECTIONS_CLOSED));
    proxy_shut(world->proxy);
    world_settle(world);
    assert_true(proxy_is_empty(world->proxy));
    assert_int_equal(world->proxy->backend_room.reaping_count, 0);
    assert_int_equal(world->proxy->backend_room.waiting_count, 0);
    assert_int_equal(world_figure(world, COUNTER_BACKEND_CONNECTS),
                     world_figure(world, COUNTER_BACKEND_CLOSED));
    proxy_destroy(world->proxy);
    trust_policy_destroy(world->trust_policies[0]);
    trust_world_close(&world->trust);
    free_servers(world);
    ring_destroy(world->ring);
    fake_net_stop();
    log_queue_deinit(&world->log);
    config_destroy(world->config);
    free(world);
}

/* The latest line of the access log. */
static inline const char *world_log(struct world *world)
{
    static char text[WORLD_TEXT_BYTES];
    struct bytes lines = log_queue_peek(&world->log);
    memcpy(text, lines.at, lines.length);
    text[lines.length] = '\0';
    log_queue_take(&world->log, lines.length);
    if (lines.length > 0) {
        text[lines.length - 1] = '\0';
    }
    char *last = strrchr(text, '\n');
    return last == NULL ? text : last + 1;
}

#define expect_text(text, part)                              \
    do {                                                     \
        if (strstr((text), (part)) == NULL) {                \
            fail_msg("missing: %s\nin: %s", (part), (text)); \
        }                                                    \
    } while (0)

#endif
