/* The first flight: what is read from it, how its pieces are put together, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "config/config.h"
#include "tls/client_hello.h"

#include "hello_builder.h"

#define BOTH (CONFIG_TLS_1_2 | CONFIG_TLS_1_3)

static struct hello_builder builder;

static enum client_hello_status feed_whole(struct client_hello *hello, struct bytes input)
{
    client_hello_init(hello);
    return client_hello_feed(hello, &input);
}

static void expect_refusal(struct bytes input, enum tls_failure failure)
{
    struct client_hello hello;
    assert_int_equal(feed_whole(&hello, input), CLIENT_HELLO_BAD);
    assert_string_equal(tls_failure_word(hello.failure), tls_failure_word(failure));
    struct bytes alert = client_hello_alert(&hello);
    assert_int_equal(alert.length, 7);
    assert_int_equal(alert.at[0], 21);
    assert_int_equal(alert.at[5], 2);
    assert_int_equal(alert.at[6], tls_failure_alert(failure));
    client_hello_deinit(&hello);
}

static void a_usual_hello_is_understood(void **state)
{
    (void)state;
    struct client_hello hello;
    struct bytes input = make_usual_hello(&builder, "api.example.com");
    assert_int_equal(feed_whole(&hello, input), CLIENT_HELLO_COMPLETE);
    assert_string_equal(hello.server_name, "api.example.com");
    assert_int_equal(hello.versions, BOTH);
    assert_true(hello.offers_alpn && hello.offers_http1 && hello.offers_h2);
    assert_true(hello.offers_ecdsa_suites && hello.offers_rsa_suites);
    assert_false(hello.offers_early_data);
    client_hello_deinit(&hello);
}

static void a_whole_hello_is_not_copied(void **state)
{
    (void)state;
    struct client_hello hello;
    struct bytes input = make_usual_hello(&builder, "a");
    memcpy(builder.bytes + builder.size, "more", 4);
    struct bytes with_more = bytes_from(input.at, input.length + 4);
    client_hello_init(&hello);
    assert_int_equal(client_hello_feed(&hello, &with_more), CLIENT_HELLO_COMPLETE);
    assert_ptr_equal(hello.flight.at, input.at);
    assert_int_equal(hello.flight.length, input.length);
    assert_null(hello.record);
    assert_int_equal(with_more.length, 4);
    client_hello_deinit(&hello);
}

/* Feeds input in pieces of that size; each piece is of its own memory, gone after the call. */
static enum client_hello_status feed_pieces(struct client_hello *hello, struct bytes input,
                                            size_t size)
{
    enum client_hello_status status = CLIENT_HELLO_NEEDS_MORE;
    client_hello_init(hello);
    for (size_t at = 0; at < input.length && status == CLIENT_HELLO_NEEDS_MORE; at += size) {
        struct bytes slice = bytes_slice(input, at, size);
        uint8_t *copy = malloc(slice.length);
        memcpy(copy, slice.at, slice.length);
        struct bytes piece = bytes_from(copy, slice.length);
        status = client_hello_feed(hello, &piece);
        assert_int_equal(piece.length, 0);
        free(copy);
    }
    return status;
}

static void pieces_of_any_size_are_put_together(void **state)
{
    (void)state;
    struct bytes input = make_usual_hello(&builder, "api.example.com");
    for (size_t size = 1; size < input.length; size++) {
        struct client_hello hello;
        assert_int_equal(feed_pieces(&hello, input, size), CLIENT_HELLO_COMPLETE);
        assert_true(bytes_equal(hello.flight, input));
        assert_string_equal(hello.server_name, "api.example.com");
        client_hello_deinit(&hello);
    }
}

/* The message of input in records of that size. */
static size_t split(struct bytes input, size_t size, uint8_t *records)
{
    size_t length = 0;
    for (size_t at = 5; at < input.length; at += size) {
        struct bytes part = bytes_slice(input, at, size);
        const uint8_t header[] = {22, 3, 3, (uint8_t)(part.length >> 8), (uint8_t)part.length};
        memcpy(records + length, header, 5);
        memcpy(records + length + 5, part.at, part.length);
        length += 5 + part.length;
    }
    return length;
}

