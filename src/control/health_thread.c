/*
 * One turn: look under the lock, then speak, then poll without it. Checks of one server follow each
 * other; those of different ones do not wait for each other but for a free probe, the one that is
 * due longest first.
 */
#include "health_thread.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/random.h"

/* After descriptors ran out. */
#define START_PAUSE_MS 1000

/* The first check of a server comes within this time, and within its interval. */
#define FIRST_CHECK_MS 500

/* Nothing is slept longer, so that no wrong reckoning is for ever. */
#define SLEEP_MS_MAX 60000

/* A number below limit; 0 when there is no chance to be had. */
static uint32_t chance(uint32_t limit)
{
    uint32_t number = 0;
    return limit == 0 || !result_is_ok(random_fill(&number, sizeof(number))) ? 0 : number % limit;
}

/* A tenth more or less, so that servers and gateways do not fall into step. */
static uint64_t next_check_ms(const struct health_server *server, uint64_t now_ms)
{
    uint32_t interval_ms = server->backend->config->health_check.interval_ms;
    return now_ms + interval_ms - interval_ms / 10 + chance(interval_ms / 5 + 1);
}

static bool is_checked(const struct health_server *server)
{
    return server->address != NULL &&
           server->backend->config->health_check.kind != CONFIG_CHECK_OFF;
}

/* Ending checks. */

static void take_outcome(struct backend_health *health, struct health_probe *probe, uint64_t now_ms)
{
    struct health_server *server = probe->server;
    const struct health_outcome outcome = {probe->is_good, probe->reason};
    if (server != NULL) {
        server->probe = NULL;
    }
    if (server != NULL && is_checked(server)) {
        health_judge_take_check(server, &outcome, &health->log);
        server->next_check_ms = next_check_ms(server, now_ms);
    }
    health_probe_close(probe);
}

static void look_at_probes(struct backend_health *health, const struct pollfd *polls,
                           uint64_t now_ms)
{
    for (uint32_t i = 0; i < health->settings.probe_count_max; i++) {
        struct health_probe *probe = &health->probes[i];
        if (probe->state == HEALTH_PROBE_FREE) {
            continue;
        }
        health_probe_look(probe, polls[probe->poll_index].revents, now_ms);
        if (probe->server == NULL || probe->state == HEALTH_PROBE_OVER) {
            take_outcome(health, probe, now_ms);
        }
    }
}

/* Starting checks. */

/* When its next check is due; UINT64_MAX: not before something else has happened. */
static uint64_t due_ms(struct health_server *server, uint64_t now_ms)
{
    if (!is_checked(server) || server->probe != NULL) {
        return UINT64_MAX;
    }
    if (server->next_check_ms == 0) {
        uint32_t interval_ms = server->backend->config->health_check.interval_ms;
        server->next_check_ms =
            now_ms + chance(interval_ms < FIRST_CHECK_MS ? interval_ms : FIRST_CHECK_MS);
    }
    return server->next_check_ms;
}

static struct health_server *find_due(struct backend_health *health, uint64_t now_ms,
                                      uint64_t *ret_due_ms)
{
    struct health_server *first = NULL;
    *ret_due_ms = UINT64_MAX;
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        struct health_backend *backend = health_backend_of(at);
        for (struct list *node = backend->servers.next; node != &backend->servers;
             node = node->next) {
            uint64_t server_due_ms = due_ms(health_server_of(node), now_ms);
            if (server_due_ms < *ret_due_ms) {
                first = health_server_of(node);
                *ret_due_ms = server_due_ms;
            }
        }
    }
    return first;
}

static struct health_probe *find_free_probe(const struct backend_health *health)
{
    for (uint32_t i = 0; i < health->settings.probe_count_max; i++) {
        if (health->probes[i].state == HEALTH_PROBE_FREE) {
            return &health->probes[i];
        }
    }
    return NULL;
}

