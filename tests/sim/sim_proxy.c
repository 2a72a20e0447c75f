/*
 * The proxy layer with its real http, tls, trust and config parts, on a network, a clock and random
 * bytes that all follow from one seed: clients and backends good and bad, thousands of connections
 * in one thread, and checks that everything comes back and that nobody is told what belongs to
 * another.
 *
 * Usage: sim_proxy [-v] [first seed [seeds [connections of a seed]]]
 * The seed of a failure is printed; run it again alone, with -v to see everything that happened.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/proxy/exchange.h"
#include "../../src/proxy/proxy_generation.h"
#include "../../src/proxy/proxy_parts.h"
#include "../fake/fake_clock.h"
#include "../fake/fake_memory.h"
#include "../fake/fake_random.h"
#include "../fake/fake_ring.h"
#include "../fake/trust_world.h"
#include "base/check.h"
#include "config/diagnostics.h"
#include "control/generation_builder.h"
#include "net/timer_wheel.h"
#include "sim_backend.h"
#include "sim_balance.h"
#include "sim_client.h"
#include "tls/tls_library.h"

#define SEED_COUNT_DEFAULT       24
#define CONNECTION_COUNT_DEFAULT 250
#define LOG_QUEUE_BYTES          (1U << 20)
#define TURN_COUNT_MAX           50000000
/* Below connect_timeout. */
#define CONNECT_DELAY_MS_MAX 4900
/* Both directions, each with what arrived, what is queued and what the kernel has. */
#define CONNECTION_BYTES_MAX  (1U << 20)
#define MEMORY_FAILURE_ONE_IN 150
#define IDLE_LIMIT_MS         100000000
/* What is left when the last client has gone must be gone soon after. */
#define ENDING_MS_MAX 3000

void sim_fail(const struct sim_world *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fflush(stdout);
    (void)fprintf(stderr, "sim_proxy: seed %llu, %u connections, at %llu ms: ",
                  (unsigned long long)world->settings.seed, world->settings.connection_count,
                  (unsigned long long)clock_monotonic_ms());
    (void)vfprintf(stderr, format, arguments);
    (void)fprintf(stderr, "\n");
    va_end(arguments);
    abort();
}

void sim_tell(const struct sim_world *world, const char *format, ...)
{
    va_list arguments;
    if (!world->settings.is_told) {
        return;
    }
    va_start(arguments, format);
    (void)printf("%9llu ", (unsigned long long)clock_monotonic_ms());
    (void)vprintf(format, arguments);
    (void)printf("\n");
    va_end(arguments);
}

struct sim_request *sim_add_request(struct sim_world *world)
{
    CHECK(world->request_count < SIM_REQUEST_COUNT_MAX);
    struct sim_request *request = &world->requests[world->request_count];
    *request = (struct sim_request){.id = world->request_count++};
    return request;
}

/* The gateway's configuration. */

static void write_configuration(const char *path)
{
    FILE *file = fopen(path, "we");
    CHECK(file != NULL);
    (void)fprintf(file, "[gateway]\nworkers = 1\naccess_log = off\nstats_socket = off\n"
                        "tunnel_idle_timeout = 75s\n");
    static const char *const names[] = {"strict", "pass", "open"};
    static const char *const modes[] = {"strict", "passthrough", "off"};
    for (size_t i = 0; i < 3; i++) {
        (void)fprintf(file,
                      "[listener %s]\naddress = 127.0.0.1:8443\nserver_name = %s.example.com\n"
                      "certificate = server.pem\ncertificate_key = server.key\nssl_profile = %s\n"
                      "backend = app\nforward_identity = x_arr_clientcert\n",
                      names[i], names[i], names[i]);
        (void)fprintf(file, "[ssl_profile %s]\nverify_client_auth_mode = %s\n%s", names[i],
                      modes[i], i == 0 ? "trusted_client_ca = root.pem\n" : "");
    }
    (void)fprintf(file, "[backend app]\nserver = 127.0.0.1:9001\nserver = 127.0.0.1:9002\n"
                        "keepalive_connections = 4\n");
    CHECK(fclose(file) == 0);
}

static struct generation *build_generation(const char *folder)
{
    char path[256];
    struct diagnostics diagnostics;
    struct generation *generation = NULL;
    (void)snprintf(path, sizeof(path), "%s/sim.ini", folder);
    write_configuration(path);
    diagnostics_init(&diagnostics);
    if (!result_is_ok(generation_builder_build(path, &diagnostics, &generation))) {
        diagnostics_print(&diagnostics, stderr);
        exit(1);
    }
    diagnostics_deinit(&diagnostics);
    return generation;
}

/* Backends that can be reached, or not. */

