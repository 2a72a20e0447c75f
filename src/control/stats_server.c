/*
 * The loop of the stats thread: poll, accept, let each client go on, answer those that have asked.
 * The lock guards what the control thread publishes; a report is made under it, in some hundred
 * microseconds.
 */
#include "control/stats_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "stats_client.h"
#include "stats_job.h"

/* A moment for the last answers: that of the request to stop is among them. */
#define STOP_LIMIT_MS 500
/* How long nobody is accepted after descriptors or memory ran out. */
#define ACCEPT_PAUSE_MS 100
/* Deadlines are looked at as often at least. */
#define LOOK_MS 250

enum { POLL_EVENT, POLL_SOCKET, POLL_ADDRESS, POLL_CLIENTS };

struct stats_server {
    struct stats_server_settings settings;
    struct stats_socket socket;
    int address_socket; /* -1: none */
    int event;          /* rung when there is something to do besides clients */
    pthread_t thread;
    _Atomic bool must_stop;
    _Atomic int phase; /* enum stats_phase */
    /* Under the lock. */
    pthread_mutex_t lock;
    struct stats_sources sources;
    struct stats_catalogue *catalogue;
    struct stats_reloads reloads;
    /* The stats thread's. */
    struct stats_job job;
    struct stats_figures figures;
    uint64_t client_number;
    uint64_t request_count;
    uint64_t dropped_count;
    uint64_t accept_again_ms;
    struct stats_client clients[STATS_CLIENT_COUNT_MAX];
};

/* Answering. */

static void send_reply(struct stats_client *client, const struct stats_reply *reply,
                       struct bytes body)
{
    char *answer = NULL;
    size_t length = 0;
    if (!result_is_ok(stats_paths_assemble(reply, body, &answer, &length))) {
        free(answer);
        stats_client_close(client);
        return;
    }
    stats_client_answer(client, answer, length, clock_monotonic_ms());
}

static void refuse(struct stats_client *client, uint16_t status, const char *text)
{
    struct stats_reply reply = {.status = status, .content_type = "text/plain; charset=utf-8"};
    send_reply(client, &reply, bytes_from_string(text));
}

static void gather(struct stats_server *server)
{
    stats_figures_gather(&server->sources, &server->figures);
    server->figures.catalogue = server->catalogue;
    server->figures.reloads = server->reloads;
    server->figures.phase = (enum stats_phase)atomic_load(&server->phase);
    server->figures.stats_request_count = server->request_count;
    server->figures.stats_dropped_count = server->dropped_count;
}

