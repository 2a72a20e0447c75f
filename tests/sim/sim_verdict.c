/* What a client was told against what it should have been told. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sim_client_parts.h"

/* Nothing that the client does excuses the gateway. */
static bool is_harmless(const struct sim_world *world, const struct sim_client *client)
{
    return world->settings.is_fair && !client->has_aborted;
}

/* Answers. */

static void judge_own_answer(struct sim_world *world, const struct sim_planned *planned,
                             const struct sim_message *message)
{
    const struct sim_request *request = planned->request;
    bool may_fail = !world->settings.is_fair || world->settings.connects_fail;
    bool is_backend_fault =
        message->status == 502 || message->status == 503 || message->status == 504 ||
        ((message->status == 500 || message->status == 400) && world->settings.memory_fails);
    bool is_timeout = message->status == 408 && planned->stop_at != SIZE_MAX;
    /* Without memory a good certificate cannot be told from a bad one. */
    bool is_expected =
        message->status == planned->own_status ||
        (world->settings.memory_fails && (message->status == 400 || message->status == 500));
    world->own_answer_count++;
    world->unreachable_count += message->status == 502 || message->status == 504;
    if (planned->own_status != 0 ? is_expected : may_fail && is_backend_fault) {
        return;
    }
    if (!is_timeout) {
        sim_fail(world, "request %u (%s, way %d) was answered %u by the gateway itself",
                 request->id, request->method, (int)request->behaviour, message->status);
    }
}

static uint16_t expected_status(const struct sim_request *request)
{
    if (request->is_tunnel) {
        return 101;
    }
    switch ((int)request->behaviour) {
    case SIM_ANSWER_NO_CONTENT:
        return 204;
    case SIM_ANSWER_NOT_MODIFIED:
        return 304;
    case SIM_ANSWER_EARLY:
    case SIM_ANSWER_EARLY_AND_STAYS:
        return 413;
    case SIM_ANSWER_ENDLESS_INTERIM:
    case SIM_ANSWER_HUGE_HEAD:
        return 0; /* must not be passed on */
    default:
        return 200;
    }
}

static void judge_backend_answer(struct sim_world *world, const struct sim_planned *planned,
                                 const struct sim_message *message)
{
    const struct sim_request *request = planned->request;
    bool has_body = !message->is_bodiless && message->status != 204 && message->status != 304 &&
                    message->status != 101;
    if (message->id != request->id) {
        sim_fail(world, "request %u got the answer of request %u", request->id, message->id);
    }
    if (planned->own_status != 0 || request->heads_seen == 0) {
        sim_fail(world, "request %u got an answer that no backend gave it", request->id);
    }
    if (message->status != expected_status(request)) {
        sim_fail(world, "request %u got status %u", request->id, message->status);
    }
    if (message->is_body_wrong || (has_body && message->body_bytes != request->answer_bytes)) {
        sim_fail(world, "request %u got %llu bytes for %u, %s", request->id,
                 (unsigned long long)message->body_bytes, request->answer_bytes,
                 message->is_body_wrong ? "and wrong ones" : "as if they were all");
    }
    if (request->is_old && message->framing == SIM_FRAMING_CHUNKED) {
        sim_fail(world, "request %u got chunks, which HTTP/1.0 does not know", request->id);
    }
    world->fair_answer_count++;
}

/* Nothing is awaited in vain: what the backend said at once came in time. */
static void judge_continue(struct sim_world *world, const struct sim_client *client,
                           const struct sim_request *request)
{
    bool has_waited = request->expects_continue && request->body_bytes > 0;
    if (has_waited && !client->has_continue && is_harmless(world, client)) {
        sim_fail(world, "request %u was not told to continue", request->id);
    }
}

static void judge_close(struct sim_world *world, struct sim_client *client,
                        const struct sim_planned *planned, const struct sim_message *message)
{
    const struct sim_request *request = planned->request;
    client->has_been_told_to_close |= message->says_close;
    bool is_asked_for = request->is_last || request->is_old || planned->own_status != 0;
    if (message->says_close && is_harmless(world, client) && !is_asked_for && !world->is_draining &&
        !world->settings.connects_fail) {
        sim_fail(world, "the answer to request %u closes a connection for no reason", request->id);
    }
}

