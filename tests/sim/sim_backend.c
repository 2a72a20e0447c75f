/* A scripted server: one request at a time, its answer in pieces, then what the script says about
 * the connection. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "sim_answer.h"
#include "sim_backend.h"
#include "sim_message.h"

#define READ_BYTES_MAX      8192
#define SLOW_READ_BYTES_MAX 2000
#define SLOW_PAUSE_MS_MAX   20
/* One whose answer promised another, and one that had been sent already. */
#define LATE_HEADS_MAX 2

struct backend {
    struct list place; /* in world->backends */
    struct fake_socket *socket;
    struct sim_message message;
    struct sim_request *request; /* its head has come; NULL between requests */
    struct sim_answer answer;
    uint64_t wake_ms;
    bool is_answering;
    bool has_answered; /* before the request was whole, or for the last time */
    bool is_tunnel;
    bool is_last; /* no other request may follow the one that was answered */
    bool is_done; /* says nothing more, whatever it hears */
    bool is_finished;
};

static struct backend *owner_of(struct list *node)
{
    return LIST_OWNER(node, struct backend, place);
}

void sim_backend_start(struct sim_world *world, struct fake_socket *socket)
{
    struct backend *backend = calloc(1, sizeof(*backend));
    CHECK(backend != NULL);
    backend->socket = socket;
    sim_message_init(&backend->message, true, false);
    list_add_last(&world->backends, &backend->place);
}

static void end(struct backend *backend)
{
    list_remove(&backend->place);
    fake_net_far_close(backend->socket);
    sim_message_deinit(&backend->message);
    sim_answer_deinit(&backend->answer);
    free(backend);
}

static void finish(struct backend *backend)
{
    if (!backend->is_finished) {
        backend->is_finished = true;
        fake_net_far_finish(backend->socket);
    }
}

/* Reading. */

/* Who the client is: never what it says of itself, never what belongs to another. */
static void check_identity(struct sim_world *world, const struct sim_request *request,
                           struct sim_message *message)
{
    char address[64];
    const char *identity = sim_message_field(message, "X-ARR-ClientCert");
    if (sim_message_head_contains(message, "evil-spoof")) {
        sim_fail(world, "request %u brought a forged identity to a backend", request->id);
    }
    bool is_right = request->identity == NULL ? identity == NULL
                                              : sim_message_value_is(identity, request->identity);
    if (!is_right) {
        sim_fail(world, "request %u came with another identity: %.100s", request->id,
                 identity == NULL ? "none" : identity);
    }
    (void)snprintf(address, sizeof(address), "10.0.0.1:%u", request->client_port);
    if (request->client_port != 0 &&
        !sim_message_value_is(sim_message_field(message, "X-Forwarded-For"), address)) {
        sim_fail(world, "request %u does not say for whom: %s", request->id, message->head);
    }
}

/* Who is served when the gateway drains is asked to leave with the next answer. */
static void check_drain(struct sim_world *world, const struct sim_request *request)
{
    uint8_t *late_heads = &world->late_heads[request->client_number];
    if (!world->is_draining || request->heads_seen > 1) {
        return;
    }
    if (++*late_heads > LATE_HEADS_MAX) {
        sim_fail(world, "client %u goes on although the gateway drains", request->client_number);
    }
}

static void check_head(struct sim_world *world, const struct sim_request *request,
                       struct sim_message *message)
{
    if (request->must_not_pass) {
        sim_fail(world, "request %u reached a backend and must not", request->id);
    }
    if (request->heads_seen > (request->may_be_sent_twice ? 2 : 1)) {
        sim_fail(world, "request %u (%s) was sent %u times", request->id, request->method,
                 request->heads_seen);
    }
    if (strncmp(message->head, request->method, strlen(request->method)) != 0) {
        sim_fail(world, "request %u changed its method: %.20s", request->id, message->head);
    }
    check_identity(world, request, message);
    check_drain(world, request);
}