/* False when there is no memory. */
static bool print_reply(struct stats_server *server, const struct stats_client *client,
                        struct stats_reply *ret_reply, char **ret_body, size_t *ret_length)
{
    struct stats_question question = stats_client_question(client);
    FILE *output = open_memstream(ret_body, ret_length);
    if (output == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(&server->lock);
    gather(server);
    stats_paths_reply(&question, &server->figures, output, ret_reply);
    (void)pthread_mutex_unlock(&server->lock);
    return fclose(output) == 0;
}

static void answer(struct stats_server *server, struct stats_client *client)
{
    struct stats_reply reply;
    char *body = NULL;
    size_t length = 0;
    server->request_count++;
    if (client->fault_status != 0) {
        refuse(client, client->fault_status, "the request cannot be taken\n");
        return;
    }
    bool is_printed = print_reply(server, client, &reply, &body, &length);
    if (!is_printed) {
        refuse(client, 503, "no memory\n");
    } else if (reply.action == STATS_NO_ACTION) {
        send_reply(client, &reply, bytes_from(body, length));
    } else if (!stats_job_is_possible(&server->settings.actions, reply.action)) {
        refuse(client, 501, "this version cannot do that while it runs; restart it\n");
    } else {
        client->action = reply.action;
        client->state = STATS_CLIENT_WAITING;
    }
    free(body);
}

/* Actions: one at a time, in the order of asking. */

static struct stats_client *find_by_number(struct stats_server *server, uint64_t number)
{
    for (size_t i = 0; i < STATS_CLIENT_COUNT_MAX; i++) {
        if (server->clients[i].state == STATS_CLIENT_ACTING &&
            server->clients[i].number == number) {
            return &server->clients[i];
        }
    }
    return NULL;
}

static void finish_job(struct stats_server *server)
{
    struct stats_job *job = &server->job;
    stats_job_end(job);
    struct stats_client *client = find_by_number(server, job->number);
    if (client == NULL) {
        return; /* it did not wait for the end */
    }
    struct stats_reply reply = {.status = stats_job_status(job),
                                .content_type = "text/plain; charset=utf-8"};
    send_reply(client, &reply, text_bytes(&job->report));
}

static void begin_next_job(struct stats_server *server)
{
    struct stats_client *next = NULL;
    for (size_t i = 0; i < STATS_CLIENT_COUNT_MAX; i++) {
        struct stats_client *client = &server->clients[i];
        if (client->state == STATS_CLIENT_WAITING &&
            (next == NULL || client->number < next->number)) {
            next = client;
        }
    }
    if (next == NULL) {
        return;
    }
    next->state = STATS_CLIENT_ACTING;
    struct bytes query = stats_client_question(next).query;
    if (!result_is_ok(stats_job_start(&server->job, next->action, next->number, query))) {
        refuse(next, 503, "no thread can be started\n");
    }
}

static void turn_jobs(struct stats_server *server)
{
    if (stats_job_is_done(&server->job)) {
        finish_job(server);
    }
    if (!server->job.is_running && !atomic_load(&server->must_stop)) {
        begin_next_job(server);
    }
}

/* Clients. */

static bool may_be_dropped(const struct stats_client *client)
{
    return client->state == STATS_CLIENT_READING || client->state == STATS_CLIENT_WRITING ||
           client->state == STATS_CLIENT_LINGERING;
}

/* A free place, if need be that of the oldest: an honest client is served in milliseconds, so the
 * oldest is a stuck one. NULL when all wait for actions. */
static struct stats_client *find_place(struct stats_server *server)
{
    struct stats_client *oldest = NULL;
    for (size_t i = 0; i < server->settings.client_count_max; i++) {
        struct stats_client *client = &server->clients[i];
        if (client->state == STATS_CLIENT_FREE) {
            return client;
        }
        if (may_be_dropped(client) && (oldest == NULL || client->number < oldest->number)) {
            oldest = client;
        }
    }
    if (oldest != NULL) {
        server->dropped_count += oldest->state != STATS_CLIENT_LINGERING;
        stats_client_close(oldest);
    }
    return oldest;
}

static void accept_client(struct stats_server *server, int listening, bool is_over_network)
{
    struct stats_client *client = NULL;
    int descriptor = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) {
        bool is_harmless = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
        if (!is_harmless) {
            (void)find_place(server); /* descriptors ran out: the oldest makes room */
            server->accept_again_ms = clock_monotonic_ms() + ACCEPT_PAUSE_MS;
        }
        return;
    }
    client = find_place(server);
    if (client == NULL) {
        (void)close(descriptor);
        server->dropped_count++;
        return;
    }
    stats_client_open(client, descriptor, server->client_number++, clock_monotonic_ms());
    client->is_over_network = is_over_network;
    client->rights =
        is_over_network ? STATS_MAY_READ : stats_socket_rights(&server->socket, descriptor);
}

static void turn_client(struct stats_server *server, struct stats_client *client, short events)
{
    uint64_t now_ms = clock_monotonic_ms();
    if (events != 0) {
        stats_client_look(client, events, now_ms);
    }
    if (client->state == STATS_CLIENT_ASKED) {
        answer(server, client);
    }
    if (stats_client_is_late(client, now_ms)) {
        server->dropped_count += client->state != STATS_CLIENT_LINGERING;
        stats_client_close(client);
    }
}

