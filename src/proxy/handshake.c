/*
 * HANDSHAKING and JUDGING. The ClientHello is read before there is a TLS session: its server name
 * chooses the listener, and with it the certificate and the SSL profile. The client's chain is only
 * captured by TLS; it is judged when the client has proven that it holds the key.
 */
#include "handshake.h"
#include "base/check.h"
#include "base/clock.h"
#include "client_lease.h"
#include "client_trust.h"
#include "http/answer.h"
#include "proxy_generation.h"
#include "route.h"

/* Alert unrecognized_name (RFC 6066 section 3), fatal, in a plain record: no session exists yet. */
static const uint8_t unrecognized_name_alert[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70};

void handshake_start(struct connection *connection)
{
    connection->handshake = slab_lend(&connection->proxy->handshakes);
    CHECK(connection->handshake != NULL); /* as many as there are connections */
    client_hello_init(&connection->handshake->hello);
}

void handshake_end(struct connection *connection)
{
    if (connection->handshake != NULL) {
        client_hello_deinit(&connection->handshake->hello);
        slab_return(&connection->proxy->handshakes, connection->handshake);
        connection->handshake = NULL;
    }
}

/* Ciphertext of the session is made where it will be sent from. */
static uint8_t *on_reserve(void *owner, size_t length_bytes)
{
    struct connection *connection = owner;
    uint8_t *room = stream_reserve(&connection->stream, length_bytes);
    if (room == NULL) {
        connection_lose(connection, CLOSE_OVERLOAD); /* the session fails, but not by its peer */
    }
    return room;
}

static void on_filled(void *owner, size_t length_bytes)
{
    struct connection *connection = owner;
    stream_filled(&connection->stream, length_bytes);
}

static const struct tls_session_output output = {.reserve = on_reserve, .filled = on_filled};

/* Our last words to a client with which there is no session. */
static enum step close_with_words(struct connection *connection, struct bytes words,
                                  enum close_reason reason)
{
    if (!result_is_ok(stream_queue(&connection->stream, words))) {
        connection_lose(connection, CLOSE_OVERLOAD);
    }
    return connection_close(connection, reason);
}

static enum step refuse_plain_text(struct connection *connection, struct bytes input)
{
    struct proxy *proxy = connection->proxy;
    struct bytes words = {0};
    struct bytes head = BYTES_OF("HEAD ");
    if (connection->handshake->hello.looks_like_http) {
        struct text text = text_over((char *)proxy->answer, sizeof(proxy->answer));
        struct answer_options options = {.without_body =
                                             bytes_equal(bytes_slice(input, 0, head.length), head)};
        answer_write(&text, ANSWER_PLAIN_HTTP, &options);
        words = text_bytes(&text);
    }
    return close_with_words(connection, words, CLOSE_NOT_TLS);
}

static enum step open_session(struct connection *connection)
{
    struct client_hello *hello = &connection->handshake->hello;
    const struct config_listener *listener =
        route_by_server_name(connection->endpoint, bytes_from_string(hello->server_name));
    if (listener == NULL) {
        return close_with_words(
            connection, bytes_from(unrecognized_name_alert, sizeof(unrecognized_name_alert)),
            CLOSE_UNRECOGNIZED_NAME);
    }
    connection->site = connection_site_of(connection, listener);
    counters_add_to(&connection_listener_counters(connection)->connections, 1);
    if (!result_is_ok(tls_session_create(connection->site->tls_context, hello, &output, connection,
                                         &connection->tls))) {
        return connection_close(connection, CLOSE_OVERLOAD);
    }
    return STEP_MOVED;
}

/* A phase ends, the next one begins. times: the same of the listener. */
static void end_phase(struct connection *connection, enum timing timing, struct histogram *times)
{
    uint64_t now_ns = clock_monotonic_ns();
    histogram_record(&connection->proxy->around.counters->timings[timing],
                     connection->phase_started_ns, now_ns);
    histogram_record(times, connection->phase_started_ns, now_ns);
    connection->phase_started_ns = now_ns;
}

