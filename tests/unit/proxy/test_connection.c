/* A client's connection through its states: deadlines, ends, and what is owed at each of them. */
#include "proxy_world.h"

#define GET         "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define ANSWER      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define LAST_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < CONNECTION_STATE_COUNT; i++) {
        assert_non_null(connection_state_name((enum connection_state)i));
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(connection_state_name((enum connection_state)i),
                                    connection_state_name((enum connection_state)j));
        }
    }
}

static void a_client_goes_from_state_to_state(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    const struct connection *connection = world_connection(world);
    assert_int_equal(connection->state, CONNECTION_HANDSHAKING);
    assert_int_equal(connection->wait, WAIT_HANDSHAKE);
    world_send_hello(world, client, "a.test");
    assert_int_equal(connection->state, CONNECTION_HANDSHAKING);
    assert_non_null(connection->tls);
    assert_null(connection->handshake); /* only a young connection needs it */
    world_send(world, client, "F");
    assert_int_equal(connection->state, CONNECTION_SERVING);
    assert_int_equal(connection->wait, WAIT_REQUEST);
    world_send(world, client, "GET /");
    assert_int_equal(connection->wait, WAIT_HEAD);
    world_send(world, client, " HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_int_equal(connection->wait, WAIT_BACKEND);
    world_answer(world, 0, ANSWER);
    assert_int_equal(connection->wait, WAIT_REQUEST);
    assert_null(connection->exchange);
    expect_text(world_heard(client), "\r\n\r\nok");
    fake_net_far_finish(client->socket);
    world_settle(world);
    assert_int_equal(world_closed(world, CLOSE_CLIENT_FINISHED), 1);
    assert_true(list_is_empty(&world->proxy->closing));
    world_leave(world, client);
    world_free(world);
}

/* Whatever it was busy with: gone at once, counted once, with the reason of that moment. */
static void a_client_that_resets_is_gone_in_every_state(void **state)
{
    static const struct {
        const char *said[4];
        enum close_reason reason;
    } rows[] = {
        {{NULL}, CLOSE_HANDSHAKE_ABORTED},
        {{"hello", NULL}, CLOSE_HANDSHAKE_ABORTED},
        {{"hello", "F", NULL}, CLOSE_CLIENT_FINISHED},
        {{"hello", "F", "GET", NULL}, CLOSE_CLIENT_ABORTED},
        {{"hello", "F", GET, NULL}, CLOSE_CLIENT_ABORTED},
    };
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct world *world = world_make("", "");
        struct world_client *client = world_accept(world);
        world_settle(world);
        for (size_t i = 0; rows[row].said[i] != NULL; i++) {
            if (strcmp(rows[row].said[i], "hello") == 0) {
                world_send_hello(world, client, "a.test");
            } else {
                world_send(world, client, rows[row].said[i]);
            }
        }
        fake_net_far_reset(client->socket);
        world_settle(world);
        assert_int_equal(world_closed(world, rows[row].reason), 1);
        assert_int_equal(world->proxy->connections.lent_count, 0);
        world_leave(world, client);
        world_free(world);
    }
}

static void the_first_reason_is_the_true_one(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    struct connection *connection = world_connection(world);
    (void)connection_close(connection, CLOSE_BAD_REQUEST);
    (void)connection_close(connection, CLOSE_SEND_TIMEOUT);
    connection_lose(connection, CLOSE_OVERLOAD);
    (void)connection_close(connection, CLOSE_DRAINING);
    assert_int_equal(connection->close_reason, CLOSE_BAD_REQUEST);
    connection_advance(connection);
    world_settle(world);
    uint64_t closed_count = 0;
    for (enum close_reason reason = CLOSE_NONE; reason < CLOSE_REASON_COUNT; reason++) {
        closed_count += world_closed(world, reason);
    }
    assert_int_equal(closed_count, 1);
    assert_int_equal(world_closed(world, CLOSE_BAD_REQUEST), 1);
    world_leave(world, client);
    world_free(world);
}

static void an_idle_client_is_let_go_at_its_time(void **state)
{
    struct world *world = world_make("keepalive_timeout = 10s", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_pass_ms(world, 9900);
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_KEEPALIVE_TIMEOUT), 1);
    assert_string_equal(world_heard(client), PLAIN_TLS_CLOSE);
    world_leave(world, client);
    world_free(world);
}

