/*
 * A client's life: handshake, requests and answers, goodbye. wolfSSL's client side over the far end
 * of a fake socket; what it reads is judged in sim_verdict.c.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/check.h"
#include "base/clock.h"
#include "sim_client_parts.h"

#define LIFETIME_MS_MAX       (20 * 60000)
#define CONTINUE_WAIT_MS      1000
#define READ_BUFFER_BYTES     16384
#define SLOW_SOCKET_BYTES_MIN 4096
#define RAW_BYTES_MAX         600

static struct sim_client *owner_of(struct list *node)
{
    return LIST_OWNER(node, struct sim_client, place);
}

/* wolfSSL's way in and out. */

int sim_client_receive(WOLFSSL *tls, char *buffer, int size, void *owner)
{
    struct sim_client *client = owner;
    (void)tls;
    size_t capacity = (size_t)size < client->read_allowance ? (size_t)size : client->read_allowance;
    size_t length = fake_net_far_read(client->socket, buffer, capacity);
    client->read_allowance -= length;
    client->moved_bytes += length;
    if (length > 0) {
        return (int)length;
    }
    if (fake_net_far_is_reset(client->socket) || client->socket->is_reset_by_far) {
        return WOLFSSL_CBIO_ERR_CONN_RST;
    }
    return fake_net_far_is_at_end(client->socket) ? WOLFSSL_CBIO_ERR_CONN_CLOSE
                                                  : WOLFSSL_CBIO_ERR_WANT_READ;
}

int sim_client_transmit(WOLFSSL *tls, char *buffer, int size, void *owner)
{
    struct sim_client *client = owner;
    (void)tls;
    if (!client->socket->is_far_finished) {
        fake_net_far_write(client->socket, bytes_from(buffer, (size_t)size));
        client->moved_bytes += (size_t)size;
    }
    return size;
}

/* Beginning and ending. */

/* What its requests must bring with them. */
static void mark_requests(const struct sim_world *world, const struct sim_client *client)
{
    const struct sim_plan *plan = &client->plan;
    const struct sockaddr_in *address = (const void *)&client->socket->peer;
    for (size_t i = 0; i < plan->request_count; i++) {
        struct sim_request *request = plan->requests[i].request;
        request->client_number = client->number;
        request->client_port = client->socket->is_peer_unknown ? 0 : ntohs(address->sin_port);
        /* Where nobody is asked for a certificate none is passed on. */
        request->identity = plan->listener == SIM_LISTENER_OPEN
                                ? NULL
                                : sim_client_contexts_identity(world->contexts, plan->certificate);
        if (request->body_bytes >= SIM_LARGE_BODY_BYTES) {
            client->socket->piece_limit = SIM_LARGE_PIECE_BYTES;
        }
    }
}

static void open_tls(struct sim_world *world, struct sim_client *client)
{
    const struct sim_plan *plan = &client->plan;
    const char *name = sim_plan_server_name(plan->listener);
    client->tls = sim_client_contexts_new_tls(world->contexts, plan->is_tls12, plan->certificate);
    CHECK(client->tls != NULL);
    CHECK(wolfSSL_UseSNI(client->tls, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)strlen(name)) ==
          WOLFSSL_SUCCESS);
    wolfSSL_SetIOReadCtx(client->tls, client);
    wolfSSL_SetIOWriteCtx(client->tls, client);
}

void sim_client_start(struct sim_world *world, struct fake_socket *socket)
{
    struct sim_client *client = calloc(1, sizeof(*client));
    CHECK(client != NULL);
    client->socket = socket;
    client->started_ms = clock_monotonic_ms();
    client->number = ++world->started_count;
    client->continue_until_ms = UINT64_MAX;
    sim_plan_make(&client->plan, world);
    mark_requests(world, client);
    sim_message_init(&client->message, false, false);
    if (client->plan.pause_ms_max > 0 && socket->outbound_limit < SLOW_SOCKET_BYTES_MIN) {
        socket->outbound_limit = SLOW_SOCKET_BYTES_MIN; /* slow, but not beyond all patience */
    }
    if (client->plan.kind == SIM_CLIENT_TLS || client->plan.kind == SIM_CLIENT_HALF_HELLO) {
        open_tls(world, client);
    }
    list_add_last(&world->clients, &client->place);
    world->client_count++;
    sim_tell(world, "client %u starts: socket %d kind %d listener %d certificate %d requests %zu",
             client->number, socket->descriptor, (int)client->plan.kind, (int)client->plan.listener,
             (int)client->plan.certificate, client->plan.request_count);
}

