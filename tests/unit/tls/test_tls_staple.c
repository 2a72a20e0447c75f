/*
 * OCSP responses beside the server's certificate: in the plain messages of TLS 1.2, and in TLS 1.3
 * as far as a client can tell that does not look at them.
 */
#include "session_fixture.h"

static uint8_t response[TLS_SITE_STAPLE_SIZE_MAX + 1];

/* What the sessions are told, and how often they asked. */
static size_t response_length;
static unsigned find_count;
static enum tls_key_kind found_kind;

static struct bytes find(void *owner, enum tls_key_kind key_kind)
{
    assert_non_null(owner);
    find_count++;
    found_kind = key_kind;
    return bytes_from(response, response_length);
}

static struct tls_context *stapling;

static int set_up_stapling(void **state)
{
    static struct test_policy memory;
    const struct tls_site site = {.find_staple = find};
    memset(response, 'R', sizeof(response));
    if (set_up(state) != 0) {
        return -1;
    }
    const struct tls_credential *credentials[] = {rsa, p256};
    const unsigned versions = CONFIG_TLS_1_2 | CONFIG_TLS_1_3;
    return result_is_ok(tls_context_create(
               credentials, 2,
               make_profile(&memory, versions, suites_both, groups_all, CONFIG_VERIFY_STRICT),
               &site, &stapling))
               ? 0
               : -1;
}

static int tear_down_stapling(void **state)
{
    tls_context_destroy(stapling);
    return tear_down(state);
}

/* The client's hello is read and the session made, as if it had asked. */
static void begin(struct link *link, unsigned version, bool asks, size_t length)
{
    response_length = length;
    find_count = 0;
    link_init_version(link, stapling, version);
    (void)wolfSSL_connect(link_open_client(link));
    struct bytes input = server_input(link);
    assert_int_equal(client_hello_feed(&link->hello, &input), CLIENT_HELLO_COMPLETE);
    assert_false(link->hello.wants_staple); /* it cannot ask by itself */
    link->hello.wants_staple = asks;
    assert_true(result_is_ok(
        tls_session_create(stapling, &link->hello, &server_output, link, &link->session)));
    link->to_server.start = link->to_server.end; /* the session has the hello */
}

/* The server's first flight: how many bytes it has. */
static size_t answer(struct link *link)
{
    struct bytes none = {0};
    assert_int_equal(tls_session_handshake(link->session, &none), TLS_WANTS_INPUT);
    return link->to_client.end;
}

static bool has_flight(const struct link *link, struct bytes wanted)
{
    for (size_t i = 0; i + wanted.length <= link->to_client.end; i++) {
        if (memcmp(link->to_client.bytes + i, wanted.at, wanted.length) == 0) {
            return true;
        }
    }
    return false;
}

static size_t flight_size(unsigned version, bool asks, size_t length)
{
    struct link link;
    begin(&link, version, asks, length);
    size_t size = answer(&link);
    link_deinit(&link);
    return size;
}

static void tls12_announces_it_and_sends_a_message(void **state)
{
    (void)state;
    struct link link;
    begin(&link, CONFIG_TLS_1_2, true, 1000);
    size_t size = answer(&link);
    assert_true(has_flight(&link, BYTES_OF("\x00\x05\x00\x00")));
    assert_true(has_flight(&link, BYTES_OF("\x16\x00\x03\xec\x01\x00\x03\xe8RRRR")));
    assert_int_equal(find_count, 1);
    assert_int_equal(found_kind, TLS_KEY_ECDSA_P256);
    link_deinit(&link);
    /* The extension, and a message in a record of its own; the signature may differ in length. */
    size_t stapled_bytes = size - flight_size(CONFIG_TLS_1_2, false, 1000);
    assert_in_range(stapled_bytes, 4 + 5 + 4 + 4 + 1000 - 6, 4 + 5 + 4 + 4 + 1000 + 6);
}

static void who_does_not_ask_gets_nothing_and_nobody_looks(void **state)
{
    (void)state;
    struct link link;
    begin(&link, CONFIG_TLS_1_2, false, 1000);
    assert_int_equal(link_handshake(&link), TLS_DONE);
    assert_false(has_flight(&link, BYTES_OF("\x00\x05\x00\x00")));
    assert_false(has_flight(&link, BYTES_OF("RRRR")));
    assert_int_equal(find_count, 0);
    link_deinit(&link);
    begin(&link, CONFIG_TLS_1_3, false, 1000);
    assert_int_equal(link_handshake(&link), TLS_DONE);
    assert_int_equal(find_count, 0);
    link_deinit(&link);
}

static void what_is_not_known_is_not_announced(void **state)
{
    (void)state;
    const unsigned versions[] = {CONFIG_TLS_1_2, CONFIG_TLS_1_3};
    const size_t lengths[] = {0, TLS_SITE_STAPLE_SIZE_MAX + 1};
    for (size_t i = 0; i < 4; i++) {
        struct link link;
        begin(&link, versions[i / 2], true, lengths[i % 2]);
        assert_int_equal(link_handshake(&link), TLS_DONE);
        assert_false(has_flight(&link, BYTES_OF("\x00\x05\x00\x00")));
        assert_false(has_flight(&link, BYTES_OF("RRRR")));
        assert_int_equal(find_count, 1);
        expect_echo(&link);
        link_deinit(&link);
    }
}

/* The client's library takes no extension that it has not asked for: so it is there. */
static void tls13_has_it_in_the_certificate_message(void **state)
{
    (void)state;
    struct link link;
    size_t plain = flight_size(CONFIG_TLS_1_3, false, 1000);
    size_t stapled = flight_size(CONFIG_TLS_1_3, true, 1000);
    /* Two signatures of ECDSA may differ by some bytes. */
    assert_in_range(stapled - plain, 4 + 4 + 1000 - 6, 4 + 4 + 1000 + 6);
    begin(&link, CONFIG_TLS_1_3, true, 1000);
    assert_int_equal(link_handshake(&link), TLS_FAILED);
    assert_int_equal(tls_session_alert_received(link.session), 110); /* unsupported_extension */
    assert_int_equal(find_count, 1);
    assert_int_equal(found_kind, TLS_KEY_ECDSA_P256);
    link_deinit(&link);
}

static void a_session_may_end_before_it_is_looked_for(void **state)
{
    (void)state;
    struct link link;
    begin(&link, CONFIG_TLS_1_3, true, 1000);
    assert_int_equal(find_count, 0);
    link_deinit(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls12_announces_it_and_sends_a_message),
        cmocka_unit_test(who_does_not_ask_gets_nothing_and_nobody_looks),
        cmocka_unit_test(what_is_not_known_is_not_announced),
        cmocka_unit_test(tls13_has_it_in_the_certificate_message),
        cmocka_unit_test(a_session_may_end_before_it_is_looked_for),
    };
    return cmocka_run_group_tests(tests, set_up_stapling, tear_down_stapling);
}
