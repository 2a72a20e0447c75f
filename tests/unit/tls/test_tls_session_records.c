/*
 * Records within and after a handshake: how a connection ends, and what hostile clients send.
 */
#include "session_fixture.h"

static void close_notify_ends_each_direction(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        char answer[16];
        open_link(&link, version);
        assert_int_equal(wolfSSL_write(link.client, "last", 4), 4);
        (void)wolfSSL_shutdown(link.client);
        assert_int_equal(read_once(&link), TLS_DONE);
        assert_int_equal(read_once(&link), TLS_PEER_CLOSED);
        assert_int_equal(read_once(&link), TLS_PEER_CLOSED);
        assert_int_equal(tls_session_write(link.session, BYTES_OF("answer")), TLS_DONE);
        tls_session_close_notify(link.session);
        tls_session_close_notify(link.session);
        assert_int_equal(wolfSSL_read(link.client, answer, sizeof(answer)), 6);
        assert_int_equal(wolfSSL_read(link.client, answer, sizeof(answer)), 0);
        assert_int_equal(wolfSSL_get_error(link.client, 0), WOLFSSL_ERROR_ZERO_RETURN);
        link_deinit(&link);
    }
}

static void nothing_is_sent_on_closing_an_unfinished_handshake(void **state)
{
    (void)state;
    struct link link;
    link_init(&link, both_versions);
    (void)wolfSSL_connect(link_open_client(&link));
    assert_int_equal(server_turn(&link), TLS_WANTS_INPUT);
    size_t sent = link.to_client.end;
    tls_session_close_notify(link.session);
    assert_int_equal(link.to_client.end, sent);
    link_deinit(&link);
}

static void a_changed_record_is_refused(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        open_link(&link, version);
        assert_int_equal(wolfSSL_write(link.client, "ping", 4), 4);
        link.to_server.bytes[link.to_server.end - 3] ^= 1;
        expect_read_failure(&link, TLS_FAILURE_BAD_RECORD);
    }
}

static void a_replayed_record_is_refused(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    size_t start = link.to_server.end;
    assert_int_equal(wolfSSL_write(link.client, "ping", 4), 4);
    queue_put(&link.to_server, link.to_server.bytes + start, link.to_server.end - start);
    assert_int_equal(read_once(&link), TLS_DONE);
    expect_read_failure(&link, TLS_FAILURE_BAD_RECORD);
}

static void a_record_too_large_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[17000];
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        open_link(&link, version);
        put_record(&link, 23, bytes_from(zeros, sizeof(zeros)));
        expect_read_failure(&link, TLS_FAILURE_RECORD_TOO_LARGE);
    }
}

static void garbage_is_refused(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    queue_put(&link.to_server, "GET / HTTP/1.1\r\n\r\n", 18);
    assert_int_equal(read_once(&link), TLS_FAILED);
    link_deinit(&link);
    open_link(&link, CONFIG_TLS_1_2);
    put_record(&link, 99, BYTES_OF("unknown type"));
    assert_int_equal(read_once(&link), TLS_FAILED);
    link_deinit(&link);
}

static void garbage_within_the_handshake_is_refused(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        link_init_version(&link, both_versions, version);
        (void)wolfSSL_connect(link_open_client(&link));
        assert_int_equal(server_turn(&link), TLS_WANTS_INPUT);
        put_record(&link, 22, BYTES_OF("\x0b\x00\x00\x02\xff\xff"));
        assert_int_equal(server_turn(&link), TLS_FAILED);
        (void)wolfSSL_connect(link.client);
        assert_int_not_equal(client_alert(&link), TLS_ALERT_NONE);
        link_deinit(&link);
    }
}

static void an_alert_of_the_client_is_told(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        link_init_version(&link, both_versions, version);
        (void)wolfSSL_connect(link_open_client(&link));
        assert_int_equal(server_turn(&link), TLS_WANTS_INPUT);
        put_record(&link, 21, BYTES_OF("\x02\x30"));
        assert_int_equal(server_turn(&link), TLS_FAILED);
        assert_int_equal(tls_session_failure(link.session), TLS_FAILURE_ALERT_RECEIVED);
        assert_int_equal(tls_session_alert_received(link.session), 48);
        assert_string_equal(tls_failure_alert_name(48), "unknown_ca");
        link_deinit(&link);
    }
}

