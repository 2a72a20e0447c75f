/* One request and its answer, with a client and servers in the test's hands. */
#include "proxy_world.h"

#define GET  "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define POST "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\n"
#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define EXPECTING \
    "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
#define CHUNKED \
    "POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
#define HINTS    "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/* Serves one request, so that its connection lies idle for the next. */
static void warm_up(struct world *world, struct world_client *client)
{
    world_send(world, client, GET);
    world_answer(world, 0, OK);
    assert_int_equal(world->proxy->current->pools[1].idle_count, 1);
    world_forget(client);
}

/* The pool. */

static void a_connection_is_used_again_for_the_next_client(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *first = world_connect(world);
    warm_up(world, first);
    struct world_client *second = world_connect(world);
    world_send(world, second, GET);
    world_answer(world, 0, OK);
    expect_text(world_heard(second), "\r\n\r\nok");
    assert_int_equal(world->server_count, 1);
    assert_int_equal(world_figure(world, COUNTER_BACKEND_REUSES), 1);
    world_leave(world, first);
    world_leave(world, second);
    world_free(world);
}

static void what_leaves_something_behind_is_not_used_again(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok surplus",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 700 ?\r\n\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct world *world = world_make("", "");
        struct world_client *client = world_connect(world);
        world_send(world, client, GET);
        world_answer(world, 0, answers[i]);
        assert_int_equal(world->proxy->backend_room.connections.lent_count, 0);
        world_leave(world, client);
        world_free(world);
    }
}

/* Only what may be done twice is (RFC 9110 9.2.2), and only when a kept connection was to blame. */
static void a_request_whose_kept_connection_dies_is_sent_again_if_it_may_be(void **state)
{
    static const struct {
        const char *request;
        bool is_sent_again;
    } rows[] = {
        {GET, true},
        {"HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n", true},
        {"DELETE / HTTP/1.1\r\nHost: a.test\r\n\r\n", true},
        {"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n", false},
        {"PATCH / HTTP/1.1\r\nHost: a.test\r\n\r\n", false},
        {"PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx", false},
    };
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct world *world = world_make("", "");
        struct world_client *client = world_connect(world);
        warm_up(world, client);
        world_send(world, client, rows[row].request);
        assert_int_equal(world->server_count, 1);
        fake_net_far_reset(world->servers[0]->socket);
        world_settle(world);
        assert_int_equal(world_figure(world, COUNTER_REQUESTS_RETRIED), rows[row].is_sent_again);
        if (rows[row].is_sent_again) {
            assert_int_equal(world->server_count, 2);
            world_answer(world, 1, "HTTP/1.1 204 Fine\r\n\r\n");
        }
        expect_text(world_heard(client), rows[row].is_sent_again ? " 204 " : " 502 ");
        world_leave(world, client);
        world_free(world);
    }
}

static void a_request_is_sent_again_once(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    warm_up(world, client);
    world_send(world, client, GET);
    fake_net_far_finish(world->servers[0]->socket);
    world_settle(world);
    fake_net_far_finish(world->servers[1]->socket);
    world_settle(world);
    expect_text(world_heard(client), "HTTP/1.1 502 ");
    assert_int_equal(world->server_count, 2);
    assert_int_equal(world_figure(world, COUNTER_REQUESTS_RETRIED), 1);
    world_leave(world, client);
    world_free(world);
}

static void what_has_been_answered_in_part_is_not_asked_for_again(void **state)
{
    static const char *const parts[] = {"HTTP/1.1 2", HINTS, "HTTP/1.1 200 OK\r\n\r\npart"};
    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct world *world = world_make("", "");
        struct world_client *client = world_connect(world);
        warm_up(world, client);
        world_send(world, client, GET);
        world_answer(world, 0, parts[i]);
        fake_net_far_reset(world->servers[0]->socket);
        world_settle(world);
        assert_int_equal(world_figure(world, COUNTER_REQUESTS_RETRIED), 0);
        assert_int_equal(world->server_count, 1);
        world_leave(world, client);
        world_free(world);
    }
}

