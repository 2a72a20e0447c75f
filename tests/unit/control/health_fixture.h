/*
 * A backend with its servers as the health thread knows them, without the thread: what is told of
 * them, and what they hear. One include a program.
 */
#ifndef TESTS_UNIT_CONTROL_HEALTH_FIXTURE_H
#define TESTS_UNIT_CONTROL_HEALTH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/control/health_judge.h"

#define TOWN_SERVER_COUNT 4

struct town {
    struct config_backend config;
    struct config_server written[TOWN_SERVER_COUNT];
    struct backend_address addresses[TOWN_SERVER_COUNT];
    struct health_backend backend;
    struct health_server servers[TOWN_SERVER_COUNT];
    struct text log;
    char log_memory[4096];
};

static inline struct town *town_make(uint32_t server_count)
{
    struct town *town = calloc(1, sizeof(*town));
    assert_non_null(town);
    town->config.name = "app";
    town->config.health_check = (struct config_health_check){
        .kind = CONFIG_CHECK_HTTP,
        .path = {.text = "/up"},
        .statuses = {.first = 200, .last = 399},
        .interval_ms = 1000,
        .timeout_ms = 500,
        .rise_count = 2,
        .fall_count = 3,
    };
    town->config.ejection = (struct config_ejection){
        .failure_count = 3, .time_ms = 1000, .time_max_ms = 3000, .share_percent = 50};
    (void)snprintf(town->backend.name, sizeof(town->backend.name), "app");
    town->backend.config = &town->config;
    list_init(&town->backend.servers);
    town->log = text_over(town->log_memory, sizeof(town->log_memory));
    for (uint32_t i = 0; i < server_count; i++) {
        struct health_server *server = &town->servers[i];
        server->backend = &town->backend;
        server->shared = server_health_create(1, -1);
        assert_non_null(server->shared);
        (void)snprintf(server->text, sizeof(server->text), "s%u", i);
        town->written[i].source.text = "s:80";
        town->addresses[i].server = &town->written[i];
        server->address = &town->addresses[i];
        list_add_last(&town->backend.servers, &server->place);
        health_judge_begin(server);
    }
    return town;
}

static inline void town_free(struct town *town)
{
    for (size_t i = 0; i < TOWN_SERVER_COUNT; i++) {
        server_health_destroy(town->servers[i].shared);
    }
    free(town);
}

/* What was said since the last time must be this. */
static inline void town_said(struct town *town, const char *expected)
{
    assert_string_equal(text_terminate(&town->log), expected);
    town->log.length = 0;
}

static inline uint32_t town_bars(const struct town *town, size_t server)
{
    return server_health_bars(town->servers[server].shared);
}

/* So many requests to it fail. */
static inline void town_fail(struct town *town, size_t server, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        server_health_fail(town->servers[server].shared, SERVER_FAILURE_TIMEOUT, 3);
    }
}

static inline uint64_t town_look(struct town *town, uint64_t now_ms)
{
    return health_judge_look(&town->backend, now_ms, &town->log);
}

#endif