static void end(struct sim_world *world, struct sim_client *client)
{
    sim_tell(world, "client %u ends", client->number);
    list_remove(&client->place);
    world->client_count--;
    fake_net_far_close(client->socket);
    wolfSSL_free(client->tls);
    sim_message_deinit(&client->message);
    sim_plan_free(&client->plan);
    free(client);
}

/* Sending. */

static struct sim_planned *being_sent(struct sim_client *client)
{
    return client->sending_index < client->plan.request_count
               ? &client->plan.requests[client->sending_index]
               : NULL;
}

static bool may_send(const struct sim_client *client)
{
    if (client->sending_offset > 0) {
        return clock_monotonic_ms() >= client->continue_until_ms ||
               client->continue_until_ms == UINT64_MAX;
    }
    return client->sending_index < client->answered_count + client->plan.pipeline_depth &&
           clock_monotonic_ms() >= client->think_until_ms;
}

static bool write_plaintext(struct sim_client *client, const uint8_t *bytes, size_t length)
{
    if (wolfSSL_write(client->tls, bytes, (int)length) == (int)length) {
        return true;
    }
    client->has_send_failed = true;
    return false;
}

static bool send_request(struct sim_world *world, struct sim_client *client)
{
    struct sim_planned *planned = being_sent(client);
    if (planned == NULL || client->has_send_failed || !may_send(client)) {
        return false;
    }
    size_t end_at =
        planned->stop_at < planned->wire_length ? planned->stop_at : planned->wire_length;
    bool waits = planned->request->expects_continue && client->continue_until_ms == UINT64_MAX;
    if (waits && client->sending_offset <= planned->head_length && planned->head_length < end_at) {
        end_at = planned->head_length;
    }
    if (!client->plan.is_tls12 && dice_one_in(&world->dice, 100)) {
        (void)wolfSSL_update_keys(client->tls); /* the gateway has to answer with new keys, too */
    }
    size_t length = end_at - client->sending_offset;
    size_t slice = 1 + dice_size(&world->dice, 16383);
    slice = slice < length ? slice : length;
    if (slice > 0 && !write_plaintext(client, planned->wire + client->sending_offset, slice)) {
        return true;
    }
    client->sending_offset += slice;
    if (client->sending_offset == planned->wire_length) {
        client->sending_index++;
        client->sending_offset = 0;
        client->continue_until_ms = UINT64_MAX;
    } else if (waits && client->sending_offset == planned->head_length) {
        client->continue_until_ms = clock_monotonic_ms() + CONTINUE_WAIT_MS;
    }
    return slice > 0;
}

static bool send_into_tunnel(struct sim_world *world, struct sim_client *client)
{
    uint8_t memory[4096];
    struct sim_request *request = client->plan.requests[client->answered_count - 1].request;
    uint32_t left = request->body_bytes - client->tunnel_sent_bytes;
    if (client->has_finished) {
        return false;
    }
    bool waits = sim_tunnel_end(request) == SIM_TUNNEL_BACKEND_FIRST && !client->has_read_all;
    if (left == 0 && waits && !client->has_send_failed) {
        return false;
    }
    /* wolfSSL sends nothing more once it was told the end of the other direction. */
    if (left == 0 || client->has_send_failed) {
        client->has_finished = true;
        (void)wolfSSL_shutdown(client->tls);
        if (client->has_send_failed || dice_one_in(&world->dice, 2)) {
            fake_net_far_finish(client->socket);
        }
        return true;
    }
    uint32_t length = dice_between(&world->dice, 1, sizeof(memory));
    length = length < left ? length : left;
    for (uint32_t i = 0; i < length; i++) {
        memory[i] = sim_request_byte(request->id, client->tunnel_sent_bytes + i);
    }
    client->tunnel_sent_bytes += write_plaintext(client, memory, length) ? length : 0;
    return true;
}

