/* After 101: bytes both ways, each direction with an end of its own, and a limit for silence. */
#include "proxy_world.h"

#define UPGRADE   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

static struct world_client *open_tunnel(struct world *world)
{
    struct world_client *client = world_connect(world);
    world_send(world, client, UPGRADE);
    world_answer(world, world->server_count - 1, SWITCHING);
    expect_text(world_heard(client), "HTTP/1.1 101 ");
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_forget(client);
    world->servers[world->server_count - 1]->length = 0;
    return client;
}

static const char *server_heard(const struct world *world)
{
    return world->servers[0]->text;
}

static void bytes_pass_both_ways_unread(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_send(world, client, "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n");
    assert_string_equal(server_heard(world), "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n");
    world_answer(world, 0, "HTTP/9 ???");
    assert_string_equal(world_heard(client), "HTTP/9 ???");
    assert_int_equal(world_figure(world, COUNTER_TUNNELS), 1);
    assert_int_equal(world_figure(world, COUNTER_ANSWERS_1XX), 0);
    world_break_off(world, client);
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_ENDED), 1);
    expect_text(world_log(world), "\"httpStatus\":101");
    world_free(world);
}

static void what_comes_with_the_request_and_the_101_is_not_lost(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = world_connect(world);
    world_send(world, client, UPGRADE "early up");
    world_answer(world, 0, SWITCHING "early down");
    expect_text(world_heard(client), "\r\n\r\nearly down");
    expect_text(server_heard(world), "\r\n\r\nearly up");
    world_break_off(world, client);
    world_free(world);
}

static void each_direction_ends_by_itself(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_send(world, client, "last" PLAIN_TLS_CLOSE);
    assert_string_equal(server_heard(world), "last");
    assert_true(fake_net_far_is_at_end(world->servers[0]->socket));
    assert_false(world_is_ended(client));
    world_answer(world, 0, "still");
    fake_net_far_finish(world->servers[0]->socket);
    world_settle(world);
    assert_string_equal(world_heard(client), "still" PLAIN_TLS_CLOSE);
    assert_true(world_is_ended(client));
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_ENDED), 1);
    world_leave(world, client);
    world_free(world);
}

static void a_server_that_ends_first_is_still_told_the_rest(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    fake_net_far_finish(world->servers[0]->socket);
    world_settle(world);
    assert_string_equal(world_heard(client), PLAIN_TLS_CLOSE);
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_send(world, client, "rest");
    assert_string_equal(server_heard(world), "rest");
    fake_net_far_finish(client->socket);
    world_settle(world);
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_ENDED), 1);
    world_leave(world, client);
    world_free(world);
}

static void a_server_that_breaks_off_is_no_regular_end(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    fake_net_far_reset(world->servers[0]->socket);
    world_settle(world);
    assert_string_equal(world_heard(client), ""); /* no close_notify */
    assert_true(world_is_ended(client));
    world_leave(world, client);
    world_free(world);
}

static void a_client_that_breaks_off_ends_the_servers_side(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_break_off(world, client);
    assert_int_equal(world->proxy->backend_room.connections.lent_count, 0);
    world_free(world);
}

static void a_record_that_cannot_be_read_ends_the_tunnel(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_send(world, client, PLAIN_TLS_BAD);
    expect_text(world_heard(client), PLAIN_TLS_ALERT);
    assert_int_equal(world_closed(world, CLOSE_TLS_FAILED), 1);
    world_leave(world, client);
    world_free(world);
}

/* Time. */

static void silence_has_a_limit_of_its_own(void **state)
{
    struct world *world = world_make("keepalive_timeout = 1s\ntunnel_idle_timeout = 1m", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_pass_ms(world, 59900);
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_TIMEOUT), 1);
    world_leave(world, client);
    world_free(world);
}