static void begin_answer(struct sim_world *world, struct backend *backend)
{
    backend->is_answering = true;
    sim_answer_compose(&backend->answer, backend->request, &world->dice);
    sim_tell(world, "backend %d answers %u in way %d", backend->socket->descriptor,
             backend->request->id, (int)backend->request->behaviour);
}

static void on_head(struct sim_world *world, struct backend *backend)
{
    uint32_t id = backend->message.id;
    if (id == 0 || id >= world->request_count) {
        sim_fail(world, "a backend got a request that nobody made: %.60s", backend->message.head);
    }
    backend->request = &world->requests[id];
    backend->request->heads_seen++;
    check_head(world, backend->request, &backend->message);
    if (backend->request->answer_bytes >= SIM_LARGE_BODY_BYTES) {
        backend->socket->piece_limit = SIM_LARGE_PIECE_BYTES;
    }
    if (sim_message_head_contains(&backend->message, "xpect: 100-continue")) {
        fake_net_far_write(backend->socket, BYTES_OF("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (sim_answer_is_early(backend->request->behaviour)) {
        begin_answer(world, backend);
    }
}

static void await_next_request(struct backend *backend)
{
    backend->has_answered = false;
    backend->request = NULL;
    sim_message_deinit(&backend->message);
    sim_message_init(&backend->message, true, false);
}

static void on_whole(struct sim_world *world, struct backend *backend)
{
    const struct sim_message *message = &backend->message;
    struct sim_request *request = backend->request;
    uint32_t expected_bytes = request->is_tunnel ? 0 : request->body_bytes;
    if (message->body_bytes != expected_bytes || message->is_body_wrong) {
        sim_fail(world, "request %u came with another body: %llu of %u bytes", request->id,
                 (unsigned long long)message->body_bytes, expected_bytes);
    }
    request->wholes_seen++;
    if (backend->has_answered) {
        if (!backend->is_last) {
            await_next_request(backend);
        }
        return;
    }
    if (!backend->is_answering) {
        begin_answer(world, backend);
    }
    backend->is_tunnel = request->is_tunnel && backend->answer.is_upgrade;
}

static void take_tunnel_bytes(struct sim_world *world, struct backend *backend, struct bytes bytes)
{
    struct sim_request *request = backend->request;
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.at[i] != sim_request_byte(request->id, request->tunnel_bytes_seen++)) {
            sim_fail(world, "tunnel %u changed a byte towards the backend", request->id);
        }
    }
}

static void take(struct sim_world *world, struct backend *backend, struct bytes bytes)
{
    struct sim_message *message = &backend->message;
    while (bytes.length > 0) {
        if (backend->is_tunnel) {
            take_tunnel_bytes(world, backend, bytes);
            return;
        }
        if (message->state == SIM_MESSAGE_COMPLETE) {
            sim_fail(world, "a backend got bytes behind request %u that %s", backend->request->id,
                     backend->has_answered ? "was its last" : "is not answered");
        }
        size_t used = sim_message_feed(message, bytes);
        bytes = bytes_slice(bytes, used, bytes.length);
        if (message->state == SIM_MESSAGE_BAD) {
            sim_fail(world, "a backend got a malformed request: %.200s", message->head);
        }
        if (message->state != SIM_MESSAGE_IN_HEAD && backend->request == NULL) {
            on_head(world, backend);
        }
        if (message->state == SIM_MESSAGE_COMPLETE) {
            on_whole(world, backend);
        }
    }
}

static bool read_some(struct sim_world *world, struct backend *backend)
{
    uint8_t memory[READ_BYTES_MAX];
    bool is_slow = backend->request != NULL && backend->request->is_read_slowly;
    size_t capacity = dice_between(&world->dice, 1, is_slow ? SLOW_READ_BYTES_MAX : READ_BYTES_MAX);
    size_t length = fake_net_far_read(backend->socket, memory, capacity);
    if (length > 0 && backend->request == NULL && backend->socket->is_sent_after_end) {
        sim_fail(world, "a request was sent over connection %d, which was known to have ended",
                 backend->socket->descriptor);
    }
    if (length > 0 && !backend->is_done) {
        take(world, backend, bytes_from(memory, length));
    }
    if (is_slow && backend->message.state == SIM_MESSAGE_IN_BODY && length > 0) {
        backend->wake_ms = clock_monotonic_ms() + dice_between(&world->dice, 1, SLOW_PAUSE_MS_MAX);
    }
    return length > 0;
}

