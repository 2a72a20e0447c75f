/* From the first byte to the verdict: one deadline, and a word for everybody who is turned away. */
#include "proxy_world.h"

static void a_client_that_says_nothing_is_let_go_at_the_deadline(void **state)
{
    struct world *world = world_make("handshake_timeout = 3s", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_pass_ms(world, 2900);
    assert_int_equal(world_connection(world)->state, CONNECTION_HANDSHAKING);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_HANDSHAKE_TIMEOUT), 1);
    assert_int_equal(world->proxy->connections.lent_count, 0); /* it is not waited for either */
    assert_string_equal(world_heard(client), "");
    expect_text(world_log(world), "\"reason\":\"handshake_timeout\"");
    world_leave(world, client);
    world_free(world);
}

static void bytes_do_not_move_the_deadline(void **state)
{
    static struct hello_builder hello;
    struct world *world = world_make("handshake_timeout = 3s", "");
    (void)state;
    struct bytes bytes = make_usual_hello(&hello, "a.test");
    struct world_client *client = world_accept(world);
    for (size_t i = 0; i < 31; i++) {
        fake_net_far_write(client->socket, bytes_slice(bytes, i, 1));
        world_pass_ms(world, 100);
    }
    assert_int_equal(world_closed(world, CLOSE_HANDSHAKE_TIMEOUT), 1);
    world_leave(world, client);
    world_free(world);
}

static void the_deadline_holds_behind_the_hello_too(void **state)
{
    struct world *world = world_make("handshake_timeout = 3s", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_pass_ms(world, 2000);
    world_send_hello(world, client, "a.test");
    world_pass_ms(world, 1100);
    assert_string_equal(world_heard(client), PLAIN_TLS_FLIGHT);
    assert_int_equal(world_closed(world, CLOSE_HANDSHAKE_TIMEOUT), 1);
    assert_int_equal(world_figure(world, COUNTER_HANDSHAKES_FAILED), 1);
    world_leave(world, client);
    world_free(world);
}

static void after_the_handshake_its_deadline_is_no_more(void **state)
{
    struct world *world = world_make("handshake_timeout = 3s", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_pass_ms(world, 10000);
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    assert_int_equal(world_figure(world, COUNTER_HANDSHAKES_COMPLETED), 1);
    assert_int_equal(world_figure(world, COUNTER_HANDSHAKES_FAILED), 0);
    world_leave(world, client);
    world_free(world);
}

static size_t count_flights(struct world_client **clients)
{
    size_t count = 0;
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        count += strcmp(world_heard(clients[i]), PLAIN_TLS_FLIGHT) == 0;
    }
    return count;
}

static void many_hellos_at_once_are_taken_a_few_a_turn(void **state)
{
    static struct hello_builder hello;
    struct world_client *clients[WORLD_CLIENT_COUNT_MAX];
    struct world *world = world_make("", "");
    (void)state;
    struct bytes bytes = make_usual_hello(&hello, "a.test");
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        clients[i] = world_accept(world);
    }
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        fake_net_far_write(clients[i]->socket, bytes);
    }
    uint32_t had_count = 0;
    for (bool has_moved = true; has_moved;) {
        has_moved = world_turn(world);
        uint32_t has_count = 0;
        for (struct list *node = world->proxy->open.next; node != &world->proxy->open;
             node = node->next) {
            has_count += LIST_OWNER(node, struct connection, place)->tls != NULL;
        }
        assert_true(has_count - had_count <= HANDSHAKE_QUEUE_STEPS);
        had_count = has_count;
    }
    world_settle(world);
    assert_int_equal(count_flights(clients), WORLD_CLIENT_COUNT_MAX);
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        world_leave(world, clients[i]);
    }
    world_free(world);
}

static void who_closes_while_it_waits_leaves_the_line(void **state)
{
    static struct hello_builder hello;
    struct world_client *clients[WORLD_CLIENT_COUNT_MAX];
    struct world *world = world_make("", "");
    (void)state;
    struct bytes bytes = make_usual_hello(&hello, "a.test");
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        clients[i] = world_accept(world);
        fake_net_far_write(clients[i]->socket, bytes);
    }
    world->proxy->handshake_queue.left_count = 0;
    while (world->proxy->handshake_queue.waiting_count == 0) {
        world->proxy->handshake_queue.left_count = 0;
        ring_wait(world->ring, 0);
        (void)ring_deliver(world->ring);
    }
    assert_true(proxy_has_work(world->proxy));
    proxy_shut(world->proxy);
    assert_false(proxy_has_work(world->proxy));
    for (size_t i = 0; i < WORLD_CLIENT_COUNT_MAX; i++) {
        world_leave(world, clients[i]);
    }
    world_free(world);
}

/* More than is held for a client may come while it waits: it is asked for the rest when that has
 * been taken. */
