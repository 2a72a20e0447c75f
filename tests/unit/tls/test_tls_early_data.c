/*
 * Clients that send early data for a ticket of another server: it is passed over up to a limit, and
 * only where early data can be. What they send is random, as it is for whoever has not the key.
 */
#include "session_fixture.h"

#include "../../../src/tls/tls_session_state.h"

enum { SKIPPED = TLS_SESSION_EARLY_DATA_MAX / 2 };

static uint8_t noise[SKIPPED];

static int set_up_noise(void **state)
{
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (uint8_t)(i * 197 + i / 256 + 1);
    }
    return set_up(state);
}

/* The client's hello is taken; as if it had offered early data, which wolfSSL's client cannot. */
static void begin_in(struct tls_context *context, struct link *link, bool offers)
{
    int offered[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP384R1};
    link_init_version(link, context, CONFIG_TLS_1_3);
    assert_int_equal(wolfSSL_CTX_set_groups(link->client_context, offered, 2), WOLFSSL_SUCCESS);
    (void)wolfSSL_connect(link_open_client(link));
    struct bytes before = server_input(link);
    struct bytes input = before;
    assert_int_equal(client_hello_feed(&link->hello, &input), CLIENT_HELLO_COMPLETE);
    link->hello.offers_early_data = offers;
    assert_true(result_is_ok(
        tls_session_create(both_versions, &link->hello, &server_output, link, &link->session)));
    struct bytes none = {0};
    assert_int_equal(tls_session_handshake(link->session, &none), TLS_WANTS_INPUT);
    server_took(link, before, input);
}

static void begin(struct link *link, bool offers)
{
    begin_in(both_versions, link, offers);
}

static void put_early_data(struct link *link, size_t size)
{
    put_record(link, 23, bytes_from(noise, size));
}

static void expect_refusal(struct link *link)
{
    assert_int_equal(server_turn(link), TLS_FAILED);
    assert_string_equal(tls_failure_word(tls_session_failure(link->session)),
                        tls_failure_word(TLS_FAILURE_BAD_RECORD));
    link_deinit(link);
}

static void early_data_is_passed_over(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{17, 17}, {1000, 16384}, {SKIPPED, SKIPPED}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t piece_size = 0; piece_size < 3; piece_size++) {
            struct link link;
            begin(&link, true);
            link.piece_size = piece_size * 700;
            put_early_data(&link, sizes[i][0]);
            put_early_data(&link, sizes[i][1]);
            assert_int_equal(server_turn(&link), TLS_WANTS_INPUT);
            assert_int_equal(link_handshake(&link), TLS_DONE);
            expect_echo(&link);
            link_deinit(&link);
        }
    }
}

static void too_much_of_it_is_refused(void **state)
{
    (void)state;
    struct link link;
    begin(&link, true);
    put_early_data(&link, SKIPPED);
    put_early_data(&link, SKIPPED);
    put_early_data(&link, 17);
    expect_refusal(&link);
}

static void who_has_not_offered_it_may_not_send_it(void **state)
{
    (void)state;
    struct link link;
    begin(&link, false);
    put_early_data(&link, 1000);
    expect_refusal(&link);
}

static void a_record_that_is_too_short_is_refused(void **state)
{
    (void)state;
    for (size_t size = 1; size < 16; size++) {
        struct link link;
        begin(&link, true);
        put_early_data(&link, size);
        expect_refusal(&link);
    }
}

/* The client's second flight is in several records when it has a certificate. */
static void behind_a_record_of_the_handshake_it_is_refused(void **state)
{
    (void)state;
    struct link link;
    begin(&link, true);
    (void)wolfSSL_connect(link.client);
    struct bytes input = server_input(&link);
    assert_int_equal(input.at[0], 20); /* the middlebox's ChangeCipherSpec */
    struct bytes first = bytes_slice(input, 0, 6);
    size_t size = 5 + ((size_t)input.at[9] << 8 | input.at[10]);
    first = bytes_slice(input, 0, 6 + size);
    assert_true(first.length < input.length);
    server_took(&link, input, bytes_slice(input, first.length, input.length));
    struct bytes rest = first;
    assert_int_equal(tls_session_handshake(link.session, &rest), TLS_WANTS_INPUT);
    link.to_server.end = link.to_server.start;
    put_early_data(&link, 1000);
    expect_refusal(&link);
}

static void behind_the_handshake_it_is_refused(void **state)
{
    (void)state;
    struct link link;
    begin(&link, true);
    assert_int_equal(link_handshake(&link), TLS_DONE);
    put_early_data(&link, 1000);
    expect_read_failure(&link, TLS_FAILURE_BAD_RECORD);
}

/* The client sends its early data behind its first hello, and learns only then of the second. */
static void before_a_second_hello_it_is_passed_over_too(void **state)
{
    (void)state;
    static struct test_policy memory;
    static const char *const groups[] = {"P-384", NULL};
    const struct tls_credential *credentials[] = {p256};
    struct tls_context *context = NULL;
    assert_true(result_is_ok(tls_context_create(
        credentials, 1,
        make_profile(&memory, CONFIG_TLS_1_3, suites_both, groups, CONFIG_VERIFY_STRICT), NULL,
        &context)));
    for (size_t count = 0; count < 4; count++) {
        struct link link;
        begin_in(context, &link, count > 0);
        for (size_t i = 0; i < count || i == 0; i++) {
            put_early_data(&link, SKIPPED);
        }
        bool is_passed_over = count == 1 || count == 2;
        assert_int_equal(server_turn(&link), is_passed_over ? TLS_WANTS_INPUT : TLS_FAILED);
        if (is_passed_over) {
            assert_int_equal(link_handshake(&link), TLS_DONE);
            expect_echo(&link);
        }
        link_deinit(&link);
    }
    tls_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_data_is_passed_over),
        cmocka_unit_test(before_a_second_hello_it_is_passed_over_too),
        cmocka_unit_test(too_much_of_it_is_refused),
        cmocka_unit_test(who_has_not_offered_it_may_not_send_it),
        cmocka_unit_test(a_record_that_is_too_short_is_refused),
        cmocka_unit_test(behind_a_record_of_the_handshake_it_is_refused),
        cmocka_unit_test(behind_the_handshake_it_is_refused),
    };
    return cmocka_run_group_tests_name("tls_early_data", tests, set_up_noise, tear_down);
}