static void records_of_any_size_become_one(void **state)
{
    (void)state;
    static uint8_t records[HELLO_CAPACITY];
    struct bytes input = make_usual_hello(&builder, "api.example.com");
    for (size_t size = 1; size < input.length - 5; size++) {
        size_t length = split(input, size, records);
        for (size_t piece = 1; piece < 8; piece += 3) {
            struct client_hello hello;
            assert_int_equal(feed_pieces(&hello, bytes_from(records, length), piece),
                             CLIENT_HELLO_COMPLETE);
            assert_true(bytes_equal(hello.flight, input));
            client_hello_deinit(&hello);
        }
    }
}

static void what_follows_the_hello_stays(void **state)
{
    (void)state;
    static uint8_t records[HELLO_CAPACITY];
    struct client_hello hello;
    size_t length = split(make_usual_hello(&builder, "a"), 40, records);
    memcpy(records + length, "\x14\x03\x03\x00\x01\x01", 6);
    struct bytes input = bytes_from(records, length + 6);
    client_hello_init(&hello);
    assert_int_equal(client_hello_feed(&hello, &input), CLIENT_HELLO_COMPLETE);
    assert_int_equal(input.length, 6);
    client_hello_deinit(&hello);
}

static void a_hello_may_be_given_up_at_any_point(void **state)
{
    (void)state;
    struct bytes input = make_usual_hello(&builder, "a");
    for (size_t length = 0; length < input.length; length++) {
        struct client_hello hello;
        assert_int_equal(feed_whole(&hello, bytes_slice(input, 0, length)),
                         CLIENT_HELLO_NEEDS_MORE);
        client_hello_deinit(&hello);
    }
}

static void names_are_lowered_and_stripped(void **state)
{
    (void)state;
    struct client_hello hello;
    assert_int_equal(feed_whole(&hello, make_usual_hello(&builder, "API.Example_1.COM.")),
                     CLIENT_HELLO_COMPLETE);
    assert_string_equal(hello.server_name, "api.example_1.com");
    client_hello_deinit(&hello);
}

static void bad_names_are_refused(void **state)
{
    (void)state;
    char label[65];
    char name[260];
    static const char *const names[] = {".",   "a..b", ".a",          "a b",
                                        "a/b", "a:1",  "caf\xc3\xa9", "*.a"};
    memset(label, 'a', 64);
    label[64] = '\0';
    memset(name, 0, sizeof(name));
    for (size_t i = 0; i < 254; i++) {
        name[i] = i % 50 == 49 ? '.' : 'a';
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        expect_refusal(make_usual_hello(&builder, names[i]), TLS_FAILURE_ILLEGAL_PARAMETER);
    }
    expect_refusal(make_usual_hello(&builder, ""), TLS_FAILURE_ILLEGAL_PARAMETER);
    expect_refusal(make_usual_hello(&builder, label), TLS_FAILURE_ILLEGAL_PARAMETER);
    expect_refusal(make_usual_hello(&builder, name), TLS_FAILURE_ILLEGAL_PARAMETER);
    name[253] = '\0';
    struct client_hello hello;
    assert_int_equal(feed_whole(&hello, make_usual_hello(&builder, name)), CLIENT_HELLO_COMPLETE);
    client_hello_deinit(&hello);
}

static void a_name_with_a_nul_is_refused(void **state)
{
    (void)state;
    struct bytes input = make_usual_hello(&builder, "api.example.com");
    uint8_t *at = memmem(builder.bytes, builder.size, "api", 3);
    at[3] = '\0';
    expect_refusal(input, TLS_FAILURE_ILLEGAL_PARAMETER);
}

static struct bytes hello_with(unsigned type, const void *bytes, size_t length)
{
    begin_hello(&builder, 0x0303, NULL, 0);
    put_extension(&builder, type, bytes, length);
    return end_hello(&builder);
}