/* Reading. */

static bool note_end(struct sim_client *client, int code)
{
    if (code == WOLFSSL_ERROR_WANT_READ) {
        return false;
    }
    if (code == WOLFSSL_ERROR_ZERO_RETURN) {
        client->has_close_notify = true;
    }
    client->has_read_all = true;
    return true;
}

static bool read_some(struct sim_world *world, struct sim_client *client)
{
    static uint8_t memory[READ_BUFFER_BYTES];
    bool has_moved = false;
    if (client->has_read_all) {
        return false;
    }
    client->read_allowance = dice_between(&world->dice, 1, client->plan.read_bytes_max);
    uint64_t before = client->moved_bytes;
    for (;;) {
        int length = wolfSSL_read(client->tls, memory, sizeof(memory));
        if (length <= 0) {
            has_moved = note_end(client, wolfSSL_get_error(client->tls, length));
            break;
        }
        sim_client_take(world, client, bytes_from(memory, (size_t)length));
    }
    client->is_slowed = client->moved_bytes > before && client->plan.pause_ms_max > 0;
    return has_moved || client->moved_bytes > before;
}

/* States. */

static bool shake_hands(struct sim_world *world, struct sim_client *client)
{
    uint64_t before = client->moved_bytes;
    client->read_allowance = dice_between(&world->dice, 1, client->plan.read_bytes_max);
    int answer = wolfSSL_connect(client->tls);
    if (answer == WOLFSSL_SUCCESS) {
        client->is_established = true;
        return true;
    }
    int code = wolfSSL_get_error(client->tls, answer);
    if (code != WOLFSSL_ERROR_WANT_READ && code != WOLFSSL_ERROR_WANT_WRITE) {
        client->has_read_all = true;
        client->handshake_error = code;
    }
    return client->moved_bytes > before || client->has_read_all;
}

static bool say_goodbye(struct sim_world *world, struct sim_client *client)
{
    client->has_said_goodbye = true;
    sim_tell(world, "client %u says goodbye %d", client->number, (int)client->plan.goodbye);
    switch (client->plan.goodbye) {
    case SIM_GOODBYE_TLS:
        (void)wolfSSL_shutdown(client->tls);
        fake_net_far_finish(client->socket);
        return true;
    case SIM_GOODBYE_FIN:
        fake_net_far_finish(client->socket);
        return true;
    case SIM_GOODBYE_RESET:
        fake_net_far_reset(client->socket);
        client->has_read_all = true;
        return true;
    case SIM_GOODBYE_NONE:
    default:
        world->idle_client_count += !client->has_been_told_to_close;
        return true;
    }
}

static bool talk(struct sim_world *world, struct sim_client *client)
{
    bool has_moved = read_some(world, client);
    if (client->has_read_all && !(client->is_tunnel && client->has_close_notify)) {
        return has_moved;
    }
    if (client->is_tunnel) {
        return send_into_tunnel(world, client) || has_moved;
    }
    has_moved |= send_request(world, client);
    if (client->answered_count == client->plan.request_count && !client->has_said_goodbye &&
        being_sent(client) == NULL) {
        return say_goodbye(world, client);
    }
    return has_moved;
}

