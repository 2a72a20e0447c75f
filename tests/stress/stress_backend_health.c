/*
 * The health of servers under load: workers claim servers and tell of them, the health thread
 * ejects and takes back, others disable, enable, look, and publish generations that come and go. No
 * count is lost, no server is tried by two requests at once, and all end up well.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/control/backend_health.h"
#include "../../src/control/backend_switch.h"
#include "../../src/control/backend_view.h"
#include "../../src/proxy/server_claim.h"
#include "base/check.h"
#include "base/clock.h"

#define WORKER_COUNT  4
#define SERVER_COUNT  4
#define REQUEST_COUNT 1000000
#define RELOAD_COUNT  300
#define LIMIT_MS      30000

/* Of one server of one backend, by hand. */
struct made {
    struct generation generation;
    struct config config;
    struct config_backend backend;
    struct config_server written[SERVER_COUNT];
    struct backend_address items[SERVER_COUNT];
    struct backend_addresses addresses;
};

static struct backend_health *health;
static struct made first; /* outlives the others, and with it every account */
static _Atomic unsigned trials[SERVER_COUNT];
static _Atomic bool are_trials_alone;
static _Atomic unsigned busy_count;

static void say_nothing(const char *line)
{
    CHECK(strncmp(line, "backend app: ", 13) == 0);
}

static void make(struct made *made, size_t server_count)
{
    *made = (struct made){0};
    made->backend.name = "app";
    made->backend.balance = CONFIG_BALANCE_LEAST_CONNECTIONS;
    made->backend.ejection = (struct config_ejection){
        .failure_count = 3, .time_ms = 1, .time_max_ms = 4, .share_percent = 50};
    for (size_t i = 0; i < server_count; i++) {
        made->written[i].source.text = made->items[i].text;
        made->items[i].server = &made->written[i];
        (void)snprintf(made->items[i].text, sizeof(made->items[i].text), "s%zu", i);
    }
    made->addresses = (struct backend_addresses){made->items, server_count};
    made->config.backends = &made->backend;
    made->config.backend_count = 1;
    made->generation.config = &made->config;
    made->generation.backends = &made->addresses;
    CHECK(result_is_ok(backend_health_adopt(health, &made->generation)));
}

/* One request: good, bad or given up, worse at the first servers. */
static void serve(uint32_t worker_index, unsigned *seed)
{
    size_t server = (size_t)rand_r(seed) % SERVER_COUNT;
    int outcome = rand_r(seed) % 8;
    struct server_claim claim = {0};
    if (!server_claim_take(&claim, first.items[server].health, &first.backend, worker_index)) {
        return;
    }
    server_claim_count_request(&claim);
    bool is_trial = claim.is_trial;
    if (is_trial) {
        CHECK(atomic_fetch_add(&trials[server], 1) == 0 || !atomic_load(&are_trials_alone));
        (void)sched_yield(); /* others come here if they can */
        atomic_fetch_sub(&trials[server], 1);
    }
    if (server < 2 && outcome < 6) {
        server_claim_fail(&claim, SERVER_FAILURE_CLOSED);
    } else if (outcome < 7) {
        server_claim_succeed(&claim, 200);
    }
    server_claim_release(&claim);
}

static void *work(void *argument)
{
    uint32_t worker_index = (uint32_t)(uintptr_t)argument;
    unsigned seed = worker_index + 1;
    for (int i = 0; i < REQUEST_COUNT; i++) {
        serve(worker_index, &seed);
    }
    atomic_fetch_sub(&busy_count, 1);
    return NULL;
}

static void look(void *owner, const struct backend_view *view)
{
    CHECK(view->under_way_count <= WORKER_COUNT);
    *(uint64_t *)owner += view->request_count;
}

static void count_ejections(void *owner, const struct backend_view *view)
{
    *(uint64_t *)owner += view->ejection_count;
}

static void *look_on(void *argument)
{
    uint64_t count_before = 0;
    while (atomic_load(&busy_count) > 0) {
        uint64_t count = 0;
        backend_view_visit(health, look, &count);
        CHECK(count >= count_before || argument != NULL); /* servers come and go */
        count_before = count;
    }
    return NULL;
}