/* Writing. */

static void end_answer(struct sim_world *world, struct backend *backend)
{
    enum sim_afterwards afterwards = backend->answer.afterwards;
    sim_tell(world, "backend %d has answered %u, then %d", backend->socket->descriptor,
             backend->request->id, (int)afterwards);
    if (backend->is_tunnel) {
        if (afterwards == SIM_THEN_FINISH) {
            finish(backend);
        }
        backend->is_answering = false;
        return;
    }
    if (afterwards == SIM_THEN_FINISH) {
        finish(backend);
    } else if (afterwards == SIM_THEN_RESET) {
        fake_net_far_reset(backend->socket);
    }
    backend->is_last = backend->answer.is_final;
    backend->is_done = afterwards != SIM_THEN_GO_ON && !backend->is_last;
    backend->is_answering = false;
    backend->has_answered = true;
    sim_answer_deinit(&backend->answer);
    if (backend->message.state == SIM_MESSAGE_COMPLETE && !backend->is_last) {
        await_next_request(backend);
    }
}

static bool write_some(struct sim_world *world, struct backend *backend)
{
    if (!backend->is_answering) {
        return false;
    }
    struct bytes piece = sim_answer_next(&backend->answer, &world->dice);
    if (backend->answer.delay_ms > 0) {
        backend->wake_ms = clock_monotonic_ms() + backend->answer.delay_ms;
        backend->answer.delay_ms = 0;
        return true;
    }
    if (piece.length > 0) {
        backend->socket->arrives_whole = backend->answer.is_in_one_piece;
        fake_net_far_write(backend->socket, piece);
        return true;
    }
    end_answer(world, backend);
    return true;
}

/* The gateway has ended the connection. */
static bool notice_end(struct sim_world *world, struct backend *backend)
{
    struct fake_socket *socket = backend->socket;
    bool is_reset = fake_net_far_is_reset(socket) || socket->is_reset_by_far;
    if (is_reset || socket->is_near_closed ||
        (fake_net_far_is_at_end(socket) && !backend->is_tunnel)) {
        bool is_drained = fake_pipe_bytes(&socket->outbound).length == 0;
        if (is_drained || is_reset) {
            sim_tell(world, "backend %d ends", socket->descriptor);
            end(backend);
            return true;
        }
    }
    if (backend->is_tunnel && fake_net_far_is_at_end(socket) && !backend->is_answering &&
        !backend->is_finished) {
        finish(backend);
        return true;
    }
    return false;
}

static bool step(struct sim_world *world, struct backend *backend)
{
    if (notice_end(world, backend)) {
        return true;
    }
    if (backend->wake_ms > clock_monotonic_ms()) {
        return false;
    }
    bool has_read = read_some(world, backend);
    return write_some(world, backend) || has_read;
}

bool sim_backend_step_all(struct sim_world *world)
{
    bool has_moved = false;
    for (struct list *node = world->backends.next, *next = node->next; node != &world->backends;
         node = next, next = node->next) {
        has_moved |= step(world, owner_of(node));
    }
    return has_moved;
}

uint64_t sim_backend_next_wake_ms(const struct sim_world *world)
{
    uint64_t wake_ms = UINT64_MAX;
    for (struct list *node = world->backends.next; node != &world->backends; node = node->next) {
        uint64_t own_ms = owner_of(node)->wake_ms;
        wake_ms = own_ms > clock_monotonic_ms() && own_ms < wake_ms ? own_ms : wake_ms;
    }
    return wake_ms;
}