static void a_head_that_drips_has_one_limit_for_all_of_it(void **state)
{
    struct world *world = world_make("client_header_timeout = 2s", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, "GET / HTTP/1.1\r\nHost: a.test\r\nX: ");
    for (int i = 0; i < 21; i++) {
        world_send(world, client, "x");
        world_pass_ms(world, 100);
    }
    expect_text(world_heard(client), "HTTP/1.1 408 ");
    assert_int_equal(world_closed(world, CLOSE_REQUEST_TIMEOUT), 1);
    expect_text(world_log(world), "\"error_info\":\"ERRORINFO_CLIENT_TIMED_OUT\"");
    world_leave(world, client);
    world_free(world);
}

/* A client that has all it was owed may take a moment to close its side, and no more. */
static void a_connection_that_is_closed_waits_for_its_client_a_little(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(client), "\r\n\r\nok" PLAIN_TLS_CLOSE);
    assert_true(world_is_ended(client));
    world_send(world, client, GET); /* read and thrown away: no reset may overtake the answer */
    world_pass_ms(world, 1900);
    assert_false(fake_net_far_is_reset(client->socket));
    assert_int_equal(world->proxy->connections.lent_count, 1);
    world_pass_ms(world, 300);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    assert_int_equal(world_figure(world, COUNTER_REQUESTS), 1);
    world_leave(world, client);
    world_free(world);
}