static void a_server_that_refuses_is_502_and_one_that_is_silent_504(void **state)
{
    struct world *world = world_make("", "connect_timeout = 1s");
    (void)state;
    struct world_client *client = world_connect(world);
    world->connect.status = IO_REFUSED;
    world_send(world, client, GET);
    expect_text(world_heard(client), "HTTP/1.1 502 ");
    world_forget(client);
    world->connect = (struct fake_connect){.due_ms = UINT64_MAX};
    world_send(world, client, GET);
    world_pass_ms(world, 1100);
    expect_text(world_heard(client), "HTTP/1.1 504 ");
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING); /* it may go on */
    world_leave(world, client);
    world_free(world);
}

/* Room for connections to servers. */

/* All slots but those that the caller will need are idle ones, of the backends given. */
static uint32_t leave_slots(struct world *world, uint32_t count)
{
    struct slab *slots = &world->proxy->backend_room.connections;
    uint32_t capacity_count = slots->capacity_count;
    slots->capacity_count = slots->used_count + count;
    return capacity_count;
}

static void idle_connections_of_other_backends_make_room(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    warm_up(world, client);
    uint32_t capacity_count = leave_slots(world, 0);
    world_send(world, client, "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
    assert_int_equal(world_figure(world, COUNTER_BACKEND_EVICTIONS), 1);
    assert_int_equal(world->server_count, 2);
    world_answer(world, 1, OK);
    expect_text(world_heard(client), "HTTP/1.1 200 OK");
    world->proxy->backend_room.connections.capacity_count = capacity_count;
    world_leave(world, client);
    world_free(world);
}

static void without_an_idle_connection_the_answer_is_503(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *busy = world_connect(world);
    struct world_client *client = world_connect(world);
    world_send(world, busy, GET);
    uint32_t capacity_count = leave_slots(world, 0);
    world_send(world, client, "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
    expect_text(world_heard(client), "HTTP/1.1 503 ");
    expect_text(world_log(world), "\"reason\":\"overload\"");
    world_answer(world, 0, OK);
    expect_text(world_heard(busy), "HTTP/1.1 200 OK");
    world->proxy->backend_room.connections.capacity_count = capacity_count;
    world_leave(world, busy);
    world_leave(world, client);
    world_free(world);
}

static void a_client_that_leaves_while_it_waits_for_room_is_forgotten(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    warm_up(world, client);
    uint32_t capacity_count = leave_slots(world, 0);
    fake_net_far_write(client->socket, BYTES_OF("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n"));
    while (ring_deliver(world->ring) > 0) {
    }
    assert_int_equal(world->proxy->backend_room.waiting_count, 1);
    struct connection *connection = world_connection(world);
    connection->is_peer_gone = true;
    connection_advance(connection);
    assert_int_equal(world->proxy->backend_room.waiting_count, 0);
    world_settle(world);
    assert_int_equal(world->server_count, 1);
    world->proxy->backend_room.connections.capacity_count = capacity_count;
    world_leave(world, client);
    world_free(world);
}

/* Time. */

static void a_server_has_its_time_for_the_answer(void **state)
{
    struct world *world = world_make("", "request_timeout = 2s");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    world_answer(world, 0, "HTTP/1.1 200 OK\r\n"); /* a part of a head is no answer */
    world_pass_ms(world, 1900);
    assert_string_equal(world_heard(client), "");
    world_pass_ms(world, 200);
    expect_text(world_heard(client), "HTTP/1.1 504 ");
    assert_int_equal(world->proxy->backend_room.connections.lent_count, 0);
    world_leave(world, client);
    world_free(world);
}

static void a_body_has_its_time_between_its_parts(void **state)
{
    struct world *world = world_make("client_body_timeout = 2s", "request_timeout = 1s");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, POST);
    for (int i = 0; i < 3; i++) {
        world_pass_ms(world, 1900);
        world_send(world, client, "x");
    }
    assert_string_equal(world_heard(client), "");
    world_pass_ms(world, 2100);
    expect_text(world_heard(client), "HTTP/1.1 408 ");
    assert_int_equal(world_closed(world, CLOSE_REQUEST_TIMEOUT), 1);
    world_leave(world, client);
    world_free(world);
}

static void an_answer_that_goes_on_is_not_cut_for_a_body_that_pauses(void **state)
{
    struct world *world = world_make("client_body_timeout = 2s", "request_timeout = 2s");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, POST);
    world_answer(world, 0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; i++) {
        world_pass_ms(world, 1900);
        world_answer(world, 0, "1\r\nx\r\n");
    }
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    world_send(world, client, "body");
    world_answer(world, 0, "0\r\n\r\n");
    expect_text(world_heard(client), "\r\n0\r\n\r\n");
    assert_int_equal(world_connection(world)->wait, WAIT_REQUEST);
    world_leave(world, client);
    world_free(world);
}