static void malformed_extensions_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        struct bytes bytes;
    } rows[] = {
        {0, BYTES_OF("")},
        {0, BYTES_OF("\x00\x00")},
        {0, BYTES_OF("\x00\x04\x00\x00\x02g")},
        {0, BYTES_OF("\x00\x04\x01\x00\x01g")},              /* another type of name */
        {0, BYTES_OF("\x00\x08\x00\x00\x01g\x00\x00\x01g")}, /* two names */
        {0, BYTES_OF("\x00\x04\x00\x00\x01g!")},             /* something behind it */
        {5, BYTES_OF("")},
        {5, BYTES_OF("\x01")},
        {5, BYTES_OF("\x01\x00\x00\x00")},
        {5, BYTES_OF("\x01\x00\x00\x00\x00\x00")},
        {5, BYTES_OF("\x01\x00\x02\x00\x00")},
        {5, BYTES_OF("\x01\x00\x00\x00\x01")},
        {10, BYTES_OF("\x00\x00")},
        {10, BYTES_OF("\x00\x01\x00")},
        {10, BYTES_OF("\x00\x04\x00\x17")},
        {13, BYTES_OF("\x00\x00")},
        {13, BYTES_OF("\x00\x03\x04\x03\x04")},
        {13, BYTES_OF("")},
        {16, BYTES_OF("\x00\x00")},
        {16, BYTES_OF("\x00\x01\x00")}, /* an empty name */
        {16, BYTES_OF("\x00\x03\x03h2")},
        {42, BYTES_OF("x")},
        {43, BYTES_OF("\x00")},
        {43, BYTES_OF("\x01\x03")},
        {43, BYTES_OF("\x04\x03\x04")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_refusal(hello_with(rows[i].type, rows[i].bytes.at, rows[i].bytes.length),
                       TLS_FAILURE_DECODE_ERROR);
    }
}

static bool wants_staple(struct bytes extension)
{
    struct client_hello hello;
    struct bytes input = hello_with(5, extension.at, extension.length);
    assert_int_equal(feed_whole(&hello, input), CLIENT_HELLO_COMPLETE);
    bool is_wanted = hello.wants_staple;
    client_hello_deinit(&hello);
    return is_wanted;
}

static void a_staple_of_ocsp_is_asked_for(void **state)
{
    (void)state;
    struct client_hello hello;
    assert_true(wants_staple(BYTES_OF("\x01\x00\x00\x00\x00")));
    assert_true(wants_staple(BYTES_OF("\x01\x00\x03\x00\x01i\x00\x02xx")));
    assert_false(wants_staple(BYTES_OF("\x02whatever"))); /* of another type */
    assert_int_equal(feed_whole(&hello, make_usual_hello(&builder, "a")), CLIENT_HELLO_COMPLETE);
    assert_false(hello.wants_staple);
    client_hello_deinit(&hello);
}

static void an_extension_twice_is_refused(void **state)
{
    (void)state;
    begin_hello(&builder, 0x0303, NULL, 0);
    put_server_name(&builder, "a");
    put_server_name(&builder, "b");
    expect_refusal(end_hello(&builder), TLS_FAILURE_ILLEGAL_PARAMETER);
}

static void lengths_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    /* Each length field one too large or too small: of suites, extensions, the last extension. */
    static const size_t places[] = {45, 51, 55};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (int change = -1; change <= 1; change += 2) {
            struct bytes input = hello_with(0x1234, "abc", 3);
            builder.bytes[places[i]] = (uint8_t)(builder.bytes[places[i]] + change);
            expect_refusal(input, TLS_FAILURE_DECODE_ERROR);
        }
    }
    struct bytes input = hello_with(0x1234, "abc", 3);
    builder.bytes[43] = 33; /* a session id too long */
    expect_refusal(input, TLS_FAILURE_DECODE_ERROR);
}

static void compression_must_be_off(void **state)
{
    (void)state;
    struct bytes input = hello_with(0x1234, "abc", 3);
    builder.bytes[49] = 1;
    expect_refusal(input, TLS_FAILURE_ILLEGAL_PARAMETER);
}

static void a_hello_without_extensions_is_of_tls12(void **state)
{
    (void)state;
    struct client_hello hello;
    const unsigned suites[] = {0xc02b};
    begin_hello(&builder, 0x0303, suites, 1);
    builder.size -= 2;
    set_u16(&builder, 3, builder.size - 5);
    set_u16(&builder, 7, builder.size - 9);
    assert_int_equal(feed_whole(&hello, bytes_from(builder.bytes, builder.size)),
                     CLIENT_HELLO_COMPLETE);
    assert_int_equal(hello.versions, CONFIG_TLS_1_2);
    assert_string_equal(hello.server_name, "");
    assert_true(client_hello_takes_key(&hello, TLS_KEY_ECDSA_P256, BOTH));
    assert_false(client_hello_takes_key(&hello, TLS_KEY_RSA, BOTH));
    client_hello_deinit(&hello);
}