static struct fake_connect decide_connect(void *owner, const struct sockaddr *address)
{
    struct sim_world *world = owner;
    struct dice *dice = &world->dice;
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t due_ms = now_ms + (dice_one_in(dice, 4) ? dice_below(dice, CONNECT_DELAY_MS_MAX) : 0);
    (void)address;
    if (!world->settings.connects_fail || !dice_one_in(dice, 6)) {
        return (struct fake_connect){IO_OK, due_ms};
    }
    switch (dice_below(dice, 4)) {
    case 0:
        return (struct fake_connect){IO_REFUSED, due_ms};
    case 1:
        return (struct fake_connect){IO_UNREACHABLE, due_ms};
    case 2:
        return (struct fake_connect){IO_OUT_OF_RESOURCES, due_ms};
    default:
        return (struct fake_connect){IO_OK, UINT64_MAX};
    }
}

static void on_connected(void *owner, struct fake_socket *socket)
{
    sim_backend_start(owner, socket);
}

/* The world's course. */

static void drain_log(struct sim_world *world)
{
    for (struct bytes there = log_queue_peek(world->log_queue); there.length > 0;
         there = log_queue_peek(world->log_queue)) {
        for (size_t i = 0; i < there.length; i++) {
            world->log_line_count += there.at[i] == '\n';
        }
        sim_tell(world, "log: %.*s", (int)there.length, (const char *)there.at);
        log_queue_take(world->log_queue, there.length);
    }
}

static void check_connection(const struct sim_world *world, const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;
    uint64_t bytes = stream_queued_bytes(&connection->stream) + buffer_length(&connection->held);
    if (exchange != NULL && exchange->backend != NULL) {
        bytes += stream_queued_bytes(&exchange->backend->stream);
    }
    if (bytes > 2 * CONNECTION_BYTES_MAX) {
        sim_fail(world, "%llu bytes of one connection wait in the gateway",
                 (unsigned long long)bytes);
    }
}

static void check_pools(const struct sim_world *world)
{
    const struct config *config = world->generation->config;
    for (size_t i = 0; i < config->backend_count; i++) {
        const struct backend_pool *pool = &world->proxy->current->pools[i];
        uint32_t count = 0;
        for (struct list *node = pool->idle.next; node != &pool->idle; node = node->next) {
            count++;
        }
        if (count != pool->idle_count || count > pool->backend->keepalive_connections) {
            sim_fail(world, "%u connections are idle, counted as %u", count, pool->idle_count);
        }
    }
}

/* However slow one side is, what waits in the gateway for it stays bounded. */
static void check_memory(const struct sim_world *world)
{
    uint64_t limit_bytes = (world->settings.concurrency + 2) * (uint64_t)CONNECTION_BYTES_MAX;
    for (struct list *node = world->proxy->open.next; node != &world->proxy->open;
         node = node->next) {
        check_connection(world, LIST_OWNER(node, struct connection, place));
    }
    if (world->proxy->buffers.lent_bytes > limit_bytes) {
        sim_fail(world, "%llu bytes wait in the gateway",
                 (unsigned long long)world->proxy->buffers.lent_bytes);
    }
}

/* Whether anything may have moved. */
static bool turn(struct sim_world *world)
{
    ring_wait(world->ring, 0);
    timer_wheel_tell(world->wheel, clock_monotonic_ms());
    uint32_t count = ring_deliver(world->ring);
    (void)fake_memory_set_fallible(true);
    timer_wheel_advance(world->wheel);
    proxy_turn_ended(world->proxy);
    (void)fake_memory_set_fallible(false);
    drain_log(world);
    check_memory(world);
    check_pools(world);
    /* What a timer has set going comes with the next turn. */
    bool may_have_expired = clock_monotonic_ms() != world->turned_ms;
    world->turned_ms = clock_monotonic_ms();
    return count > 0 || may_have_expired || proxy_has_work(world->proxy);
}