static void an_answer_that_stops_with_the_body_is_cut(void **state)
{
    struct world *world = world_make("client_body_timeout = 2s", "request_timeout = 1s");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, POST);
    world_answer(world, 0, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    world_pass_ms(world, 1900);
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_REQUEST_TIMEOUT), 1);
    assert_null(strstr(world_heard(client), PLAIN_TLS_CLOSE));
    world_leave(world, client);
    world_free(world);
}

static void a_client_is_paced_until_it_sends_something_small(void **state)
{
    static char body[100000];
    struct world *world = world_make("", "");
    (void)state;
    memset(body, 'x', sizeof(body) - 1);
    struct world_client *client = world_connect(world);
    const struct stream *stream = &world_connection(world)->stream;
    assert_true(stream->is_paced);
    world_send(world, client, "POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 99999\r\n\r\n");
    world_send(world, client, body);
    assert_true(stream->is_paced);
    world_answer(world, 0, OK);
    assert_true(stream->is_paced); /* the next body may be as large */
    world_send(world, client, GET);
    assert_false(stream->is_paced);
    world_answer(world, 0, OK);
    world_send(world, client, CHUNKED);
    assert_true(stream->is_paced);
    world_answer(world, 0, OK);
    expect_text(world_heard(client), "\r\n\r\nok");
    world_leave(world, client);
    world_free(world);
}

static void a_whole_answer_before_the_body_ends_the_connection(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, POST);
    world_answer(world, 0, OK);
    expect_text(world_heard(client), "ok" PLAIN_TLS_CLOSE);
    assert_int_equal(world_closed(world, CLOSE_KEEPALIVE_ENDED), 1);
    world_send(world, client, "body" GET); /* thrown away */
    assert_false(fake_net_far_is_reset(client->socket));
    assert_int_equal(world_figure(world, COUNTER_REQUESTS), 1);
    world_leave(world, client);
    world_free(world);
}

/* The server was faster than it could be stopped: much waits when the answer is over. */
static void a_client_that_takes_its_answer_slowly_is_not_cut_before_the_next_request(void **state)
{
    static char large[500000];
    struct world *world = world_make("send_timeout = 5s", "");
    (void)state;
    struct world_client *client = world_connect(world);
    struct connection *connection = world_connection(world);
    client->socket->outbound_limit = 10;
    memset(large, 'x', sizeof(large));
    assert_true(result_is_ok(stream_queue(&connection->stream, bytes_from(large, sizeof(large)))));
    stream_flush(&connection->stream);
    world_send(world, client, GET);
    assert_int_equal(connection->wait, WAIT_SENDING);
    client->socket->outbound_limit = 50000;
    for (int turn = 0; turn < 20; turn++) {
        world_pass_ms(world, 2000);
        (void)world_heard(client);
    }
    assert_true(client->length >= sizeof(large));
    assert_int_equal(world_figure(world, COUNTER_REQUESTS_FORWARDED), 1);
    world_break_off(world, client);
    world_free(world);
}