static void an_old_client_offers_no_version_of_ours(void **state)
{
    (void)state;
    struct client_hello hello;
    begin_hello(&builder, 0x0302, NULL, 0);
    assert_int_equal(feed_whole(&hello, end_hello(&builder)), CLIENT_HELLO_COMPLETE);
    assert_int_equal(hello.versions, 0);
    client_hello_deinit(&hello);
}

/* Whether a client with these schemes and TLS 1.2 suite, offering TLS 1.3 or not, takes the key. */
static bool takes(struct bytes schemes, unsigned suite, bool is_tls13, enum tls_key_kind key)
{
    struct client_hello hello;
    begin_hello(&builder, 0x0303, &suite, 1);
    put_extension(&builder, 13, schemes.at, schemes.length);
    put_extension(&builder, 10, "\x00\x02\x00\x17", 4); /* P-256 */
    if (is_tls13) {
        put_extension(&builder, 43, "\x02\x03\x04", 3);
    }
    assert_int_equal(feed_whole(&hello, end_hello(&builder)), CLIENT_HELLO_COMPLETE);
    bool answer = client_hello_takes_key(&hello, key, BOTH);
    client_hello_deinit(&hello);
    return answer;
}

static void keys_are_chosen_by_schemes_suites_and_curves(void **state)
{
    (void)state;
    struct bytes p256 = BYTES_OF("\x00\x02\x04\x03");
    struct bytes p384 = BYTES_OF("\x00\x02\x05\x03");
    struct bytes pss = BYTES_OF("\x00\x02\x08\x04");
    struct bytes pkcs1 = BYTES_OF("\x00\x02\x04\x01");
    struct bytes ed25519 = BYTES_OF("\x00\x02\x08\x07");
    assert_true(takes(p256, 0xc02b, true, TLS_KEY_ECDSA_P256));
    assert_false(takes(p384, 0xc02b, true, TLS_KEY_ECDSA_P256));
    assert_true(takes(p384, 0xc02b, true, TLS_KEY_ECDSA_P384));
    assert_true(takes(p384, 0xc02b, false, TLS_KEY_ECDSA_P256));
    assert_false(takes(p384, 0xc02b, false, TLS_KEY_ECDSA_P384)); /* no such curve */
    assert_false(takes(p256, 0xc02f, false, TLS_KEY_ECDSA_P256)); /* no such suite */
    assert_true(takes(p256, 0xc02f, true, TLS_KEY_ECDSA_P256));
    assert_true(takes(pss, 0xc02f, true, TLS_KEY_RSA));
    assert_false(takes(pkcs1, 0xc02f, true, TLS_KEY_RSA));
    assert_true(takes(pkcs1, 0xc02f, false, TLS_KEY_RSA));
    assert_false(takes(pkcs1, 0xc02b, false, TLS_KEY_RSA));
    assert_true(takes(ed25519, 0xc02b, false, TLS_KEY_ED25519));
    assert_true(takes(ed25519, 0xc02f, true, TLS_KEY_ED25519));
    assert_false(takes(BYTES_OF("\x00\x02\x02\x03"), 0xc02b, false, TLS_KEY_ECDSA_P256));
}

static void http_is_recognized(void **state)
{
    (void)state;
    static const char *const requests[] = {"GET / HTTP/1.1\r\n", "POST /x HTTP/1.0\r\n", "G", "GET",
                                           "OPTIONS * HTTP/1.1\r\n"};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct client_hello hello;
        struct bytes input = bytes_from_string(requests[i]);
        struct bytes rest = input;
        client_hello_init(&hello);
        assert_int_equal(client_hello_feed(&hello, &rest), CLIENT_HELLO_NOT_TLS);
        assert_true(hello.looks_like_http);
        assert_int_equal(rest.length, input.length);
        client_hello_deinit(&hello);
    }
}

static void other_protocols_are_not_http(void **state)
{
    (void)state;
    static const char *const openings[] = {
        "SSH-2.0-x", "\x80\x2e\x01\x03\x01", "get / HTTP/1.1", "\x15\x03\x01", "GET/", " "};
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
        struct client_hello hello;
        assert_int_equal(feed_whole(&hello, bytes_from_string(openings[i])), CLIENT_HELLO_NOT_TLS);
        assert_false(hello.looks_like_http);
        client_hello_deinit(&hello);
    }
}