static void every_byte_starts_its_time_anew(void **state)
{
    struct world *world = world_make("tunnel_idle_timeout = 1m", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    for (int turn = 0; turn < 4; turn++) {
        world_pass_ms(world, 40000);
        if (turn % 2 == 0) {
            world_send(world, client, "up");
        } else {
            world_answer(world, 0, "down");
        }
    }
    world_pass_ms(world, 59000);
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_pass_ms(world, 2000);
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_TIMEOUT), 1);
    world_leave(world, client);
    world_free(world);
}

static void an_hour_is_what_nobody_has_set(void **state)
{
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    world_pass_ms(world, 3599000);
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_pass_ms(world, 2000);
    assert_int_equal(world_closed(world, CLOSE_TUNNEL_TIMEOUT), 1);
    world_leave(world, client);
    world_free(world);
}

/* Bytes that wait cost memory: for them the limit of all sending holds. */
static void a_client_that_takes_nothing_has_no_hour(void **state)
{
    static char large[QUEUE_HIGH_BYTES + 1];
    struct world *world = world_make("send_timeout = 5s", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    client->socket->outbound_limit = 10;
    memset(large, 'x', sizeof(large) - 1);
    world_answer(world, 0, large);
    world_answer(world, 0, "more");
    assert_true(world_connection(world)->exchange->backend->stream.is_paused);
    world_pass_ms(world, 4900);
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    world_pass_ms(world, 200);
    assert_int_equal(world_closed(world, CLOSE_SEND_TIMEOUT), 1);
    assert_int_equal(world->proxy->buffers.lent_count, 0);
    world_leave(world, client);
    world_free(world);
}

static void a_client_that_takes_a_little_keeps_its_tunnel(void **state)
{
    static char large[QUEUE_HIGH_BYTES + 1];
    struct world *world = world_make("send_timeout = 5s", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    client->socket->outbound_limit = 10;
    memset(large, 'x', sizeof(large) - 1);
    world_answer(world, 0, large);
    client->socket->outbound_limit = 40000; /* of the 64 KiB that one operation sends */
    for (int turn = 0; turn < 20; turn++) {
        world_pass_ms(world, 2000);
        (void)world_heard(client);
        world_settle(world);
    }
    assert_int_equal(world_connection(world)->state, CONNECTION_TUNNELLING);
    assert_int_equal(client->length, QUEUE_HIGH_BYTES);
    world_break_off(world, client);
    world_free(world);
}

static void a_tunnel_for_which_there_is_no_memory_ends_at_once(void **state)
{
    static char large[QUEUE_HIGH_BYTES + 1];
    struct world *world = world_make("", "");
    (void)state;
    struct world_client *client = open_tunnel(world);
    client->socket->outbound_limit = 10;
    memset(large, 'x', sizeof(large) - 1);
    is_memory_short = true;
    world_answer(world, 0, large);
    is_memory_short = false;
    assert_int_equal(world_closed(world, CLOSE_OVERLOAD), 1);
    assert_int_equal(world->proxy->connections.lent_count, 0);
    world_leave(world, client);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass_both_ways_unread),
        cmocka_unit_test(what_comes_with_the_request_and_the_101_is_not_lost),
        cmocka_unit_test(each_direction_ends_by_itself),
        cmocka_unit_test(a_server_that_ends_first_is_still_told_the_rest),
        cmocka_unit_test(a_server_that_breaks_off_is_no_regular_end),
        cmocka_unit_test(a_client_that_breaks_off_ends_the_servers_side),
        cmocka_unit_test(a_record_that_cannot_be_read_ends_the_tunnel),
        cmocka_unit_test(silence_has_a_limit_of_its_own),
        cmocka_unit_test(every_byte_starts_its_time_anew),
        cmocka_unit_test(an_hour_is_what_nobody_has_set),
        cmocka_unit_test(a_client_that_takes_nothing_has_no_hour),
        cmocka_unit_test(a_client_that_takes_a_little_keeps_its_tunnel),
        cmocka_unit_test(a_tunnel_for_which_there_is_no_memory_ends_at_once),
    };
    return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