static void count_completed(struct connection *connection)
{
    struct listener_counters *listener = connection_listener_counters(connection);
    bool is_resumed = tls_session_resumed_identity(connection->tls) != NULL;
    enum handshake_kind kind = is_resumed ? HANDSHAKE_RESUMED : HANDSHAKE_FULL;
    size_t version = traffic_counters_version(tls_session_protocol(connection->tls));
    counters_count(connection->proxy->around.counters, COUNTER_HANDSHAKES_COMPLETED);
    counters_add_to(&listener->handshakes[version][kind], 1);
    end_phase(connection, is_resumed ? TIMING_HANDSHAKE_RESUMED : TIMING_HANDSHAKE_FULL,
              &listener->handshake_times[kind]);
}

static enum step continue_handshake(struct connection *connection, struct bytes *input)
{
    switch (tls_session_handshake(connection->tls, input)) {
    case TLS_DONE:
        count_completed(connection);
        return connection_enter(connection, CONNECTION_JUDGING);
    case TLS_WANTS_INPUT:
        return connection->has_peer_finished ? connection_close(connection, CLOSE_HANDSHAKE_ABORTED)
                                             : STEP_WAIT;
    case TLS_PEER_CLOSED:
        return connection_close(connection, CLOSE_HANDSHAKE_ABORTED);
    case TLS_FAILED:
    default:
        return connection_close(connection, CLOSE_HANDSHAKE_FAILED);
    }
}

static enum step read_hello(struct connection *connection, struct bytes *input)
{
    struct client_hello *hello = &connection->handshake->hello;
    switch (client_hello_feed(hello, input)) {
    case CLIENT_HELLO_COMPLETE:
        return open_session(connection);
    case CLIENT_HELLO_NOT_TLS:
        return refuse_plain_text(connection, *input);
    case CLIENT_HELLO_BAD:
        return close_with_words(connection, client_hello_alert(hello), CLOSE_HANDSHAKE_FAILED);
    case CLIENT_HELLO_NEEDS_MORE:
    default:
        return connection->has_peer_finished ? connection_close(connection, CLOSE_HANDSHAKE_ABORTED)
                                             : STEP_WAIT;
    }
}

enum step handshake_step(struct connection *connection)
{
    if (connection->is_peer_gone) {
        return connection_close(connection, CLOSE_HANDSHAKE_ABORTED);
    }
    if (connection->has_timed_out) {
        connection->is_peer_gone =
            true; /* Nothing was promised: it is not waited for any longer. */
        return connection_close(connection, CLOSE_HANDSHAKE_TIMEOUT);
    }
    bool has_input = connection_ciphertext(connection).length > 0;
    if (has_input && !handshake_queue_admits(&connection->proxy->handshake_queue, connection)) {
        return STEP_WAIT;
    }
    /* The hello may point into input, which therefore stays until the session has taken it. */
    struct bytes input = connection_ciphertext(connection);
    enum step step = STEP_MOVED;
    if (connection->tls == NULL) {
        step = read_hello(connection, &input);
    }
    if (connection->tls != NULL && connection->state == CONNECTION_HANDSHAKING) {
        step = continue_handshake(connection, &input);
        handshake_end(connection);
    }
    if (connection->state < CONNECTION_CLOSING) {
        connection_ciphertext_left(connection, input);
        connection_limit_held(connection); /* much may have come while it was in line */
    }
    return step;
}

enum step handshake_judge_step(struct connection *connection)
{
    if (connection->is_peer_gone) {
        return connection_close(connection, CLOSE_CLIENT_ABORTED);
    }
    if (connection->has_timed_out) {
        connection->has_timed_out = false;
        client_trust_give_up(connection);
    }
    switch (client_trust_decide(connection)) {
    case CLIENT_TRUST_DECIDED:
        end_phase(connection, TIMING_JUDGING,
                  &connection_listener_counters(connection)->judging_times);
        (void)connection_enter(connection, CONNECTION_SERVING);
        (void)proxy_generation_follow(connection); /* it may have taken its time */
        client_lease_look_soon(connection); /* and who is resumed was admitted at its start */
        return STEP_MOVED;
    case CLIENT_TRUST_WAITS:
        client_trust_wait(connection);
        return STEP_WAIT;
    case CLIENT_TRUST_FAILED:
    default:
        return connection_close(connection, CLOSE_OVERLOAD);
    }
}