static void a_client_that_takes_nothing_of_its_answer_is_cut(void **state)
{
    static char large[600000];
    struct world *world = world_make("send_timeout = 5s", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    int length =
        snprintf(large, sizeof(large), "HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n");
    memset(large + length, 'x', 500000);
    client->socket->outbound_limit = 10;
    world_answer(world, 0, large);
    world_pass_ms(world, 5100);
    assert_int_equal(world_closed(world, CLOSE_SEND_TIMEOUT), 1);
    assert_int_equal(world->proxy->buffers.lent_count, 0);
    world_break_off(world, client);
    world_free(world);
}

/* Interim answers. */

static void only_a_100_makes_a_client_late(void **state)
{
    static const struct {
        const char *interim;
        const char *then; /* of the client */
        const char *status;
    } rows[] = {
        {"", "", " 504 "},
        {HINTS, "", " 504 "},
        {HINTS HINTS, "", " 504 "},
        {CONTINUE, "", " 408 "},
        {HINTS CONTINUE HINTS, "", " 408 "},
        {"", "b", " 408 "}, /* it has not waited */
        {HINTS, "b", " 408 "},
    };
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        bool is_client_late = strcmp(rows[row].status, " 408 ") == 0;
        struct world *world = is_client_late
                                  ? world_make("client_body_timeout = 2s", "request_timeout = 9s")
                                  : world_make("client_body_timeout = 9s", "request_timeout = 2s");
        struct world_client *client = world_connect(world);
        world_send(world, client, EXPECTING);
        world_answer(world, 0, rows[row].interim);
        assert_string_equal(world_heard(client), rows[row].interim);
        world_forget(client);
        world_send(world, client, rows[row].then);
        world_pass_ms(world, 1900);
        assert_string_equal(world_heard(client), "");
        world_pass_ms(world, 300);
        expect_text(world_heard(client), rows[row].status);
        world_leave(world, client);
        world_free(world);
    }
}

static void a_101_to_who_did_not_ask_is_the_servers_fault(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    world_answer(world, 0, "HTTP/1.1 101 So\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes");
    expect_text(world_heard(client), "HTTP/1.1 502 ");
    assert_null(strstr(world_heard(client), "101"));
    assert_int_equal(world_figure(world, COUNTER_TUNNELS), 0);
    assert_int_equal(world_connection(world)->state, CONNECTION_SERVING);
    world_leave(world, client);
    world_free(world);
}

static void interim_answers_without_end_are_the_servers_fault(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, GET);
    for (int i = 0; i < 17; i++) {
        world_answer(world, 0, HINTS);
    }
    expect_text(world_heard(client), "HTTP/1.1 502 ");
    world_leave(world, client);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_used_again_for_the_next_client),
        cmocka_unit_test(what_leaves_something_behind_is_not_used_again),
        cmocka_unit_test(a_request_whose_kept_connection_dies_is_sent_again_if_it_may_be),
        cmocka_unit_test(a_request_is_sent_again_once),
        cmocka_unit_test(what_has_been_answered_in_part_is_not_asked_for_again),
        cmocka_unit_test(a_server_that_refuses_is_502_and_one_that_is_silent_504),
        cmocka_unit_test(idle_connections_of_other_backends_make_room),
        cmocka_unit_test(without_an_idle_connection_the_answer_is_503),
        cmocka_unit_test(a_client_that_leaves_while_it_waits_for_room_is_forgotten),
        cmocka_unit_test(a_server_has_its_time_for_the_answer),
        cmocka_unit_test(a_body_has_its_time_between_its_parts),
        cmocka_unit_test(an_answer_that_goes_on_is_not_cut_for_a_body_that_pauses),
        cmocka_unit_test(an_answer_that_stops_with_the_body_is_cut),
        cmocka_unit_test(a_client_is_paced_until_it_sends_something_small),
        cmocka_unit_test(a_whole_answer_before_the_body_ends_the_connection),
        cmocka_unit_test(a_client_that_takes_its_answer_slowly_is_not_cut_before_the_next_request),
        cmocka_unit_test(a_client_that_takes_nothing_of_its_answer_is_cut),
        cmocka_unit_test(only_a_100_makes_a_client_late),
        cmocka_unit_test(a_101_to_who_did_not_ask_is_the_servers_fault),
        cmocka_unit_test(interim_answers_without_end_are_the_servers_fault),
    };
    return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