static void a_flood_of_key_updates_is_refused(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(wolfSSL_update_keys(link.client), WOLFSSL_SUCCESS);
        enum tls_status status = read_once(&link);
        if (status == TLS_FAILED) {
            break;
        }
        char byte;
        (void)wolfSSL_read(link.client, &byte, 1);
    }
    expect_read_failure(&link, TLS_FAILURE_RECORD_FLOOD);
}

static void key_updates_among_data_are_served(void **state)
{
    (void)state;
    static char page[16384];
    uint8_t buffer[sizeof(page)];
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    for (int i = 0; i < 100; i++) {
        size_t length;
        char byte;
        assert_int_equal(wolfSSL_update_keys(link.client), WOLFSSL_SUCCESS);
        assert_int_equal(wolfSSL_write(link.client, page, sizeof(page)), sizeof(page));
        assert_int_equal(server_read(&link, buffer, sizeof(buffer), &length), TLS_DONE);
        (void)wolfSSL_read(link.client, &byte, 1);
        link.to_server = (struct queue){link.to_server.bytes, 0, 0};
    }
    link_deinit(&link);
}

/* wolfSSL's own function that encrypts a record; it is not declared in any header of its API. */
int BuildMessage(WOLFSSL *library, byte *output, int output_size, const byte *input, int input_size,
                 int type, int adds_to_hash, int asks_size_only, int is_asynchronous,
                 int epoch_order);
int BuildTls13Message(WOLFSSL *library, byte *output, int output_size, const byte *input,
                      int input_size, int type, int adds_to_hash, int asks_size_only,
                      int is_asynchronous);

static void put_encrypted(struct link *link, unsigned version, uint8_t type, struct bytes body)
{
    byte record[1024];
    const int room = (int)sizeof(record);
    memcpy(record + (version == CONFIG_TLS_1_3 ? 5 : 13), body.at, body.length);
    int size = version == CONFIG_TLS_1_3 ? BuildTls13Message(link->client, record, room, record + 5,
                                                             (int)body.length, type, 0, 0, 0)
                                         : BuildMessage(link->client, record, room, body.at,
                                                        (int)body.length, type, 0, 0, 0, 0);
    assert_true(size > 0);
    queue_put(&link->to_server, record, (size_t)size);
}

static void a_flood_of_empty_records_is_refused(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        open_link(&link, version);
        for (int i = 0; i < 100; i++) {
            put_encrypted(&link, version, 23, BYTES_OF(""));
        }
        expect_read_failure(&link, TLS_FAILURE_RECORD_FLOOD);
    }
}

static void a_flood_of_warnings_is_refused(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        open_link(&link, version);
        for (int i = 0; i < 100; i++) {
            put_encrypted(&link, version, 21, BYTES_OF("\x01\x5a")); /* user_canceled */
        }
        expect_read_failure(&link, TLS_FAILURE_RECORD_FLOOD);
    }
}

static void a_new_handshake_within_is_refused(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_2);
    /* The first hello again, encrypted: what renegotiation looks like. */
    size_t length = (size_t)link.to_server.bytes[3] << 8 | link.to_server.bytes[4];
    put_encrypted(&link, CONFIG_TLS_1_2, 22, bytes_from(link.to_server.bytes + 5, length));
    assert_int_equal(read_once(&link), TLS_FAILED);
    link_deinit(&link);
    open_link(&link, CONFIG_TLS_1_3);
    put_encrypted(&link, CONFIG_TLS_1_3, 22, BYTES_OF("\x01\x00\x00\x04wxyz"));
    expect_read_failure(&link, TLS_FAILURE_UNEXPECTED_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_notify_ends_each_direction),
        cmocka_unit_test(nothing_is_sent_on_closing_an_unfinished_handshake),
        cmocka_unit_test(a_changed_record_is_refused),
        cmocka_unit_test(a_replayed_record_is_refused),
        cmocka_unit_test(a_record_too_large_is_refused),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(garbage_within_the_handshake_is_refused),
        cmocka_unit_test(an_alert_of_the_client_is_told),
        cmocka_unit_test(a_flood_of_key_updates_is_refused),
        cmocka_unit_test(key_updates_among_data_are_served),
        cmocka_unit_test(a_flood_of_empty_records_is_refused),
        cmocka_unit_test(a_flood_of_warnings_is_refused),
        cmocka_unit_test(a_new_handshake_within_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