static void begin_next_message(struct sim_client *client)
{
    const struct sim_planned *planned = &client->plan.requests[client->answered_count];
    /* The gateway knows the method when it has read the whole line. */
    bool is_head = client->answered_count < client->plan.request_count &&
                   strcmp(planned->request->method, "HEAD") == 0 &&
                   planned->stop_at > planned->line_length;
    sim_message_deinit(&client->message);
    sim_message_init(&client->message, false, is_head);
}

static void on_interim(struct sim_world *world, struct sim_client *client)
{
    const struct sim_planned *planned = &client->plan.requests[client->answered_count];
    const struct sim_message *message = &client->message;
    if (message->id != 0 ? message->id != planned->request->id : message->status != 100) {
        sim_fail(world, "request %u got an interim answer of request %u", planned->request->id,
                 message->id);
    }
    if (planned->request->is_old) {
        sim_fail(world, "request %u got an interim answer in HTTP/1.0", planned->request->id);
    }
    client->has_continue |= message->status == 100;
    if (message->status == 100 && client->sending_index == client->answered_count) {
        client->continue_until_ms = clock_monotonic_ms();
    }
    begin_next_message(client);
}

static void on_answer(struct sim_world *world, struct sim_client *client)
{
    struct sim_planned *planned = &client->plan.requests[client->answered_count];
    const struct sim_message *message = &client->message;
    sim_tell(world, "client %u: request %u is answered %u", client->number, planned->request->id,
             message->status);
    if (message->id == 0) {
        judge_own_answer(world, planned, message);
    } else {
        judge_backend_answer(world, planned, message);
        judge_continue(world, client, planned->request);
    }
    client->has_continue = false;
    judge_close(world, client, planned, message);
    client->is_tunnel = message->status == 101;
    client->answered_count++;
    client->think_until_ms = clock_monotonic_ms();
    if (client->plan.think_ms_max > 0) {
        client->think_until_ms += dice_below(&world->dice, client->plan.think_ms_max);
    }
    begin_next_message(client);
}

static void take_tunnel_bytes(struct sim_world *world, struct sim_client *client,
                              struct bytes bytes)
{
    const struct sim_request *request = client->plan.requests[client->answered_count - 1].request;
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.at[i] != sim_answer_byte(request->id, client->tunnel_read_bytes++)) {
            sim_fail(world, "tunnel %u changed a byte towards the client", request->id);
        }
    }
}

void sim_client_take(struct sim_world *world, struct sim_client *client, struct bytes bytes)
{
    while (bytes.length > 0) {
        if (client->is_tunnel) {
            take_tunnel_bytes(world, client, bytes);
            return;
        }
        if (client->answered_count == client->plan.request_count) {
            sim_fail(world, "client %u was told what it did not ask for: %.*s", client->number,
                     (int)bytes.length, (const char *)bytes.at);
        }
        if (client->message.state == SIM_MESSAGE_IN_HEAD && client->message.head_length == 0) {
            begin_next_message(client); /* the method is known now */
        }
        size_t used = sim_message_feed(&client->message, bytes);
        bytes = bytes_slice(bytes, used, bytes.length);
        if (client->message.state == SIM_MESSAGE_BAD) {
            sim_fail(world, "client %u was sent a malformed answer: %.300s", client->number,
                     client->message.head);
        }
        if (client->message.state == SIM_MESSAGE_COMPLETE) {
            bool is_interim = client->message.status < 200 && client->message.status != 101;
            (is_interim ? on_interim : on_answer)(world, client);
        }
    }
}

/* The end. */

static void judge_raw_end(struct sim_world *world, const struct sim_client *client)
{
    struct bytes told = bytes_from(client->raw, client->raw_length);
    if (client->plan.kind == SIM_CLIENT_PLAIN_HTTP && is_harmless(world, client) &&
        !bytes_equal(bytes_slice(told, 0, 12), BYTES_OF("HTTP/1.1 400"))) {
        sim_fail(world, "client %u spoke plain HTTP and was told %zu bytes", client->number,
                 client->raw_length);
    }
    if (client->plan.kind == SIM_CLIENT_SILENT || client->plan.kind == SIM_CLIENT_HALF_HELLO) {
        world->silent_client_count++;
    }
    /* Garbage may look like the beginning of a hello. */
    world->garbage_client_count += client->plan.kind == SIM_CLIENT_GARBAGE;
}