static bool start_client(struct sim_world *world)
{
    const struct sim_settings *settings = &world->settings;
    if (world->started_count == settings->connection_count || world->is_draining ||
        proxy_room_count(world->proxy) == 0 || dice_one_in(&world->dice, 3)) {
        return false;
    }
    struct fake_socket *socket = fake_net_accept((uint16_t)(1024 + world->started_count % 60000));
    int descriptor = socket->descriptor;
    socket->is_peer_unknown = !settings->is_fair && dice_one_in(&world->dice, 50);
    sim_client_start(world, socket);
    (void)fake_memory_set_fallible(true);
    proxy_accept(world->proxy, descriptor, &world->generation->endpoints[0]);
    (void)fake_memory_set_fallible(false);
    return true;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* To the next moment at which anything can happen; false when nothing ever will. */
static bool sleep_until_next_event(struct sim_world *world)
{
    uint64_t now_ms = clock_monotonic_ms();
    uint32_t idle_ms = timer_wheel_idle_ms(world->wheel, IDLE_LIMIT_MS);
    uint64_t wake_ms = idle_ms == IDLE_LIMIT_MS ? UINT64_MAX : now_ms + idle_ms;
    wake_ms = lesser(wake_ms, sim_client_next_wake_ms(world));
    wake_ms = lesser(wake_ms, sim_backend_next_wake_ms(world));
    wake_ms = lesser(wake_ms, fake_ring_next_due_ms(world->ring));
    if (wake_ms == UINT64_MAX) {
        return false;
    }
    fake_clock_advance_ms(wake_ms > now_ms ? wake_ms - now_ms : 1);
    return true;
}

static void end_gateway(struct sim_world *world)
{
    uint32_t half = world->settings.connection_count / 2;
    if (world->is_draining || world->started_count < half) {
        return;
    }
    world->idle_timeout_count = atomic_load(&world->counters->closed[CLOSE_KEEPALIVE_TIMEOUT]);
    if (world->settings.ending == SIM_ENDS_WITH_DRAIN) {
        sim_tell(world, "drain");
        world->is_draining = true;
        proxy_drain(world->proxy);
    } else if (world->settings.ending == SIM_ENDS_WITH_SHUT) {
        sim_tell(world, "shut");
        world->is_draining = true;
        proxy_shut(world->proxy);
    }
}

static bool is_over(const struct sim_world *world)
{
    bool is_all = world->is_draining || world->started_count == world->settings.connection_count;
    return is_all && list_is_empty(&world->clients);
}

static void run_clients(struct sim_world *world)
{
    uint64_t turn_count = 0;
    while (!is_over(world)) {
        timer_wheel_tell(world->wheel, clock_monotonic_ms()); /* before anything sets a timer */
        bool has_moved = world->started_count < world->settings.connection_count &&
                         world->client_count < world->settings.concurrency && start_client(world);
        has_moved |= sim_client_step_all(world);
        has_moved |= sim_backend_step_all(world);
        has_moved |= turn(world);
        end_gateway(world);
        if (has_moved) {
            fake_clock_advance_ns(dice_below(&world->dice, 200000));
        } else if (!sleep_until_next_event(world) && !list_is_empty(&world->clients)) {
            sim_fail(world, "nothing will ever happen again, and %u clients wait",
                     world->client_count);
        }
        if (++turn_count > TURN_COUNT_MAX) {
            sim_fail(world, "it never ends");
        }
    }
}

/* After a drain or a shut everything must go by itself, without waiting for anybody's patience to
 * end. */
static void run_out(struct sim_world *world)
{
    uint64_t start_ms = clock_monotonic_ms();
    if (!world->is_draining) {
        proxy_shut(world->proxy);
    }
    while (!proxy_is_empty(world->proxy)) {
        bool has_moved = sim_backend_step_all(world);
        has_moved |= turn(world);
        if (!has_moved && !sleep_until_next_event(world)) {
            sim_fail(world, "nothing will ever happen again, and the gateway is not empty");
        }
        if (clock_monotonic_ms() - start_ms > ENDING_MS_MAX) {
            sim_fail(world, "the gateway is not empty %d ms after its last client has gone",
                     ENDING_MS_MAX);
        }
    }
    while (!list_is_empty(&world->backends)) {
        if (!sim_backend_step_all(world) && !sleep_until_next_event(world)) {
            sim_fail(world, "a backend never learned that its connection was closed");
        }
    }
}

static void check_tunnels(const struct sim_world *world)
{
    for (uint32_t id = 0; id < world->request_count; id++) {
        const struct sim_request *request = &world->requests[id];
        if (request->tunnel_bytes_seen < request->tunnel_bytes_due) {
            sim_fail(world, "tunnel %u lost bytes to its backend: it got %u of %u", id,
                     request->tunnel_bytes_seen, request->tunnel_bytes_due);
        }
    }
}

/* A world, from its seed to its end. */

static struct sim_settings settings_of(uint64_t seed, uint32_t connection_count, bool is_told)
{
    struct dice dice = {seed ^ 0x776F726C64U};
    struct sim_settings settings = {.seed = seed,
                                    .connection_count = connection_count,
                                    .concurrency = dice_between(&dice, 1, 32),
                                    .is_fair = dice_one_in(&dice, 2),
                                    .connects_fail = dice_one_in(&dice, 3),
                                    .is_told = is_told};
    settings.memory_fails = !settings.is_fair && dice_one_in(&dice, 2);
    settings.ending = (enum sim_ending)dice_below(&dice, settings.is_fair ? SIM_ENDS_WITH_SHUT
                                                                          : SIM_ENDS_WITH_SHUT + 1);
    return settings;
}

static struct trust_world trust; /* of the one world there is at a time */

static void start_world(struct sim_world *world)
{
    const struct sim_settings *settings = &world->settings;
    struct fake_ring_settings ring_settings = {
        .seed = settings->seed,
        .postpone_one_in = dice_one_in(&world->dice, 2) ? 2 : 0,
        .short_one_in = dice_one_in(&world->dice, 2) ? 10 : 0,
        .fault_one_in = settings->is_fair ? 0 : 3000,
    };
    fake_clock_reset();
    fake_random_seed(settings->seed);
    fake_net_start(settings->seed);
    fake_net_let_sockets_fail(settings->connects_fail && !settings->is_fair ? 50 : 0);
    fake_ring_configure(&ring_settings);
    fake_ring_on_connect(decide_connect, on_connected, world);
    list_init(&world->clients);
    list_init(&world->backends);
    world->request_count = 2; /* 0: none, 1: what nobody asked for */
    CHECK(result_is_ok(ring_create(256, &world->ring)));
    CHECK(result_is_ok(log_queue_init(world->log_queue, LOG_QUEUE_BYTES)));
    timer_wheel_init(world->wheel, clock_monotonic_ms());
    trust_world_open(&trust);
    struct proxy_surroundings surroundings = {.ring = world->ring,
                                              .wheel = world->wheel,
                                              .counters = world->counters,
                                              .access_log = world->log_queue,
                                              .generation = world->generation,
                                              .trust = &trust.user,
                                              .connections_max = settings->concurrency + 2};
    CHECK(result_is_ok(proxy_create(&surroundings, &world->proxy)));
    fake_memory_let_fail(settings->seed, settings->memory_fails ? MEMORY_FAILURE_ONE_IN : 0);
}

static void run_world(struct generation *generation, struct sim_client_contexts *contexts,
                      struct sim_settings settings)
{
    static struct sim_request requests[SIM_REQUEST_COUNT_MAX];
    static struct timer_wheel wheel;
    static struct counters counters;
    static struct log_queue log_queue;
    uint8_t *late_heads = calloc(settings.connection_count + 1, sizeof(*late_heads));
    CHECK(late_heads != NULL);
    struct sim_world world = {.settings = settings,
                              .dice = {settings.seed},
                              .generation = generation,
                              .contexts = contexts,
                              .requests = requests,
                              .late_heads = late_heads,
                              .wheel = &wheel,
                              .counters = &counters,
                              .log_queue = &log_queue};
    counters = (struct counters){0};
    start_world(&world);
    run_clients(&world);
    run_out(&world);
    proxy_turn_ended(world.proxy);
    drain_log(&world);
    check_tunnels(&world);
    sim_balance_check(&world);
    sim_balance_check_fairness(&world);
    proxy_destroy(world.proxy);
    trust_world_close(&trust);
    ring_destroy(world.ring);
    log_queue_deinit(&log_queue);
    fake_net_stop();
    free(late_heads);
    (void)printf(
        "seed %llu: %u clients, %u requests: %u answers of backends, %u of the gateway, %llu "
        "seconds, %s%s, %u times no memory, ending %d\n",
        (unsigned long long)settings.seed, world.started_count, world.request_count - 2,
        world.fair_answer_count, world.own_answer_count,
        (unsigned long long)(clock_monotonic_ms() / 1000 - 1000),
        settings.is_fair ? "fair" : "unfair", settings.connects_fail ? ", connects fail" : "",
        fake_memory_failure_count(), (int)settings.ending);
    (void)fflush(stdout);
}

static uint64_t argument_or(int count, char **arguments, int index, uint64_t otherwise)
{
    return index < count ? strtoull(arguments[index], NULL, 10) : otherwise;
}

int main(int argument_count, char **arguments)
{
    static char folder[] = "/tmp/sim_proxy_XXXXXX";
    char command[512];
    bool is_told = argument_count > 1 && strcmp(arguments[1], "-v") == 0;
    int first = is_told ? 2 : 1;
    uint64_t seed = argument_or(argument_count, arguments, first, 1);
    uint64_t count = argument_or(argument_count, arguments, first + 1, SEED_COUNT_DEFAULT);
    uint64_t connections =
        argument_or(argument_count, arguments, first + 2, CONNECTION_COUNT_DEFAULT);
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(command, sizeof(command), "sh tests/sim/make_sim_pki.sh %s", folder);
    CHECK(system(command) == 0);
    fake_clock_reset(); /* now that the certificates are valid */
    CHECK(result_is_ok(tls_library_start()));
    struct generation *generation = build_generation(folder);
    struct sim_client_contexts *contexts = sim_client_contexts_create(folder);
    for (uint64_t i = 0; i < count; i++) {
        run_world(generation, contexts, settings_of(seed + i, (uint32_t)connections, is_told));
    }
    sim_client_contexts_destroy(contexts);
    generation_builder_destroy(generation);
    tls_library_stop();
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command) == 0 ? 0 : 1;
}