static void an_answer_that_was_cut_does_not_end_like_a_whole_one(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    world_answer(world, 0, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    fake_net_far_finish(world->servers[0]->socket);
    world_settle(world);
    expect_text(world_heard(client), "\r\n\r\nhalf");
    assert_null(strstr(world_heard(client), PLAIN_TLS_CLOSE));
    assert_true(world_is_ended(client));
    assert_int_equal(world_closed(world, CLOSE_BACKEND_FAILED), 1);
    world_leave(world, client);
    world_free(world);
}

/* Shortage of memory. */

static void an_answer_for_which_there_is_no_memory_ends_the_connection_at_once(void **state)
{
    static char large[200000];
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    size_t length = (size_t)snprintf(large, sizeof(large),
                                     "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    memset(large + length, 'x', sizeof(large) - length - 1);
    client->socket->outbound_limit = 100; /* so that it has to be kept */
    is_memory_short = true;
    world_answer(world, 0, large);
    assert_int_equal(world_closed(world, CLOSE_OVERLOAD), 1);
    assert_int_equal(world->proxy->exchanges.lent_count, 0);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    is_memory_short = false;
    assert_null(strstr(world_heard(client), PLAIN_TLS_CLOSE));
    expect_text(world_log(world), "\"reason\":\"overload\"");
    world_leave(world, client);
    world_free(world);
}

static void a_handshake_for_which_there_is_no_memory_ends_at_once(void **state)
{
    struct world *world = world_make("", "");
    static struct hello_builder hello;
    (void)state;
    struct world_client *client = world_accept(world);
    world_settle(world);
    is_memory_short = true;
    fake_net_far_write(client->socket, make_usual_hello(&hello, "a.test"));
    world_settle(world);
    assert_int_equal(world_closed(world, CLOSE_OVERLOAD), 1);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    is_memory_short = false;
    assert_int_equal(world_figure(world, COUNTER_HANDSHAKES_FAILED), 1);
    expect_text(world_log(world), "\"reason\":\"overload\"");
    world_leave(world, client);
    world_free(world);
}

static void a_session_that_cannot_write_ends_the_connection_at_once(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    plain_tls_cannot_write = true;
    world_answer(world, 0, ANSWER);
    plain_tls_cannot_write = false;
    assert_int_equal(world->proxy->connections.lent_count, 0);
    assert_int_equal(world->proxy->exchanges.lent_count, 0);
    assert_int_equal(world_closed(world, CLOSE_TLS_FAILED), 1);
    world_leave(world, client);
    world_free(world);
}

/* The end of the gateway. */

static void draining_ends_the_idle_and_lets_the_busy_finish(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *idle = world_connect(world);
    struct world_client *busy = world_connect(world);
    world_send(world, busy, GET);
    proxy_drain(world->proxy);
    world_settle(world);
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 1);
    assert_true(world_is_ended(idle) && !world_is_ended(busy));
    world_answer(world, 0, ANSWER);
    expect_text(world_heard(busy), "\r\nConnection: close\r\n");
    assert_true(world_is_ended(busy));
    world_leave(world, idle);
    world_leave(world, busy);
    assert_true(proxy_is_empty(world->proxy)); /* no connection to a server is kept either */
    world_free(world);
}

/* The beginning of a request may have come so far that nobody has looked at it yet. */
static void a_request_on_its_way_is_answered_before_the_end(void **state)
{
    static const char *const begun[] = {GET, PLAIN_TLS_PART, "GET /"};
    static const char *const rest[] = {"", GET, " HTTP/1.1\r\nHost: a.test\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(begun) / sizeof(begun[0]); i++) {
        bool is_first = i % 2 == 0;
        struct world *world = world_make("", "");
        struct world_client *client = world_connect(world);
        if (!is_first) {
            world_send(world, client, GET);
            world_answer(world, 0, ANSWER);
            world_forget(client);
        }
        fake_net_far_write(client->socket, bytes_from_string(begun[i / 2]));
        proxy_drain(world->proxy);
        proxy_turn_ended(world->proxy); /* before the ring has brought anything */
        world_settle(world);
        world_send(world, client, rest[i / 2]);
        world_answer(world, world->server_count - 1, ANSWER);
        expect_text(world_heard(client), "\r\nConnection: close\r\n");
        assert_true(world_is_ended(client));
        world_leave(world, client);
        world_free(world);
    }
}

static void shutting_ends_everybody_in_whatever_state(void **state)
{
    struct world *world = world_make("", "");
    struct world_client *clients[4];
    (void)state;
    clients[0] = world_accept(world);
    clients[1] = world_connect(world);
    clients[2] = world_connect(world);
    world_send(world, clients[2], GET);
    clients[3] = world_connect(world);
    world_send(world, clients[3], "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    world_answer(world, 1, LAST_ANSWER);
    assert_false(list_is_empty(&world->proxy->closing));
    proxy_shut(world->proxy);
    world_settle(world);
    assert_true(proxy_is_empty(world->proxy));
    assert_int_equal(world_closed(world, CLOSE_DRAINING), 3);
    for (size_t i = 0; i < 4; i++) {
        world_leave(world, clients[i]);
    }
    world_free(world);
}

static void clients_beyond_the_room_are_closed_at_once(void **state)
{
    struct world *world = world_make("", "");
    struct world_client *clients[WORLD_CLIENT_COUNT_MAX + 1];
    (void)state;
    for (size_t i = 0; i <= WORLD_CLIENT_COUNT_MAX; i++) {
        clients[i] = world_accept(world);
    }
    assert_int_equal(proxy_room_count(world->proxy), 0);
    assert_int_equal(world_figure(world, COUNTER_CONNECTIONS_REJECTED), 1);
    for (size_t i = 0; i <= WORLD_CLIENT_COUNT_MAX; i++) {
        world_leave(world, clients[i]);
    }
    assert_int_equal(proxy_room_count(world->proxy), WORLD_CLIENT_COUNT_MAX);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_name_of_its_own),
        cmocka_unit_test(a_client_goes_from_state_to_state),
        cmocka_unit_test(a_client_that_resets_is_gone_in_every_state),
        cmocka_unit_test(the_first_reason_is_the_true_one),
        cmocka_unit_test(an_idle_client_is_let_go_at_its_time),
        cmocka_unit_test(a_head_that_drips_has_one_limit_for_all_of_it),
        cmocka_unit_test(a_connection_that_is_closed_waits_for_its_client_a_little),
        cmocka_unit_test(an_answer_that_was_cut_does_not_end_like_a_whole_one),
        cmocka_unit_test(an_answer_for_which_there_is_no_memory_ends_the_connection_at_once),
        cmocka_unit_test(a_handshake_for_which_there_is_no_memory_ends_at_once),
        cmocka_unit_test(a_session_that_cannot_write_ends_the_connection_at_once),
        cmocka_unit_test(draining_ends_the_idle_and_lets_the_busy_finish),
        cmocka_unit_test(a_request_on_its_way_is_answered_before_the_end),
        cmocka_unit_test(shutting_ends_everybody_in_whatever_state),
        cmocka_unit_test(clients_beyond_the_room_are_closed_at_once),
    };
    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