static bool talk_raw(struct sim_world *world, struct sim_client *client)
{
    char memory[RAW_BYTES_MAX];
    struct dice *dice = &world->dice;
    if (!client->has_spoken_raw) {
        size_t length = dice_between(dice, 1, sizeof(memory));
        client->has_spoken_raw = true;
        switch (client->plan.kind) {
        case SIM_CLIENT_PLAIN_HTTP:
            fake_net_far_write(client->socket, BYTES_OF("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
            return true;
        case SIM_CLIENT_HALF_HELLO:
            (void)wolfSSL_connect(client->tls);
            client->socket->inbound.end -= dice_between(dice, 1, 60);
            return true;
        case SIM_CLIENT_GARBAGE:
            for (size_t i = 0; i < length; i++) {
                memory[i] = (char)dice_throw(dice);
            }
            memory[0] = dice_one_in(dice, 2) ? 0x16 : memory[0];
            fake_net_far_write(client->socket, bytes_from(memory, length));
            return true;
        case SIM_CLIENT_TLS:
        case SIM_CLIENT_SILENT:
        default:
            return true;
        }
    }
    size_t length = fake_net_far_read(client->socket, client->raw + client->raw_length,
                                      sizeof(client->raw) - client->raw_length);
    client->raw_length += length;
    client->has_read_all =
        fake_net_far_is_at_end(client->socket) || fake_net_far_is_reset(client->socket);
    return length > 0 || client->has_read_all;
}

static bool abort_if_planned(struct sim_world *world, struct sim_client *client)
{
    if (client->plan.abort == SIM_ABORT_NEVER || client->has_aborted ||
        client->moved_bytes < client->plan.abort_at_bytes) {
        return false;
    }
    client->has_aborted = true;
    sim_tell(world, "client %u aborts %d", client->number, (int)client->plan.abort);
    if (client->plan.abort == SIM_ABORT_GARBAGE && !client->socket->is_far_finished) {
        fake_net_far_write(client->socket,
                           BYTES_OF("\x17\x03\x03\x00\x20 this is no record of ours"));
        fake_net_far_write(client->socket, BYTES_OF("and this is not even a record of anybody"));
    }
    if (client->plan.abort == SIM_ABORT_RESET) {
        fake_net_far_reset(client->socket);
    } else if (client->plan.abort == SIM_ABORT_FIN && !client->socket->is_far_finished) {
        fake_net_far_finish(client->socket);
    }
    return true;
}

static bool step(struct sim_world *world, struct sim_client *client)
{
    if (clock_monotonic_ms() - client->started_ms > LIFETIME_MS_MAX) {
        sim_fail(world, "client %u is stuck in: %s", client->number, sim_client_state_text(client));
    }
    if (client->has_aborted) {
        if (client->socket->is_near_closed) {
            end(world, client);
            return true;
        }
        return false;
    }
    if (client->wake_ms > clock_monotonic_ms()) {
        return false;
    }
    bool has_moved = abort_if_planned(world, client);
    if (!has_moved) {
        has_moved = client->plan.kind != SIM_CLIENT_TLS ? talk_raw(world, client)
                    : client->is_established            ? talk(world, client)
                                                        : shake_hands(world, client);
    }
    /* A tunnel's other direction may still be open. */
    bool has_gateway_ended = client->socket->is_near_closed ||
                             (client->socket->is_near_write_shut && !client->is_tunnel);
    if (client->has_read_all && has_gateway_ended) {
        sim_client_judge_end(world, client);
        end(world, client);
        return true;
    }
    if (client->is_slowed) {
        client->is_slowed = false;
        client->wake_ms =
            clock_monotonic_ms() + dice_between(&world->dice, 1, client->plan.pause_ms_max);
    }
    return has_moved;
}

bool sim_client_step_all(struct sim_world *world)
{
    bool has_moved = false;
    for (struct list *node = world->clients.next, *next = node->next; node != &world->clients;
         node = next, next = node->next) {
        has_moved |= step(world, owner_of(node));
    }
    return has_moved;
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
    bool is_ahead = b_ms > clock_monotonic_ms();
    return is_ahead && b_ms < a_ms ? b_ms : a_ms;
}

uint64_t sim_client_next_wake_ms(const struct sim_world *world)
{
    uint64_t wake_ms = UINT64_MAX;
    for (struct list *node = world->clients.next; node != &world->clients; node = node->next) {
        const struct sim_client *client = owner_of(node);
        wake_ms = earlier(wake_ms, client->wake_ms);
        wake_ms = earlier(wake_ms, client->think_until_ms);
        wake_ms = earlier(wake_ms, client->continue_until_ms);
        wake_ms = earlier(wake_ms, client->started_ms + LIFETIME_MS_MAX + 1);
    }
    return wake_ms;
}
