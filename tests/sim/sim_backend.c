/* A scripted server: one request at a time, its answer in pieces, then what the script says about
 * the connection. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "sim_answer.h"
#include "sim_backend.h"
#include "sim_message.h"

#define READ_BYTES_MAX 8192

struct backend {
    struct list place; /* in world->backends */
    struct fake_socket *socket;
    struct sim_message message;
    struct sim_request *request; /* its head has come; NULL between requests */
    struct sim_answer answer;
    uint64_t wake_ms;
    bool is_answering;
    bool is_tunnel;
    bool is_done; /* wants to hear and say nothing more */
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

static void check_head(struct sim_world *world, const struct sim_request *request,
                       const struct sim_message *message)
{
    if (request->must_not_pass) {
        sim_fail(world, "request %u reached a backend and must not", request->id);
    }
    if (request->heads_seen > (request->is_safe_method ? 2 : 1)) {
        sim_fail(world, "request %u (%s) was sent %u times", request->id, request->method,
                 request->heads_seen);
    }
    if (strncmp(message->head, request->method, strlen(request->method)) != 0) {
        sim_fail(world, "request %u changed its method: %.20s", request->id, message->head);
    }
    if (sim_message_head_contains(message, "evil-spoof")) {
        sim_fail(world, "request %u brought a forged identity to a backend", request->id);
    }
    if (!sim_message_head_contains(message, "X-Forwarded-For: ")) {
        sim_fail(world, "request %u does not say for whom", request->id);
    }
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
    if (sim_message_head_contains(&backend->message, "xpect: 100-continue")) {
        fake_net_far_write(backend->socket, BYTES_OF("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (sim_answer_is_early(backend->request->behaviour)) {
        begin_answer(world, backend);
    }
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
            sim_fail(world, "a backend got bytes behind request %u that is not answered",
                     backend->request->id);
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
    size_t capacity = dice_between(&world->dice, 1, READ_BYTES_MAX);
    size_t length = fake_net_far_read(backend->socket, memory, capacity);
    if (length > 0 && !backend->is_done) {
        take(world, backend, bytes_from(memory, length));
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
    switch (afterwards) {
    case SIM_THEN_GO_ON:
        /* A request that was answered before it was read is not followed by another. */
        backend->is_done = backend->message.state != SIM_MESSAGE_COMPLETE;
        break;
    case SIM_THEN_FINISH:
        backend->is_done = true;
        finish(backend);
        break;
    case SIM_THEN_RESET:
        backend->is_done = true;
        fake_net_far_reset(backend->socket);
        break;
    case SIM_THEN_WAIT:
    default:
        backend->is_done = true;
    }
    backend->is_answering = false;
    backend->request = NULL;
    sim_message_deinit(&backend->message);
    sim_message_init(&backend->message, true, false);
    sim_answer_deinit(&backend->answer);
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