/* The loop. */

/* poll() leaves out what is negative, and refuses more than there may be descriptors. Returns how
 * many. */
static nfds_t fill_polls(const struct stats_server *server, bool accepts,
                         struct pollfd polls[POLL_CLIENTS + STATS_CLIENT_COUNT_MAX])
{
    polls[POLL_EVENT] = (struct pollfd){server->event, POLLIN, 0};
    polls[POLL_SOCKET] = (struct pollfd){accepts ? server->socket.descriptor : -1, POLLIN, 0};
    polls[POLL_ADDRESS] = (struct pollfd){accepts ? server->address_socket : -1, POLLIN, 0};
    for (size_t i = 0; i < server->settings.client_count_max; i++) {
        const struct stats_client *client = &server->clients[i];
        int descriptor = client->state == STATS_CLIENT_FREE ? -1 : client->descriptor;
        polls[POLL_CLIENTS + i] = (struct pollfd){descriptor, stats_client_events(client), 0};
    }
    return POLL_CLIENTS + server->settings.client_count_max;
}

static bool has_answers_under_way(const struct stats_server *server)
{
    for (size_t i = 0; i < STATS_CLIENT_COUNT_MAX; i++) {
        enum stats_client_state state = server->clients[i].state;
        if (state == STATS_CLIENT_ACTING || state == STATS_CLIENT_WRITING ||
            state == STATS_CLIENT_LINGERING) {
            return true;
        }
    }
    return false;
}

static bool has_clients(const struct stats_server *server)
{
    for (size_t i = 0; i < STATS_CLIENT_COUNT_MAX; i++) {
        if (server->clients[i].state != STATS_CLIENT_FREE) {
            return true;
        }
    }
    return false;
}

static void turn(struct stats_server *server, bool accepts)
{
    struct pollfd polls[POLL_CLIENTS + STATS_CLIENT_COUNT_MAX];
    eventfd_t value;
    bool is_pausing = clock_monotonic_ms() < server->accept_again_ms;
    bool is_busy = is_pausing || has_clients(server);
    nfds_t poll_count = fill_polls(server, accepts && !is_pausing, polls);
    int limit_ms = is_pausing ? ACCEPT_PAUSE_MS : LOOK_MS;
    if (poll(polls, poll_count, is_busy || !accepts ? limit_ms : -1) < 0) {
        return; /* EINTR, or no memory for a moment */
    }
    if (polls[POLL_EVENT].revents != 0) {
        (void)eventfd_read(server->event, &value);
    }
    for (size_t i = 0; i < server->settings.client_count_max; i++) {
        turn_client(server, &server->clients[i], polls[POLL_CLIENTS + i].revents);
    }
    if (polls[POLL_SOCKET].revents != 0) {
        accept_client(server, server->socket.descriptor, false);
    }
    if (polls[POLL_ADDRESS].revents != 0) {
        accept_client(server, server->address_socket, true);
    }
    turn_jobs(server);
}

static void *run(void *argument)
{
    struct stats_server *server = argument;
    while (!atomic_load(&server->must_stop)) {
        turn(server, true);
    }
    uint64_t end_ms = clock_monotonic_ms() + STOP_LIMIT_MS;
    while (has_answers_under_way(server) && clock_monotonic_ms() < end_ms) {
        turn(server, false);
    }
    stats_job_end(&server->job);
    for (size_t i = 0; i < STATS_CLIENT_COUNT_MAX; i++) {
        stats_client_close(&server->clients[i]);
    }
    return NULL;
}

/* On the control thread. */

static void destroy(struct stats_server *server)
{
    stats_socket_close(&server->socket);
    if (server->address_socket >= 0) {
        (void)close(server->address_socket);
    }
    if (server->event >= 0) {
        (void)close(server->event);
    }
    (void)pthread_mutex_destroy(&server->lock);
    stats_catalogue_destroy(server->catalogue);
    free(server);
}