/* Returns when the next check is due for which there is a probe. */
static uint64_t start_checks(struct backend_health *health, uint64_t now_ms)
{
    uint64_t next_due_ms = UINT64_MAX;
    struct health_probe *probe;
    while ((probe = find_free_probe(health)) != NULL) {
        struct health_server *server = find_due(health, now_ms, &next_due_ms);
        if (server == NULL || next_due_ms > now_ms) {
            return next_due_ms;
        }
        if (!result_is_ok(health_probe_start(probe, server, now_ms))) {
            server->next_check_ms = now_ms + START_PAUSE_MS;
            continue;
        }
        server->probe = probe;
        if (probe->state == HEALTH_PROBE_OVER) {
            take_outcome(health, probe, now_ms);
        }
    }
    return UINT64_MAX;
}

/* The turn. */

static uint64_t judge_all(struct backend_health *health, uint64_t now_ms)
{
    uint64_t next_ms = UINT64_MAX;
    for (struct list *at = health->backends.next; at != &health->backends; at = at->next) {
        struct health_backend *backend = health_backend_of(at);
        if (backend->config != NULL) {
            uint64_t backend_ms = health_judge_look(backend, now_ms, &health->log);
            next_ms = backend_ms < next_ms ? backend_ms : next_ms;
        }
    }
    return next_ms;
}

static uint64_t earlier(uint64_t one_ms, uint64_t other_ms)
{
    return one_ms < other_ms ? one_ms : other_ms;
}

/* Only what is in use: poll() refuses more than there may be descriptors. Returns how many. */
static nfds_t fill_polls(const struct backend_health *health, struct pollfd *polls,
                         uint64_t *next_ms)
{
    nfds_t count = 0;
    polls[count++] = (struct pollfd){health->bell, POLLIN, 0};
    for (uint32_t i = 0; i < health->settings.probe_count_max; i++) {
        struct health_probe *probe = &health->probes[i];
        if (probe->state == HEALTH_PROBE_FREE) {
            continue;
        }
        probe->poll_index = (uint32_t)count;
        polls[count++] = (struct pollfd){probe->descriptor, health_probe_events(probe), 0};
        *next_ms = earlier(*next_ms, probe->deadline_ms);
    }
    return count;
}

/* The line ends are the records' of log. */
static void speak(const struct backend_health *health, char *lines)
{
    char *rest = lines;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (*line != '\0') {
            health->settings.say(line);
        }
    }
}

static void take_log(struct backend_health *health, char lines[HEALTH_LOG_BYTES_MAX + 1])
{
    memcpy(lines, health->log.at, health->log.length);
    lines[health->log.length] = '\0';
    health->log = text_over(health->log_memory, sizeof(health->log_memory));
}

static void turn(struct backend_health *health, struct pollfd *polls)
{
    char lines[HEALTH_LOG_BYTES_MAX + 1];
    eventfd_t value;
    uint64_t now_ms = clock_monotonic_ms();
    (void)pthread_mutex_lock(&health->lock);
    look_at_probes(health, polls, now_ms);
    uint64_t next_ms = judge_all(health, now_ms);
    next_ms = earlier(next_ms, start_checks(health, now_ms));
    nfds_t poll_count = fill_polls(health, polls, &next_ms);
    take_log(health, lines);
    (void)pthread_mutex_unlock(&health->lock);
    speak(health, lines);
    uint64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : 0;
    (void)poll(polls, poll_count, wait_ms < SLEEP_MS_MAX ? (int)wait_ms : SLEEP_MS_MAX);
    (void)eventfd_read(health->bell, &value); /* never blocks */
}

void *health_thread_run(void *argument)
{
    struct backend_health *health = argument;
    struct pollfd polls[HEALTH_PROBE_COUNT_MAX + 1] = {0};
    while (!atomic_load(&health->must_stop)) {
        turn(health, polls);
    }
    return NULL;
}