static void who_sends_much_while_it_waits_is_read_again(void **state)
{
    static uint8_t much[QUEUE_HIGH_BYTES + 1];
    struct world *world = world_make("", "");
    struct handshake_queue *queue = &world->proxy->handshake_queue;
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    struct connection *connection = world_connection(world);
    memset(much, '.', sizeof(much));
    fake_net_far_write(client->socket, bytes_from(much, sizeof(much)));
    while (!connection->stream.is_paused) {
        queue->left_count = 0;
        ring_wait(world->ring, 0);
        (void)ring_deliver(world->ring);
    }
    queue->left_count = HANDSHAKE_QUEUE_STEPS;
    world_settle(world);
    assert_int_equal(connection->state, CONNECTION_HANDSHAKING);
    assert_int_equal(buffer_length(&connection->held), 0);
    world_send(world, client, "F");
    assert_int_equal(connection->state, CONNECTION_SERVING);
    world_leave(world, client);
    world_free(world);
}

static void a_hello_in_pieces_is_as_good_as_a_whole_one(void **state)
{
    static struct hello_builder hello;
    struct world *world = world_make("", "");
    (void)state;
    struct bytes bytes = make_usual_hello(&hello, "a.test");
    struct world_client *client = world_accept(world);
    for (size_t i = 0; i < bytes.length; i++) {
        assert_string_equal(world_heard(client), "");
        fake_net_far_write(client->socket, bytes_slice(bytes, i, 1));
        world_settle(world);
    }
    assert_string_equal(world_heard(client), PLAIN_TLS_FLIGHT);
    world_leave(world, client);
    world_free(world);
}

/* What comes right behind the handshake is the first request: nobody has to wait for us. */
static void a_request_in_the_same_segment_is_served(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    world_send(world, client, "FGET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_int_equal(world_figure(world, COUNTER_REQUESTS_FORWARDED), 1);
    world_break_off(world, client);
    world_free(world);
}

/* Those who are turned away: what they send, what they hear, why they go. */
static void whoever_is_turned_away_is_told_so(void **state)
{
    static const struct {
        const char *sent;
        const char *heard;
        enum close_reason reason;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ", CLOSE_NOT_TLS},
        {"POST /x HTTP/1.1\r\n", "HTTP/1.1 400 ", CLOSE_NOT_TLS},
        {"SSH-2.0-OpenSSH_9.2\r\n", "", CLOSE_NOT_TLS},
        {"\x16\x03\x01\xFF\xFF\x01", "\x15\x03", CLOSE_HANDSHAKE_FAILED},
    };
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct world *world = world_make("", "");
        struct world_client *client = world_accept(world);
        world_send(world, client, rows[row].sent);
        assert_int_equal(strncmp(world_heard(client), rows[row].heard, strlen(rows[row].heard)), 0);
        assert_true(rows[row].heard[0] != '\0' || client->length == 0);
        assert_true(world_is_ended(client));
        assert_int_equal(world_closed(world, rows[row].reason), 1);
        assert_int_equal(world_figure(world, COUNTER_HANDSHAKES_FAILED), 1);
        world_leave(world, client);
        world_free(world);
    }
}

static void a_name_that_no_listener_has_is_told_by_an_alert(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    world->endpoint.listeners = &world->listeners[1]; /* without the default */
    world->endpoint.listener_count = 1;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "elsewhere.test");
    (void)world_heard(client);
    assert_int_equal(client->length, 7);
    assert_memory_equal(client->text, "\x15\x03\x03\x00\x02\x02\x70", 7);
    assert_int_equal(world_closed(world, CLOSE_UNRECOGNIZED_NAME), 1);
    assert_null(strstr(world_log(world), "sslClientVerify\":\"SUCCESS"));
    world_leave(world, client);
    world_free(world);
}

static void a_handshake_that_fails_ends_with_the_sessions_alert(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    world_send(world, client, PLAIN_TLS_BAD);
    assert_string_equal(world_heard(client), PLAIN_TLS_FLIGHT PLAIN_TLS_ALERT);
    assert_int_equal(world_closed(world, CLOSE_HANDSHAKE_FAILED), 1);
    world_leave(world, client);
    world_free(world);
}

static void a_client_that_finishes_early_has_aborted(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_accept(world);
    world_send_hello(world, client, "a.test");
    fake_net_far_finish(client->socket);
    world_settle(world);
    assert_int_equal(world_closed(world, CLOSE_HANDSHAKE_ABORTED), 1);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    world_leave(world, client);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_says_nothing_is_let_go_at_the_deadline),
        cmocka_unit_test(bytes_do_not_move_the_deadline),
        cmocka_unit_test(the_deadline_holds_behind_the_hello_too),
        cmocka_unit_test(after_the_handshake_its_deadline_is_no_more),
        cmocka_unit_test(many_hellos_at_once_are_taken_a_few_a_turn),
        cmocka_unit_test(who_closes_while_it_waits_leaves_the_line),
        cmocka_unit_test(who_sends_much_while_it_waits_is_read_again),
        cmocka_unit_test(a_hello_in_pieces_is_as_good_as_a_whole_one),
        cmocka_unit_test(a_request_in_the_same_segment_is_served),
        cmocka_unit_test(whoever_is_turned_away_is_told_so),
        cmocka_unit_test(a_name_that_no_listener_has_is_told_by_an_alert),
        cmocka_unit_test(a_handshake_that_fails_ends_with_the_sessions_alert),
        cmocka_unit_test(a_client_that_finishes_early_has_aborted),
    };
    return cmocka_run_group_tests_name("handshake", tests, NULL, NULL);
}