static void wrong_records_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct bytes bytes;
        enum tls_failure failure;
    } rows[] = {
        {BYTES_OF("\x16\x02\x00\x00\x05"), TLS_FAILURE_PROTOCOL_VERSION},
        {BYTES_OF("\x16\x03\x01\x40\x01"), TLS_FAILURE_RECORD_TOO_LARGE},
        {BYTES_OF("\x16\x03\x01\x00\x00"), TLS_FAILURE_UNEXPECTED_MESSAGE},
        {BYTES_OF("\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00"), TLS_FAILURE_UNEXPECTED_MESSAGE},
        {BYTES_OF("\x16\x03\x01\x00\x04\x01\x00\x00\x00"), TLS_FAILURE_DECODE_ERROR},
        {BYTES_OF("\x16\x03\x01\x00\x04\x01\x00\x3f\xfd\x16"), TLS_FAILURE_HELLO_TOO_LARGE},
        {BYTES_OF("\x16\x03\x01\x00\x01\x01\x17"), TLS_FAILURE_UNEXPECTED_MESSAGE},
        {BYTES_OF("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x00"), TLS_FAILURE_UNEXPECTED_MESSAGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes input = rows[i].bytes;
        struct client_hello hello;
        enum client_hello_status status = feed_whole(&hello, input);
        if (status == CLIENT_HELLO_NEEDS_MORE) { /* the limit is met with the first byte past it */
            client_hello_deinit(&hello);
            fail();
        }
        client_hello_deinit(&hello);
        expect_refusal(input, rows[i].failure);
    }
}

static void a_message_behind_the_hello_is_refused(void **state)
{
    (void)state;
    (void)make_usual_hello(&builder, "a");
    put_u8(&builder, 1);
    set_u16(&builder, 3, builder.size - 5);
    expect_refusal(bytes_from(builder.bytes, builder.size), TLS_FAILURE_UNEXPECTED_MESSAGE);
}

static void the_largest_hello_is_taken(void **state)
{
    (void)state;
    static const uint8_t zeros[CLIENT_HELLO_SIZE_MAX];
    struct client_hello hello;
    begin_hello(&builder, 0x0303, NULL, 0);
    put_extension(&builder, 21, zeros, CLIENT_HELLO_SIZE_MAX - (builder.size - 5) - 4);
    struct bytes input = end_hello(&builder);
    assert_int_equal(input.length, CLIENT_HELLO_SIZE_MAX + 5);
    assert_int_equal(feed_whole(&hello, input), CLIENT_HELLO_COMPLETE);
    client_hello_deinit(&hello);
    assert_int_equal(feed_pieces(&hello, input, 1000), CLIENT_HELLO_COMPLETE);
    client_hello_deinit(&hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_hello_is_understood),
        cmocka_unit_test(a_whole_hello_is_not_copied),
        cmocka_unit_test(pieces_of_any_size_are_put_together),
        cmocka_unit_test(records_of_any_size_become_one),
        cmocka_unit_test(what_follows_the_hello_stays),
        cmocka_unit_test(a_hello_may_be_given_up_at_any_point),
        cmocka_unit_test(names_are_lowered_and_stripped),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(a_name_with_a_nul_is_refused),
        cmocka_unit_test(malformed_extensions_are_refused),
        cmocka_unit_test(a_staple_of_ocsp_is_asked_for),
        cmocka_unit_test(an_extension_twice_is_refused),
        cmocka_unit_test(lengths_that_do_not_fit_are_refused),
        cmocka_unit_test(compression_must_be_off),
        cmocka_unit_test(a_hello_without_extensions_is_of_tls12),
        cmocka_unit_test(an_old_client_offers_no_version_of_ours),
        cmocka_unit_test(keys_are_chosen_by_schemes_suites_and_curves),
        cmocka_unit_test(http_is_recognized),
        cmocka_unit_test(other_protocols_are_not_http),
        cmocka_unit_test(wrong_records_are_refused),
        cmocka_unit_test(a_message_behind_the_hello_is_refused),
        cmocka_unit_test(the_largest_hello_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