static void judge_tunnel_end(struct sim_world *world, const struct sim_client *client)
{
    struct sim_request *request = client->plan.requests[client->answered_count - 1].request;
    if (!is_harmless(world, client) || world->is_draining) {
        return;
    }
    if (client->tunnel_read_bytes != request->answer_bytes) {
        sim_fail(world, "tunnel %u lost bytes to its client: it got %u of %u", request->id,
                 client->tunnel_read_bytes, request->answer_bytes);
    }
    request->tunnel_bytes_due = client->tunnel_sent_bytes;
}

/* An answer that ends with the connection is whole when the connection ended with close_notify, and
 * only then. */
static void judge_last_message(struct sim_world *world, struct sim_client *client)
{
    const struct sim_message *message = &client->message;
    if (message->state == SIM_MESSAGE_IN_BODY && message->framing == SIM_FRAMING_UNTIL_END &&
        client->has_close_notify) {
        client->has_been_told_to_close = true;
        on_answer(world, client);
        return;
    }
    bool has_begun = message->state != SIM_MESSAGE_IN_HEAD || message->head_length > 0;
    if (has_begun && is_harmless(world, client)) {
        sim_fail(world, "the answer to request %u was cut",
                 client->plan.requests[client->answered_count].request->id);
    }
    if (has_begun && client->has_close_notify) {
        sim_fail(world, "a cut answer to request %u ended as if it were whole",
                 client->plan.requests[client->answered_count].request->id);
    }
}

static void judge_unanswered(struct sim_world *world, const struct sim_client *client)
{
    for (size_t i = client->answered_count; i < client->plan.request_count; i++) {
        const struct sim_request *request = client->plan.requests[i].request;
        bool may_be_missing =
            client->has_been_told_to_close || client->has_said_goodbye || world->is_draining;
        if (request->heads_seen > 0 || !may_be_missing) {
            sim_fail(world, "client %u: request %u was never answered (seen by backends: %u)",
                     client->number, request->id, request->heads_seen);
        }
    }
}

void sim_client_judge_end(struct sim_world *world, struct sim_client *client)
{
    sim_tell(world, "client %u was left: %s", client->number, sim_client_state_text(client));
    if (client->plan.kind != SIM_CLIENT_TLS) {
        judge_raw_end(world, client);
        return;
    }
    if (!client->is_established) {
        bool is_unknown = client->plan.listener == SIM_LISTENER_UNKNOWN;
        if (is_harmless(world, client) && !is_unknown) {
            sim_fail(world, "the handshake of client %u failed: %d", client->number,
                     client->handshake_error);
        }
        return;
    }
    if (client->is_tunnel) {
        judge_tunnel_end(world, client);
        return;
    }
    if (client->plan.listener == SIM_LISTENER_UNKNOWN) {
        sim_fail(world, "client %u was served under a name that nobody has", client->number);
    }
    bool has_left_first = client->has_said_goodbye && client->plan.goodbye != SIM_GOODBYE_NONE;
    judge_last_message(world, client);
    if (is_harmless(world, client)) {
        judge_unanswered(world, client);
        if (!client->has_close_notify && !has_left_first) {
            sim_fail(world, "client %u was left without close_notify", client->number);
        }
    }
}

const char *sim_client_state_text(const struct sim_client *client)
{
    static char text[256];
    (void)snprintf(
        text, sizeof(text),
        "kind %d, established %d, sent %zu+%zu and answered %zu of %zu requests, goodbye "
        "%d, tunnel %d, notified %d, all read %d, socket %d",
        (int)client->plan.kind, client->is_established, client->sending_index,
        client->sending_offset, client->answered_count, client->plan.request_count,
        client->has_said_goodbye, client->is_tunnel, client->has_close_notify, client->has_read_all,
        client->socket->descriptor);
    return text;
}