static struct result open_sockets(struct stats_server *server, struct text *reason)
{
    const struct stats_server_settings *settings = &server->settings;
    if (settings->socket_path != NULL) {
        text_append_format(reason, "stats_socket = %s: ", settings->socket_path);
        TRY(stats_socket_open(settings->socket_path, reason, &server->socket));
    }
    if (settings->address != NULL) {
        reason->length = 0;
        text_append_format(reason, "stats_address = %s: ", settings->address->source.text);
        TRY(stats_socket_open_address(settings->address, reason, &server->address_socket));
    }
    reason->length = 0;
    server->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return server->event < 0 ? result_failure(ERROR_LIMIT_REACHED) : RESULT_OK;
}

static struct result start(struct stats_server *server, struct text *reason)
{
    TRY(open_sockets(server, reason));
    server->catalogue = server->settings.catalogue; /* before anybody can ask */
    server->job.done_event = server->event;
    server->job.actions = server->settings.actions;
    if (pthread_create(&server->thread, NULL, run, server) != 0) {
        server->catalogue = NULL;
        return result_failure(ERROR_THREAD);
    }
    (void)pthread_setname_np(server->thread, "stats"); /* only what top shows */
    return RESULT_OK;
}

struct result stats_server_start(const struct stats_server_settings *settings, struct text *reason,
                                 struct stats_server **ret_server)
{
    CHECK(settings->client_count_max > 0 && settings->client_count_max <= STATS_CLIENT_COUNT_MAX);
    struct stats_server *server = aligned_alloc(_Alignof(struct stats_server), sizeof(*server));
    if (server == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    memset(server, 0, sizeof(*server));
    server->settings = *settings;
    server->sources = settings->sources;
    server->socket.descriptor = -1;
    server->address_socket = -1;
    server->event = -1;
    server->reloads.was_latest_good = true;
    server->reloads.latest_seconds = clock_wall_seconds();
    server->reloads.latest_good_seconds = server->reloads.latest_seconds;
    (void)pthread_mutex_init(&server->lock, NULL); /* cannot fail without attributes */
    struct result result = start(server, reason);
    if (!result_is_ok(result)) {
        if (reason->length == 0) {
            text_append_string(reason, result_text(result));
        }
        destroy(server);
        return result;
    }
    *ret_server = server;
    return RESULT_OK;
}

void stats_server_watch(struct stats_server *server, const struct stats_sources *sources)
{
    (void)pthread_mutex_lock(&server->lock);
    server->sources = *sources;
    (void)pthread_mutex_unlock(&server->lock);
}

void stats_server_enter(struct stats_server *server, enum stats_phase phase)
{
    atomic_store(&server->phase, (int)phase);
}

void stats_server_publish(struct stats_server *server, struct stats_catalogue *catalogue)
{
    (void)pthread_mutex_lock(&server->lock);
    struct stats_catalogue *former = server->catalogue;
    server->catalogue = catalogue;
    (void)pthread_mutex_unlock(&server->lock);
    stats_catalogue_destroy(former);
}

void stats_server_note_reload(struct stats_server *server, const struct reload_failure *failure)
{
    (void)pthread_mutex_lock(&server->lock);
    struct stats_reloads *reloads = &server->reloads;
    reloads->was_latest_good = failure == NULL;
    reloads->latest_seconds = clock_wall_seconds();
    reloads->latest_failure = failure == NULL ? (struct reload_failure){0} : *failure;
    if (failure == NULL) {
        reloads->latest_good_seconds = reloads->latest_seconds;
        reloads->good_count++;
    } else {
        reloads->bad_count++;
    }
    (void)pthread_mutex_unlock(&server->lock);
}

void stats_server_stop(struct stats_server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store(&server->must_stop, true);
    (void)eventfd_write(server->event, 1);
    (void)pthread_join(server->thread, NULL);
    destroy(server);
}