static void *switch_on_and_off(void *argument)
{
    (void)argument;
    for (unsigned i = 0; atomic_load(&busy_count) > 0; i++) {
        char memory[256];
        char name[16];
        struct text report = text_over(memory, sizeof(memory));
        (void)snprintf(name, sizeof(name), i % 5 == 0 ? "app" : "app/s%u", i % SERVER_COUNT);
        (void)backend_switch_set(health, bytes_from_string(name), i % 2 == 0, &report).code;
    }
    return NULL;
}

static void *reload(void *argument)
{
    static struct made generations[2];
    (void)argument;
    for (unsigned i = 0; i < RELOAD_COUNT; i++) {
        struct made *made = &generations[i % 2];
        if (i >= 2) {
            backend_health_release(health, &made->generation);
        }
        make(made, 1 + i % SERVER_COUNT);
        backend_health_publish(health, &made->generation);
    }
    backend_health_publish(health, &first.generation);
    for (unsigned i = 0; i < 2; i++) {
        backend_health_release(health, &generations[i].generation);
    }
    return NULL;
}

static void run_all(void *(*const others[])(void *argument), size_t other_count, void *argument)
{
    pthread_t workers[WORKER_COUNT];
    pthread_t threads[4];
    atomic_store(&busy_count, WORKER_COUNT);
    for (uintptr_t i = 0; i < WORKER_COUNT; i++) {
        CHECK(pthread_create(&workers[i], NULL, work, (void *)i) == 0);
    }
    for (size_t i = 0; i < other_count; i++) {
        CHECK(pthread_create(&threads[i], NULL, others[i], argument) == 0);
    }
    for (size_t i = 0; i < WORKER_COUNT; i++) {
        (void)pthread_join(workers[i], NULL);
    }
    for (size_t i = 0; i < other_count; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

/* Everybody enabled and well: whoever is ejected needs a trial that succeeds. */
static void expect_recovery(void)
{
    char memory[256];
    struct text report = text_over(memory, sizeof(memory));
    const struct timespec pause = {.tv_nsec = 1000000};
    uint64_t end_ms = clock_monotonic_ms() + LIMIT_MS;
    CHECK(result_is_ok(backend_switch_set(health, BYTES_OF("app"), false, &report)));
    for (size_t i = 0; i < SERVER_COUNT; i++) {
        struct server_health *server = first.items[i].health;
        while (server_health_bars(server) != 0) {
            struct server_claim claim = {0};
            CHECK(clock_monotonic_ms() < end_ms);
            if (server_claim_take(&claim, server, &first.backend, 0)) {
                server_claim_succeed(&claim, 200);
                server_claim_release(&claim);
            }
            (void)nanosleep(&pause, NULL);
        }
        CHECK(server->under_way_count == 0);
    }
}

int main(void)
{
    static void *(*const watchers[])(void *argument) = {look_on};
    static void *(*const meddlers[])(void *argument) = {look_on, switch_on_and_off, reload};
    struct backend_health_settings settings = {
        .worker_count = WORKER_COUNT, .probe_count_max = 4, .say = say_nothing};
    CHECK(result_is_ok(backend_health_create(&settings, &health)));
    make(&first, SERVER_COUNT);
    backend_health_publish(health, &first.generation);
    CHECK(result_is_ok(backend_health_start(health)));
    atomic_store(&are_trials_alone, true);
    run_all(watchers, 1, NULL);
    expect_recovery();
    atomic_store(&are_trials_alone, false); /* who is put back early may be tried twice */
    run_all(meddlers, 3, &settings);
    expect_recovery();
    uint64_t ejection_count = 0;
    backend_view_visit(health, count_ejections, &ejection_count);
    CHECK(ejection_count > 2);
    backend_health_stop(health);
    backend_health_release(health, &first.generation);
    backend_health_destroy(health);
    (void)printf("stress_backend_health: %d workers, %d requests each, twice; %d reloads, %llu "
                 "ejections\n",
                 WORKER_COUNT, REQUEST_COUNT, RELOAD_COUNT, (unsigned long long)ejection_count);
    return EXIT_SUCCESS;
}
